#include "services/routing/knowledge/theme_rules.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/civil_time.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "services/routing/knowledge/recurrence_rules.h"

namespace zhuqi::routing {
namespace {

using ThemeActionCase = v1::ThemeAction::ActionCase;

// The state machine: what is not here is refused.
struct ThemeTransition {
  ThemeActionCase action;
  v1::ThemeState from;
  v1::ThemeState to;
};
constexpr v1::ThemeState kProposed = v1::THEME_STATE_PROPOSED;
constexpr v1::ThemeState kConfirmed = v1::THEME_STATE_CONFIRMED;
constexpr v1::ThemeState kFixUnderWay = v1::THEME_STATE_FIX_UNDER_WAY;
constexpr v1::ThemeState kFixed = v1::THEME_STATE_FIXED;
constexpr v1::ThemeState kRejected = v1::THEME_STATE_REJECTED;
constexpr v1::ThemeState kMerged = v1::THEME_STATE_MERGED;
constexpr ThemeTransition kThemeTransitions[] = {
    {ThemeActionCase::kRevise, kProposed, kProposed},
    {ThemeActionCase::kRevise, kConfirmed, kConfirmed},
    {ThemeActionCase::kRevise, kFixUnderWay, kFixUnderWay},
    {ThemeActionCase::kRevise, kFixed, kFixed},
    {ThemeActionCase::kConfirm, kProposed, kConfirmed},
    {ThemeActionCase::kAssign, kConfirmed, kConfirmed},
    {ThemeActionCase::kAssign, kFixUnderWay, kFixUnderWay},
    {ThemeActionCase::kReject, kProposed, kRejected},
    {ThemeActionCase::kReject, kConfirmed, kRejected},
    {ThemeActionCase::kReject, kFixUnderWay, kRejected},
    {ThemeActionCase::kBeginFix, kConfirmed, kFixUnderWay},
    {ThemeActionCase::kCompleteFix, kConfirmed, kFixed},
    {ThemeActionCase::kCompleteFix, kFixUnderWay, kFixed},
    // What or when is corrected.
    {ThemeActionCase::kCompleteFix, kFixed, kFixed},
    {ThemeActionCase::kReopen, kFixed, kConfirmed},
    {ThemeActionCase::kReopen, kRejected, kProposed},
    {ThemeActionCase::kAddCases, kProposed, kProposed},
    {ThemeActionCase::kAddCases, kConfirmed, kConfirmed},
    {ThemeActionCase::kAddCases, kFixUnderWay, kFixUnderWay},
    {ThemeActionCase::kAddCases, kFixed, kFixed},
    {ThemeActionCase::kRemoveCases, kProposed, kProposed},
    {ThemeActionCase::kRemoveCases, kConfirmed, kConfirmed},
    {ThemeActionCase::kRemoveCases, kFixUnderWay, kFixUnderWay},
    {ThemeActionCase::kRemoveCases, kFixed, kFixed},
    {ThemeActionCase::kMerge, kProposed, kMerged},
    {ThemeActionCase::kMerge, kConfirmed, kMerged},
    {ThemeActionCase::kMerge, kFixUnderWay, kMerged},
    {ThemeActionCase::kPrevent, kConfirmed, kConfirmed},
    {ThemeActionCase::kPrevent, kFixUnderWay, kFixUnderWay},
    {ThemeActionCase::kPrevent, kFixed, kFixed},
};

const ThemeTransition* FindThemeTransition(ThemeActionCase action, v1::ThemeState from) {
  const auto* found = std::find_if(std::begin(kThemeTransitions), std::end(kThemeTransitions),
                                   [&](const ThemeTransition& transition) {
                                     return transition.action == action && transition.from == from;
                                   });
  return found == std::end(kThemeTransitions) ? nullptr : found;
}

absl::Status ThemeRefusal(absl::string_view reason, absl::string_view english, absl::string_view chinese,
                          std::map<std::string, std::string> metadata = {}) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, reason, english, chinese, std::move(metadata));
}

absl::Status IllegalForTheme(v1::ThemeState state) {
  return ThemeRefusal("ILLEGAL_TRANSITION", "this can not be done to the theme now",
                      "当前状态下不能进行该操作",
                      {{"allowed", absl::StrJoin(AllowedThemeActions(state), ",")}});
}

absl::Status TooManyCases() {
  return ThemeRefusal("TOO_MANY_CASES", absl::StrCat("a theme has at most ", kMostThemeCases, " cases"),
                      absl::StrCat("每个一类问题最多包含", kMostThemeCases, "件工单"));
}

bool HasMembers(const ThemeMembers& members) {
  return std::any_of(members.begin(), members.end(), [](const auto& member) {
    return member.second.standing == v1::THEME_CASE_STANDING_MEMBER;
  });
}

void TakeUnlessEmpty(const std::string& text, std::string& into) {
  if (!text.empty()) into = text;
}

absl::Status FixRequired(const v1::Theme& theme) {
  if (!theme.content().fix().empty()) return absl::OkStatus();
  return ThemeRefusal("FIX_REQUIRED", "say what is done about the cause", "须先填写整改措施");
}

absl::Status Revise(const v1::ReviseTheme& revise, v1::Theme& theme) {
  if (theme.state() != kProposed && revise.content().cause().empty()) {
    return ThemeRefusal("CAUSE_REQUIRED", "a theme that was confirmed has a cause",
                        "已确认的一类问题须有成因");
  }
  *theme.mutable_content() = revise.content();
  // Once the fix is under way there is one.
  if (theme.state() == kFixUnderWay || theme.state() == kFixed) return FixRequired(theme);
  return absl::OkStatus();
}

absl::Status Confirm(const ThemeActionInput& input, ThemeRecord& record) {
  if (!HasMembers(record.members)) {
    return ThemeRefusal("THEME_HAS_NO_CASES", "a theme without cases can not be confirmed",
                        "没有工单的一类问题不能确认");
  }
  const v1::ConfirmTheme& confirm = input.action.confirm();
  v1::Theme& theme = record.body;
  theme.mutable_content()->set_cause(confirm.cause());
  TakeUnlessEmpty(confirm.fix(), *theme.mutable_content()->mutable_fix());
  theme.set_owner_department_id(confirm.owner_department_id());
  *theme.mutable_due_on() = confirm.due_on();
  *theme.mutable_confirmed_at() = TimestampMessage(input.now);
  theme.set_confirmed_by(input.actor);
  return absl::OkStatus();
}

absl::Status Complete(const ThemeActionInput& input, v1::Theme& theme) {
  const v1::CompleteFix& complete = input.action.complete_fix();
  TakeUnlessEmpty(complete.fix(), *theme.mutable_content()->mutable_fix());
  const absl::CivilDay fixed_on = complete.has_fixed_on()
                                      ? CivilDayFrom(complete.fixed_on()).value_or(CityDay(input.now))
                                      : CityDay(input.now);
  *theme.mutable_fixed_on() = DateMessage(fixed_on);
  *theme.mutable_recurrence_until() = DateMessage(fixed_on + input.recurrence_days);
  return FixRequired(theme);
}

// The days that the fix counts for up to `last`, among those of earlier ones.
void EndRecurrence(absl::CivilDay last, v1::Theme& theme) {
  RecurrenceSpans spans = RecurrenceSpansOf(theme);
  for (RecurrenceSpan& span : spans) span.last = std::min(span.last, last);
  *theme.mutable_ended_recurrence() = SpanMessages(UnionOf(std::move(spans)));
}

absl::Status Reopen(const v1::ReopenTheme& reopen, v1::ThemeState from, absl::Time now, v1::Theme& theme) {
  if (from == kRejected) {
    theme.clear_rejection_reason();
    return absl::OkStatus();
  }
  if (!reopen.has_due_on()) {
    return ThemeRefusal("DUE_DAY_REQUIRED", "say by when a better fix is to be in force",
                        "须填写新的整改期限");
  }
  // What came after the fix stays recurrence of it: that is why it is taken up again.
  EndRecurrence(CityDay(now), theme);
  *theme.mutable_due_on() = reopen.due_on();
  theme.clear_fixed_on();
  theme.clear_recurrence_until();
  return absl::OkStatus();
}

absl::Status AddCases(const ThemeActionInput& input, ThemeMembers& members) {
  for (const Uuid& id : input.case_ids) {
    if (const auto barred = input.barred.find(id); barred != input.barred.end()) return barred->second;
    ThemeMember& member = members[id];
    // One that is a member already keeps who took it in and when.
    if (!member.by.empty() && member.standing == v1::THEME_CASE_STANDING_MEMBER) continue;
    member.standing = v1::THEME_CASE_STANDING_MEMBER;
    member.since = input.now;
    member.by = input.actor;
  }
  return members.size() > kMostThemeCases ? TooManyCases() : absl::OkStatus();
}

absl::Status RemoveCases(const ThemeActionInput& input, ThemeMembers& members) {
  for (const Uuid& id : input.case_ids) {
    const auto member = members.find(id);
    if (member == members.end() || member->second.standing == v1::THEME_CASE_STANDING_REMOVED) {
      return ThemeRefusal("CASE_NOT_IN_THEME", "the case is not in this theme", "该工单不在此一类问题中",
                          {{"case_id", id.ToString()}});
    }
    member->second.standing = v1::THEME_CASE_STANDING_REMOVED;
    member->second.since = input.now;
    member->second.by = input.actor;
  }
  return absl::OkStatus();
}

absl::Status Do(const ThemeActionInput& input, v1::ThemeState from, ThemeRecord& record) {
  v1::Theme& theme = record.body;
  switch (input.action.action_case()) {
    case ThemeActionCase::kRevise:
      return Revise(input.action.revise(), theme);
    case ThemeActionCase::kConfirm:
      return Confirm(input, record);
    case ThemeActionCase::kAssign:
      TakeUnlessEmpty(input.action.assign().owner_department_id(), *theme.mutable_owner_department_id());
      if (input.action.assign().has_due_on()) *theme.mutable_due_on() = input.action.assign().due_on();
      return absl::OkStatus();
    case ThemeActionCase::kReject:
      theme.set_rejection_reason(input.action.reject().reason());
      return absl::OkStatus();
    case ThemeActionCase::kBeginFix:
      TakeUnlessEmpty(input.action.begin_fix().fix(), *theme.mutable_content()->mutable_fix());
      return FixRequired(theme);
    case ThemeActionCase::kCompleteFix:
      return Complete(input, theme);
    case ThemeActionCase::kReopen:
      return Reopen(input.action.reopen(), from, input.now, theme);
    case ThemeActionCase::kAddCases:
      return AddCases(input, record.members);
    case ThemeActionCase::kRemoveCases:
      return RemoveCases(input, record.members);
    default:
      return absl::OkStatus();
  }
}

}  // namespace

absl::Status CheckMember(const v1::Case& body) {
  if (body.outcome() == v1::OUTCOME_WITHDRAWN) {
    return ThemeRefusal("CASE_WITHDRAWN", "a withdrawn case counts nowhere", "已撤回的工单不能纳入",
                        {{"case_id", body.case_id()}});
  }
  if (body.has_parent()) {
    return ThemeRefusal("CHILD_CASE",
                        "the case is a child of a divided case: an issue counts once, so name its parent",
                        "该工单为分办的子工单；同一诉求只计一次，请填写主工单",
                        {{"case_id", body.case_id()}, {"parent_case_id", body.parent().case_id()}});
  }
  return absl::OkStatus();
}

absl::StatusOr<ThemeRecord> ActOnTheme(const ThemeRecord& before, const ThemeActionInput& input) {
  const ThemeTransition* transition = FindThemeTransition(input.action.action_case(), before.body.state());
  if (transition == nullptr) return IllegalForTheme(before.body.state());
  ThemeRecord after = before;
  ZHUQI_RETURN_IF_ERROR(Do(input, transition->from, after));
  after.body.set_state(transition->to);
  // Who revises is not disturbed by districts being asked to look into it.
  if (!input.action.has_prevent()) after.body.set_etag(NextRevision(before.body.etag()));
  ++after.sequence;
  return after;
}

absl::StatusOr<Merged> MergeThemes(const ThemeRecord& source, const ThemeRecord& target,
                                   const ThemeActionInput& input) {
  const ThemeTransition* transition = FindThemeTransition(ThemeActionCase::kMerge, source.body.state());
  if (transition == nullptr) return IllegalForTheme(source.body.state());
  if (source.body.theme_id() == target.body.theme_id()) {
    return ThemeRefusal("MERGE_WITH_ITSELF", "a theme can not be merged into itself", "不能并入自身");
  }
  if (!IsLive(target.body.state())) {
    return ThemeRefusal("MERGE_TARGET_ENDED", "the other theme is rejected or merged itself",
                        "目标一类问题已不成立或已并入其他问题");
  }
  Merged merged{source, target, {}};
  merged.source.body.set_state(transition->to);
  merged.source.body.set_merged_into_theme_id(target.body.theme_id());
  for (const auto& [case_id, member] : source.members) {
    if (member.standing == v1::THEME_CASE_STANDING_REMOVED) continue;
    ThemeMember& there = merged.target.members[case_id];
    const bool is_new = there.by.empty();
    const bool better = there.standing == v1::THEME_CASE_STANDING_SUGGESTED &&
                        member.standing == v1::THEME_CASE_STANDING_MEMBER;
    // What somebody took out of the target stays out.
    if (!is_new && !better) continue;
    there = member;
    there.since = input.now;
    there.by = input.actor;
    merged.came_over.push_back(case_id);
  }
  if (merged.target.members.size() > kMostThemeCases) return TooManyCases();
  // Fixes of the same cause that did not hold.
  RecurrenceSpans spans = SpansOf(source.body.ended_recurrence());
  const RecurrenceSpans ended = SpansOf(target.body.ended_recurrence());
  spans.insert(spans.end(), ended.begin(), ended.end());
  *merged.target.body.mutable_ended_recurrence() = SpanMessages(UnionOf(std::move(spans)));
  for (ThemeRecord* record : {&merged.source, &merged.target}) {
    record->body.set_etag(NextRevision(record->body.etag()));
    ++record->sequence;
  }
  return merged;
}

ThemeRecord NewTheme(const std::string& theme_id, const v1::ThemeContent& content, const ThemeMembers& cases,
                     const std::string& actor, absl::Time now) {
  ThemeRecord record;
  v1::Theme& theme = record.body;
  theme.set_theme_id(theme_id);
  *theme.mutable_content() = content;
  theme.set_state(kProposed);
  theme.set_proposed_by(actor);
  *theme.mutable_proposed_at() = TimestampMessage(now);
  theme.set_etag(NextRevision(""));
  record.members = cases;
  record.sequence = 1;
  return record;
}

bool IsLive(v1::ThemeState state) { return state != kRejected && state != kMerged; }

std::vector<std::string> AllowedThemeActions(v1::ThemeState state) {
  std::vector<std::string> names;
  const google::protobuf::OneofDescriptor* actions = v1::ThemeAction::descriptor()->oneof_decl(0);
  for (int i = 0; i < actions->field_count(); ++i) {
    const auto action = static_cast<ThemeActionCase>(actions->field(i)->number());
    if (FindThemeTransition(action, state) != nullptr) names.push_back(actions->field(i)->name());
  }
  return names;
}

std::string NextRevision(const std::string& etag) {
  int64_t revision = 0;
  if (!absl::SimpleAtoi(etag, &revision)) revision = 0;
  return absl::StrCat(revision + 1);
}

void FillTheme(v1::Theme& theme, absl::CivilDay today) {
  theme.clear_allowed_actions();
  for (const std::string& name : AllowedThemeActions(theme.state())) theme.add_allowed_actions(name);
  const std::optional<absl::CivilDay> due = CivilDayFrom(theme.due_on());
  theme.set_overdue((theme.state() == kConfirmed || theme.state() == kFixUnderWay) && due.has_value() &&
                    *due < today);
}

}  // namespace zhuqi::routing
