#include "tools/zhuqictl/column_map.h"

#include <google/protobuf/struct.pb.h>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "tools/zhuqictl/json_text.h"

namespace zhuqi::ctl {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;

absl::Status NoMap(absl::string_view where, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("column map: ", where, " ", what));
}

absl::StatusOr<std::map<std::string, std::string>> TextsOf(const Value& value, const std::string& where) {
  if (!value.has_struct_value()) return NoMap(where, "must be an object of texts");
  std::map<std::string, std::string> texts;
  for (const auto& [name, text] : value.struct_value().fields()) {
    if (text.kind_case() != Value::kStringValue)
      return NoMap(absl::StrCat(where, ".", name), "must be a text");
    texts[name] = text.string_value();
  }
  return texts;
}

}  // namespace

absl::StatusOr<ColumnMap> ColumnMap::Parse(absl::string_view json) {
  Struct file;
  ZHUQI_RETURN_IF_ERROR(FromJson(json, &file));
  ColumnMap map;
  for (const auto& [name, value] : file.fields()) {
    if (name == "columns") {
      ZHUQI_ASSIGN_OR_RETURN(map.columns_, TextsOf(value, name));
    } else if (name == "constants") {
      ZHUQI_ASSIGN_OR_RETURN(map.constants_, TextsOf(value, name));
    } else if (name == "values" && value.has_struct_value()) {
      for (const auto& [column, words] : value.struct_value().fields()) {
        ZHUQI_ASSIGN_OR_RETURN(map.values_[column], TextsOf(words, absl::StrCat(name, ".", column)));
      }
    } else if (name == "ignore" && value.has_list_value()) {
      for (const Value& header : value.list_value().values()) map.ignore_.insert(header.string_value());
    } else {
      return NoMap(name, "is not one of columns, constants, values (objects) and ignore (a list)");
    }
  }
  return map;
}

std::string ColumnMap::ColumnOf(const std::string& header) const {
  if (const auto named = columns_.find(header); named != columns_.end()) return named->second;
  if (ignore_.contains(header)) return "";
  return header;
}

std::string ColumnMap::ValueOf(const std::string& column, const std::string& word) const {
  const auto words = values_.find(column);
  if (words == values_.end()) return word;
  const auto meant = words->second.find(word);
  return meant == words->second.end() ? word : meant->second;
}

std::set<std::string> ColumnMap::NamedColumns() const {
  std::set<std::string> named;
  for (const auto& [header, column] : columns_) named.insert(column);
  for (const auto& [column, value] : constants_) named.insert(column);
  for (const auto& [column, words] : values_) named.insert(column);
  return named;
}

}  // namespace zhuqi::ctl
