#include "services/routing/knowledge/themes.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "common/feed/token.h"
#include "common/rpc/uuid_field.h"
#include "services/routing/cases/case_store.h"
#include "services/routing/knowledge/preventive_item_store.h"
#include "services/routing/knowledge/recurrence_rules.h"
#include "services/routing/knowledge/search_text_rules.h"
#include "services/routing/knowledge/theme_check.h"
#include "services/routing/knowledge/theme_rules.h"
#include "services/routing/knowledge/theme_store.h"

namespace zhuqi::routing {
namespace {

constexpr int kHistoryShown = 500;
constexpr size_t kItemsShown = 500;
constexpr size_t kWordsInCommon = 5;
constexpr size_t kCharactersCompared = 500;
// Whoever has raised an issue within it has the category's or the enterprise's concerns.
constexpr absl::Duration kConcernSpan = absl::Hours(24 * 365);
// Themes are read where they are written: this place holds nobody up.
constexpr char kThemeSource[] = "routing.themes";

common::v1::FeedPosition ThemePlace(int64_t sequence) { return feed::Position(kThemeSource, 0, sequence); }

struct NamedCases {
  // In the order in which they were named, none twice.
  std::vector<Uuid> ids;
  CaseMap cases;
};

absl::Status UnknownCaseAt(const std::string& field) {
  return rpc::Error(absl::StatusCode::kNotFound, "CASE_UNKNOWN",
                    absl::StrCat(field, ": there is no such case"), absl::StrCat(field, "：工单不存在"),
                    {{"field", field}});
}

// `field`: the path of `keys`.
absl::StatusOr<NamedCases> ReadNamedCases(db::Connection& connection, const std::string& field,
                                          const google::protobuf::RepeatedPtrField<v1::ThemeCaseKey>& keys) {
  std::vector<IssueKey> issues;
  for (const v1::ThemeCaseKey& key : keys) {
    if (key.has_issue_key())
      issues.emplace_back(key.issue_key().source_system(), key.issue_key().external_id());
  }
  ZHUQI_ASSIGN_OR_RETURN(const auto found, FindCases(connection, issues));
  NamedCases named;
  for (int i = 0; i < keys.size(); ++i) {
    std::optional<Uuid> id = Uuid::Parse(keys[i].case_id());
    if (keys[i].has_issue_key()) {
      const auto at = found.find({keys[i].issue_key().source_system(), keys[i].issue_key().external_id()});
      if (at == found.end()) return UnknownCaseAt(absl::StrCat(field, "[", i, "]"));
      id = at->second;
    }
    named.ids.push_back(id.value_or(Uuid()));
  }
  ZHUQI_ASSIGN_OR_RETURN(named.cases, ReadCases(connection, named.ids));
  std::set<Uuid> seen;
  for (size_t i = 0; i < named.ids.size(); ++i) {
    if (!named.cases.contains(named.ids[i])) return UnknownCaseAt(absl::StrCat(field, "[", i, "]"));
  }
  std::erase_if(named.ids, [&seen](const Uuid& id) { return !seen.insert(id).second; });
  return named;
}

v1::ThemeEvent EventOf(const KnowledgeCall& call) {
  v1::ThemeEvent event;
  event.set_actor(call.actor);
  *event.mutable_recorded_at() = TimestampMessage(call.now);
  return event;
}

absl::StatusOr<v1::Theme> ShowTheme(db::Connection& connection, const Directory& directory, absl::Time now,
                                    const v1::Theme& stored) {
  std::vector<v1::Theme> themes = {stored};
  ZHUQI_RETURN_IF_ERROR(ShowThemes(connection, directory, now, themes));
  return std::move(themes[0]);
}

absl::StatusOr<v1::ProposeThemeResponse> ProposeNow(db::Transaction& transaction,
                                                    const v1::ProposeThemeRequest& request,
                                                    const KnowledgeCall& call) {
  db::Connection& connection = transaction.connection();
  ZHUQI_ASSIGN_OR_RETURN(const NamedCases named, ReadNamedCases(connection, "cases", request.cases()));
  ThemeMembers members;
  v1::ThemeEvent event = EventOf(call);
  for (const Uuid& id : named.ids) {
    ZHUQI_RETURN_IF_ERROR(CheckMember(named.cases.at(id).body));
    members[id] = {v1::THEME_CASE_STANDING_MEMBER, 0, call.now, call.actor};
    event.mutable_proposed()->add_case_ids(id.ToString());
  }
  const ThemeRecord record =
      NewTheme(Uuid::NewV7(call.now).ToString(), request.content(), members, call.actor, call.now);
  ZHUQI_RETURN_IF_ERROR(WriteTheme(transaction, nullptr, record, std::move(event)));
  v1::ProposeThemeResponse response;
  ZHUQI_ASSIGN_OR_RETURN(*response.mutable_theme(),
                         ShowTheme(connection, *call.directory, call.now, record.body));
  response.set_consistency_token(ThemeToken(record.sequence));
  return response;
}

// The cases that the action names.
absl::Status ReadForTheme(db::Connection& connection, ThemeActionInput& input) {
  NamedCases named;
  if (input.action.has_add_cases()) {
    ZHUQI_ASSIGN_OR_RETURN(
        named, ReadNamedCases(connection, "action.add_cases.cases", input.action.add_cases().cases()));
  }
  if (input.action.has_remove_cases()) {
    ZHUQI_ASSIGN_OR_RETURN(
        named, ReadNamedCases(connection, "action.remove_cases.cases", input.action.remove_cases().cases()));
  }
  input.case_ids = std::move(named.ids);
  for (const auto& [id, record] : named.cases) {
    if (absl::Status barred = CheckMember(record.body); !barred.ok()) input.barred[id] = std::move(barred);
  }
  return absl::OkStatus();
}

// Writes the preventive items that were asked for; their districts.
absl::StatusOr<std::vector<std::string>> Prevent(db::Connection& connection,
                                                 const v1::PreventInDistricts& request,
                                                 const v1::Theme& theme, const KnowledgeCall& call) {
  const Uuid theme_id = Uuid::Parse(theme.theme_id()).value_or(Uuid());
  PreventionInput input;
  input.request = request;
  input.actor = call.actor;
  input.now = call.now;
  ZHUQI_ASSIGN_OR_RETURN(input.complained, ReadUnitsOfMembers(connection, theme_id));
  ZHUQI_ASSIGN_OR_RETURN(const std::vector<v1::PreventiveItem> known, ReadItems(connection, theme_id));
  for (const v1::PreventiveItem& item : known) input.asked.insert(item.org_unit_id());
  if (request.org_unit_ids().empty()) {
    ZHUQI_ASSIGN_OR_RETURN(input.concern, ReadConcern(connection, theme, call.now - kConcernSpan));
  }
  const std::vector<v1::PreventiveItem> items = NewItems(theme, input, *call.directory);
  ZHUQI_RETURN_IF_ERROR(WriteItems(connection, items));
  std::vector<std::string> districts;
  for (const v1::PreventiveItem& item : items) districts.push_back(item.org_unit_id());
  return districts;
}

absl::Status EndOpenItems(db::Connection& connection, const v1::Theme& theme, const std::string& why,
                          const KnowledgeCall& call) {
  ZHUQI_ASSIGN_OR_RETURN(std::vector<v1::PreventiveItem> items,
                         ReadItems(connection, Uuid::Parse(theme.theme_id()).value_or(Uuid())));
  std::vector<v1::PreventiveItem> ended;
  for (v1::PreventiveItem& item : items) {
    item.clear_theme_title();
    if (item.state() == v1::PREVENTIVE_ITEM_STATE_OPEN)
      ended.push_back(EndItem(item, why, call.actor, call.now));
  }
  return WriteItems(connection, ended);
}

struct LockedThemes {
  ThemeRecord theme;
  // Of a merge.
  std::optional<ThemeRecord> into;
};
// Both of a merge in the order of their identities, as everybody locks several.
absl::StatusOr<LockedThemes> LockThemes(db::Transaction& transaction, const v1::ActOnThemeRequest& request) {
  const Uuid theme_id = Uuid::Parse(request.theme_id()).value_or(Uuid());
  std::set<Uuid> ids = {theme_id};
  const std::optional<Uuid> into = Uuid::Parse(request.action().merge().into_theme_id());
  if (request.action().has_merge()) ids.insert(into.value_or(Uuid()));
  std::map<Uuid, ThemeRecord> found;
  for (const Uuid& id : ids) {
    ZHUQI_ASSIGN_OR_RETURN(std::optional<ThemeRecord> record, LockTheme(transaction, id));
    if (!record.has_value()) return UnknownTheme();
    found.emplace(id, *std::move(record));
  }
  LockedThemes locked{found.at(theme_id), std::nullopt};
  if (request.action().has_merge()) locked.into = found.at(*into);
  return locked;
}

// What an action comes to: its themes before and after it, with the entry that the history of each gets.
struct ThemeStep {
  const ThemeRecord* before;
  ThemeRecord after;
  v1::ThemeEvent event;
};
struct ThemeOutcome {
  // The one that was acted on first.
  std::vector<ThemeStep> steps;
  // Of confirm and prevent.
  std::vector<std::string> prevented;
};

absl::StatusOr<ThemeOutcome> MergeNow(db::Connection& connection, const LockedThemes& locked,
                                      const ThemeActionInput& input, const KnowledgeCall& call) {
  ZHUQI_ASSIGN_OR_RETURN(Merged merged, MergeThemes(locked.theme, *locked.into, input));
  ZHUQI_RETURN_IF_ERROR(EndOpenItems(connection, merged.source.body, input.action.merge().reason(), call));
  v1::ThemeEvent there = EventOf(call);
  there.mutable_merged_in()->set_theme_id(merged.source.body.theme_id());
  for (const Uuid& id : merged.came_over) there.mutable_merged_in()->add_case_ids(id.ToString());
  v1::ThemeEvent here = EventOf(call);
  *here.mutable_action() = input.action;
  ThemeOutcome outcome;
  outcome.steps.push_back({&locked.theme, std::move(merged.source), std::move(here)});
  outcome.steps.push_back({&*locked.into, std::move(merged.target), std::move(there)});
  return outcome;
}

absl::StatusOr<ThemeOutcome> DoNow(db::Connection& connection, const LockedThemes& locked,
                                   const ThemeActionInput& input, const KnowledgeCall& call) {
  if (input.action.has_merge()) return MergeNow(connection, locked, input, call);
  ZHUQI_ASSIGN_OR_RETURN(ThemeRecord after, ActOnTheme(locked.theme, input));
  ThemeOutcome outcome;
  if (input.action.has_prevent() || input.action.confirm().has_prevent()) {
    const v1::PreventInDistricts& prevent =
        input.action.has_prevent() ? input.action.prevent() : input.action.confirm().prevent();
    ZHUQI_ASSIGN_OR_RETURN(outcome.prevented, Prevent(connection, prevent, after.body, call));
  }
  if (input.action.has_reject()) {
    ZHUQI_RETURN_IF_ERROR(EndOpenItems(connection, after.body, input.action.reject().reason(), call));
  }
  v1::ThemeEvent event = EventOf(call);
  *event.mutable_action() = input.action;
  *event.mutable_prevented_org_unit_ids() = {outcome.prevented.begin(), outcome.prevented.end()};
  outcome.steps.push_back({&locked.theme, std::move(after), std::move(event)});
  return outcome;
}

absl::StatusOr<v1::ActOnThemeResponse> ActOnThemeNow(db::Transaction& transaction,
                                                     const v1::ActOnThemeRequest& request,
                                                     const KnowledgeCall& call,
                                                     const ThemeSurroundings& given) {
  db::Connection& connection = transaction.connection();
  ZHUQI_ASSIGN_OR_RETURN(const LockedThemes locked, LockThemes(transaction, request));
  if (!request.etag().empty() && request.etag() != locked.theme.body.etag()) {
    return ThemeHasChanged(locked.theme.body.etag());
  }
  ThemeActionInput input{request.action(), {}, {}, call.actor, call.now, given.recurrence_days};
  ZHUQI_RETURN_IF_ERROR(ReadForTheme(connection, input));
  ZHUQI_ASSIGN_OR_RETURN(const ThemeOutcome outcome, DoNow(connection, locked, input, call));
  RecurrenceChanges recurrence;
  for (const ThemeStep& step : outcome.steps) recurrence.Add(*step.before, step.after);
  ZHUQI_RETURN_IF_ERROR(recurrence.Lock(transaction));
  for (const ThemeStep& step : outcome.steps) {
    ZHUQI_RETURN_IF_ERROR(WriteTheme(transaction, step.before, step.after, step.event));
  }
  const ThemeRecord& after = outcome.steps[0].after;
  v1::ActOnThemeResponse response;
  *response.mutable_prevented_org_unit_ids() = {outcome.prevented.begin(), outcome.prevented.end()};
  ZHUQI_ASSIGN_OR_RETURN(*response.mutable_theme(),
                         ShowTheme(connection, *call.directory, call.now, after.body));
  ZHUQI_ASSIGN_OR_RETURN(auto places, recurrence.Tell(transaction, given, call.actor, call.now));
  places.push_back(ThemePlace(after.sequence));
  response.set_consistency_token(feed::MakeToken(places));
  return response;
}

v1::ThemeCase ShowCase(const v1::Case& body, const ThemeMember& member, const v1::Theme& theme) {
  v1::ThemeCase shown;
  shown.set_case_id(body.case_id());
  *shown.mutable_issue_key() = body.issue_key();
  shown.set_org_unit_id(body.org_unit_id());
  shown.set_category_id(body.issue().category_id());
  shown.set_title(body.issue().title());
  shown.set_state(body.state());
  shown.set_outcome(body.outcome());
  *shown.mutable_received_at() = body.received_at();
  shown.set_standing(member.standing);
  shown.set_similarity(member.similarity);
  *shown.mutable_since() = TimestampMessage(member.since);
  shown.set_by(member.by);
  shown.set_recurrence(IsRecurrence(theme, shown));
  return shown;
}

std::string ComparedText(const v1::Case& body) {
  return SearchableText(
      absl::StrCat(body.issue().title(), "\n", FirstCharacters(body.issue().text(), kCharactersCompared)));
}

// In what the others read like the case that the theme was proposed by.
void ShowWordsInCommon(const CaseMap& cases, const Uuid& seed_id, std::vector<v1::ThemeCase>& shown) {
  const auto seed = cases.find(seed_id);
  if (seed == cases.end()) return;
  const std::string asked = ComparedText(seed->second.body);
  for (v1::ThemeCase& item : shown) {
    const Uuid case_id = Uuid::Parse(item.case_id()).value_or(Uuid());
    if (case_id == seed_id) continue;
    for (std::string& word : CommonWords(asked, ComparedText(cases.at(case_id).body), kWordsInCommon))
      item.add_words_in_common(std::move(word));
  }
}

absl::Status ShowCases(db::Connection& connection, const ThemeRecord& record,
                       v1::GetThemeResponse& response) {
  std::vector<Uuid> ids;
  for (const auto& [case_id, member] : record.members) ids.push_back(case_id);
  ZHUQI_ASSIGN_OR_RETURN(const CaseMap cases, ReadCases(connection, ids));
  std::vector<v1::ThemeCase> shown;
  for (const auto& [case_id, item] : cases) {
    shown.push_back(ShowCase(item.body, record.members.at(case_id), record.body));
  }
  std::stable_sort(shown.begin(), shown.end(), [](const auto& left, const auto& right) {
    return TimeFrom(left.received_at()) > TimeFrom(right.received_at());
  });
  const std::optional<Uuid> seed = Uuid::Parse(record.body.growth().seed_case_id());
  if (seed.has_value()) ShowWordsInCommon(cases, *seed, shown);
  for (v1::ThemeCase& item : shown) *response.add_cases() = std::move(item);
  return absl::OkStatus();
}

void ShowRecurrence(const Directory& directory, absl::CivilDay today, v1::GetThemeResponse& response) {
  const RecurrenceSpans spans = RecurrenceSpansOf(response.theme());
  if (spans.empty()) return;
  v1::ThemeRecurrence& recurrence = *response.mutable_recurrence();
  if (response.theme().has_fixed_on()) *recurrence.mutable_fixed_on() = response.theme().fixed_on();
  *recurrence.mutable_counted() = SpanMessages(spans);
  recurrence.set_span_over(today > spans.back().last);
  std::set<std::string> districts;
  for (const v1::ThemeCase& item : response.cases()) {
    if (!item.recurrence()) continue;
    recurrence.add_case_ids(item.case_id());
    districts.insert(directory.DistrictOf(item.org_unit_id()));
  }
  recurrence.set_cases(recurrence.case_ids_size());
  for (const std::string& district : districts) recurrence.add_district_ids(district);
}

}  // namespace

absl::Status UnknownTheme() {
  return rpc::Error(absl::StatusCode::kNotFound, "THEME_UNKNOWN", "there is no such theme", "一类问题不存在");
}

absl::Status ThemeHasChanged(const std::string& etag) {
  return rpc::Error(absl::StatusCode::kAborted, "ETAG_MISMATCH", "it has changed since it was read",
                    "内容已被更新，请刷新后重试", {{"etag", etag}});
}

std::string ThemeToken(int64_t sequence) { return feed::MakeToken({ThemePlace(sequence)}); }

absl::StatusOr<OnceCommand> CheckPropose(v1::ProposeThemeRequest& request, const Directory& directory) {
  rpc::Violations violations;
  OnceCommand command = ReadOnceCommand(request, violations);
  CheckProposal(directory, request, violations);
  ZHUQI_RETURN_IF_ERROR(violations.ToStatus());
  return command;
}

absl::StatusOr<OnceCommand> CheckActOnTheme(v1::ActOnThemeRequest& request, const KnowledgeCall& call) {
  rpc::Violations violations;
  OnceCommand command = ReadOnceCommand(request, violations);
  rpc::ReadUuid(request.theme_id(), "theme_id", violations);
  CheckThemeAction(*call.directory, CityDay(call.now), *request.mutable_action(), violations);
  ZHUQI_RETURN_IF_ERROR(violations.ToStatus());
  return command;
}

absl::StatusOr<v1::ProposeThemeResponse> ProposeThemeOnce(db::Transaction& transaction,
                                                          const OnceCommand& command,
                                                          const v1::ProposeThemeRequest& request,
                                                          const KnowledgeCall& call) {
  return AnswerOnce<v1::ProposeThemeResponse>(transaction, command, "ThemeService.ProposeTheme", call.now,
                                              [&] { return ProposeNow(transaction, request, call); });
}

absl::StatusOr<v1::ActOnThemeResponse> ActOnThemeOnce(db::Transaction& transaction,
                                                      const OnceCommand& command,
                                                      const v1::ActOnThemeRequest& request,
                                                      const KnowledgeCall& call,
                                                      const ThemeSurroundings& given) {
  return AnswerOnce<v1::ActOnThemeResponse>(transaction, command, "ThemeService.ActOnTheme", call.now,
                                            [&] { return ActOnThemeNow(transaction, request, call, given); });
}

absl::StatusOr<v1::GetThemeResponse> GetTheme(db::Connection& connection, const Uuid& theme_id,
                                              const Directory& directory, absl::Time now) {
  ZHUQI_ASSIGN_OR_RETURN(const std::optional<ThemeRecord> record, ReadTheme(connection, theme_id));
  if (!record.has_value()) return UnknownTheme();
  v1::GetThemeResponse response;
  ZHUQI_ASSIGN_OR_RETURN(*response.mutable_theme(), ShowTheme(connection, directory, now, record->body));
  ZHUQI_RETURN_IF_ERROR(ShowCases(connection, *record, response));
  ShowRecurrence(directory, CityDay(now), response);
  ZHUQI_ASSIGN_OR_RETURN(std::vector<v1::PreventiveItem> items, ReadItems(connection, theme_id));
  if (items.size() > kItemsShown) items.resize(kItemsShown);
  ZHUQI_RETURN_IF_ERROR(CountCasesSince(connection, directory, items));
  for (v1::PreventiveItem& item : items) {
    FillItem(item, CityDay(now));
    *response.add_preventive_items() = std::move(item);
  }
  ZHUQI_ASSIGN_OR_RETURN(std::vector<v1::ThemeEvent> history,
                         ReadThemeHistory(connection, theme_id, kHistoryShown));
  for (v1::ThemeEvent& event : history) *response.add_history() = std::move(event);
  return response;
}

absl::Status ShowThemes(db::Connection& connection, const Directory& directory, absl::Time now,
                        std::vector<v1::Theme>& themes) {
  std::vector<Uuid> ids;
  for (const v1::Theme& theme : themes) ids.push_back(Uuid::Parse(theme.theme_id()).value_or(Uuid()));
  ZHUQI_ASSIGN_OR_RETURN(auto counts, CountThemeCases(connection, ids));
  ZHUQI_ASSIGN_OR_RETURN(auto open_items, CountOpenItems(connection, ids));
  for (size_t i = 0; i < themes.size(); ++i) {
    v1::Theme& theme = themes[i];
    FillTheme(theme, CityDay(now));
    std::set<std::string> districts;
    for (const ThemeUnitCount& unit : counts[ids[i]]) {
      theme.set_case_count(theme.case_count() + unit.members);
      theme.set_suggested_count(theme.suggested_count() + unit.suggested);
      theme.set_recurrence_count(theme.recurrence_count() + unit.recurrence);
      if (unit.members > 0) districts.insert(directory.DistrictOf(unit.org_unit_id));
    }
    theme.set_district_count(static_cast<int32_t>(districts.size()));
    theme.set_open_preventive_item_count(open_items[ids[i]]);
  }
  return absl::OkStatus();
}

}  // namespace zhuqi::routing
