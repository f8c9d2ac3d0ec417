#include "services/intake/directory/complete_state.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/directory/unit_history.h"
#include "services/intake/directory/directory_rules.h"
#include "services/intake/directory/unit_end.h"

namespace zhuqi::intake {
namespace {

using directory::v1::OrgUnit;

// Adds to `named` each of `standing` that it lacks and that has not ended, as `end` leaves it. Stops when it
// is more than one call may change.
template <typename Message, typename Map, typename HasEnded, typename End>
void Complete(const Map& standing, google::protobuf::RepeatedPtrField<Message>& named, HasEnded has_ended,
              End end) {
  if (named.empty()) return;
  absl::flat_hash_set<std::string> kept;
  for (const Message& message : named) kept.insert(IdOf(message));
  for (const auto& [id, message] : standing) {
    if (named.size() > kMaxDirectoryEntries) return;
    if (kept.contains(id) || has_ended(message)) continue;
    Message& ended = *named.Add();
    ended = message;
    end(ended);
  }
}

void RefuseUnitsBelowLeftOutOnes(const Directory& directory,
                                 const google::protobuf::RepeatedPtrField<OrgUnit>& kept,
                                 rpc::Violations& violations) {
  absl::flat_hash_set<std::string> ids;
  for (const OrgUnit& unit : kept) ids.insert(unit.org_unit_id());
  for (int i = 0; i < kept.size(); ++i) {
    const OrgUnit& unit = kept[i];
    if (unit.has_closed_on() || unit.parent_id().empty() || ids.contains(unit.parent_id())) continue;
    const OrgUnit* parent = directory.FindUnit(unit.parent_id());
    if (parent == nullptr || parent->has_closed_on()) continue;
    violations.Add(
        absl::StrCat("org_units[", i, "].parent_id"), "PARENT_LEFT_OUT",
        absl::StrCat("the request is complete and leaves out ", unit.parent_id(), ", which is above"),
        absl::StrCat("请求为完整目录，却未包含其上级机构 ", unit.parent_id()));
  }
}

int CountOf(const directory::v1::ApplyDirectoryRequest& request) {
  return request.org_units_size() + request.departments_size() + request.teams_size() +
         request.categories_size() + request.policies_size();
}

}  // namespace

void AddWhatIsLeftOut(const Directory& directory, absl::CivilDay today,
                      directory::v1::ApplyDirectoryRequest& request, rpc::Violations& violations) {
  RefuseUnitsBelowLeftOutOnes(directory, request.org_units(), violations);
  const auto closed = [](const auto& message) { return message.has_closed_on(); };
  const auto close = [&](auto& message) { *message.mutable_closed_on() = DateMessage(today); };
  Complete(directory.units(), *request.mutable_org_units(), closed,
           [&](OrgUnit& unit) { EndUnit(today, "left out of a complete directory", unit); });
  Complete(directory.departments(), *request.mutable_departments(), closed, close);
  Complete(directory.teams(), *request.mutable_teams(), closed, close);
  Complete(
      directory.categories(), *request.mutable_categories(),
      [](const auto& category) { return category.has_retired_on(); },
      [&](auto& category) { *category.mutable_retired_on() = DateMessage(today); });
  Complete(
      directory.policies(), *request.mutable_policies(),
      [&](const auto& policy) { return policy.has_valid_to() && !IsInForceOn(policy, today + 1); },
      [&](auto& policy) { *policy.mutable_valid_to() = DateMessage(today); });
  if (CountOf(request) > kMaxDirectoryEntries) {
    violations.Add("complete", "TOO_MANY_ENTRIES",
                   absl::StrCat("what it names and what it would end are more than ", kMaxDirectoryEntries),
                   absl::StrCat("所列与将终止的条目合计超过 ", kMaxDirectoryEntries));
  }
}

}  // namespace zhuqi::intake
