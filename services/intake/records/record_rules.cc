#include "services/intake/records/record_rules.h"

#include <algorithm>
#include <optional>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/base/sha256.h"
#include "common/directory/date_message.h"
#include "common/directory/unit_code.h"
#include "common/vocabulary/credit_code.h"
#include "common/vocabulary/text.h"
#include "services/intake/directory/field_check.h"
#include "services/intake/records/record_parts_check.h"

namespace zhuqi::intake {
namespace {

constexpr size_t kMaxRows = 20;
constexpr size_t kMaxRowKey = 100;
constexpr absl::Duration kClockTolerance = absl::Minutes(1);

bool IsSourceSystem(absl::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_islower(static_cast<unsigned char>(c)) ||
           absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '.' || c == '_' || c == '-';
  });
}

bool IsExternalId(absl::string_view text) {
  return !text.empty() && text.size() <= 128 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

// Looks at one record, and brings it to its normal form as it goes.
class Checker {
 public:
  Checker(CheckedRecord& checked, const std::string& path, const Directory& directory, absl::Time now,
          bool takes_contacts)
      : checked_(checked), path_(path), directory_(directory), now_(now), takes_contacts_(takes_contacts) {}

  void Run() {
    v1::RecordSubmission& record = checked_.submission;
    checked_.kind = KindOf(record);
    TakeRowKey(record);
    CheckKey(record.key(), record.has_key(), "key");
    switch (record.record_case()) {
      case v1::RecordSubmission::kVisit:
        CheckVisit(*record.mutable_visit());
        break;
      case v1::RecordSubmission::kIssue:
        CheckIssue(*record.mutable_issue());
        break;
      case v1::RecordSubmission::kPolicyDelivery:
        CheckDelivery(*record.mutable_policy_delivery());
        break;
      case v1::RecordSubmission::RECORD_NOT_SET:
        Refuse("record", "REQUIRED", "one of visit, issue and policy_delivery is required",
               "必须是走访、诉求、送政策三者之一");
    }
    CheckUnit(record);
  }

 private:
  void Refuse(absl::string_view field, absl::string_view reason, std::string english, std::string chinese) {
    checked_.violations.Add(absl::StrCat(path_, ".", field), reason, std::move(english), std::move(chinese));
  }

  void CheckKey(const common::v1::SourceKey& key, bool given, absl::string_view field) {
    if (!given || !IsSourceSystem(key.source_system())) {
      Refuse(absl::StrCat(field, ".source_system"), "SOURCE_SYSTEM_INVALID",
             "source_system must be 1 to 64 of a-z, 0-9, '.', '_' and '-'",
             "来源系统名须为 1 至 64 个小写字母、数字、点、下划线或连字符");
    }
    if (!given || !IsExternalId(key.external_id())) {
      Refuse(absl::StrCat(field, ".external_id"), "EXTERNAL_ID_INVALID",
             "external_id must be 1 to 128 printable ASCII characters without spaces",
             "外部编号须为 1 至 128 个可见 ASCII 字符，不含空格");
    }
  }

  void TakeRowKey(v1::RecordSubmission& record) {
    if (record.row_key().empty()) return;
    checked_.row_key = std::move(*record.mutable_row_key());
    record.clear_row_key();
    if (vocabulary::CharacterCount(checked_.row_key) <= kMaxRowKey) return;
    checked_.row_key = FirstCharacters(checked_.row_key, kMaxRowKey);
    Refuse("row_key", "TEXT_TOO_LONG", absl::StrCat("must be at most ", kMaxRowKey, " characters"),
           absl::StrCat("最多 ", kMaxRowKey, " 个字"));
  }

  // As intake::CheckText; the path is made only for a refusal, since every record has several texts.
  void CheckText(std::string& text, absl::string_view field, size_t max, bool required) {
    vocabulary::TextCheck check = vocabulary::CheckText(text);
    if (check.problem.has_value()) {
      Refuse(field, vocabulary::ReasonName(*check.problem),
             "the text is not valid UTF-8 or holds control characters",
             "文本不是有效的 UTF-8，或含有控制字符");
      return;
    }
    text = std::move(check.normalized);
    if (required && text.empty()) Refuse(field, "REQUIRED", "must not be empty", "不能为空");
    if (text.size() > max && vocabulary::CharacterCount(text) > max) {
      Refuse(field, "TEXT_TOO_LONG", absl::StrCat("must be at most ", max, " characters"),
             absl::StrCat("最多 ", max, " 个字"));
    }
  }

  void CheckFiles(google::protobuf::RepeatedPtrField<v1::Attachment>& attachments, absl::string_view field) {
    if (attachments.empty()) return;
    CheckAttachments(attachments, absl::StrCat(path_, ".", field), checked_.violations);
  }

  void CheckMoney(const v1::Amount& amount, bool given, absl::string_view field) {
    if (given) CheckAmount(amount, absl::StrCat(path_, ".", field), checked_.violations);
  }

  void CheckDate(const common::v1::Date& date, bool given, absl::string_view field) {
    const std::optional<absl::CivilDay> day = given ? CivilDayFrom(date) : std::nullopt;
    if (!day.has_value()) {
      Refuse(field, "DATE_INVALID", "a date that exists, 2000 to 2100, is required",
             "须填写 2000 至 2100 年间存在的日期");
    } else if (*day > CityDay(now_ + kClockTolerance)) {
      Refuse(field, "DATE_IN_FUTURE", "must not be in the future", "日期不能晚于今天");
    } else {
      checked_.on = *day;
    }
  }

  void CheckEnterprise(v1::EnterpriseReference& enterprise, const std::string& field) {
    const vocabulary::CreditCodeCheck code = vocabulary::CheckCreditCode(enterprise.uscc());
    if (code.problem.has_value()) {
      Refuse(absl::StrCat(field, ".uscc"), vocabulary::ReasonName(*code.problem),
             "not a unified social credit code (GB 32100-2015)",
             "不是有效的统一社会信用代码（GB 32100-2015）");
    } else if (code.organisation_code_mismatch) {
      checked_.warnings.Add(absl::StrCat(path_, ".", field, ".uscc"), "USCC_ORGANISATION_CODE_MISMATCH",
                            "the organisation code inside the credit code fails its own check",
                            "信用代码中的组织机构代码校验位不符");
    }
    enterprise.set_uscc(code.normalized);
    CheckText(*enterprise.mutable_name(), absl::StrCat(field, ".name"), 200, false);
  }

  void CheckVisitReference(const common::v1::SourceKey& key, bool given) {
    if (given) CheckKey(key, true, absl::StrCat(RecordField(), ".visit"));
  }

  absl::string_view RecordField() const {
    return checked_.kind == v1::RECORD_KIND_ISSUE ? "issue" : "policy_delivery";
  }

  void CheckTeam(const v1::Visit& visit) {
    if (!visit.team_id().empty() && directory_.FindTeam(visit.team_id()) == nullptr) {
      Refuse("visit.team_id", "TEAM_UNKNOWN", "the directory has no such team", "目录中没有该服务队");
    }
    if (!visit.department_id().empty() && directory_.FindDepartment(visit.department_id()) == nullptr) {
      Refuse("visit.department_id", "DEPARTMENT_UNKNOWN", "the directory has no such department",
             "目录中没有该部门");
    }
  }

  void CheckPolicy(const std::string& policy_id, absl::string_view field) {
    if (directory_.FindPolicy(policy_id) != nullptr) return;
    Refuse(field, "POLICY_UNKNOWN", "the directory has no such policy", "目录中没有该政策");
  }

  void CheckPoliciesBrought(const v1::Visit& visit) {
    constexpr int kMaxPolicies = 50;
    CheckDistinct(visit.policy_ids(), kMaxPolicies, absl::StrCat(path_, ".visit.policy_ids"),
                  checked_.violations);
    for (int i = 0; i < std::min(visit.policy_ids_size(), kMaxPolicies); ++i) {
      CheckPolicy(visit.policy_ids(i), absl::StrCat("visit.policy_ids[", i, "]"));
    }
  }

  void CheckVisit(v1::Visit& visit) {
    CheckDate(visit.visited_on(), visit.has_visited_on(), "visit.visited_on");
    CheckText(*visit.mutable_team(), "visit.team", 100, false);
    CheckTeam(visit);
    CheckPoliciesBrought(visit);
    if (visit.team_members() < 0 || visit.team_members() > 1000) {
      Refuse("visit.team_members", "OUT_OF_RANGE", "must be 0 to 1,000", "须在 0 至 1000 之间");
    }
    if (visit.enterprises_size() < 1 || visit.enterprises_size() > 100) {
      Refuse("visit.enterprises", "OUT_OF_RANGE", "1 to 100 enterprises are required",
             "须填写 1 至 100 家企业");
    }
    absl::flat_hash_set<std::string> seen;
    for (int i = 0; i < std::min(visit.enterprises_size(), 100); ++i) {
      const std::string field = absl::StrCat("visit.enterprises[", i, "]");
      CheckEnterprise(*visit.mutable_enterprises(i), field);
      if (!seen.insert(visit.enterprises(i).uscc()).second) {
        Refuse(absl::StrCat(field, ".uscc"), "DUPLICATE", "the enterprise is named twice", "企业重复");
      }
    }
    CheckText(*visit.mutable_place(), "visit.place", 200, false);
    CheckText(*visit.mutable_notes(), "visit.notes", 4000, false);
    CheckFiles(*visit.mutable_attachments(), "visit.attachments");
  }

  void CheckIssue(v1::Issue& issue) {
    if (issue.kind() < v1::ISSUE_KIND_PROBLEM || issue.kind() > v1::ISSUE_KIND_SUGGESTION) {
      Refuse("issue.kind", "REQUIRED", "must be PROBLEM, NEED or SUGGESTION", "须为问题、需求或建议");
    }
    CheckText(*issue.mutable_title(), "issue.title", 200, true);
    CheckText(*issue.mutable_text(), "issue.text", 4000, false);
    CheckRaisedAt(issue);
    CheckCategory(issue);
    CheckEnterprise(*issue.mutable_enterprise(), "issue.enterprise");
    CheckVisitReference(issue.visit(), issue.has_visit());
    CheckFunctions(issue);
    CheckText(*issue.mutable_project(), "issue.project", 200, false);
    CheckMoney(issue.amount(), issue.has_amount(), "issue.amount");
    if (issue.has_wished_by() && !CivilDayFrom(issue.wished_by()).has_value()) {
      Refuse("issue.wished_by", "DATE_INVALID", "must be a date that exists, 2000 to 2100",
             "须为 2000 至 2100 年间存在的日期");
    }
    TakeContact(issue);
    CheckFiles(*issue.mutable_attachments(), "issue.attachments");
  }

  void TakeContact(v1::Issue& issue) {
    if (!issue.has_contact()) return;
    v1::Contact contact = std::move(*issue.mutable_contact());
    // Whatever becomes of the record: from here on the contact goes ways of its own.
    issue.clear_contact();
    if (!takes_contacts_) {
      Refuse("issue.contact", "CONTACT_KEY_MISSING",
             "contacts can not be taken: the service has no key to encrypt them with (contact_keys)",
             "无法接收联系人：服务未配置加密密钥（contact_keys）");
      return;
    }
    CheckContact(contact, absl::StrCat(path_, ".issue.contact"), checked_.violations);
    checked_.contact = contact.SerializeAsString();
  }

  void CheckRaisedAt(v1::Issue& issue) {
    if (!issue.has_raised_at() || !IsPlausibleTime(issue.raised_at())) {
      Refuse("issue.raised_at", "TIME_INVALID", "a time from 2000 to 2100 is required",
             "须填写 2000 至 2100 年间的时间");
      return;
    }
    const absl::Time raised_at = TimeFrom(issue.raised_at());
    if (raised_at > now_ + kClockTolerance) {
      Refuse("issue.raised_at", "DATE_IN_FUTURE", "must not be in the future", "时间不能晚于现在");
    }
    *issue.mutable_raised_at() = TimestampMessage(raised_at);
    checked_.on = CityDay(raised_at);
  }

  // After the date is known: a category that was retired takes what is dated before.
  void CheckCategory(const v1::Issue& issue) {
    if (!directory_.HasCategory(issue.category_id())) {
      Refuse("issue.category_id", "CATEGORY_UNKNOWN", "the directory has no such category",
             "目录中没有该诉求类别");
    } else if (!directory_.IsCategoryInUse(issue.category_id(), checked_.on)) {
      Refuse("issue.category_id", "CATEGORY_RETIRED", "the category was retired before this date",
             "该诉求类别在此日期前已停用");
    }
  }

  void CheckFunctions(const v1::Issue& issue) {
    if (issue.department_functions_size() > 20) {
      Refuse("issue.department_functions", "OUT_OF_RANGE", "at most 20 departments", "最多 20 个部门");
      return;
    }
    absl::flat_hash_set<std::string> seen;
    for (int i = 0; i < issue.department_functions_size(); ++i) {
      const std::string& function = issue.department_functions(i);
      const std::string field = absl::StrCat("issue.department_functions[", i, "]");
      if (!directory_.HasFunction(function)) {
        Refuse(field, "FUNCTION_UNKNOWN", "no department has this function", "没有具备该职能的部门");
      } else if (!seen.insert(function).second) {
        Refuse(field, "DUPLICATE", "the function is named twice", "职能重复");
      }
    }
  }

  void CheckDelivery(v1::PolicyDelivery& delivery) {
    CheckDate(delivery.delivered_on(), delivery.has_delivered_on(), "policy_delivery.delivered_on");
    CheckEnterprise(*delivery.mutable_enterprise(), "policy_delivery.enterprise");
    CheckText(*delivery.mutable_policy(), "policy_delivery.policy", 200, delivery.policy_id().empty());
    if (!delivery.policy_id().empty()) CheckPolicy(delivery.policy_id(), "policy_delivery.policy_id");
    if (!v1::PolicyOutcome_IsValid(delivery.outcome())) {
      Refuse("policy_delivery.outcome", "OUT_OF_RANGE", "no such outcome", "没有该结果类型");
    }
    CheckVisitReference(delivery.visit(), delivery.has_visit());
    CheckMoney(delivery.granted(), delivery.has_granted(), "policy_delivery.granted");
    if (delivery.has_granted() && delivery.outcome() != v1::POLICY_OUTCOME_GRANTED) {
      Refuse("policy_delivery.granted", "GRANTED_WITHOUT_OUTCOME",
             "an amount is granted with outcome GRANTED alone", "只有结果为已兑现时才能填写兑现金额");
    }
  }

  // Last, since whether a unit takes records depends on the record's date.
  void CheckUnit(v1::RecordSubmission& record) {
    const directory::v1::OrgUnit* unit = nullptr;
    absl::string_view field = "org_unit_id";
    if (record.has_org_unit_code()) {
      field = "org_unit_code";
      // Of units that had the code one after the other, the one of the record's own day is meant.
      unit = FindUnitByCodeOn(directory_, record.org_unit_code().system(), record.org_unit_code().code(),
                              checked_.on);
    } else {
      unit = directory_.FindUnit(record.org_unit_id());
    }
    if (unit == nullptr) {
      Refuse(field, "ORG_UNIT_UNKNOWN", "the directory has no such unit", "目录中没有该机构");
      return;
    }
    record.set_org_unit_id(unit->org_unit_id());
    if (record.has_issue() && unit->level() < directory::v1::ORG_UNIT_LEVEL_CITY) {
      // Cases are handled in a city and below it; nobody could own this one.
      Refuse(field, "ORG_UNIT_ABOVE_CITY", "an issue belongs to a city or a unit below one",
             "问题须归属城市或其下级机构");
      return;
    }
    if (!checked_.violations.empty() || !unit->has_closed_on()) return;
    const std::optional<absl::CivilDay> closed = CivilDayFrom(unit->closed_on());
    if (closed.has_value() && checked_.on > *closed) {
      Refuse(field, "ORG_UNIT_CLOSED", "the unit was closed before this date", "该机构在此日期前已撤销");
    }
  }

  CheckedRecord& checked_;
  const std::string& path_;
  const Directory& directory_;
  const absl::Time now_;
  const bool takes_contacts_;
};

}  // namespace

bool CheckedRecord::HasDigest(absl::string_view stored_digest) const {
  return digest == stored_digest ||
         std::find(former_digests.begin(), former_digests.end(), stored_digest) != former_digests.end();
}

std::vector<std::string> DigestsOf(const std::string& body, const std::optional<std::string>& contact,
                                   const encryption::KeyRing* contact_keys) {
  if (!contact.has_value() || contact_keys == nullptr) return {Sha256(body)};
  // The length tells where the contact ends. There are few enough telephone numbers to try them all, so that
  // who reads the database must not be able to compute this.
  return contact_keys->Digests(absl::StrCat(contact->size(), ":", *contact, body));
}

CheckedRecord CheckRecord(const v1::RecordSubmission& submission, const std::string& path,
                          const Directory& directory, absl::Time now,
                          const encryption::KeyRing* contact_keys) {
  CheckedRecord checked;
  checked.submission = submission;
  Checker(checked, path, directory, now, contact_keys != nullptr).Run();
  if (checked.violations.empty()) {
    // No maps anywhere in a submission, so its serialised form is the same for the same content.
    checked.body = checked.submission.SerializeAsString();
    checked.former_digests = DigestsOf(checked.body, checked.contact, contact_keys);
    checked.digest = std::move(checked.former_digests.front());
    checked.former_digests.erase(checked.former_digests.begin());
  }
  return checked;
}

v1::RecordKind KindOf(const v1::RecordSubmission& submission) {
  switch (submission.record_case()) {
    case v1::RecordSubmission::kVisit:
      return v1::RECORD_KIND_VISIT;
    case v1::RecordSubmission::kIssue:
      return v1::RECORD_KIND_ISSUE;
    case v1::RecordSubmission::kPolicyDelivery:
      return v1::RECORD_KIND_POLICY_DELIVERY;
    case v1::RecordSubmission::RECORD_NOT_SET:
      return v1::RECORD_KIND_UNSPECIFIED;
  }
  return v1::RECORD_KIND_UNSPECIFIED;
}

std::vector<std::string> EnterprisesOf(const v1::RecordSubmission& normalised) {
  if (normalised.has_issue()) return {normalised.issue().enterprise().uscc()};
  if (normalised.has_policy_delivery()) return {normalised.policy_delivery().enterprise().uscc()};
  std::vector<std::string> codes;
  for (const auto& enterprise : normalised.visit().enterprises()) codes.push_back(enterprise.uscc());
  return codes;
}

feed::v1::RecordFacts FactsOf(const v1::RecordSubmission& normalised, absl::string_view record_id,
                              int64_t revision) {
  feed::v1::RecordFacts facts;
  facts.set_record_id(std::string(record_id));
  facts.set_org_unit_id(normalised.org_unit_id());
  facts.set_kind(KindOf(normalised));
  facts.set_revision(revision);
  for (std::string& code : EnterprisesOf(normalised)) facts.add_enterprise_usccs(std::move(code));
  if (normalised.has_visit()) *facts.mutable_on() = normalised.visit().visited_on();
  if (normalised.has_policy_delivery()) *facts.mutable_on() = normalised.policy_delivery().delivered_on();
  if (normalised.has_issue()) {
    const v1::Issue& issue = normalised.issue();
    *facts.mutable_on() = DateMessage(CityDay(TimeFrom(issue.raised_at())));
    facts.set_issue_kind(issue.kind());
    facts.set_category_id(issue.category_id());
    *facts.mutable_department_functions() = issue.department_functions();
    facts.set_legacy(issue.legacy());
    facts.set_amount_fen(issue.amount().fen());
  }
  if (normalised.has_visit()) {
    facts.set_team_id(normalised.visit().team_id());
    facts.set_department_id(normalised.visit().department_id());
  }
  if (normalised.has_policy_delivery()) {
    facts.set_policy_id(normalised.policy_delivery().policy_id());
    facts.set_policy_outcome(normalised.policy_delivery().outcome());
  }
  return facts;
}

feed::v1::IssueContent ContentOf(const v1::RecordSubmission& normalised) {
  const v1::Issue& issue = normalised.issue();
  feed::v1::IssueContent content;
  *content.mutable_key() = normalised.key();
  content.set_title(issue.title());
  content.set_text(issue.text());
  *content.mutable_raised_at() = issue.raised_at();
  content.set_enterprise_name(issue.enterprise().name());
  content.set_project(issue.project());
  return content;
}

void ToRows(const rpc::Violations& violations,
            google::protobuf::RepeatedPtrField<common::v1::FieldViolation>* rows) {
  const size_t count = std::min(violations.list().size(), kMaxRows);
  for (size_t i = 0; i < count; ++i) {
    const rpc::Violation& violation = violations.list()[i];
    common::v1::FieldViolation& row = *rows->Add();
    row.set_field(violation.field_path);
    row.set_reason(violation.reason);
    row.set_message(violation.english);
    row.set_message_zh(violation.chinese);
  }
}

}  // namespace zhuqi::intake
