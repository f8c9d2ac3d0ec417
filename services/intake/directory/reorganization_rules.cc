#include "services/intake/directory/reorganization_rules.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "services/intake/directory/field_check.h"
#include "services/intake/directory/reorganization_steps.h"

namespace zhuqi::intake {
namespace {

using directory::v1::OrgUnitOperation;
using directory::v1::ReorganizeOrgUnitsRequest;

constexpr int kMaxOperations = 100;

// The first day of the new order; absent when the request is wrong before any operation is looked at.
std::optional<absl::CivilDay> CheckRequest(ReorganizeOrgUnitsRequest& request, absl::CivilDay today,
                                           rpc::Violations& violations) {
  const std::optional<absl::CivilDay> day = CivilDayFrom(request.effective_on());
  if (!day.has_value()) {
    violations.Add("effective_on", "DATE_INVALID", "a date that exists, 2000 to 2100, is required",
                   "须填写 2000 至 2100 年间存在的日期");
  }
  CheckEndHasCome(day, today, "effective_on", violations);
  CheckText(*request.mutable_reason(), "reason", 500, true, violations);
  if (request.operations_size() < 1 || request.operations_size() > kMaxOperations) {
    violations.Add("operations", "OUT_OF_RANGE", absl::StrCat("1 to ", kMaxOperations, " operations"),
                   absl::StrCat("须有 1 至 ", kMaxOperations, " 项操作"));
  }
  return violations.empty() ? day : std::nullopt;
}

void Take(ReorganizationSteps& steps, const OrgUnitOperation& operation, const std::string& path) {
  switch (operation.operation_case()) {
    case OrgUnitOperation::kCreate:
      return steps.Create(operation.create(), path + ".create");
    case OrgUnitOperation::kRename:
      return steps.Rename(operation.rename(), path + ".rename");
    case OrgUnitOperation::kRecode:
      return steps.Recode(operation.recode(), path + ".recode");
    case OrgUnitOperation::kMove:
      return steps.Move(operation.move(), path + ".move");
    case OrgUnitOperation::kMerge:
      return steps.Merge(operation.merge(), path + ".merge");
    case OrgUnitOperation::kSplit:
      return steps.Split(operation.split(), path + ".split");
    case OrgUnitOperation::kClose:
      return steps.Close(operation.close(), path + ".close");
    case OrgUnitOperation::OPERATION_NOT_SET:
      return steps.violations().Add(path, "REQUIRED", "say what is to be done", "须填写操作");
  }
}

bool Has(const google::protobuf::RepeatedPtrField<std::string>& ids, absl::string_view id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

bool Names(const directory::v1::SplitOrgUnit& split, absl::string_view id) {
  return split.org_unit_id() == id ||
         std::any_of(split.heirs().begin(), split.heirs().end(), [&](const directory::v1::SplitHeir& heir) {
           return heir.org_unit_id() == id || Has(heir.child_unit_ids(), id);
         });
}

bool Names(const OrgUnitOperation& operation, absl::string_view id) {
  switch (operation.operation_case()) {
    case OrgUnitOperation::kCreate:
      return operation.create().org_unit_id() == id || operation.create().parent_id() == id;
    case OrgUnitOperation::kRename:
      return operation.rename().org_unit_id() == id;
    case OrgUnitOperation::kRecode:
      return operation.recode().org_unit_id() == id;
    case OrgUnitOperation::kMove:
      return operation.move().org_unit_id() == id || operation.move().parent_id() == id;
    case OrgUnitOperation::kMerge:
      return operation.merge().successor_id() == id || Has(operation.merge().org_unit_ids(), id);
    case OrgUnitOperation::kSplit:
      return Names(operation.split(), id);
    case OrgUnitOperation::kClose:
      return operation.close().org_unit_id() == id;
    case OrgUnitOperation::OPERATION_NOT_SET:
      return false;
  }
  return false;
}

}  // namespace

absl::StatusOr<DirectoryPlan> PlanReorganization(const Directory& directory,
                                                 const ReorganizeOrgUnitsRequest& request,
                                                 const ReorganizationRecord& record) {
  ReorganizeOrgUnitsRequest normalised = request;
  rpc::Violations wrong;
  const absl::CivilDay today = CityDay(record.now);
  const std::optional<absl::CivilDay> day = CheckRequest(normalised, today, wrong);
  if (!day.has_value()) return wrong.ToStatus();
  ReorganizationSteps steps(directory, *day, normalised.reason());
  for (int i = 0; i < normalised.operations_size(); ++i) {
    Take(steps, normalised.operations(i), absl::StrCat("operations[", i, "]"));
  }
  ZHUQI_RETURN_IF_ERROR(steps.violations().ToStatus());
  ZHUQI_RETURN_IF_ERROR(steps.closed());
  const directory::v1::ApplyDirectoryRequest desired = steps.state().Desired();
  DirectoryPlan plan = PlanWholeEntries(directory, desired, today);
  ZHUQI_RETURN_IF_ERROR(steps.paths().Translate(plan.violations, desired).ToStatus());
  directory::v1::Reorganization& reorganization = *plan.event.mutable_reorganization();
  reorganization.set_reorganization_id(record.reorganization_id);
  *reorganization.mutable_effective_on() = normalised.effective_on();
  reorganization.set_reason(normalised.reason());
  *reorganization.mutable_operations() = normalised.operations();
  reorganization.set_actor(record.actor);
  *reorganization.mutable_recorded_at() = TimestampMessage(record.now);
  return plan;
}

bool NamesUnit(const directory::v1::Reorganization& reorganization, absl::string_view org_unit_id) {
  return std::any_of(reorganization.operations().begin(), reorganization.operations().end(),
                     [&](const OrgUnitOperation& operation) { return Names(operation, org_unit_id); });
}

}  // namespace zhuqi::intake
