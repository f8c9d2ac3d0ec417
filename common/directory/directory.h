// The directory as every service holds it: an immutable snapshot in memory, made by folding the directory's
// log (partition 0 of intake's feed). A reader takes a snapshot once per call and keeps it for the whole
// call.
#ifndef ZHUQI_COMMON_DIRECTORY_DIRECTORY_H_
#define ZHUQI_COMMON_DIRECTORY_DIRECTORY_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/civil_time.h"
#include "absl/types/span.h"
#include "common/calendar/working_calendar.h"
#include "common/directory/department_index.h"
#include "common/directory/form_versions.h"
#include "common/directory/identity_map.h"
#include "common/directory/unit_tree.h"
#include "zhuqi/directory/v1/directory.pb.h"
#include "zhuqi/directory/v1/directory_service.pb.h"
#include "zhuqi/feed/v1/event.pb.h"

namespace zhuqi {

inline const std::string& IdOf(const directory::v1::Team& team) { return team.team_id(); }
inline const std::string& IdOf(const directory::v1::Policy& policy) { return policy.policy_id(); }
inline const std::string& IdOf(const directory::v1::IssueCategory& category) {
  return category.category_id();
}
using TeamMap = IdentityMap<directory::v1::Team, &IdOf>;
using PolicyMap = IdentityMap<directory::v1::Policy, &IdOf>;
using CategoryMap = IdentityMap<directory::v1::IssueCategory, &IdOf>;

// Lookups with a day give what was so on that day; without one, what is so now. Null, or empty, when there is
// none. Pointers live as long as the snapshot.
class Directory {
 public:
  // The empty directory, at sequence 0.
  Directory();

  // The directory after `change`, which stands at `sequence` of the directory's log. It shares with this one
  // all that the change does not touch. The change was checked when it was written; InvalidArgument here
  // means that the log itself is damaged (its calendar does not stand up).
  absl::StatusOr<std::shared_ptr<const Directory>> With(const feed::v1::DirectoryChanged& change,
                                                        int64_t sequence) const;
  // The same for several changes in their order, the last of which stands at `sequence`: it costs no more
  // than one.
  absl::StatusOr<std::shared_ptr<const Directory>> With(absl::Span<const feed::v1::DirectoryChanged> changes,
                                                        int64_t sequence) const;
  // Changes that make all of this directory out of the empty one.
  std::vector<feed::v1::DirectoryChanged> AsChanges() const;

  // The place in the directory's log that this snapshot stands at.
  int64_t sequence() const { return sequence_; }

  const directory::v1::OrgUnit* FindUnit(absl::string_view org_unit_id) const {
    return tree_->Find(org_unit_id);
  }
  // By any code that a unit has or had.
  const directory::v1::OrgUnit* FindUnitByCode(directory::v1::CodeSystem system,
                                               absl::string_view code) const;
  // All units that have or had the code, one after the other, by identity.
  const CodeHolders& HoldersOf(directory::v1::CodeSystem system, absl::string_view code) const {
    return tree_->HoldersOf(system, code);
  }
  // The root of the tree (a unit without parent); null in an empty directory.
  const directory::v1::OrgUnit* Root() const { return tree_->root(); }
  // Units directly below, in the order of their identities. Empty for an unknown unit.
  const std::vector<std::string>& ChildrenOf(absl::string_view org_unit_id) const {
    return tree_->ChildrenOf(org_unit_id);
  }
  std::vector<std::string> ChildrenOf(absl::string_view org_unit_id, absl::CivilDay day) const {
    return tree_->ChildrenOf(org_unit_id, day);
  }
  // Units that once stood directly below and do so no more, by identity.
  const std::vector<std::string>& FormerChildrenOf(absl::string_view org_unit_id) const {
    return tree_->FormerChildrenOf(org_unit_id);
  }
  // The unit's parents, nearest first.
  std::vector<std::string> AncestorsOf(absl::string_view org_unit_id) const;
  std::vector<std::string> AncestorsOf(absl::string_view org_unit_id, absl::CivilDay day) const;
  // True for the unit itself too.
  bool IsInOrBelow(absl::string_view org_unit_id, absl::string_view ancestor_id) const;
  bool IsInOrBelow(absl::string_view org_unit_id, absl::string_view ancestor_id, absl::CivilDay day) const;
  // The unit and all below it, the unit first. With a day: those that existed then.
  std::vector<std::string> SelfAndBelow(absl::string_view org_unit_id) const;
  std::vector<std::string> SelfAndBelow(absl::string_view org_unit_id, absl::CivilDay day) const;
  // The district that the unit belongs to: itself or the nearest parent at level DISTRICT; a unit above the
  // districts stands for itself.
  std::string DistrictOf(absl::string_view org_unit_id) const;
  // All units by identity.
  const UnitMap& units() const { return tree_->units(); }

  const directory::v1::Department* FindDepartment(absl::string_view department_id) const {
    return departments_->departments().Find(department_id);
  }
  // The department with this function at exactly this unit. A closed one is not found so: nothing new is
  // given to it.
  const directory::v1::Department* FindDepartment(absl::string_view org_unit_id,
                                                  absl::string_view function) const {
    return departments_->Find(org_unit_id, function);
  }
  // The same, at this unit or else the nearest above it that has one.
  const directory::v1::Department* FindDepartmentUpwards(absl::string_view org_unit_id,
                                                         absl::string_view function) const;
  // The department above in the line of departments (条): the one that it names, else the one with the same
  // function at the nearest unit above. Null for the uppermost.
  const directory::v1::Department* SuperiorOf(const directory::v1::Department& department) const;
  const directory::v1::Department* SuperiorOf(const directory::v1::Department& department,
                                              absl::CivilDay day) const;
  // All departments of exactly this unit, closed ones too, by identity.
  const std::vector<const directory::v1::Department*>& DepartmentsOf(absl::string_view org_unit_id) const {
    return departments_->OfUnit(org_unit_id);
  }
  // Those that existed on `day` and were of exactly this unit then, by identity.
  std::vector<const directory::v1::Department*> DepartmentsOf(absl::string_view org_unit_id,
                                                              absl::CivilDay day) const {
    return departments_->OfUnit(org_unit_id, day);
  }
  // True if any unit has or had a department with this function.
  bool HasFunction(absl::string_view function) const { return departments_->HasFunction(function); }
  const DepartmentMap& departments() const { return departments_->departments(); }

  const directory::v1::Team* FindTeam(absl::string_view team_id) const { return teams_.Find(team_id); }
  const TeamMap& teams() const { return teams_; }

  const directory::v1::Policy* FindPolicy(absl::string_view policy_id) const {
    return policies_.Find(policy_id);
  }
  const PolicyMap& policies() const { return policies_; }

  // Also true for a category that was retired: issues filed under it keep it.
  bool HasCategory(absl::string_view category_id) const { return categories_.contains(category_id); }
  // True when issues of `day` are filed under it.
  bool IsCategoryInUse(absl::string_view category_id, absl::CivilDay day) const;
  const CategoryMap& categories() const { return categories_; }
  // The version of the tree of categories in force; null when none was declared.
  const directory::v1::CategoryTree* category_tree() const {
    return category_trees_.empty() ? nullptr : category_trees_.rbegin()->second.get();
  }
  // Its number; 0 when none was declared.
  int64_t category_tree_version() const {
    return category_trees_.empty() ? 0 : category_trees_.rbegin()->first;
  }
  // All that were ever in force, by number.
  const std::map<int64_t, std::shared_ptr<const directory::v1::CategoryTree>>& category_trees() const {
    return category_trees_;
  }

  // The working calendar in force. Before one is applied: Monday to Friday, every year provisional, version
  // 0.
  const calendar::WorkingCalendar& calendar() const { return *calendar_; }
  int64_t calendar_version() const { return calendar_message_->version(); }
  const directory::v1::WorkingCalendar& calendar_message() const { return *calendar_message_; }
  // Any version that was ever in force; null for another one.
  const directory::v1::WorkingCalendar* CalendarVersion(int64_t version) const;
  const std::map<int64_t, std::shared_ptr<const directory::v1::WorkingCalendar>>& calendars() const {
    return calendars_;
  }

  // The version of the form that is in force for `month`; null when none is.
  const directory::v1::SummaryForm* FormFor(absl::string_view form_id, absl::CivilMonth month) const {
    return forms_->For(form_id, month);
  }
  // One version of a form; 0 stands for 1.
  const directory::v1::SummaryForm* FormVersion(absl::string_view form_id, int32_t version) const {
    return forms_->Find(form_id, version);
  }
  // All versions of all forms, by identity, then version.
  const FormVersions::Versions& form_versions() const { return forms_->all(); }
  // The newest version of each form, by identity. What is owed for a month is FormFor's to say.
  const FormVersions::Newest& forms() const { return forms_->newest(); }

  // Reorganizations in the order in which they were carried out.
  const std::vector<std::shared_ptr<const directory::v1::Reorganization>>& reorganizations() const {
    return reorganizations_;
  }

 private:
  absl::Status TakeCalendar(const directory::v1::WorkingCalendar& message);

  int64_t sequence_ = 0;
  // Each part is shared with the snapshots before and after in which it is the same.
  std::shared_ptr<const UnitTree> tree_;
  std::shared_ptr<const DepartmentIndex> departments_;
  TeamMap teams_;
  PolicyMap policies_;
  CategoryMap categories_;
  std::map<int64_t, std::shared_ptr<const directory::v1::CategoryTree>> category_trees_;
  std::shared_ptr<const FormVersions> forms_;
  std::map<int64_t, std::shared_ptr<const directory::v1::WorkingCalendar>> calendars_;
  std::shared_ptr<const directory::v1::WorkingCalendar> calendar_message_;
  std::shared_ptr<const calendar::WorkingCalendar> calendar_;
  std::vector<std::shared_ptr<const directory::v1::Reorganization>> reorganizations_;
};

// True when `category_id` is `ancestor` or below it: "land.change-of-use" is below "land".
bool IsCategoryInOrBelow(absl::string_view category_id, absl::string_view ancestor);

// The partition of a unit's records: 1 to `partitions`, a stable hash of its district.
int32_t PartitionOf(const Directory& directory, absl::string_view org_unit_id, int32_t partitions);

// The snapshot in force. Thread-safe.
class DirectoryHolder {
 public:
  DirectoryHolder() : current_(std::make_shared<const Directory>()) {}
  std::shared_ptr<const Directory> Get() const {
    absl::MutexLock lock(&mutex_);
    return current_;
  }
  // Replaces the snapshot unless it stands at a later place already.
  void Advance(std::shared_ptr<const Directory> next) {
    absl::MutexLock lock(&mutex_);
    if (next->sequence() > current_->sequence()) current_ = std::move(next);
  }

 private:
  mutable absl::Mutex mutex_;
  std::shared_ptr<const Directory> current_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace zhuqi

#endif  // ZHUQI_COMMON_DIRECTORY_DIRECTORY_H_
