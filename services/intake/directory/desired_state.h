// The directory as it would be after a request: what the request names, over what stands already. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_DIRECTORY_DESIRED_STATE_H_
#define ZHUQI_SERVICES_INTAKE_DIRECTORY_DESIRED_STATE_H_

#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "common/directory/directory.h"
#include "zhuqi/directory/v1/directory_service.pb.h"

namespace zhuqi::intake {

// Refers to both; neither may change or go meanwhile. Of an identity that the request names twice, the first
// counts.
class DesiredState {
 public:
  DesiredState(const Directory& directory, const directory::v1::ApplyDirectoryRequest& request);

  const Directory& before() const { return before_; }
  // Null when there is none.
  const directory::v1::OrgUnit* FindUnit(absl::string_view org_unit_id) const;
  bool HasCategory(absl::string_view category_id) const;
  // Every unit, also those that the request does not name, by identity.
  const std::map<absl::string_view, const directory::v1::OrgUnit*>& units() const { return units_; }
  const std::map<absl::string_view, const directory::v1::Department*>& departments() const {
    return departments_;
  }

 private:
  const Directory& before_;
  std::map<absl::string_view, const directory::v1::OrgUnit*> units_;
  std::map<absl::string_view, const directory::v1::Department*> departments_;
  std::map<absl::string_view, const directory::v1::IssueCategory*> categories_;
};

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_DIRECTORY_DESIRED_STATE_H_
