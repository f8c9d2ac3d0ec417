#include "services/routing/knowledge/similar_cases.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "common/rpc/uuid_field.h"
#include "common/vocabulary/text.h"
#include "services/routing/cases/case_store.h"
#include "services/routing/cases/case_writer.h"
#include "services/routing/knowledge/knowledge_store.h"
#include "services/routing/knowledge/practice_store.h"
#include "services/routing/knowledge/theme_store.h"

namespace zhuqi::routing {
namespace {

constexpr int kDefaultLimit = 10;
constexpr int kLargestLimit = 50;
constexpr size_t kLongestTitle = 200;
constexpr size_t kLongestText = 10000;
constexpr size_t kCharactersLookedFor = 2000;
constexpr size_t kWordsShown = 8;

class SimilarReader {
 public:
  SimilarReader(const v1::FindSimilarCasesRequest& request, const Directory& directory)
      : request_(request), directory_(directory) {}

  absl::StatusOr<SearchQuery> Read() {
    Like();
    Filters();
    Received();
    if (request_.limit() < 0) {
      violations_.Add("limit", "LIMIT_NEGATIVE", "the limit must not be negative", "条数不得为负数");
    }
    query_.limit = request_.limit() == 0 ? kDefaultLimit : std::min(request_.limit(), kLargestLimit);
    if (!violations_.empty()) return violations_.ToStatus();
    return query_;
  }

 private:
  void Like() {
    if (request_.like_case() == v1::FindSimilarCasesRequest::LIKE_NOT_SET) {
      violations_.Add("text", "LIKE_REQUIRED", "give a text or name a case", "必须给出文本或指定工单");
    }
    if (request_.has_case_id()) rpc::ReadUuid(request_.case_id(), "case_id", violations_);
    if (request_.has_issue_key()) ReadIssueKey(request_.issue_key(), "issue_key", violations_);
    if (!request_.has_text()) return;
    const v1::SimilarText& text = request_.text();
    NotLonger("text.title", text.title(), kLongestTitle);
    NotLonger("text.text", text.text(), kLongestText);
    query_.title = SearchableText(text.title());
    query_.text = SearchableText(FirstCharacters(text.text(), kCharactersLookedFor));
    if (vocabulary::TrimWhitespace(text.title()).empty() && vocabulary::TrimWhitespace(text.text()).empty()) {
      violations_.Add("text.text", "TEXT_REQUIRED", "a title or a text is required", "标题和内容不能都为空");
    }
    Known("text.category_id", text.category_id());
    query_.category_id = text.category_id();
  }

  void NotLonger(const char* field, const std::string& text, size_t most) {
    if (vocabulary::CharacterCount(text) <= most) return;
    violations_.Add(field, "TEXT_TOO_LONG", absl::StrCat("at most ", most, " characters are allowed"),
                    absl::StrCat("不得超过 ", most, " 个字符"));
  }

  void Known(const char* field, const std::string& category_id) {
    if (category_id.empty() || directory_.HasCategory(category_id)) return;
    violations_.Add(field, "CATEGORY_UNKNOWN", "there is no such category", "诉求类别不存在");
  }

  void Filters() {
    if (!request_.org_unit_id().empty()) {
      const directory::v1::OrgUnit* unit = directory_.FindUnit(request_.org_unit_id());
      if (unit == nullptr) {
        violations_.Add("org_unit_id", "ORG_UNIT_UNKNOWN", "there is no such unit", "机构不存在");
      } else if (!unit->parent_id().empty()) {
        // All is below the root.
        query_.org_unit_ids = directory_.SelfAndBelow(unit->org_unit_id());
      }
    }
    Known("category_id", request_.category_id());
    query_.within_category_id = request_.category_id();
    query_.outcome = request_.outcome();
  }

  std::optional<absl::CivilDay> Day(const char* field, bool present, const common::v1::Date& date) {
    if (!present) return std::nullopt;
    const std::optional<absl::CivilDay> day = CivilDayFrom(date);
    if (!day.has_value()) violations_.Add(field, "DATE_INVALID", "there is no such day", "日期无效");
    return day;
  }

  void Received() {
    const common::v1::DateSpan& span = request_.received();
    const auto first = Day("received.first", span.has_first(), span.first());
    const auto last = Day("received.last", span.has_last(), span.last());
    if (first.has_value() && last.has_value() && *last < *first) {
      violations_.Add("received", "SPAN_REVERSED", "the last day is before the first",
                      "结束日期早于开始日期");
    }
    if (first.has_value()) query_.received_from = StartOfCityDay(*first);
    if (last.has_value()) query_.received_before = StartOfCityDay(*last + 1);
  }

  const v1::FindSimilarCasesRequest& request_;
  const Directory& directory_;
  rpc::Violations violations_;
  SearchQuery query_;
};

// The case that the request names.
absl::StatusOr<v1::Case> ReadNamed(db::Connection& connection, const v1::FindSimilarCasesRequest& request) {
  std::optional<Uuid> case_id = Uuid::Parse(request.case_id());
  if (request.has_issue_key()) {
    const IssueKey key(request.issue_key().source_system(), request.issue_key().external_id());
    ZHUQI_ASSIGN_OR_RETURN(const auto found, FindCases(connection, {key}));
    if (found.empty()) return UnknownCase();
    case_id = found.begin()->second;
  }
  ZHUQI_ASSIGN_OR_RETURN(const CaseMap cases, ReadCases(connection, {case_id.value_or(Uuid())}));
  if (cases.empty()) return UnknownCase();
  return cases.begin()->second.body;
}

void AddMatch(v1::CaseText in, const std::string& text, const SearchQuery& query, v1::SimilarCase& shown) {
  const std::vector<std::string> words =
      CommonWords(query.title + "\n" + query.text, SearchableText(text), kWordsShown);
  if (words.empty()) return;
  v1::MatchedText& matched = *shown.add_matched();
  matched.set_in(in);
  for (const std::string& word : words) matched.add_words(word);
}

v1::SimilarCase Show(const v1::Case& body, const std::string& solution, double score,
                     const SearchQuery& query) {
  v1::SimilarCase shown;
  shown.set_case_id(body.case_id());
  *shown.mutable_issue_key() = body.issue_key();
  shown.set_org_unit_id(body.org_unit_id());
  shown.set_issue_kind(body.issue().kind());
  shown.set_category_id(body.issue().category_id());
  shown.set_title(WithoutPersonalNumbers(body.issue().title()));
  shown.set_state(body.state());
  shown.set_outcome(body.outcome());
  *shown.mutable_received_at() = body.received_at();
  if (body.has_closed_at()) *shown.mutable_closed_at() = body.closed_at();
  shown.set_solution(WithoutPersonalNumbers(solution));
  shown.set_score(score);
  AddMatch(v1::CASE_TEXT_TITLE, body.issue().title(), query, shown);
  AddMatch(v1::CASE_TEXT_ISSUE, body.issue().text(), query, shown);
  AddMatch(v1::CASE_TEXT_SOLUTION, solution, query, shown);
  return shown;
}

}  // namespace

void AskLike(const v1::Case& body, SearchQuery& query) {
  query.except = Uuid::Parse(body.case_id());
  query.category_id = body.issue().category_id();
  query.title = SearchableText(body.issue().title());
  query.text = SearchableText(FirstCharacters(body.issue().text(), kCharactersLookedFor));
}

absl::StatusOr<SearchQuery> ReadSimilarRequest(const v1::FindSimilarCasesRequest& request,
                                               const Directory& directory) {
  return SimilarReader(request, directory).Read();
}

absl::StatusOr<v1::FindSimilarCasesResponse> FindSimilar(db::Connection& connection, const SearchIndex& index,
                                                         const v1::FindSimilarCasesRequest& request,
                                                         SearchQuery query) {
  v1::FindSimilarCasesResponse response;
  if (!request.has_text()) {
    ZHUQI_ASSIGN_OR_RETURN(const v1::Case named, ReadNamed(connection, request));
    AskLike(named, query);
  }
  // Before the search, which may already see more.
  for (common::v1::FeedPosition& position : index.cursors()) {
    position.clear_commit_id();
    *response.add_indexed_up_to() = std::move(position);
  }
  ZHUQI_ASSIGN_OR_RETURN(const std::vector<SearchHit> hits, index.Search(query));
  std::vector<Uuid> ids;
  for (const SearchHit& hit : hits) ids.push_back(hit.case_id);
  ZHUQI_ASSIGN_OR_RETURN(const CaseMap cases, ReadCases(connection, ids));
  ZHUQI_ASSIGN_OR_RETURN(auto solutions, ReadSolutions(connection, ids));
  ZHUQI_ASSIGN_OR_RETURN(const auto practices,
                         ReadPracticesOfCases(connection, ids, v1::PRACTICE_STATE_PUBLISHED));
  ZHUQI_ASSIGN_OR_RETURN(auto themes, ReadThemesOfCases(connection, ids, /*suggested=*/false));
  for (const SearchHit& hit : hits) {
    const auto found = cases.find(hit.case_id);
    if (found == cases.end()) continue;
    v1::SimilarCase& shown = *response.add_cases();
    shown = Show(found->second.body, solutions[hit.case_id], hit.score, query);
    const auto practice = practices.find(hit.case_id);
    if (practice != practices.end()) shown.set_practice_id(practice->second.ToString());
    for (v1::ThemeReference& theme : themes[hit.case_id]) *shown.add_themes() = std::move(theme);
  }
  return response;
}

}  // namespace zhuqi::routing
