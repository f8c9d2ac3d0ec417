#include "tools/zhuqictl/record_columns.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tools/zhuqictl/text_values.h"

namespace zhuqi::ctl {
namespace {

using intake::v1::RecordKind;
using intake::v1::RecordSubmission;

struct ColumnMeaning {
  absl::string_view name;
  // Of which records: "all" or a kind.
  absl::string_view records;
  absl::string_view meaning;
};

constexpr ColumnMeaning kColumns[] = {
    {"kind", "all", "visit, issue or policy_delivery (走访, 诉求, 送政策); not needed with --kind"},
    {"source_system", "all", "required: the sending system"},
    {"external_id", "all", "required: the sending system's own identifier"},
    {"org_unit_id", "all", "the unit by identity, or"},
    {"org_unit_code", "all", "the unit by code"},
    {"code_system", "all", "of org_unit_code: gb_t_2260 (default), nbs or local"},
    {"visited_on", "visit", "2024-05-09"},
    {"team", "visit", "who went"},
    {"team_members", "visit", "how many went"},
    {"enterprise_usccs", "visit", "credit codes, separated by ';'"},
    {"enterprise_names", "visit", "their names in the same order, separated by ';'"},
    {"place", "visit", "where"},
    {"notes", "visit", "what was found"},
    {"issue_kind", "issue", "problem, need or suggestion (问题, 需求, 建议)"},
    {"category_id", "issue", "a category of the directory"},
    {"title", "issue", "one line"},
    {"text", "issue", "the enterprise's words"},
    {"raised_at", "issue", "2024-05-09 09:30 (Asia/Shanghai) or 2024-05-09T09:30:00+08:00"},
    {"department_functions", "issue", "separated by ';'"},
    {"legacy", "issue", "true or false (是, 否)"},
    {"project", "issue", "the project or park"},
    {"enterprise_uscc", "issue, policy_delivery", "credit code"},
    {"enterprise_name", "issue, policy_delivery", "registered name"},
    {"visit_external_id", "issue, policy_delivery", "external_id of the visit, in the same source system"},
    {"delivered_on", "policy_delivery", "2024-05-09"},
    {"policy", "policy_delivery", "number or short name"},
    {"outcome", "policy_delivery", "explained, applied, granted or not_eligible"},
};

bool IsKnown(absl::string_view name) {
  return std::any_of(std::begin(kColumns), std::end(kColumns),
                     [&](const ColumnMeaning& c) { return c.name == name; });
}

bool IsMark(absl::string_view name) { return absl::StartsWith(name, kMarkPrefix); }

// One row by column name, collecting what is wrong with it.
class RowReader {
 public:
  RowReader(const std::vector<std::string>& header, const std::vector<std::string>& fields) {
    for (std::size_t i = 0; i < header.size() && i < fields.size(); ++i)
      fields_[header[i]] = absl::StripAsciiWhitespace(fields[i]);
  }

  absl::string_view Text(absl::string_view column) const {
    const auto found = fields_.find(column);
    return found == fields_.end() ? absl::string_view() : found->second;
  }
  std::string String(absl::string_view column) const { return std::string(Text(column)); }
  std::vector<std::string> List(absl::string_view column) const {
    std::vector<std::string> parts;
    for (const absl::string_view part : absl::StrSplit(Text(column), ';')) {
      const absl::string_view trimmed = absl::StripAsciiWhitespace(part);
      if (!trimmed.empty()) parts.emplace_back(trimmed);
    }
    return parts;
  }

  // Applies `parse` to a column that is not empty and gives its value to `set`.
  template <class Parse, class Set>
  void Parsed(absl::string_view column, Parse parse, Set set) {
    if (Text(column).empty()) return;
    auto value = parse(Text(column));
    if (value.ok()) {
      set(*std::move(value));
    } else {
      violations_.push_back(
          LocalViolation(column, "CSV_VALUE_INVALID", value.status().message(), "该列的值无法识别"));
    }
  }

  RowViolations TakeViolations() { return std::move(violations_); }

 private:
  absl::flat_hash_map<std::string, absl::string_view> fields_;
  RowViolations violations_;
};

absl::StatusOr<bool> ParseTruth(absl::string_view text) {
  const std::string lower = absl::AsciiStrToLower(text);
  if (lower == "true" || lower == "yes" || lower == "1" || text == "是") return true;
  if (lower == "false" || lower == "no" || lower == "0" || text == "否") return false;
  return absl::InvalidArgumentError(absl::StrCat("'", text, "' is neither true nor false"));
}

absl::StatusOr<int32_t> ParseCount(absl::string_view text) {
  int32_t count = 0;
  if (absl::SimpleAtoi(text, &count)) return count;
  return absl::InvalidArgumentError(absl::StrCat("'", text, "' is not a number"));
}

void SetEnterprise(const RowReader& row, intake::v1::EnterpriseReference* enterprise) {
  enterprise->set_uscc(row.String("enterprise_uscc"));
  enterprise->set_name(row.String("enterprise_name"));
}

void SetVisitKey(const RowReader& row, common::v1::SourceKey* key) {
  key->set_source_system(row.String("source_system"));
  key->set_external_id(row.String("visit_external_id"));
}

void SetCommon(RowReader& row, RecordSubmission* record) {
  record->mutable_key()->set_source_system(row.String("source_system"));
  record->mutable_key()->set_external_id(row.String("external_id"));
  if (!row.Text("org_unit_code").empty()) {
    directory::v1::OrgUnitCode* code = record->mutable_org_unit_code();
    code->set_code(row.String("org_unit_code"));
    code->set_system(directory::v1::CODE_SYSTEM_GB_T_2260);
    row.Parsed(
        "code_system", [](absl::string_view t) { return ParseEnum<directory::v1::CodeSystem>(t); },
        [&](directory::v1::CodeSystem system) { code->set_system(system); });
  } else {
    record->set_org_unit_id(row.String("org_unit_id"));
  }
}

void SetVisit(RowReader& row, intake::v1::Visit* visit) {
  row.Parsed("visited_on", &ParseDate, [&](common::v1::Date date) { *visit->mutable_visited_on() = date; });
  visit->set_team(row.String("team"));
  row.Parsed("team_members", &ParseCount, [&](int32_t count) { visit->set_team_members(count); });
  const std::vector<std::string> codes = row.List("enterprise_usccs");
  const std::vector<std::string> names = row.List("enterprise_names");
  for (std::size_t i = 0; i < codes.size(); ++i) {
    intake::v1::EnterpriseReference* enterprise = visit->add_enterprises();
    enterprise->set_uscc(codes[i]);
    if (i < names.size()) enterprise->set_name(names[i]);
  }
  visit->set_place(row.String("place"));
  visit->set_notes(row.String("notes"));
}

void SetIssue(RowReader& row, intake::v1::Issue* issue) {
  row.Parsed(
      "issue_kind", [](absl::string_view t) { return ParseEnum<intake::v1::IssueKind>(t); },
      [&](intake::v1::IssueKind kind) { issue->set_kind(kind); });
  issue->set_category_id(row.String("category_id"));
  issue->set_title(row.String("title"));
  issue->set_text(row.String("text"));
  row.Parsed("raised_at", &ParseInstant,
             [&](google::protobuf::Timestamp instant) { *issue->mutable_raised_at() = instant; });
  SetEnterprise(row, issue->mutable_enterprise());
  if (!row.Text("visit_external_id").empty()) SetVisitKey(row, issue->mutable_visit());
  for (std::string& function : row.List("department_functions"))
    issue->add_department_functions(std::move(function));
  row.Parsed("legacy", &ParseTruth, [&](bool legacy) { issue->set_legacy(legacy); });
  issue->set_project(row.String("project"));
}

void SetPolicyDelivery(RowReader& row, intake::v1::PolicyDelivery* delivery) {
  row.Parsed("delivered_on", &ParseDate,
             [&](common::v1::Date date) { *delivery->mutable_delivered_on() = date; });
  SetEnterprise(row, delivery->mutable_enterprise());
  delivery->set_policy(row.String("policy"));
  row.Parsed(
      "outcome", [](absl::string_view t) { return ParseEnum<intake::v1::PolicyOutcome>(t); },
      [&](intake::v1::PolicyOutcome outcome) { delivery->set_outcome(outcome); });
  if (!row.Text("visit_external_id").empty()) SetVisitKey(row, delivery->mutable_visit());
}

}  // namespace

common::v1::FieldViolation LocalViolation(absl::string_view field, absl::string_view reason,
                                          absl::string_view english, absl::string_view chinese) {
  common::v1::FieldViolation violation;
  violation.set_field(std::string(field));
  violation.set_reason(std::string(reason));
  violation.set_message(std::string(english));
  violation.set_message_zh(std::string(chinese));
  return violation;
}

std::string RecordColumnsHelp() {
  std::string help =
      "CSV columns (the first line names them, in any order; what does not apply stays empty):\n";
  absl::string_view group;
  for (const ColumnMeaning& column : kColumns) {
    if (column.records != group) absl::StrAppend(&help, "  of ", column.records, ":\n");
    group = column.records;
    const std::size_t padding = column.name.size() < 22 ? 22 - column.name.size() : 1;
    absl::StrAppend(&help, "    ", column.name, std::string(padding, ' '), column.meaning, "\n");
  }
  return help;
}

absl::StatusOr<RecordColumns> RecordColumns::Create(std::vector<std::string> header,
                                                    std::optional<RecordKind> kind) {
  absl::flat_hash_set<std::string> seen;
  for (std::string& name : header) {
    absl::StripAsciiWhitespace(&name);
    if (!IsMark(name) && !IsKnown(name)) {
      return absl::InvalidArgumentError(
          absl::StrCat("column '", name, "' is not known; `zhuqictl import --help` lists the columns"));
    }
    if (!seen.insert(name).second)
      return absl::InvalidArgumentError(absl::StrCat("column '", name, "' stands twice"));
  }
  for (const absl::string_view needed : {"source_system", "external_id"}) {
    if (!seen.contains(needed))
      return absl::InvalidArgumentError(absl::StrCat("column '", needed, "' is missing"));
  }
  if (!kind && !seen.contains("kind"))
    return absl::InvalidArgumentError("neither a column 'kind' nor --kind says what the rows are");
  return RecordColumns(std::move(header), kind);
}

std::vector<std::string> RecordColumns::OwnHeader() const { return OwnFields(header_); }

std::vector<std::string> RecordColumns::OwnFields(const std::vector<std::string>& fields) const {
  std::vector<std::string> own;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    // Fields beyond the header belong to no column, so to no mark either.
    if (i >= header_.size() || !IsMark(header_[i])) own.push_back(fields[i]);
  }
  return own;
}

RowViolations RecordColumns::ToRecord(const std::vector<std::string>& fields,
                                      RecordSubmission* record) const {
  record->Clear();
  if (fields.size() != header_.size()) {
    return {
        LocalViolation("", "CSV_WRONG_NUMBER_OF_FIELDS",
                       absl::StrCat("the row has ", fields.size(), " fields, the header ", header_.size()),
                       absl::StrCat("本行有 ", fields.size(), " 列，表头有 ", header_.size(), " 列"))};
  }
  RowReader row(header_, fields);
  std::optional<RecordKind> kind = kind_;
  row.Parsed(
      "kind", [](absl::string_view t) { return ParseEnum<RecordKind>(t); },
      [&](RecordKind value) { kind = value; });
  SetCommon(row, record);
  switch (kind.value_or(intake::v1::RECORD_KIND_UNSPECIFIED)) {
    case intake::v1::RECORD_KIND_VISIT:
      SetVisit(row, record->mutable_visit());
      break;
    case intake::v1::RECORD_KIND_ISSUE:
      SetIssue(row, record->mutable_issue());
      break;
    case intake::v1::RECORD_KIND_POLICY_DELIVERY:
      SetPolicyDelivery(row, record->mutable_policy_delivery());
      break;
    default: {
      RowViolations violations = row.TakeViolations();
      if (violations.empty())
        violations.push_back(LocalViolation("kind", "CSV_KIND_MISSING", "the column is empty", "该列为空"));
      return violations;
    }
  }
  return row.TakeViolations();
}

}  // namespace zhuqi::ctl
