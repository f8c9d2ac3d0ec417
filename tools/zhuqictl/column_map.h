// How a district's own CSV headers and words become zhuqictl's: a JSON file.
//
//   {"columns":   {"统一社会信用代码": "enterprise_uscc", "反映时间": "raised_at"},
//    "constants": {"kind": "issue", "source_system": "jinshui-oa", "org_unit_id": "jinshui"},
//    "values":    {"issue_kind": {"疑难": "problem"}, "category_id": {"用地": "land"}},
//    "ignore":    ["序号", "备注"]}
//
// columns: a header of the file, and the column that it is. constants: for every row whose column is empty or
// not there. values: a word of the file, and what stands for it, by column. ignore: headers that are passed
// over; "*" for all that are not named.
#ifndef ZHUQI_TOOLS_ZHUQICTL_COLUMN_MAP_H_
#define ZHUQI_TOOLS_ZHUQICTL_COLUMN_MAP_H_

#include <map>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace zhuqi::ctl {

class ColumnMap {
 public:
  // The map that changes nothing.
  ColumnMap() = default;
  // INVALID_ARGUMENT for what is no such map: other members, values that are no texts. Whether the columns
  // exist is for RecordColumns to say.
  static absl::StatusOr<ColumnMap> Parse(absl::string_view json);

  // The column that a header stands for; empty: it is passed over.
  std::string ColumnOf(const std::string& header) const;
  // "ignore" names "*": headers that are no column are passed over.
  bool ignores_unknown() const { return ignore_.contains("*"); }
  const std::map<std::string, std::string>& constants() const { return constants_; }
  // What `word` stands for in a column: itself when the map does not say.
  std::string ValueOf(const std::string& column, const std::string& word) const;
  // Every column that the map names.
  std::set<std::string> NamedColumns() const;

 private:
  std::map<std::string, std::string> columns_;
  std::map<std::string, std::string> constants_;
  std::map<std::string, std::map<std::string, std::string>> values_;
  std::set<std::string> ignore_;
};

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_COLUMN_MAP_H_
