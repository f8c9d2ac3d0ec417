#include "tools/zhuqictl/directory_file.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/config/config.h"
#include "tools/zhuqictl/csv.h"
#include "tools/zhuqictl/files.h"
#include "tools/zhuqictl/text_values.h"

namespace zhuqi::ctl {
namespace {

using directory::v1::ApplyDirectoryRequest;
using directory::v1::OrgUnit;

struct ColumnMeaning {
  absl::string_view name;
  absl::string_view meaning;
};

constexpr ColumnMeaning kColumns[] = {
    {"org_unit_id", "the unit by identity; without it: --id-prefix and the code"},
    {"name", "the name as officials write it"},
    {"level", "nation, province, city, district, township or site (全国, 省, 市, 区县, 乡镇, 站点)"},
    {"parent_id", "the unit above by identity, or"},
    {"parent_code", "by its code in this file"},
    {"code", "a code of the unit; a unit with several has a row for each"},
    {"code_system", "gb_t_2260, nbs or local"},
    {"code_edition", "the edition of the list, 2023"},
    {"code_valid_from", "first day of the code's validity, 2024-01-01"},
    {"code_valid_to", "last day of it"},
    {"opened_on", "first day of the unit or department"},
    {"closed_on", "last day of it"},
    {"closing_reason", "why the unit closed"},
    {"department_id", "the department by identity: rows are departments"},
    {"function", "what a department is responsible for, planning"},
    {"superior_department_id", "the department above, where it is not the one with the same function"},
    {"category_id", "the category by identity: rows are categories"},
    {"retired_on", "last day on which issues are filed under the category"},
};

bool IsKnown(absl::string_view name) {
  return std::any_of(std::begin(kColumns), std::end(kColumns),
                     [&](const ColumnMeaning& column) { return column.name == name; });
}

using Header = std::vector<std::string>;

absl::StatusOr<Header> ReadHeader(std::vector<std::string> names, const DirectoryFileOptions& options) {
  Header header;
  for (const std::string& given : names) {
    std::string name(absl::StripAsciiWhitespace(given));
    if (const auto mapped = options.columns.find(name); mapped != options.columns.end())
      name = mapped->second;
    if (!IsKnown(name)) {
      return absl::InvalidArgumentError(
          absl::StrCat("column '", name, "' is not known; name what it stands for: --map ", name, "=COLUMN"));
    }
    if (std::find(header.begin(), header.end(), name) != header.end()) {
      return absl::InvalidArgumentError(absl::StrCat("column '", name, "' is there twice"));
    }
    header.push_back(std::move(name));
  }
  for (const auto& [name, value] : options.defaults) {
    if (!IsKnown(name)) return absl::InvalidArgumentError(absl::StrCat("--set: no column '", name, "'"));
  }
  return header;
}

// One row by column name; the first value that can not be understood stays as its error.
class Row {
 public:
  Row(const Header& header, const std::vector<std::string>& fields, const DirectoryFileOptions& options)
      : values_(options.defaults.begin(), options.defaults.end()) {
    for (std::size_t i = 0; i < header.size() && i < fields.size(); ++i) {
      std::string value(absl::StripAsciiWhitespace(fields[i]));
      if (!value.empty()) values_[header[i]] = std::move(value);
    }
  }

  const std::string& Text(const std::string& column) const {
    static const std::string& none = *new std::string;
    const auto found = values_.find(column);
    return found == values_.end() ? none : found->second;
  }
  // Gives the parsed value of a column that is not empty to `set`.
  template <class Parse, class Set>
  void Parsed(const std::string& column, Parse parse, Set set) {
    if (Text(column).empty()) return;
    auto value = parse(Text(column));
    if (value.ok()) {
      set(*std::move(value));
    } else if (error_.ok()) {
      error_ = absl::InvalidArgumentError(absl::StrCat(column, ": ", value.status().message()));
    }
  }
  template <class Set>
  void Date(const std::string& column, Set set) {
    Parsed(column, &ParseDate, [&](const common::v1::Date& date) { *set() = date; });
  }
  const absl::Status& error() const { return error_; }

 private:
  absl::flat_hash_map<std::string, std::string> values_;
  absl::Status error_;
};

class Reader {
 public:
  explicit Reader(const DirectoryFileOptions& options) : options_(options) {}

  absl::Status Take(Row row) {
    if (!row.Text("department_id").empty()) {
      TakeDepartment(row);
    } else if (!row.Text("category_id").empty()) {
      TakeCategory(row);
    } else {
      TakeUnit(row);
    }
    return row.error();
  }

  ApplyDirectoryRequest TakeRequest() { return std::move(request_); }

 private:
  std::string UnitId(const Row& row) const {
    if (!row.Text("org_unit_id").empty()) return row.Text("org_unit_id");
    return row.Text("code").empty() ? "" : absl::StrCat(options_.id_prefix, row.Text("code"));
  }

  void TakeUnit(Row& row) {
    const std::string id = UnitId(row);
    const auto [place, is_new] = units_.try_emplace(id, request_.org_units_size());
    OrgUnit& unit = is_new ? *request_.add_org_units() : *request_.mutable_org_units(place->second);
    unit.set_org_unit_id(id);
    unit.set_name(row.Text("name"));
    row.Parsed(
        "level", [](absl::string_view text) { return ParseEnum<directory::v1::OrgUnitLevel>(text); },
        [&](directory::v1::OrgUnitLevel level) { unit.set_level(level); });
    if (!row.Text("parent_id").empty()) {
      unit.set_parent_id(row.Text("parent_id"));
    } else if (!row.Text("parent_code").empty()) {
      const auto by_code = ids_.find(row.Text("parent_code"));
      unit.set_parent_id(by_code == ids_.end() ? absl::StrCat(options_.id_prefix, row.Text("parent_code"))
                                               : by_code->second);
    }
    row.Date("opened_on", [&] { return unit.mutable_opened_on(); });
    row.Date("closed_on", [&] { return unit.mutable_closed_on(); });
    unit.set_closing_reason(row.Text("closing_reason"));
    if (!row.Text("code").empty()) TakeCode(row, id, unit);
  }

  void TakeCode(Row& row, const std::string& id, OrgUnit& unit) {
    directory::v1::OrgUnitCode& code = *unit.add_codes();
    code.set_code(row.Text("code"));
    code.set_edition(row.Text("code_edition"));
    row.Parsed(
        "code_system", [](absl::string_view text) { return ParseEnum<directory::v1::CodeSystem>(text); },
        [&](directory::v1::CodeSystem system) { code.set_system(system); });
    row.Date("code_valid_from", [&] { return code.mutable_valid_from(); });
    row.Date("code_valid_to", [&] { return code.mutable_valid_to(); });
    ids_.try_emplace(code.code(), id);
  }

  void TakeDepartment(Row& row) {
    directory::v1::Department& department = *request_.add_departments();
    department.set_department_id(row.Text("department_id"));
    department.set_org_unit_id(row.Text("org_unit_id"));
    department.set_function(row.Text("function"));
    department.set_name(row.Text("name"));
    department.set_superior_department_id(row.Text("superior_department_id"));
    row.Date("opened_on", [&] { return department.mutable_opened_on(); });
    row.Date("closed_on", [&] { return department.mutable_closed_on(); });
  }

  void TakeCategory(Row& row) {
    directory::v1::IssueCategory& category = *request_.add_categories();
    category.set_category_id(row.Text("category_id"));
    category.set_name(row.Text("name"));
    row.Date("retired_on", [&] { return category.mutable_retired_on(); });
  }

  const DirectoryFileOptions& options_;
  ApplyDirectoryRequest request_;
  absl::flat_hash_map<std::string, int> units_;        // by identity
  absl::flat_hash_map<std::string, std::string> ids_;  // by code
};

}  // namespace

std::string DirectoryColumnsHelp() {
  std::string text = "Columns of CSV:\n";
  for (const ColumnMeaning& column : kColumns) {
    absl::StrAppend(&text, "  ", column.name, std::string(24 - column.name.size(), ' '), column.meaning,
                    "\n");
  }
  return text;
}

absl::StatusOr<ApplyDirectoryRequest> DirectoryFromCsv(std::istream& input,
                                                       const DirectoryFileOptions& options) {
  CsvReader csv(input);
  std::vector<std::string> fields;
  ZHUQI_ASSIGN_OR_RETURN(const bool has_header, csv.Next(&fields));
  if (!has_header) return absl::InvalidArgumentError("there is no header line");
  ZHUQI_ASSIGN_OR_RETURN(const Header header, ReadHeader(std::move(fields), options));
  Reader reader(options);
  while (true) {
    ZHUQI_ASSIGN_OR_RETURN(const bool found, csv.Next(&fields));
    if (!found) return reader.TakeRequest();
    if (const absl::Status status = reader.Take(Row(header, fields, options)); !status.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("line ", csv.line(), ": ", status.message()));
    }
  }
}

absl::StatusOr<ApplyDirectoryRequest> LoadDirectoryFile(const std::string& path,
                                                        const DirectoryFileOptions& options) {
  const bool is_csv = options.format == "csv" || (options.format.empty() && absl::EndsWith(path, ".csv"));
  if (!is_csv) {
    ZHUQI_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
    ApplyDirectoryRequest request;
    ZHUQI_RETURN_IF_ERROR(config::ParseTextproto(text, path, &request));
    return request;
  }
  ZHUQI_ASSIGN_OR_RETURN(const std::unique_ptr<InputFile> file, InputFile::Open(path));
  absl::StatusOr<ApplyDirectoryRequest> request = DirectoryFromCsv(file->stream(), options);
  if (request.ok()) return request;
  return absl::InvalidArgumentError(absl::StrCat(path, ": ", request.status().message()));
}

}  // namespace zhuqi::ctl
