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
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "common/calendar/working_calendar.h"
#include "zhuqi/directory/v1/directory.pb.h"
#include "zhuqi/feed/v1/event.pb.h"

namespace zhuqi {

class Directory {
 public:
  // The empty directory, at sequence 0.
  Directory();

  // The directory after `change`, which stands at `sequence` of the directory's log. The change was checked
  // when it was written; InvalidArgument here means that the log itself is damaged (its calendar does not
  // stand up).
  absl::StatusOr<std::shared_ptr<const Directory>> With(const feed::v1::DirectoryChanged& change,
                                                        int64_t sequence) const;

  // The place in the directory's log that this snapshot stands at.
  int64_t sequence() const { return sequence_; }

  // Null when there is none. Pointers live as long as the snapshot.
  const directory::v1::OrgUnit* FindUnit(absl::string_view org_unit_id) const;
  // By any code that a unit has or had.
  const directory::v1::OrgUnit* FindUnitByCode(directory::v1::CodeSystem system,
                                               absl::string_view code) const;
  // The root of the tree (a unit without parent); null in an empty directory.
  const directory::v1::OrgUnit* Root() const;
  // Units directly below, in the order of their identities. Empty for an unknown unit.
  const std::vector<std::string>& ChildrenOf(absl::string_view org_unit_id) const;
  // The unit's parents, nearest first.
  std::vector<std::string> AncestorsOf(absl::string_view org_unit_id) const;
  // True for the unit itself too.
  bool IsInOrBelow(absl::string_view org_unit_id, absl::string_view ancestor_id) const;
  // The unit and all below it, the unit first.
  std::vector<std::string> SelfAndBelow(absl::string_view org_unit_id) const;
  // The district that the unit belongs to: itself or the nearest parent at level DISTRICT; a unit above the
  // districts stands for itself.
  std::string DistrictOf(absl::string_view org_unit_id) const;
  // All units by identity.
  const std::map<std::string, directory::v1::OrgUnit, std::less<>>& units() const { return units_; }

  const directory::v1::Department* FindDepartment(absl::string_view department_id) const;
  // The department with this function at exactly this unit.
  const directory::v1::Department* FindDepartment(absl::string_view org_unit_id,
                                                  absl::string_view function) const;
  // The same, at this unit or else the nearest above it that has one.
  const directory::v1::Department* FindDepartmentUpwards(absl::string_view org_unit_id,
                                                         absl::string_view function) const;
  // True if any unit has a department with this function.
  bool HasFunction(absl::string_view function) const;
  const std::map<std::string, directory::v1::Department, std::less<>>& departments() const {
    return departments_;
  }

  bool HasCategory(absl::string_view category_id) const;
  const std::map<std::string, directory::v1::IssueCategory, std::less<>>& categories() const {
    return categories_;
  }

  // The working calendar in force. Before one is applied: Monday to Friday, every year provisional, version
  // 0.
  const calendar::WorkingCalendar& calendar() const { return *calendar_; }
  int64_t calendar_version() const { return calendar_message_.version(); }
  const directory::v1::WorkingCalendar& calendar_message() const { return calendar_message_; }

  const std::map<std::string, directory::v1::SummaryForm, std::less<>>& forms() const { return forms_; }

 private:
  // Works out all that is derived.
  void Index();

  int64_t sequence_ = 0;
  std::map<std::string, directory::v1::OrgUnit, std::less<>> units_;
  std::map<std::string, directory::v1::Department, std::less<>> departments_;
  std::map<std::string, directory::v1::IssueCategory, std::less<>> categories_;
  std::map<std::string, directory::v1::SummaryForm, std::less<>> forms_;
  directory::v1::WorkingCalendar calendar_message_;
  std::shared_ptr<const calendar::WorkingCalendar> calendar_;
  // Derived from the above.
  absl::flat_hash_map<std::string, std::vector<std::string>> children_;
  absl::flat_hash_map<std::string, std::string> unit_by_code_;
  absl::flat_hash_map<std::pair<std::string, std::string>, std::string> department_by_function_;
  absl::flat_hash_set<std::string> functions_;
  std::string root_;
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
