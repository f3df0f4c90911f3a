# Warnings, sanitizers and the definitions that every target must share (a precompiled header is only reusable
# where the command line's macros agree, so they are set here once and nowhere else).
# -fPIC for all alike: a precompiled header cannot be shared between -fPIC and -fPIE.
add_compile_options(-fPIC -Wall -Wextra -Wconversion -Wshadow -Wnon-virtual-dtor -fno-omit-frame-pointer)
if(CAIRN_WERROR)
  add_compile_options(-Werror)
endif()
add_compile_definitions(
  BOOST_ASIO_SEPARATE_COMPILATION
  BOOST_BEAST_SEPARATE_COMPILATION
  BOOST_ASIO_NO_DEPRECATED
  SPDLOG_COMPILED_LIB
  SPDLOG_SHARED_LIB
  SPDLOG_FMT_EXTERNAL
  FMT_SHARED)
if(CAIRN_SANITIZE)
  # -fno-sanitize=function: clang cannot represent it in a coroutine.
  add_compile_options(-fsanitize=${CAIRN_SANITIZE} -fno-sanitize=function -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${CAIRN_SANITIZE})
  add_compile_definitions(CAIRN_SANITIZED)  # what measures memory is left out
endif()
add_link_options(-fuse-ld=mold)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
  add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>")
endif()
