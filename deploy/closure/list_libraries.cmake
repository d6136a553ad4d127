# At installation: of which packages the libraries and terminals of the closure are, and on what terms they may be passed on.
find_program(DPKG_QUERY dpkg-query REQUIRED)

# Libraries that are headers alone are inside the programs; the terminals are of ncurses-base.
set(packages robin-map-dev libcli11-dev nlohmann-json3-dev ncurses-base)
file(GLOB libraries RELATIVE ${closure} ${closure}/*.so*)
foreach(library IN LISTS libraries)
  if(NOT IS_SYMLINK ${closure}/${library})
    execute_process(COMMAND ${DPKG_QUERY} --search */${architecture}/${library}
                    OUTPUT_VARIABLE found COMMAND_ERROR_IS_FATAL ANY)
    string(REGEX REPLACE ":.*" "" package ${found})
    list(APPEND packages ${package})
  endif()
endforeach()
list(SORT packages)
list(REMOVE_DUPLICATES packages)

file(REMOVE_RECURSE ${documents})
execute_process(COMMAND ${DPKG_QUERY} --show
                        --showformat=\${Package}\ \${Version}\ \${source:Package}\ \${source:Version}\\n ${packages}
                OUTPUT_VARIABLE versions COMMAND_ERROR_IS_FATAL ANY)
file(WRITE ${documents}/versions.txt "# package version source-package source-version, all of Debian\n${versions}")
foreach(package IN LISTS packages)
  configure_file(/usr/share/doc/${package}/copyright ${documents}/${package}.copyright COPYONLY)
endforeach()
# What those files refer to.
file(COPY /usr/share/common-licenses DESTINATION ${documents})
