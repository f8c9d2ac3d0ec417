#include "tools/zhuqictl/record_columns.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/base/civil_time.h"
#include "common/directory/date_message.h"
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
    {"enterprise_names", "visit",
     "empty, or a name for each code in the same order: '甲;;丙' leaves one out"},
    {"place", "visit", "where"},
    {"notes", "visit", "what was found"},
    {"team_id", "visit", "the team of the directory"},
    {"department_id", "visit", "the department that the visit counts for"},
    {"policy_ids", "visit", "policies of the directory that were brought, separated by ';'"},
    {"issue_kind", "issue", "problem, need or suggestion (问题, 需求, 建议)"},
    {"category_id", "issue", "a category of the directory"},
    {"title", "issue", "one line"},
    {"text", "issue", "the enterprise's words"},
    {"raised_at", "issue", "2024-05-09 09:30 (Asia/Shanghai) or 2024-05-09T09:30:00+08:00"},
    {"department_functions", "issue", "separated by ';'"},
    {"legacy", "issue", "true or false (是, 否)"},
    {"project", "issue", "the project or park"},
    {"amount_yuan", "issue", "the money that it is about: 1200 or 1200.50"},
    {"wished_by", "issue", "2024-05-09: the day by which an answer is wished"},
    {"contact_name", "issue", "whom to ask; kept encrypted"},
    {"contact_phone", "issue", "5 to 20 of 0-9, '+', '-' and spaces; kept encrypted"},
    {"attachments", "visit, issue", "URI SHA256 [SIZE-IN-BYTES] [MEDIA-TYPE], separated by ';'"},
    {"enterprise_uscc", "issue, policy_delivery", "credit code"},
    {"enterprise_name", "issue, policy_delivery", "registered name"},
    {"visit_external_id", "issue, policy_delivery", "external_id of the visit"},
    {"visit_source_system", "issue, policy_delivery", "source_system of the visit; empty: the record's own"},
    {"delivered_on", "policy_delivery", "2024-05-09"},
    {"policy", "policy_delivery", "number or short name"},
    {"policy_id", "policy_delivery", "the policy of the directory"},
    {"outcome", "policy_delivery", "explained, applied, granted or not_eligible"},
    {"granted_yuan", "policy_delivery", "what was granted, with outcome granted"},
};

bool IsKnown(absl::string_view name) {
  return std::any_of(std::begin(kColumns), std::end(kColumns),
                     [&](const ColumnMeaning& c) { return c.name == name; });
}

// A list in one cell: ';' separates its parts, a backslash before ';' or another backslash makes it a part's
// own. Any other backslash is itself, so that what people type without knowing of this is taken as it stands.
constexpr char kSeparator = ';';
constexpr char kEscape = '\\';

std::vector<std::string> SplitList(absl::string_view text) {
  std::vector<std::string> parts;
  if (text.empty()) return parts;
  parts.emplace_back();
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    if (text[i] == kEscape && (next == kSeparator || next == kEscape)) {
      parts.back().push_back(next);
      ++i;
    } else if (text[i] == kSeparator) {
      parts.emplace_back();
    } else {
      parts.back().push_back(text[i]);
    }
  }
  for (std::string& part : parts) absl::StripAsciiWhitespace(&part);
  return parts;
}

std::string JoinList(const std::vector<std::string>& parts) {
  return absl::StrJoin(parts, ";", [](std::string* out, absl::string_view part) {
    out->append(absl::StrReplaceAll(part, {{"\\", "\\\\"}, {";", "\\;"}}));
  });
}

// One row by column name, collecting what is wrong with it.
class RowReader {
 public:
  RowReader(const std::vector<std::string>& columns, const std::vector<std::string>& fields,
            const ColumnMap& map) {
    for (const auto& [column, value] : map.constants()) fields_[column] = value;
    for (std::size_t i = 0; i < columns.size() && i < fields.size(); ++i) {
      const std::string text = map.ValueOf(columns[i], std::string(absl::StripAsciiWhitespace(fields[i])));
      // An empty cell leaves the constant.
      if (!columns[i].empty() && !text.empty()) fields_[columns[i]] = text;
    }
  }

  absl::string_view Text(absl::string_view column) const {
    const auto found = fields_.find(column);
    return found == fields_.end() ? absl::string_view() : absl::string_view(found->second);
  }
  std::string String(absl::string_view column) const { return std::string(Text(column)); }
  // The parts of a list with their places; a part that is left out is empty. An empty cell is an empty list.
  std::vector<std::string> Places(absl::string_view column) const { return SplitList(Text(column)); }
  // Only those that are there.
  std::vector<std::string> List(absl::string_view column) const {
    std::vector<std::string> parts = Places(column);
    parts.erase(std::remove(parts.begin(), parts.end(), ""), parts.end());
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

  void Refuse(common::v1::FieldViolation violation) { violations_.push_back(std::move(violation)); }
  RowViolations TakeViolations() { return std::move(violations_); }

 private:
  absl::flat_hash_map<std::string, std::string> fields_;
  RowViolations violations_;
};

// "1200" or "1200.50" yuan, in fen: money is never counted in floating point.
absl::StatusOr<int64_t> ParseYuan(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, absl::MaxSplits('.', 1));
  const absl::string_view cents = parts.size() > 1 ? parts[1] : absl::string_view("0");
  const auto digits = [](absl::string_view part, std::size_t max) {
    return !part.empty() && part.size() <= max && std::all_of(part.begin(), part.end(), [](char c) {
      return absl::ascii_isdigit(static_cast<unsigned char>(c));
    });
  };
  int64_t yuan = 0;
  int64_t fen = 0;
  // 16 digits: the contract's largest amount is 10^17 fen.
  if (!digits(parts[0], 16) || !digits(cents, 2) || !absl::SimpleAtoi(parts[0], &yuan) ||
      !absl::SimpleAtoi(cents, &fen)) {
    return absl::InvalidArgumentError(absl::StrCat("'", text, "' is not an amount like 1200 or 1200.50"));
  }
  return yuan * 100 + (cents.size() == 1 ? fen * 10 : fen);
}

std::string YuanText(const intake::v1::Amount& amount) {
  return absl::StrFormat("%d.%02d", amount.fen() / 100, amount.fen() % 100);
}

// The word at the front of `text`, which keeps what follows it; a media type may have spaces.
absl::string_view TakeWord(absl::string_view& text) {
  const absl::string_view word = text.substr(0, text.find(' '));
  text = absl::StripLeadingAsciiWhitespace(text.substr(word.size()));
  return word;
}

void SetAttachments(RowReader& row, google::protobuf::RepeatedPtrField<intake::v1::Attachment>* attachments) {
  for (const std::string& text : row.List("attachments")) {
    absl::string_view rest = text;
    intake::v1::Attachment& attachment = *attachments->Add();
    attachment.set_uri(std::string(TakeWord(rest)));
    attachment.set_sha256(std::string(TakeWord(rest)));
    absl::string_view behind_size = rest;
    int64_t size = 0;
    if (absl::SimpleAtoi(TakeWord(behind_size), &size)) {
      attachment.set_size(size);
      rest = behind_size;
    }
    attachment.set_media_type(std::string(rest));
  }
}

std::string AttachmentsText(const google::protobuf::RepeatedPtrField<intake::v1::Attachment>& attachments) {
  std::vector<std::string> parts;
  for (const intake::v1::Attachment& attachment : attachments) {
    std::string part = absl::StrCat(attachment.uri(), " ", attachment.sha256());
    // A media type may begin with what would be read as a size.
    if (attachment.size() > 0 || !attachment.media_type().empty()) {
      absl::StrAppend(&part, " ", attachment.size());
    }
    if (!attachment.media_type().empty()) absl::StrAppend(&part, " ", attachment.media_type());
    parts.push_back(std::move(part));
  }
  return JoinList(parts);
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
  const bool own = row.Text("visit_source_system").empty();
  key->set_source_system(row.String(own ? "source_system" : "visit_source_system"));
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

// A name belongs to the code at its place, so that one that is left out moves no other.
void SetEnterprises(RowReader& row, intake::v1::Visit* visit) {
  const std::vector<std::string> codes = row.Places("enterprise_usccs");
  std::vector<std::string> names = row.Places("enterprise_names");
  if (names.empty()) names.resize(codes.size());
  if (names.size() != codes.size()) {
    row.Refuse(LocalViolation(
        "enterprise_names", "CSV_LISTS_DIFFER",
        absl::StrCat(codes.size(), " credit codes and ", names.size(),
                     " names: leave the names out, or give one for each code ('甲;;丙' leaves one out; a ';' "
                     "within a name is written '\\;')"),
        absl::StrCat("信用代码 ", codes.size(), " 个，名称 ", names.size(),
                     " 个：名称须全部留空或与代码逐一对应（缺一个写作“甲;;丙”，名称中的分号写作“\\;”）")));
    return;
  }
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (codes[i].empty() && names[i].empty()) continue;  // "A;B;" ends both lists
    intake::v1::EnterpriseReference* enterprise = visit->add_enterprises();
    enterprise->set_uscc(codes[i]);
    enterprise->set_name(std::move(names[i]));
  }
}

void SetVisit(RowReader& row, intake::v1::Visit* visit) {
  row.Parsed("visited_on", &ParseDate, [&](common::v1::Date date) { *visit->mutable_visited_on() = date; });
  visit->set_team(row.String("team"));
  row.Parsed("team_members", &ParseCount, [&](int32_t count) { visit->set_team_members(count); });
  SetEnterprises(row, visit);
  visit->set_place(row.String("place"));
  visit->set_notes(row.String("notes"));
  visit->set_team_id(row.String("team_id"));
  visit->set_department_id(row.String("department_id"));
  for (std::string& policy : row.List("policy_ids")) visit->add_policy_ids(std::move(policy));
  SetAttachments(row, visit->mutable_attachments());
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
  row.Parsed("amount_yuan", &ParseYuan, [&](int64_t fen) { issue->mutable_amount()->set_fen(fen); });
  row.Parsed("wished_by", &ParseDate, [&](common::v1::Date date) { *issue->mutable_wished_by() = date; });
  if (!row.Text("contact_name").empty() || !row.Text("contact_phone").empty()) {
    issue->mutable_contact()->set_name(row.String("contact_name"));
    issue->mutable_contact()->set_phone(row.String("contact_phone"));
  }
  SetAttachments(row, issue->mutable_attachments());
}

void SetPolicyDelivery(RowReader& row, intake::v1::PolicyDelivery* delivery) {
  row.Parsed("delivered_on", &ParseDate,
             [&](common::v1::Date date) { *delivery->mutable_delivered_on() = date; });
  SetEnterprise(row, delivery->mutable_enterprise());
  delivery->set_policy(row.String("policy"));
  delivery->set_policy_id(row.String("policy_id"));
  row.Parsed("granted_yuan", &ParseYuan, [&](int64_t fen) { delivery->mutable_granted()->set_fen(fen); });
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
  absl::StrAppend(&help, "  In a part of a list, ';' is written '\\;' and '\\' is written '\\\\'.\n");
  return help;
}

std::vector<std::string> AllRecordColumns() {
  std::vector<std::string> names;
  for (const ColumnMeaning& column : kColumns) names.emplace_back(column.name);
  return names;
}

namespace {

using Cells = absl::flat_hash_map<std::string, std::string>;

void FillVisit(const intake::v1::Visit& visit, Cells& cells) {
  cells["visited_on"] = DateText(visit.visited_on());
  cells["team"] = visit.team();
  if (visit.team_members() > 0) cells["team_members"] = absl::StrCat(visit.team_members());
  std::vector<std::string> codes;
  std::vector<std::string> names;
  for (const intake::v1::EnterpriseReference& enterprise : visit.enterprises()) {
    codes.push_back(enterprise.uscc());
    names.push_back(enterprise.name());
  }
  cells["enterprise_usccs"] = JoinList(codes);
  cells["enterprise_names"] = JoinList(names);
  cells["place"] = visit.place();
  cells["notes"] = visit.notes();
  cells["team_id"] = visit.team_id();
  cells["department_id"] = visit.department_id();
  cells["policy_ids"] = JoinList({visit.policy_ids().begin(), visit.policy_ids().end()});
  cells["attachments"] = AttachmentsText(visit.attachments());
}

void FillVisitKey(const common::v1::SourceKey& visit, Cells& cells) {
  cells["visit_external_id"] = visit.external_id();
  cells["visit_source_system"] = visit.source_system();
}

void FillIssue(const intake::v1::Issue& issue, Cells& cells) {
  cells["issue_kind"] = EnumText(issue.kind());
  cells["category_id"] = issue.category_id();
  cells["title"] = issue.title();
  cells["text"] = issue.text();
  cells["raised_at"] = absl::FormatTime(absl::RFC3339_full, TimeFrom(issue.raised_at()), CityTimeZone());
  cells["department_functions"] =
      JoinList({issue.department_functions().begin(), issue.department_functions().end()});
  if (issue.legacy()) cells["legacy"] = "true";
  cells["project"] = issue.project();
  if (issue.has_amount()) cells["amount_yuan"] = YuanText(issue.amount());
  if (issue.has_wished_by()) cells["wished_by"] = DateText(issue.wished_by());
  cells["contact_name"] = issue.contact().name();
  cells["contact_phone"] = issue.contact().phone();
  cells["enterprise_uscc"] = issue.enterprise().uscc();
  cells["enterprise_name"] = issue.enterprise().name();
  FillVisitKey(issue.visit(), cells);
  cells["attachments"] = AttachmentsText(issue.attachments());
}

void FillPolicyDelivery(const intake::v1::PolicyDelivery& delivery, Cells& cells) {
  cells["delivered_on"] = DateText(delivery.delivered_on());
  cells["policy"] = delivery.policy();
  cells["policy_id"] = delivery.policy_id();
  cells["outcome"] = EnumText(delivery.outcome());
  if (delivery.has_granted()) cells["granted_yuan"] = YuanText(delivery.granted());
  cells["enterprise_uscc"] = delivery.enterprise().uscc();
  cells["enterprise_name"] = delivery.enterprise().name();
  FillVisitKey(delivery.visit(), cells);
}

}  // namespace

std::vector<std::string> ToRow(const RecordSubmission& record) {
  Cells cells;
  cells["source_system"] = record.key().source_system();
  cells["external_id"] = record.key().external_id();
  cells["org_unit_id"] = record.org_unit_id();
  if (record.has_visit()) {
    cells["kind"] = "visit";
    FillVisit(record.visit(), cells);
  } else if (record.has_issue()) {
    cells["kind"] = "issue";
    FillIssue(record.issue(), cells);
  } else {
    cells["kind"] = "policy_delivery";
    FillPolicyDelivery(record.policy_delivery(), cells);
  }
  std::vector<std::string> row;
  for (const ColumnMeaning& column : kColumns) row.push_back(std::move(cells[std::string(column.name)]));
  return row;
}

absl::StatusOr<RecordColumns> RecordColumns::Create(std::vector<std::string> header,
                                                    std::optional<RecordKind> kind, ColumnMap map) {
  for (const std::string& column : map.NamedColumns()) {
    if (!IsKnown(column)) {
      return absl::InvalidArgumentError(absl::StrCat("column map: there is no column '", column,
                                                     "'; `zhuqictl import --help` lists the columns"));
    }
  }
  absl::flat_hash_set<std::string> seen;
  std::vector<std::string> columns;
  for (std::string& name : header) {
    absl::StripAsciiWhitespace(&name);
    std::string column = IsMark(name) ? name : map.ColumnOf(name);
    if (column == name && !IsMark(name) && !IsKnown(name) && map.ignores_unknown()) column.clear();
    if (!column.empty() && !IsMark(column) && !IsKnown(column)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "column '", name,
          "' is not known; `zhuqictl import --help` lists the columns, and --map gives them other names"));
    }
    if (!column.empty() && !seen.insert(column).second)
      return absl::InvalidArgumentError(absl::StrCat("column '", column, "' stands twice"));
    columns.push_back(std::move(column));
  }
  for (const auto& [column, value] : map.constants()) seen.insert(column);
  for (const absl::string_view needed : {"source_system", "external_id"}) {
    if (!seen.contains(needed))
      return absl::InvalidArgumentError(absl::StrCat("column '", needed, "' is missing"));
  }
  if (!kind && !seen.contains("kind"))
    return absl::InvalidArgumentError("neither a column 'kind' nor --kind says what the rows are");
  return RecordColumns(std::move(header), std::move(columns), kind, std::move(map));
}

std::vector<std::string> RecordColumns::OwnHeader() const { return OwnFields(header_); }

std::vector<std::string> RecordColumns::OwnFields(const std::vector<std::string>& fields) const {
  std::vector<std::string> own;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    // Fields beyond the header belong to no column, so to no mark either.
    if (i >= header_.size() || !IsMadeAnew(header_[i])) own.push_back(fields[i]);
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
  RowReader row(columns_, fields, map_);
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
