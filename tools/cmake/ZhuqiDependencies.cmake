# Finds every packaged library once. Debian's package names are in tools/packages.txt.
find_package(Threads REQUIRED)
find_package(Protobuf REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(absl CONFIG REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(CURL REQUIRED)
find_package(GTest CONFIG REQUIRED)
find_package(spdlog CONFIG REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED)
find_package(rapidcheck CONFIG REQUIRED)
find_package(roaring CONFIG REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(UTF8PROC REQUIRED IMPORTED_TARGET libutf8proc)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(XAPIAN REQUIRED IMPORTED_TARGET xapian-core)

# The connector ships no CMake package.
find_library(MYSQLCPPCONN_LIBRARY mysqlcppconn REQUIRED)
find_path(MYSQLCPPCONN_INCLUDE cppconn/connection.h REQUIRED)
add_library(zhuqi_mysqlcppconn INTERFACE)
target_include_directories(zhuqi_mysqlcppconn SYSTEM INTERFACE ${MYSQLCPPCONN_INCLUDE})
target_link_libraries(zhuqi_mysqlcppconn INTERFACE ${MYSQLCPPCONN_LIBRARY})

# The google/rpc error details, as Debian packages them.
find_path(GOOGLEAPIS_PROTO_DIR google/rpc/error_details.proto
  PATHS /usr/share/gocode/src/github.com/gogo/googleapis REQUIRED)

# Messages are made on gRPC's threads and freed on others, which is what the C library's allocator does worst: a
# quarter of the processor time of a write. Programs are linked to this one, tests are not.
if(NOT ZHUQI_SANITIZE)
  find_library(JEMALLOC_LIBRARY jemalloc REQUIRED)
  set(ZHUQI_ALLOCATOR ${JEMALLOC_LIBRARY})
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()
find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()
