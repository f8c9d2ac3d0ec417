// The operations of a reorganization, each on top of what the ones before it did. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_DIRECTORY_REORGANIZATION_STEPS_H_
#define ZHUQI_SERVICES_INTAKE_DIRECTORY_REORGANIZATION_STEPS_H_

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/rpc/errors.h"
#include "services/intake/directory/operation_paths.h"
#include "services/intake/directory/reorganization_state.h"

namespace zhuqi::intake {

class ReorganizationSteps {
 public:
  // `reason` goes into the closing reasons of units that end.
  ReorganizationSteps(const Directory& directory, absl::CivilDay day, std::string reason)
      : state_(directory, day), reason_(std::move(reason)) {}

  // Each does what it can and notes what is wrong; `path` is that of the operation: "operations[3].move".
  void Create(const directory::v1::OrgUnit& unit, const std::string& path);
  void Rename(const directory::v1::RenameOrgUnit& rename, const std::string& path);
  void Recode(const directory::v1::RecodeOrgUnit& recode, const std::string& path);
  void Move(const directory::v1::MoveOrgUnit& move, const std::string& path);
  void Merge(const directory::v1::MergeOrgUnits& merge, const std::string& path);
  void Split(const directory::v1::SplitOrgUnit& split, const std::string& path);
  void Close(const directory::v1::CloseOrgUnit& close, const std::string& path);

  const ReorganizationState& state() const { return state_; }
  rpc::Violations& violations() { return violations_; }
  // FailedPrecondition UNIT_CLOSED for the first unit that an operation names though it had ended.
  const absl::Status& closed() const { return closed_; }
  const OperationPaths& paths() const { return paths_; }

 private:
  // The unit when it can be reorganized on the day: it is known, open, and has no later change. Null
  // otherwise, which is noted.
  const directory::v1::OrgUnit* Usable(const std::string& org_unit_id, const std::string& path);
  // The same for one that ends: it is not the root, and existed before the day.
  const directory::v1::OrgUnit* Ending(const std::string& org_unit_id, const std::string& path);
  void AddTooEarly(const std::string& id);
  bool CheckParent(directory::v1::OrgUnitLevel level, const std::string& parent_id, const std::string& path);
  bool CheckSuccessor(const directory::v1::OrgUnit& ending, const std::string& successor_id,
                      const std::string& path);
  void PutBelow(const std::string& child_id, const std::string& parent_id, const std::string& path);
  void HandOverDepartment(const std::string& department_id, const std::string& to_unit,
                          const std::string& path);
  void End(const std::string& org_unit_id, const std::string& how, const std::vector<std::string>& successors,
           const std::string& path);

  // What an heir of a split names, checked against what there is to be shared out.
  using Shared = std::map<std::string, std::string>;  // from what is shared out to its heir
  Shared ShareOut(const directory::v1::SplitOrgUnit& split, const std::vector<std::string>& open,
                  const google::protobuf::RepeatedPtrField<std::string>& (directory::v1::SplitHeir::*named)()
                      const,
                  const char* field, const char* unassigned, const std::string& path);
  bool CheckHeirs(const directory::v1::OrgUnit& ending, const directory::v1::SplitOrgUnit& split,
                  const std::string& path);
  bool CheckFunctions(const Shared& departments, const std::string& path);

  ReorganizationState state_;
  const std::string reason_;
  rpc::Violations violations_;
  absl::Status closed_;
  std::set<std::string> too_early_;
  OperationPaths paths_;
};

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_DIRECTORY_REORGANIZATION_STEPS_H_
