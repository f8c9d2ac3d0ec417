#include "services/intake/records/record_list_rules.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/page_token.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "common/vocabulary/credit_code.h"
#include "common/vocabulary/text.h"
#include "services/intake/directory/field_check.h"
#include "services/intake/directory/paging.h"
#include "services/intake/records/record_mentions.h"
#include "services/intake/records/record_rules.h"

namespace zhuqi::intake {
namespace {

constexpr int kDefaultPage = 50;
constexpr int kMaxPage = 500;
constexpr size_t kMaxSearchText = 100;

// The words of a record. A line end between them keeps a text from being found across two of them.
std::string WordsOf(const v1::RecordSubmission& record) {
  std::string words;
  const auto add = [&words](const std::string& text) {
    if (!text.empty()) absl::StrAppend(&words, text, "\n");
  };
  if (record.has_visit()) {
    const v1::Visit& visit = record.visit();
    for (const std::string* text : {&visit.team(), &visit.place(), &visit.notes()}) add(*text);
    for (const v1::EnterpriseReference& enterprise : visit.enterprises()) add(enterprise.name());
  } else if (record.has_issue()) {
    const v1::Issue& issue = record.issue();
    for (const std::string* text :
         {&issue.title(), &issue.text(), &issue.project(), &issue.enterprise().name()}) {
      add(*text);
    }
  } else {
    add(record.policy_delivery().policy());
    add(record.policy_delivery().enterprise().name());
  }
  return words;
}

class Reader {
 public:
  Reader(const v1::ListRecordsRequest& request, const Directory& directory)
      : request_(request), directory_(directory) {}

  absl::StatusOr<RecordQuery> Read() {
    ReadUnit();
    ReadKinds();
    ReadDates();
    ReadEnterprise();
    ReadText();
    ReadPage();
    ZHUQI_RETURN_IF_ERROR(violations_.ToStatus());
    return std::move(query_);
  }

 private:
  void ReadUnit() {
    const std::string& unit = request_.org_unit_id();
    // All units is no condition.
    if (unit.empty() || (directory_.Root() != nullptr && unit == directory_.Root()->org_unit_id())) return;
    std::vector<std::string> units = directory_.SelfAndBelow(unit);
    if (units.empty()) {
      violations_.Add("org_unit_id", "ORG_UNIT_UNKNOWN", "the directory has no such unit",
                      "目录中没有该机构");
    }
    if (units.size() <= kMaxUnitsInStatement) {
      query_.filter.org_unit_ids = std::move(units);
    } else {
      query_.units = std::make_shared<const absl::flat_hash_set<std::string>>(units.begin(), units.end());
    }
  }

  void ReadKinds() {
    const auto known = [this](bool valid, const char* field) {
      if (!valid) violations_.Add(field, "OUT_OF_RANGE", "there is no such value", "没有该取值");
    };
    known(v1::RecordKind_IsValid(request_.kind()), "kind");
    known(v1::IssueKind_IsValid(request_.issue_kind()), "issue_kind");
    known(v1::RecordState_IsValid(request_.state()), "state");
    query_.filter.kind = request_.kind();
    query_.filter.issue_kind = request_.issue_kind();
    query_.filter.category_id = request_.category_id();
    if (request_.has_exact_category_id()) query_.filter.exact_category_id = request_.exact_category_id();
    query_.filter.source_system = request_.source_system();
    if (request_.with_withdrawn()) {
      query_.filter.counting = Counting::kBoth;
    } else if (request_.state() == v1::RECORD_STATE_WITHDRAWN) {
      query_.filter.counting = Counting::kWithdrawn;
    }
  }

  void ReadDates() {
    const common::v1::DateSpan& dates = request_.dates();
    query_.filter.first = CheckDay(dates.has_first(), dates.first(), "dates.first", violations_);
    query_.filter.last = CheckDay(dates.has_last(), dates.last(), "dates.last", violations_);
    CheckDays(query_.filter.first, query_.filter.last, "dates.last", violations_);
  }

  void ReadEnterprise() {
    if (request_.enterprise_uscc().empty()) return;
    const vocabulary::CreditCodeCheck code = vocabulary::CheckCreditCode(request_.enterprise_uscc());
    if (code.problem.has_value()) {
      violations_.Add("enterprise_uscc", vocabulary::ReasonName(*code.problem),
                      "not a unified social credit code (GB 32100-2015)",
                      "不是有效的统一社会信用代码（GB 32100-2015）");
    }
    query_.filter.enterprise_uscc = code.normalized;
    query_.look_at_enterprises = query_.filter.counting != Counting::kActive;
  }

  void ReadText() {
    std::string text = request_.text();
    CheckText(text, "text", kMaxSearchText, false, violations_);
    query_.text = vocabulary::FoldForSearch(text).value_or("");
  }

  void ReadPage() {
    v1::ListRecordsRequest filter = request_;
    filter.clear_include_total();  // it may be asked for on one page and not on another
    const PageQuery page = ReadPageQuery(filter, kDefaultPage, kMaxPage, 2, violations_);
    query_.page_size = page.size;
    query_.fingerprint = page.filter;
    if (!page.after.has_value()) return;
    RecordPosition position;
    const std::optional<Uuid> id = Uuid::FromBytes((*page.after)[1]);
    if (!id.has_value() || !absl::ParseCivilTime((*page.after)[0], &position.on)) {
      violations_.Add("page_token", "PAGE_TOKEN_INVALID", "the token is damaged", "分页令牌已损坏");
      return;
    }
    position.record_id = *id;
    query_.after = position;
  }

  const v1::ListRecordsRequest& request_;
  const Directory& directory_;
  rpc::Violations violations_;
  RecordQuery query_;
};

}  // namespace

RecordPosition PositionOf(const v1::Record& record) {
  return {MentionsOf(record.submission()).on, Uuid::Parse(record.record_id()).value_or(Uuid())};
}

bool RecordQuery::Matches(const v1::RecordSubmission& normalised) const {
  if (units != nullptr && !units->contains(normalised.org_unit_id())) return false;
  if (look_at_enterprises) {
    const std::vector<std::string> enterprises = EnterprisesOf(normalised);
    if (std::find(enterprises.begin(), enterprises.end(), filter.enterprise_uscc) == enterprises.end())
      return false;
  }
  if (text.empty()) return true;
  const std::optional<std::string> words = vocabulary::FoldForSearch(WordsOf(normalised));
  return words.has_value() && absl::StrContains(*words, text);
}

absl::StatusOr<RecordQuery> CheckList(const v1::ListRecordsRequest& request, const Directory& directory) {
  return Reader(request, directory).Read();
}

std::string PageTokenAfter(const RecordQuery& query, const RecordPosition& position) {
  return EncodePageToken(query.fingerprint,
                         {absl::FormatCivilTime(position.on), position.record_id.ToBytes()});
}

}  // namespace zhuqi::intake
