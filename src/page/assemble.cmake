# Puts the status page together, so that the build needs CMake alone: writes OUTPUT, a C++ source with the document,
# its STYLES and SCRIPTS inline, and the Content-Security-Policy that allows these bytes and no others.
#
#   cmake -DDOCUMENT=page.html -DSTYLES=a.css;b.css -DSCRIPTS=a.js;b.js -DLICENSE=LICENSE -DOUTPUT=document.cpp
#         -P assemble.cmake
#
# LICENSE is that of what is not ours among the scripts; it asks to go wherever they go.

function(concatenate result)
  set(text "")
  foreach(file IN LISTS ARGN)
    file(READ ${file} content)
    string(APPEND text "${content}\n")
  endforeach()
  set(${result} "${text}" PARENT_SCOPE)
endfunction()

# A SHA-256 of TEXT as a policy writes it: 'sha256-BASE64'.
function(hash_source result text)
  set(alphabet ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/)
  string(SHA256 digits "${text}")
  # Three bytes are four letters; the last group lacks a byte, for which "=" stands.
  string(REGEX MATCHALL "......" groups "${digits}00")
  set(letters "")
  foreach(group IN LISTS groups)
    foreach(shift 18 12 6 0)
      math(EXPR index "(0x${group} >> ${shift}) & 63")
      string(SUBSTRING ${alphabet} ${index} 1 letter)
      string(APPEND letters ${letter})
    endforeach()
  endforeach()
  string(REGEX REPLACE "A$" "=" letters ${letters})
  set(${result} "'sha256-${letters}'" PARENT_SCOPE)
endfunction()

concatenate(style ${STYLES})
concatenate(script ${SCRIPTS})
file(READ ${LICENSE} license)
string(PREPEND script "/*\n${license}\n*/\n")
if(style MATCHES "</style" OR script MATCHES "</script|<!--")
  message(FATAL_ERROR "a style sheet or script would end, or change, the element that it stands in")
endif()
hash_source(style_hash "${style}")
hash_source(script_hash "${script}")

file(READ ${DOCUMENT} document)
string(REPLACE "{{style}}" "${style}" document "${document}")
string(REPLACE "{{script}}" "${script}" document "${document}")

file(WRITE ${OUTPUT} "#include \"page/document.h\"

// Longer than the standard asks of a compiler; gcc and clang take it.
#pragma GCC diagnostic ignored \"-Woverlength-strings\"

namespace timewait::page {

constexpr std::string_view kDocument = R\"document(${document})document\";
constexpr std::string_view kContentSecurityPolicy =
    \"default-src 'none'; script-src ${script_hash}; style-src ${style_hash}; \"
    \"connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; \"
    \"frame-ancestors 'none'\";

}  // namespace timewait::page
")
