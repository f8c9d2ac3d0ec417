#include "services/routing/knowledge/preventive_item_rules.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_join.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "services/routing/knowledge/theme_rules.h"

namespace zhuqi::routing {
namespace {

using ItemCase = v1::PreventiveItemAction::ActionCase;
constexpr v1::PreventiveItemState kOpenItem = v1::PREVENTIVE_ITEM_STATE_OPEN;
constexpr v1::PreventiveItemState kDoneItem = v1::PREVENTIVE_ITEM_STATE_DONE;
constexpr v1::PreventiveItemState kItemNotNeeded = v1::PREVENTIVE_ITEM_STATE_NOT_NEEDED;

struct ItemTransition {
  ItemCase action;
  v1::PreventiveItemState from;
  v1::PreventiveItemState to;
};
constexpr ItemTransition kItemTransitions[] = {
    {ItemCase::kReport, kOpenItem, kOpenItem},       {ItemCase::kComplete, kOpenItem, kDoneItem},
    {ItemCase::kDecline, kOpenItem, kItemNotNeeded}, {ItemCase::kReopen, kDoneItem, kOpenItem},
    {ItemCase::kReopen, kItemNotNeeded, kOpenItem},  {ItemCase::kPostpone, kOpenItem, kOpenItem},
};

const ItemTransition* FindItemTransition(ItemCase action, v1::PreventiveItemState from) {
  const auto* found = std::find_if(std::begin(kItemTransitions), std::end(kItemTransitions),
                                   [&](const ItemTransition& transition) {
                                     return transition.action == action && transition.from == from;
                                   });
  return found == std::end(kItemTransitions) ? nullptr : found;
}

const std::string& NoteOf(const v1::PreventiveItemAction& action) {
  switch (action.action_case()) {
    case ItemCase::kReport:
      return action.report().note();
    case ItemCase::kComplete:
      return action.complete().note();
    case ItemCase::kDecline:
      return action.decline().note();
    case ItemCase::kReopen:
      return action.reopen().note();
    default:
      return action.postpone().note();
  }
}

void Touch(const std::string& note, const std::string& actor, absl::Time now, v1::PreventiveItem& item) {
  item.set_note(note);
  item.set_changed_by(actor);
  *item.mutable_changed_at() = TimestampMessage(now);
  item.set_etag(NextRevision(item.etag()));
}

constexpr size_t kEnterprisesNamed = 20;

// The ground that each district has in what was raised there.
std::map<std::string, v1::PreventionGround> GroundsIn(const std::vector<RaisedIssues>& raised,
                                                      v1::PreventionReason reason,
                                                      const Directory& directory) {
  std::map<std::string, std::map<std::string, int>> by_enterprise;
  std::map<std::string, v1::PreventionGround> grounds;
  for (const RaisedIssues& issues : raised) {
    const std::string district = directory.DistrictOf(issues.org_unit_id);
    v1::PreventionGround& ground = grounds[district];
    ground.set_reason(reason);
    ground.set_cases(ground.cases() + issues.cases);
    if (!issues.uscc.empty()) by_enterprise[district][issues.uscc] += issues.cases;
  }
  for (const auto& [district, counts] : by_enterprise) {
    std::vector<std::pair<std::string, int>> enterprises(counts.begin(), counts.end());
    std::stable_sort(enterprises.begin(), enterprises.end(),
                     [](const auto& left, const auto& right) { return left.second > right.second; });
    v1::PreventionGround& ground = grounds[district];
    ground.set_enterprises(static_cast<int32_t>(enterprises.size()));
    if (enterprises.size() > kEnterprisesNamed) enterprises.resize(kEnterprisesNamed);
    for (auto& [uscc, cases] : enterprises) ground.add_enterprise_usccs(std::move(uscc));
  }
  return grounds;
}

std::map<std::string, std::vector<v1::PreventionGround>> GroundsOf(const PreventionInput& input,
                                                                   const Directory& directory) {
  std::map<std::string, std::vector<v1::PreventionGround>> grounds;
  for (const std::string& district : input.request.org_unit_ids())
    grounds[district].emplace_back().set_reason(v1::PREVENTION_REASON_NAMED);
  if (!input.request.org_unit_ids().empty()) return grounds;
  for (auto& [district, ground] :
       GroundsIn(input.concern.same_enterprise, v1::PREVENTION_REASON_SAME_ENTERPRISE, directory))
    grounds[district].push_back(std::move(ground));
  for (auto& [district, ground] :
       GroundsIn(input.concern.same_category, v1::PREVENTION_REASON_SAME_CATEGORY, directory))
    grounds[district].push_back(std::move(ground));
  return grounds;
}

std::set<std::string> DistrictsOf(const std::set<std::string>& org_unit_ids, const Directory& directory) {
  std::set<std::string> districts;
  for (const std::string& unit : org_unit_ids) districts.insert(directory.DistrictOf(unit));
  return districts;
}

bool CanBeAsked(const std::string& district, const Directory& directory) {
  const directory::v1::OrgUnit* unit = directory.FindUnit(district);
  return unit != nullptr && unit->level() == directory::v1::ORG_UNIT_LEVEL_DISTRICT && !unit->has_closed_on();
}

}  // namespace

std::vector<v1::PreventiveItem> NewItems(const v1::Theme& theme, const PreventionInput& input,
                                         const Directory& directory) {
  const std::set<std::string> complained = DistrictsOf(input.complained, directory);
  std::vector<v1::PreventiveItem> items;
  for (auto& [district, grounds] : GroundsOf(input, directory)) {
    if (complained.contains(district) || input.asked.contains(district)) continue;
    if (!CanBeAsked(district, directory)) continue;
    v1::PreventiveItem& item = items.emplace_back();
    item.set_theme_id(theme.theme_id());
    item.set_org_unit_id(district);
    item.set_state(kOpenItem);
    *item.mutable_due_on() = input.request.due_on();
    for (v1::PreventionGround& ground : grounds) *item.add_grounds() = std::move(ground);
    Touch(input.request.note(), input.actor, input.now, item);
    *item.mutable_made_at() = item.changed_at();
  }
  return items;
}

absl::StatusOr<v1::PreventiveItem> ActOnItem(const v1::PreventiveItem& before,
                                             const v1::PreventiveItemAction& action, bool theme_ended,
                                             const std::string& actor, absl::Time now) {
  const ItemTransition* transition = FindItemTransition(action.action_case(), before.state());
  if (transition == nullptr) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION",
                      "this can not be done to the item now", "当前状态下不能进行该操作",
                      {{"allowed", absl::StrJoin(AllowedItemActions(before.state()), ",")}});
  }
  if (theme_ended && action.has_reopen()) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, "THEME_ENDED", "the theme is rejected or merged",
                      "该一类问题已不成立或已并入其他问题");
  }
  v1::PreventiveItem after = before;
  after.set_state(transition->to);
  if (action.has_reopen()) *after.mutable_due_on() = action.reopen().due_on();
  if (action.has_postpone()) *after.mutable_due_on() = action.postpone().due_on();
  Touch(NoteOf(action), actor, now, after);
  return after;
}

v1::PreventiveItem EndItem(const v1::PreventiveItem& before, const std::string& why, const std::string& actor,
                           absl::Time now) {
  v1::PreventiveItem after = before;
  after.set_state(kItemNotNeeded);
  Touch(why, actor, now, after);
  return after;
}

std::vector<std::string> AllowedItemActions(v1::PreventiveItemState state) {
  std::vector<std::string> names;
  const google::protobuf::OneofDescriptor* actions = v1::PreventiveItemAction::descriptor()->oneof_decl(0);
  for (int i = 0; i < actions->field_count(); ++i) {
    const auto action = static_cast<ItemCase>(actions->field(i)->number());
    if (FindItemTransition(action, state) != nullptr) names.push_back(actions->field(i)->name());
  }
  return names;
}

void FillItem(v1::PreventiveItem& item, absl::CivilDay today) {
  item.clear_allowed_actions();
  for (const std::string& name : AllowedItemActions(item.state())) item.add_allowed_actions(name);
  const std::optional<absl::CivilDay> due = CivilDayFrom(item.due_on());
  item.set_overdue(item.state() == kOpenItem && due.has_value() && *due < today);
}

}  // namespace zhuqi::routing
