// The directory as it would be after a request: what the request names, over what stands already. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_DIRECTORY_DESIRED_STATE_H_
#define ZHUQI_SERVICES_INTAKE_DIRECTORY_DESIRED_STATE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "common/directory/directory.h"
#include "zhuqi/directory/v1/directory_service.pb.h"

namespace zhuqi::intake {

// Refers to both; neither may change or go meanwhile. Of an identity that the request names twice, the first
// counts. Costs as much as the request is large, however large the directory is.
class DesiredState {
 public:
  DesiredState(const Directory& directory, const directory::v1::ApplyDirectoryRequest& request,
               absl::CivilDay today);

  const Directory& before() const { return before_; }
  absl::CivilDay today() const { return today_; }
  // Each is null when there is none.
  const directory::v1::OrgUnit* FindUnit(absl::string_view org_unit_id) const;
  const directory::v1::Department* FindDepartment(absl::string_view department_id) const;
  const directory::v1::IssueCategory* FindCategory(absl::string_view category_id) const;
  // Whether another unit than `org_unit_id` has no parent.
  bool HasRootBeside(absl::string_view org_unit_id) const;
  // Units that have or had the code.
  std::vector<const directory::v1::OrgUnit*> HoldersOf(directory::v1::CodeSystem system,
                                                       absl::string_view code) const;
  // Departments of the unit with this function that are not closed.
  std::vector<const directory::v1::Department*> OpenDepartments(absl::string_view org_unit_id,
                                                                absl::string_view function) const;

 private:
  const Directory& before_;
  const absl::CivilDay today_;
  absl::flat_hash_map<absl::string_view, const directory::v1::OrgUnit*> units_;
  absl::flat_hash_map<absl::string_view, const directory::v1::Department*> departments_;
  absl::flat_hash_map<absl::string_view, const directory::v1::IssueCategory*> categories_;
  absl::flat_hash_map<std::pair<int, absl::string_view>, std::vector<const directory::v1::OrgUnit*>> codes_;
  absl::flat_hash_map<std::pair<absl::string_view, absl::string_view>,
                      std::vector<const directory::v1::Department*>>
      functions_;
  std::vector<absl::string_view> roots_;
};

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_DIRECTORY_DESIRED_STATE_H_
