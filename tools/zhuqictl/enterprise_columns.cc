#include "tools/zhuqictl/enterprise_columns.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "tools/zhuqictl/text_values.h"

namespace zhuqi::ctl {
namespace {

using intake::v1::Enterprise;

struct ColumnMeaning {
  absl::string_view name;
  absl::string_view chinese;
  absl::string_view meaning;
};

constexpr ColumnMeaning kColumns[] = {
    {"uscc", "统一社会信用代码", "required: the credit code, 18 characters"},
    {"name", "企业名称", "required: the registered name"},
    {"org_unit_id", "属地", "the unit of its address; required unless --unit is given"},
    {"industry_section", "行业门类", "a section of GB/T 4754, A to T"},
    {"size", "企业规模", "large, medium, small or micro (大型, 中型, 小型, 微型)"},
    {"address", "地址", "its address"},
    {"tags", "标签", "what it is marked with, separated by ';'"},
    {"registered_on", "成立日期", "2015-06-01"},
    {"closed_on", "注销日期", "2025-03-31, once it was struck off"},
};

// The English name of the column, or nothing.
absl::string_view NameOf(absl::string_view header) {
  for (const ColumnMeaning& column : kColumns) {
    if (header == column.name || header == column.chinese) return column.name;
  }
  return "";
}

// Sets the field that `name` says. Not OK: the text can not be understood.
absl::Status SetField(absl::string_view name, absl::string_view text, Enterprise* enterprise) {
  if (name == "uscc") enterprise->set_uscc(std::string(text));
  if (name == "name") enterprise->set_name(std::string(text));
  if (name == "org_unit_id") enterprise->set_org_unit_id(std::string(text));
  if (name == "industry_section") enterprise->set_industry_section(absl::AsciiStrToUpper(text));
  if (name == "address") enterprise->set_address(std::string(text));
  if (name == "size") {
    const auto size = ParseEnum<directory::v1::EnterpriseSize>(text);
    if (!size.ok()) return size.status();
    enterprise->set_size(*size);
  }
  if (name == "tags") {
    for (absl::string_view tag : absl::StrSplit(absl::StrReplaceAll(text, {{"；", ";"}}), ';')) {
      tag = absl::StripAsciiWhitespace(tag);
      if (!tag.empty()) enterprise->add_tags(std::string(tag));
    }
  }
  if (name == "registered_on" || name == "closed_on") {
    const auto date = ParseDate(text);
    if (!date.ok()) return date.status();
    *(name == "closed_on" ? enterprise->mutable_closed_on() : enterprise->mutable_registered_on()) = *date;
  }
  return absl::OkStatus();
}

}  // namespace

std::string EnterpriseColumnsHelp() {
  std::string help =
      "CSV columns (the first line names them in English or Chinese, in any order; what is not known stays "
      "empty):\n";
  for (const ColumnMeaning& column : kColumns) {
    const std::string padding(column.name.size() < 18 ? 18 - column.name.size() : 1, ' ');
    absl::StrAppend(&help, "  ", column.name, padding, column.chinese, ": ", column.meaning, "\n");
  }
  return help;
}

absl::StatusOr<EnterpriseColumns> EnterpriseColumns::Create(std::vector<std::string> header,
                                                            std::string unit) {
  absl::flat_hash_set<std::string> seen;
  std::vector<std::string> names;
  for (std::string& column : header) {
    absl::StripAsciiWhitespace(&column);
    names.emplace_back(NameOf(column));
    if (IsMark(column)) continue;
    if (names.back().empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "column '", column, "' is not known; `zhuqictl enterprises import --help` lists the columns"));
    }
    if (!seen.insert(names.back()).second)
      return absl::InvalidArgumentError(absl::StrCat("column '", column, "' stands twice"));
  }
  for (const absl::string_view needed : {"uscc", "name", "org_unit_id"}) {
    if (!seen.contains(needed) && !(needed == "org_unit_id" && !unit.empty())) {
      return absl::InvalidArgumentError(absl::StrCat("column '", needed, "' is missing"));
    }
  }
  return EnterpriseColumns(std::move(header), std::move(names), std::move(unit));
}

std::vector<std::string> EnterpriseColumns::OwnFields(const std::vector<std::string>& fields) const {
  std::vector<std::string> own;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    // Fields beyond the header belong to no column, so to no mark either.
    if (i >= header_.size() || !IsMark(header_[i])) own.push_back(fields[i]);
  }
  return own;
}

RowViolations EnterpriseColumns::ToEnterprise(const std::vector<std::string>& fields,
                                              Enterprise* enterprise) const {
  enterprise->Clear();
  if (fields.size() != header_.size()) {
    return {
        LocalViolation("", "CSV_WRONG_NUMBER_OF_FIELDS",
                       absl::StrCat("the row has ", fields.size(), " fields, the header ", header_.size()),
                       absl::StrCat("本行有 ", fields.size(), " 列，表头有 ", header_.size(), " 列"))};
  }
  RowViolations violations;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const absl::string_view text = absl::StripAsciiWhitespace(fields[i]);
    if (text.empty()) continue;
    const absl::Status status = SetField(names_[i], text, enterprise);
    if (!status.ok()) {
      violations.push_back(
          LocalViolation(names_[i], "CSV_VALUE_INVALID", status.message(), "该列的值无法识别"));
    }
  }
  if (enterprise->org_unit_id().empty()) enterprise->set_org_unit_id(unit_);
  return violations;
}

}  // namespace zhuqi::ctl
