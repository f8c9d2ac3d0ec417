# Run by zhuqi_schema at build time: writes OUTPUT/<service>_schema.{h,cc} from DIRECTORY/*.sql.
file(GLOB files ${DIRECTORY}/*.sql)
list(SORT files)
set(entries "")
foreach(path IN LISTS files)
  get_filename_component(file_name ${path} NAME)
  file(READ ${path} content)
  string(APPEND entries "      {\"${file_name}\", R\"zhuqi(${content})zhuqi\"},\n")
endforeach()

string(TOUPPER ${SERVICE} guard)
file(WRITE ${OUTPUT}/${SERVICE}_schema.h
"// Generated from the schema directory of ${SERVICE}.
#ifndef ZHUQI_GENERATED_${guard}_SCHEMA_H_
#define ZHUQI_GENERATED_${guard}_SCHEMA_H_

#include \"common/db/migrations.h\"

namespace zhuqi {
const db::Schema& ${NAME}Schema();
}

#endif
")
file(WRITE ${OUTPUT}/${SERVICE}_schema.cc
"#include \"${SERVICE}_schema.h\"

namespace zhuqi {
const db::Schema& ${NAME}Schema() {
  static const auto* const schema = new db::Schema(db::Schema::ParseOrDie(\"${SERVICE}\", {
${entries}  }));
  return *schema;
}
}
")
