#include "services/routing/ladders/ladder_steps.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/base/uuid.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "services/routing/cases/case_assignments.h"
#include "services/routing/cases/case_rules.h"
#include "zhuqi/routing/v1/consultation_service.pb.h"

namespace zhuqi::routing {
namespace {

// A step that fires, and the case that it changes. What its functions give is why nothing could be done;
// empty: it was done.
class Firing {
 public:
  Firing(const StepInput& input, CaseRecord& record, v1::LadderStepFired& fired)
      : at_(input.at),
        recorded_at_(input.recorded_at),
        directory_(input.directory),
        catalogue_(input.catalogue),
        record_(record),
        fired_(fired) {}

  StepOutcome Carry() && {
    outcome_.refusal = Do();
    return std::move(outcome_);
  }

 private:
  v1::Case& body() { return record_.body; }

  std::string Do() {
    const v1::LadderStep& step = fired_.step();
    switch (step.action_case()) {
      case v1::LadderStep::kRemind:
        fired_.set_department_id(body().lead_department_id());
        return "";
      case v1::LadderStep::kAddSupervisor:
        return AddSupervisor(step.add_supervisor());
      case v1::LadderStep::kEscalate:
        return EscalateBySystem();
      case v1::LadderStep::kBulletin:
        *body().mutable_ladder()->mutable_bulletin_at() = TimestampMessage(at_);
        return "";
      case v1::LadderStep::kRaisePriority:
        return RaisePriority(step.raise_priority().priority());
      case v1::LadderStep::kConvene:
        return Convene(step.convene());
      case v1::LadderStep::ACTION_NOT_SET:
        break;
    }
    return "STEP_ACTION_UNKNOWN";  // of a later version of this service
  }

  // Where departments are looked for.
  std::string UnitFor(bool from_unit_above) {
    if (!from_unit_above) return body().owner_org_unit_id();
    const directory::v1::OrgUnit* unit = directory_.FindUnit(body().owner_org_unit_id());
    return unit == nullptr ? std::string() : unit->parent_id();
  }

  // The history tells it as the step, and counts it once.
  std::string ActBySystem(v1::CaseAction action) {
    ActionInput input;
    input.action = std::move(action);
    input.recorded_at = recorded_at_;
    input.actor = kBySystem;
    absl::StatusOr<CaseChange> done = Act(record_, input, directory_, catalogue_);
    if (!done.ok()) return rpc::ReasonOf(done.status());
    done->record.body.set_sequence(body().sequence());
    record_ = std::move(done->record);
    outcome_.wants_assistant = done->wants_assistant;
    return "";
  }

  std::string AddSupervisor(const v1::AddSupervisorStep& step) {
    const directory::v1::Department* department =
        directory_.FindDepartmentUpwards(UnitFor(step.from_unit_above()), step.function());
    if (department == nullptr) return "SUPERVISOR_NOT_FOUND";
    fired_.set_department_id(department->department_id());
    if (FindInForce(body(), department->department_id()) != nullptr) return "ALREADY_ASSIGNED";
    AddAssignment(body(), department->department_id(), v1::ASSIGNMENT_ROLE_SUPERVISOR, at_);
    return "";
  }

  std::string EscalateBySystem() {
    // The work is done, and perhaps confirmed: another lead would start anew what only waits to be closed.
    if (body().state() == v1::PROCESS_STATE_AWAITING_CALL_BACK) return "AWAITS_CALL_BACK";
    v1::CaseAction action;
    action.mutable_escalate()->set_reason(
        absl::StrCat("ladder ", fired_.ladder_id(), ", step ", fired_.step().step_id()));
    std::string refusal = ActBySystem(std::move(action));
    if (refusal.empty()) fired_.set_department_id(body().lead_department_id());
    return refusal;
  }

  std::string RaisePriority(v1::CasePriority priority) {
    if (body().priority() >= priority) return "ALREADY_AS_URGENT";
    body().set_priority(priority);
    return "";
  }

  // Whoever is invited: the lead and the co-handlers, and those that the step names.
  std::vector<std::string> InvitedTo(const v1::ConveneStep& step, const std::string& chair) {
    std::vector<std::string> invited;
    const auto add = [&](const directory::v1::Department* department) {
      if (department == nullptr || department->has_closed_on() || department->department_id() == chair ||
          static_cast<int>(invited.size()) >= kMaximumInvited) {
        return;
      }
      const std::string& id = department->department_id();
      if (std::find(invited.begin(), invited.end(), id) == invited.end()) invited.push_back(id);
    };
    add(directory_.FindDepartment(body().lead_department_id()));
    const std::string unit = UnitFor(step.from_unit_above());
    for (const std::string& function : step.department_functions()) {
      add(directory_.FindDepartmentUpwards(unit, function));
    }
    for (const v1::Assignment& part : body().assignments()) {
      if (part.role() != v1::ASSIGNMENT_ROLE_CO_HANDLER || part.has_until()) continue;
      add(directory_.FindDepartment(part.department_id()));
    }
    return invited;
  }

  std::string Convene(const v1::ConveneStep& step) {
    const directory::v1::Department* chair =
        directory_.FindDepartmentUpwards(UnitFor(step.from_unit_above()), step.chair_function());
    if (chair == nullptr) return "CHAIR_NOT_FOUND";
    v1::ConveneConsultationRequest request;
    for (std::string& id : InvitedTo(step, chair->department_id())) request.add_department_ids(std::move(id));
    if (request.department_ids().empty()) return "NOBODY_TO_INVITE";
    request.set_chair_department_id(chair->department_id());
    request.set_level(step.level());
    request.set_why(step.why());
    const calendar::WorkingCalendar& calendar = directory_.calendar();
    const absl::CivilDay day = calendar.AddWorkingDays(CityDay(at_), std::max(1, step.in_working_days()));
    *request.mutable_scheduled_at() = TimestampMessage(calendar.NextWorkingTime(StartOfCityDay(day)));
    // The entry that tells of it makes it this one and no other.
    const std::string id =
        Uuid::Derived("consultation", absl::StrCat(body().case_id(), "/", body().sequence() + 1), at_)
            .ToString();
    v1::CaseAction action;
    *action.mutable_convene()->mutable_department_ids() = request.department_ids();
    action.mutable_convene()->set_decision(step.why());
    action.mutable_convene()->set_consultation_id(id);
    const absl::Time latest_at = record_.latest_at;
    std::string refusal = ActBySystem(std::move(action));
    if (!refusal.empty()) return refusal;
    // A date for a meeting makes nothing late that departments did before it.
    record_.latest_at = latest_at;
    outcome_.convened =
        ConveneConsultation(request, id, {body().case_id()}, nullptr, {at_, kBySystem, directory_});
    fired_.set_department_id(chair->department_id());
    fired_.set_consultation_id(id);
    return "";
  }

  static constexpr int kMaximumInvited = 50;

  const absl::Time at_;
  const absl::Time recorded_at_;
  const Directory& directory_;
  const CompiledCatalogue& catalogue_;
  CaseRecord& record_;
  v1::LadderStepFired& fired_;
  StepOutcome outcome_;
};

}  // namespace

StepOutcome CarryOutStep(const StepInput& input, CaseRecord& record, v1::LadderStepFired& fired) {
  return Firing(input, record, fired).Carry();
}

}  // namespace zhuqi::routing
