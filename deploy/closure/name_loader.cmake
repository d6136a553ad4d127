# At installation: the loader can be executed, and has the names that `ps` is to show of the programs.
file(GLOB loader RELATIVE ${closure} ${closure}/ld-linux*.so.*)
list(LENGTH loader loaders)
if(NOT loaders EQUAL 1)
  message(FATAL_ERROR "There is to be one loader in ${closure}, and there is: ${loader}")
endif()
file(CHMOD ${closure}/${loader} PERMISSIONS
     OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
file(MAKE_DIRECTORY ${closure}/loader)
foreach(program IN LISTS programs)
  file(CREATE_LINK ../${loader} ${closure}/loader/${program} SYMBOLIC)
endforeach()
