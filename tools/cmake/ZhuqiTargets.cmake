include(GoogleTest)
include(ZhuqiSchema)

# What every target of ours is compiled with. Warnings are errors on our code; generated code is exempt.
add_library(zhuqi_build_flags INTERFACE)
target_include_directories(zhuqi_build_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(zhuqi_build_flags INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wnon-virtual-dtor -Werror
  # g++ 12 reports moved std::variant and std::optional members that are in fact set; the sanitizers and clang-tidy
  # watch for the real thing.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
# Half of a compile is gRPC's, protobuf's and CLI11's headers: sources of one target are compiled several at a time
# (unity build), so names that are local to a file are unique within its target.
set(CMAKE_UNITY_BUILD_BATCH_SIZE 8)
if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ takes a source that is included for a header, and so a type that is local to it for a mistake.
  target_compile_options(zhuqi_build_flags INTERFACE -Wno-subobject-linkage)
endif()
if(ZHUQI_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()

# zhuqi_library(NAME SOURCES a.cc … DEPENDS lib …): a static library of ours.
function(zhuqi_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  if(ARG_SOURCES)
    add_library(${name} STATIC ${ARG_SOURCES})
    target_link_libraries(${name} PUBLIC ${ARG_DEPENDS} PRIVATE zhuqi_build_flags)
    target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE ${ARG_DEPENDS})
    target_include_directories(${name} INTERFACE ${PROJECT_SOURCE_DIR})
  endif()
endfunction()

# zhuqi_binary(NAME SOURCES … DEPENDS …): an executable of ours, in build/bin.
function(zhuqi_binary name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_DEPENDS} zhuqi_build_flags ${ZHUQI_ALLOCATOR})
endfunction()

# zhuqi_test(NAME SOURCES … DEPENDS … [DATABASE]): a GoogleTest binary, every case a ctest entry. DATABASE
# says that it needs the private MariaDB that ctest's fixture starts once (tests/CMakeLists.txt).
function(zhuqi_test name)
  cmake_parse_arguments(ARG "DATABASE" "TIMEOUT" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_DEPENDS} zhuqi_build_flags GTest::gmock GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  # What is tested is compiled as it is shipped; the tests themselves need not be fast, and compile in three fifths of
  # the time.
  target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O1>)
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  set(properties TIMEOUT ${ARG_TIMEOUT})
  if(ARG_DATABASE)
    list(APPEND properties FIXTURES_REQUIRED database
      ENVIRONMENT "ZHUQI_TEST_DATABASE_SOCKET=${CMAKE_BINARY_DIR}/test-database/mariadb.sock")
  endif()
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST PROPERTIES ${properties})
endfunction()
