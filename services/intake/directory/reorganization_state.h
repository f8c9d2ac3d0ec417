// The directory while a reorganization is worked out: what stands, with what its operations did so far. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_DIRECTORY_REORGANIZATION_STATE_H_
#define ZHUQI_SERVICES_INTAKE_DIRECTORY_REORGANIZATION_STATE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "common/directory/date_message.h"
#include "common/directory/directory.h"
#include "zhuqi/directory/v1/directory_service.pb.h"

namespace zhuqi::intake {

class ReorganizationState {
 public:
  // `day` is the first one of the new order. `directory` outlives this.
  ReorganizationState(const Directory& directory, absl::CivilDay day);

  absl::CivilDay day() const { return day_; }
  // The last day of the old order.
  absl::CivilDay last_day() const { return day_ - 1; }

  // Null when there is none.
  const directory::v1::OrgUnit* FindUnit(absl::string_view org_unit_id) const;
  // There must be one.
  const directory::v1::Department& FindDepartment(const std::string& department_id) const;
  // The unit, to be changed; a new one when there is none.
  directory::v1::OrgUnit& Unit(const std::string& org_unit_id);
  // Units directly below that are not closed, by identity.
  std::vector<std::string> OpenChildren(const std::string& org_unit_id) const;
  // Departments and teams of exactly this unit that are not closed, by identity.
  std::vector<std::string> OpenDepartments(const std::string& org_unit_id) const;
  std::vector<std::string> OpenTeams(const std::string& org_unit_id) const;

  // Units and departments that were of this unit until a day of the new order and are no more: it can not
  // have ended before they left.
  std::vector<std::string> LeftSince(const std::string& org_unit_id) const;

  // Hands a department to another unit; the one that it was of stays in its history. When that has an open
  // one with the function already, this one ends and stays where it is: its teams, and departments that named
  // it as superior, go to the other.
  void HandOverDepartment(const std::string& department_id, const std::string& to_unit);
  // Whether the unit has an open department with the function of `department_id`.
  bool HasFunctionOf(const std::string& org_unit_id, const std::string& department_id) const;
  void HandOverTeam(const std::string& team_id, const std::string& to_unit);
  // Ends the unit's departments and teams.
  void EndOfficesOf(const std::string& org_unit_id);

  // All that was changed, by kind and identity.
  directory::v1::ApplyDirectoryRequest Desired() const;

 private:
  const directory::v1::Team& FindTeam(const std::string& team_id) const;
  directory::v1::Department& Department(const std::string& department_id);
  directory::v1::Team& Team(const std::string& team_id);
  void CloseDepartment(const std::string& department_id);
  void FollowSuccessor(const std::string& department_id, const std::string& successor_id);

  const Directory& directory_;
  const absl::CivilDay day_;
  std::map<std::string, directory::v1::OrgUnit, std::less<>> units_;
  std::map<std::string, directory::v1::Department, std::less<>> departments_;
  std::map<std::string, directory::v1::Team, std::less<>> teams_;
  // Of the directory as it stood; a look at what was changed since goes with it.
  absl::flat_hash_map<absl::string_view, std::vector<std::string>> teams_of_unit_;
  absl::flat_hash_map<absl::string_view, std::vector<std::string>> named_inferiors_;
  // Departments that were handed over, by the unit that they were of.
  absl::flat_hash_map<absl::string_view, std::vector<std::string>> former_departments_;
};

// Notes what was so until the last day of the old order, unless it has held for no day (the thing opened, or
// changed already, on the first day of the new one). `set` writes what was so into the entry.
template <typename Former, typename Set>
void NoteFormer(google::protobuf::RepeatedPtrField<Former>& former, bool opens_on_day,
                absl::CivilDay last_day, Set set) {
  if (opens_on_day) return;
  if (!former.empty() && CivilDayFrom(former.rbegin()->until()) == last_day) return;
  Former& entry = *former.Add();
  set(entry);
  *entry.mutable_until() = DateMessage(last_day);
}

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_DIRECTORY_REORGANIZATION_STATE_H_
