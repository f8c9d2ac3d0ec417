// Departments by identity and by unit and function. Immutable.
#ifndef ZHUQI_COMMON_DIRECTORY_DEPARTMENT_INDEX_H_
#define ZHUQI_COMMON_DIRECTORY_DEPARTMENT_INDEX_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "common/directory/identity_map.h"
#include "zhuqi/directory/v1/directory.pb.h"

namespace zhuqi {

inline const std::string& IdOf(const directory::v1::Department& department) {
  return department.department_id();
}
using DepartmentMap = IdentityMap<directory::v1::Department, &IdOf>;

class DepartmentIndex {
 public:
  DepartmentIndex() = default;
  explicit DepartmentIndex(DepartmentMap departments);
  // What is derived points into what the departments are.
  DepartmentIndex(const DepartmentIndex&) = delete;
  DepartmentIndex& operator=(const DepartmentIndex&) = delete;

  const DepartmentMap& departments() const { return departments_; }
  // The one that is not closed: a unit has at most one for each function.
  const directory::v1::Department* Find(absl::string_view org_unit_id, absl::string_view function) const;
  // All of a unit, closed ones too, in the order of their identities.
  const std::vector<const directory::v1::Department*>& OfUnit(absl::string_view org_unit_id) const;
  // Those that existed on `day` and were of the unit then, in the order of their identities.
  std::vector<const directory::v1::Department*> OfUnit(absl::string_view org_unit_id,
                                                       absl::CivilDay day) const;
  bool HasFunction(absl::string_view function) const { return functions_.contains(function); }

 private:
  DepartmentMap departments_;
  absl::flat_hash_map<std::pair<absl::string_view, absl::string_view>, const directory::v1::Department*>
      by_function_;
  absl::flat_hash_map<absl::string_view, std::vector<const directory::v1::Department*>> by_unit_;
  // Departments that once were of the unit and are so no more.
  absl::flat_hash_map<absl::string_view, std::vector<const directory::v1::Department*>> formerly_of_unit_;
  absl::flat_hash_set<absl::string_view> functions_;
};

}  // namespace zhuqi

#endif  // ZHUQI_COMMON_DIRECTORY_DEPARTMENT_INDEX_H_
