# Everything comes from Debian's packages, but for DuckDB (npm; `./dev` fetches it into .deps/).
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(OpenSSL 3 REQUIRED)
find_package(CURL 7.85 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(prometheus-cpp REQUIRED COMPONENTS core)
find_package(PkgConfig REQUIRED)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(PUGIXML REQUIRED IMPORTED_TARGET pugixml)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(DEFLATE REQUIRED IMPORTED_TARGET libdeflate)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(SIMDJSON REQUIRED IMPORTED_TARGET simdjson)
# Their -pthread would set a macro that the shared precompiled header does not have.
set_property(TARGET PkgConfig::SIMDJSON PkgConfig::RE2 PROPERTY INTERFACE_COMPILE_OPTIONS "")

add_library(duckdb SHARED IMPORTED)
set_target_properties(duckdb PROPERTIES
  IMPORTED_LOCATION "${CAIRN_DUCKDB}/libduckdb.so"
  IMPORTED_NO_SONAME ON
  INTERFACE_INCLUDE_DIRECTORIES "${CAIRN_DUCKDB}")

if(CAIRN_TESTS)
  find_package(GTest REQUIRED)
endif()
if(CAIRN_BENCHMARKS)
  find_package(benchmark REQUIRED)
endif()

# Asio's own code, compiled once. Every target that uses the precompiled header needs it, so cairn_base carries it.
add_library(asio STATIC "${CMAKE_SOURCE_DIR}/cmake/asio_impl.cc")
target_link_libraries(asio PUBLIC Boost::boost OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
