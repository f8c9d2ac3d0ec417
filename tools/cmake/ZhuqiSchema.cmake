# zhuqi_schema(TARGET NAME Intake DIRECTORY …/schema): builds the migrations DIRECTORY/*.sql into a library.
#
#   zhuqi_schema(zhuqi_intake_schema NAME Intake DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/schema)
#
# gives "intake_schema.h" with `const zhuqi::db::Schema& zhuqi::IntakeSchema()`. A program then needs no files
# beside it, and can not run with those of another version. Files that do not parse end it at the first use.
set(ZHUQI_EMBED_SCHEMA_SCRIPT ${CMAKE_CURRENT_LIST_DIR}/EmbedSchema.cmake)

function(zhuqi_schema target)
  cmake_parse_arguments(ARG "" "NAME;DIRECTORY" "" ${ARGN})
  string(TOLOWER ${ARG_NAME} service)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${target})
  # CONFIGURE_DEPENDS: a migration that is added is seen by the next build.
  file(GLOB files CONFIGURE_DEPENDS ${ARG_DIRECTORY}/*.sql)
  add_custom_command(
    OUTPUT ${output}/${service}_schema.cc ${output}/${service}_schema.h
    COMMAND ${CMAKE_COMMAND} -D NAME=${ARG_NAME} -D SERVICE=${service} -D DIRECTORY=${ARG_DIRECTORY}
      -D OUTPUT=${output} -P ${ZHUQI_EMBED_SCHEMA_SCRIPT}
    DEPENDS ${files} ${ZHUQI_EMBED_SCHEMA_SCRIPT}
    COMMENT "Embedding the schema of ${service}" VERBATIM)
  add_library(${target} STATIC ${output}/${service}_schema.cc ${output}/${service}_schema.h)
  target_include_directories(${target} PUBLIC ${output} ${PROJECT_SOURCE_DIR})
  target_link_libraries(${target} PUBLIC zhuqi_db PRIVATE zhuqi_build_flags)
endfunction()
