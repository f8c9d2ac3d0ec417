#include "services/routing/consultations/consultation_rules.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/base/civil_time.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"

namespace zhuqi::routing {
namespace {

using ConsultAction = v1::ConsultationAction;

// ---- What can be done in which state ----

constexpr std::array<v1::ConsultationState, 4> kConsultationStates = {
    v1::CONSULTATION_STATE_CONVENED, v1::CONSULTATION_STATE_IN_FOLLOW_UP, v1::CONSULTATION_STATE_COMPLETED,
    v1::CONSULTATION_STATE_CANCELLED};

struct ConsultationRow {
  ConsultAction::ActionCase action;
  // In the order of kConsultationStates.
  std::array<bool, 4> allowed;
};

constexpr ConsultationRow kConsultationRows[] = {
    {ConsultAction::kInvite, {true, true, false, false}},
    {ConsultAction::kAnswer, {true, true, false, false}},
    {ConsultAction::kRecordPosition, {true, true, false, false}},
    {ConsultAction::kDecide, {true, true, false, false}},
    {ConsultAction::kRecordMinutes, {true, true, true, false}},
    {ConsultAction::kSignMinutes, {true, true, true, false}},
    {ConsultAction::kReportTask, {false, true, false, false}},
    {ConsultAction::kCompleteTask, {false, true, false, false}},
    {ConsultAction::kCancel, {true, false, false, false}},
};

bool MayBeDone(v1::ConsultationState state, ConsultAction::ActionCase action) {
  for (const ConsultationRow& row : kConsultationRows) {
    if (row.action != action) continue;
    for (size_t i = 0; i < kConsultationStates.size(); ++i) {
      if (kConsultationStates[i] == state) return row.allowed[i];
    }
  }
  return false;
}

const std::string& NameOf(ConsultAction::ActionCase action) {
  return ConsultAction::descriptor()->FindFieldByNumber(action)->name();
}

std::vector<std::string> AllowedIn(v1::ConsultationState state) {
  std::vector<std::string> names;
  for (const ConsultationRow& row : kConsultationRows) {
    if (MayBeDone(state, row.action)) names.push_back(NameOf(row.action));
  }
  return names;
}

v1::ConsultationState StateOf(const v1::Consultation& body) {
  if (!body.cancellation_reason().empty()) return v1::CONSULTATION_STATE_CANCELLED;
  if (body.tasks().empty()) return v1::CONSULTATION_STATE_CONVENED;
  const bool all_done = std::all_of(body.tasks().begin(), body.tasks().end(),
                                    [](const v1::ConsultationTask& task) { return task.has_completed_at(); });
  return all_done ? v1::CONSULTATION_STATE_COMPLETED : v1::CONSULTATION_STATE_IN_FOLLOW_UP;
}

absl::Status RefuseAction(absl::string_view reason, absl::string_view english, absl::string_view chinese,
                          std::map<std::string, std::string> metadata = {}) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, reason, english, chinese, std::move(metadata));
}

// ---- Who takes part ----

v1::Invitation* FindInvitation(v1::Consultation& body, const std::string& department_id) {
  for (v1::Invitation& invitation : *body.mutable_invitations()) {
    if (invitation.department_id() == department_id) return &invitation;
  }
  return nullptr;
}

absl::Status NotInvited(const std::string& department_id) {
  return RefuseAction("DEPARTMENT_NOT_INVITED", absl::StrCat(department_id, " is not invited"),
                      "该部门未被邀请参加会商");
}

// Whether it comes: it said so, or is in the chair.
bool TakesPart(const v1::Consultation& body, const std::string& department_id) {
  return department_id == body.chair_department_id() ||
         std::any_of(body.invitations().begin(), body.invitations().end(),
                     [&](const v1::Invitation& invitation) {
                       return invitation.department_id() == department_id &&
                              invitation.state() == v1::INVITATION_STATE_ACCEPTED;
                     });
}

bool HasCase(const v1::Consultation& body, const std::string& case_id) {
  return std::find(body.case_ids().begin(), body.case_ids().end(), case_id) != body.case_ids().end();
}

absl::Status NotConsulted(const std::string& case_id) {
  return RefuseAction("CASE_NOT_CONSULTED", "the consultation is not on this case",
                      "该工单不在本次会商范围内", {{"case_id", case_id}});
}

absl::Status AddInvitation(v1::Consultation& body, const std::string& department_id,
                           const std::string& on_behalf_of, absl::Time now) {
  if (FindInvitation(body, department_id) != nullptr) {
    return RefuseAction("DEPARTMENT_INVITED", absl::StrCat(department_id, " is invited already"),
                        "该部门已被邀请");
  }
  if (body.invitations_size() >= kMaxInvitations) {
    return RefuseAction("TOO_MANY_INVITATIONS", absl::StrCat("at most ", kMaxInvitations, " invitations"),
                        absl::StrCat("邀请部门不得超过", kMaxInvitations, "个"));
  }
  v1::Invitation* invitation = body.add_invitations();
  invitation->set_department_id(department_id);
  invitation->set_state(v1::INVITATION_STATE_INVITED);
  invitation->set_on_behalf_of_department_id(on_behalf_of);
  *invitation->mutable_invited_at() = TimestampMessage(now);
  return absl::OkStatus();
}

// ---- What each action does ----

absl::Status Do(v1::Consultation& body, const ConsultAction::Invite& invite, const ConsultationInput& input) {
  for (const std::string& department_id : invite.department_ids()) {
    ZHUQI_RETURN_IF_ERROR(AddInvitation(body, department_id, "", input.now));
  }
  return absl::OkStatus();
}

absl::Status Do(v1::Consultation& body, const ConsultAction::Answer& answer, const ConsultationInput& input) {
  if (answer.has_send_substitute()) {
    const std::string& sent = answer.send_substitute().department_id();
    if (FindInvitation(body, answer.department_id()) == nullptr) return NotInvited(answer.department_id());
    if (sent == body.chair_department_id()) {
      return RefuseAction("DEPARTMENT_INVITED", "the department in the chair takes part already",
                          "牵头部门已参会");
    }
    ZHUQI_RETURN_IF_ERROR(AddInvitation(body, sent, answer.department_id(), input.now));
  }
  // Found anew: adding one may have moved them.
  v1::Invitation* invitation = FindInvitation(body, answer.department_id());
  if (invitation == nullptr) return NotInvited(answer.department_id());
  invitation->set_state(answer.has_accept()    ? v1::INVITATION_STATE_ACCEPTED
                        : answer.has_decline() ? v1::INVITATION_STATE_DECLINED
                                               : v1::INVITATION_STATE_REPRESENTED);
  invitation->set_reason(answer.decline().reason());
  invitation->set_substitute_department_id(answer.send_substitute().department_id());
  *invitation->mutable_answered_at() = TimestampMessage(input.now);
  invitation->set_answered_by(input.actor);
  return absl::OkStatus();
}

absl::Status Do(v1::Consultation& body, const ConsultAction::RecordPosition& recorded,
                const ConsultationInput& input) {
  if (recorded.department_id() != body.chair_department_id() &&
      FindInvitation(body, recorded.department_id()) == nullptr) {
    return NotInvited(recorded.department_id());
  }
  if (!HasCase(body, recorded.case_id())) return NotConsulted(recorded.case_id());
  std::vector<v1::Position> positions(body.positions().begin(), body.positions().end());
  const auto key = [](const v1::Position& position) {
    return std::make_pair(position.department_id(), position.case_id());
  };
  v1::Position position;
  position.set_department_id(recorded.department_id());
  position.set_case_id(recorded.case_id());
  position.set_text(recorded.text());
  *position.mutable_recorded_at() = TimestampMessage(input.now);
  position.set_recorded_by(input.actor);
  const auto place = std::lower_bound(
      positions.begin(), positions.end(), position,
      [&](const v1::Position& left, const v1::Position& right) { return key(left) < key(right); });
  if (place != positions.end() && key(*place) == key(position)) {
    *place = position;
  } else {
    positions.insert(place, position);
  }
  body.mutable_positions()->Assign(positions.begin(), positions.end());
  return absl::OkStatus();
}

absl::Status Do(v1::Consultation& body, const ConsultAction::Decide& decide, const ConsultationInput& input) {
  if (body.tasks_size() + decide.decisions_size() > kMaxTasks) {
    return RefuseAction("TOO_MANY_TASKS",
                        absl::StrCat("at most ", kMaxTasks, " decisions in one consultation"),
                        absl::StrCat("一次会商的议定事项不得超过", kMaxTasks, "项"));
  }
  for (const ConsultAction::Decision& decision : decide.decisions()) {
    for (const std::string& case_id : decision.case_ids()) {
      if (!HasCase(body, case_id)) return NotConsulted(case_id);
    }
    v1::ConsultationTask* task = body.add_tasks();
    task->set_number(body.tasks_size());
    task->set_text(decision.text());
    task->set_owner_department_id(decision.owner_department_id());
    *task->mutable_case_ids() = decision.case_ids();
    *task->mutable_decided_on() = DateMessage(CityDay(input.now));
    if (decision.has_date()) {
      *task->mutable_date() = decision.date();
    } else {
      task->set_working_days(decision.working_days());
    }
    TimeTask(*task, input.directory.calendar());
  }
  return absl::OkStatus();
}

absl::Status Do(v1::Consultation& body, const ConsultAction::RecordMinutes& minutes,
                const ConsultationInput& input) {
  body.mutable_minutes()->set_text(minutes.text());
  *body.mutable_minutes()->mutable_recorded_at() = TimestampMessage(input.now);
  body.mutable_minutes()->set_recorded_by(input.actor);
  return absl::OkStatus();
}

absl::Status CheckSigned(const v1::Consultation& body, const ConsultAction::SignMinutes& sign) {
  if (!TakesPart(body, sign.department_id())) {
    return RefuseAction("DEPARTMENT_DOES_NOT_TAKE_PART",
                        absl::StrCat(sign.department_id(), " has not accepted, and is not in the chair"),
                        "仅参会部门可会签纪要");
  }
  if (!body.has_minutes()) {
    return RefuseAction("MINUTES_MISSING", "there are no minutes yet", "尚未形成会议纪要");
  }
  const v1::Minutes& minutes = body.minutes();
  if (sign.revision() == minutes.revision() && absl::EqualsIgnoreCase(sign.digest(), minutes.digest())) {
    return absl::OkStatus();
  }
  return RefuseAction("MINUTES_CHANGED", "the minutes are not those that were read: read them again",
                      "会议纪要已变更，请重新阅读后会签",
                      {{"revision", absl::StrCat(minutes.revision())}, {"digest", minutes.digest()}});
}

absl::Status Do(v1::Consultation& body, const ConsultAction::SignMinutes& sign,
                const ConsultationInput& input) {
  ZHUQI_RETURN_IF_ERROR(CheckSigned(body, sign));
  v1::SignOff sign_off;
  sign_off.set_department_id(sign.department_id());
  sign_off.set_revision(sign.revision());
  sign_off.set_digest(body.minutes().digest());
  *sign_off.mutable_signed_at() = TimestampMessage(input.now);
  sign_off.set_signed_by(input.actor);
  std::vector<v1::SignOff> all(body.minutes().sign_offs().begin(), body.minutes().sign_offs().end());
  const auto place = std::lower_bound(all.begin(), all.end(), sign_off,
                                      [](const v1::SignOff& left, const v1::SignOff& right) {
                                        return left.department_id() < right.department_id();
                                      });
  if (place != all.end() && place->department_id() == sign_off.department_id()) {
    *place = sign_off;
  } else {
    all.insert(place, sign_off);
  }
  body.mutable_minutes()->mutable_sign_offs()->Assign(all.begin(), all.end());
  return absl::OkStatus();
}

absl::StatusOr<v1::ConsultationTask*> OpenTask(v1::Consultation& body, int32_t number) {
  if (number < 1 || number > body.tasks_size()) {
    return RefuseAction("TASK_UNKNOWN", absl::StrCat("there is no task ", number),
                        absl::StrCat("没有第", number, "项任务"));
  }
  v1::ConsultationTask* task = body.mutable_tasks(number - 1);
  if (task->has_completed_at()) {
    return RefuseAction("TASK_DONE", absl::StrCat("task ", number, " is done"),
                        absl::StrCat("第", number, "项任务已办结"));
  }
  return task;
}

absl::Status Do(v1::Consultation& body, const ConsultAction::ReportTask& report,
                const ConsultationInput& input) {
  ZHUQI_ASSIGN_OR_RETURN(v1::ConsultationTask * task, OpenTask(body, report.number()));
  if (task->progress_size() >= kMaxReports) {
    return RefuseAction("TOO_MANY_REPORTS", absl::StrCat("at most ", kMaxReports, " reports on one task"),
                        absl::StrCat("每项任务的进展不得超过", kMaxReports, "条"));
  }
  v1::TaskProgress* progress = task->add_progress();
  progress->set_text(report.text());
  *progress->mutable_recorded_at() = TimestampMessage(input.now);
  progress->set_recorded_by(input.actor);
  return absl::OkStatus();
}

absl::Status Do(v1::Consultation& body, const ConsultAction::CompleteTask& complete,
                const ConsultationInput& input) {
  ZHUQI_ASSIGN_OR_RETURN(v1::ConsultationTask * task, OpenTask(body, complete.number()));
  TimeTask(*task, input.directory.calendar());
  *task->mutable_completed_at() = TimestampMessage(input.now);
  task->set_completed_by(input.actor);
  task->set_outcome(complete.outcome());
  if (StateOf(body) == v1::CONSULTATION_STATE_COMPLETED) {
    *body.mutable_completed_at() = TimestampMessage(input.now);
  }
  return absl::OkStatus();
}

absl::Status Do(v1::Consultation& body, const ConsultAction::Cancel& cancel,
                const ConsultationInput& /*input*/) {
  body.set_cancellation_reason(cancel.reason());
  return absl::OkStatus();
}

absl::Status DoAction(v1::Consultation& body, const ConsultAction& action, const ConsultationInput& input) {
  switch (action.action_case()) {
    case ConsultAction::kInvite:
      return Do(body, action.invite(), input);
    case ConsultAction::kAnswer:
      return Do(body, action.answer(), input);
    case ConsultAction::kRecordPosition:
      return Do(body, action.record_position(), input);
    case ConsultAction::kDecide:
      return Do(body, action.decide(), input);
    case ConsultAction::kRecordMinutes:
      return Do(body, action.record_minutes(), input);
    case ConsultAction::kSignMinutes:
      return Do(body, action.sign_minutes(), input);
    case ConsultAction::kReportTask:
      return Do(body, action.report_task(), input);
    case ConsultAction::kCompleteTask:
      return Do(body, action.complete_task(), input);
    case ConsultAction::kCancel:
      return Do(body, action.cancel(), input);
    case ConsultAction::ACTION_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError("no action");
}

// ---- Minutes ----

// Fields behind their lengths, so that no two contents give the same bytes.
class CanonicalContent {
 public:
  CanonicalContent& Add(absl::string_view text) {
    absl::StrAppend(&bytes_, text.size(), ":", text);
    return *this;
  }
  CanonicalContent& Add(int64_t number) { return Add(absl::string_view(absl::StrCat(number))); }
  template <typename Texts>
  CanonicalContent& AddAll(const Texts& texts) {
    Add(static_cast<int64_t>(texts.size()));
    for (const std::string& text : texts) Add(text);
    return *this;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

std::set<std::string> WhoTakesPart(const v1::Consultation& body) {
  std::set<std::string> present = {body.chair_department_id()};
  for (const v1::Invitation& invitation : body.invitations()) {
    if (TakesPart(body, invitation.department_id())) present.insert(invitation.department_id());
  }
  return present;
}

// Puts the digest of what is there now on the minutes. When that is another than before, what was signed is
// void: the departments that signed it.
std::vector<std::string> SealMinutes(v1::Consultation& body, absl::Time now) {
  std::vector<std::string> voided;
  if (!body.has_minutes()) return voided;
  v1::Minutes& minutes = *body.mutable_minutes();
  const std::string digest = MinutesDigest(body);
  if (digest == minutes.digest()) return voided;
  minutes.set_digest(digest);
  minutes.set_revision(minutes.revision() + 1);
  for (v1::SignOff& sign_off : *minutes.mutable_sign_offs()) {
    if (sign_off.has_voided_at()) continue;
    *sign_off.mutable_voided_at() = TimestampMessage(now);
    sign_off.set_voided_by_sequence(body.sequence());
    voided.push_back(sign_off.department_id());
  }
  return voided;
}

// ---- The entry in the history ----

// Counts `body` on and gives the entry with all but what happened.
v1::ConsultationEvent NextEntry(v1::Consultation& body, const ConsultationInput& input) {
  body.set_sequence(body.sequence() + 1);
  body.set_etag(absl::StrCat("v", body.sequence()));
  body.set_state(StateOf(body));
  v1::ConsultationEvent event;
  event.set_sequence(body.sequence());
  *event.mutable_recorded_at() = TimestampMessage(input.now);
  event.set_actor(input.actor);
  event.set_state_after(body.state());
  return event;
}

absl::CivilDay DayOfDate(const common::v1::Date& date) {
  return CivilDayFrom(date).value_or(absl::CivilDay());
}

}  // namespace

ConsultationChange ConveneConsultation(const v1::ConveneConsultationRequest& request,
                                       const std::string& consultation_id,
                                       const std::vector<std::string>& case_ids,
                                       const v1::Consultation* previous, const ConsultationInput& input) {
  ConsultationChange change;
  v1::Consultation& body = change.body;
  body.set_consultation_id(consultation_id);
  body.set_why(request.why());
  body.set_level(request.level());
  *body.mutable_scheduled_at() = request.scheduled_at();
  body.set_place(request.place());
  body.set_chair_department_id(request.chair_department_id());
  if (const auto* chair = input.directory.FindDepartment(request.chair_department_id())) {
    body.set_org_unit_id(chair->org_unit_id());
  }
  for (const std::string& case_id : case_ids) body.add_case_ids(case_id);
  for (const std::string& department_id : request.department_ids()) {
    AddInvitation(body, department_id, "", input.now).IgnoreError();  // checked: different and few
  }
  body.set_round(previous == nullptr ? 1 : previous->round() + 1);
  if (previous != nullptr) body.set_previous_consultation_id(previous->consultation_id());
  *body.mutable_convened_at() = TimestampMessage(input.now);
  body.set_convened_by(input.actor);
  change.event = NextEntry(body, input);
  change.event.mutable_convened();
  return change;
}

absl::StatusOr<ConsultationChange> NoteNextRound(const v1::Consultation& previous,
                                                 const std::string& consultation_id,
                                                 const std::vector<std::string>& case_ids,
                                                 const ConsultationInput& input) {
  if (!previous.next_consultation_id().empty()) {
    return RefuseAction("ROUND_EXISTS", "another round refers to that consultation already",
                        "该次会商已有下一轮", {{"consultation_id", previous.next_consultation_id()}});
  }
  if (previous.state() == v1::CONSULTATION_STATE_CANCELLED) {
    return RefuseAction("ROUND_OF_CANCELLED", "that consultation was cancelled: convene a first round",
                        "该次会商已取消，请重新召集");
  }
  if (std::none_of(case_ids.begin(), case_ids.end(),
                   [&](const std::string& case_id) { return HasCase(previous, case_id); })) {
    return RefuseAction("ROUND_OF_OTHER_CASES", "the round before was on none of these cases",
                        "与上一轮会商没有共同的工单");
  }
  ConsultationChange change;
  change.body = previous;
  change.body.set_next_consultation_id(consultation_id);
  change.event = NextEntry(change.body, input);
  change.event.mutable_next_round()->set_consultation_id(consultation_id);
  return change;
}

absl::StatusOr<ConsultationChange> ChangeConsultation(const v1::Consultation& before,
                                                      const ConsultAction& action,
                                                      const ConsultationInput& input) {
  if (!MayBeDone(before.state(), action.action_case())) {
    return RefuseAction("ILLEGAL_TRANSITION",
                        absl::StrCat("\"", NameOf(action.action_case()), "\" is not possible in state ",
                                     v1::ConsultationState_Name(before.state())),
                        "当前状态下不能进行该操作",
                        {{"allowed", absl::StrJoin(AllowedIn(before.state()), ",")},
                         {"state", v1::ConsultationState_Name(before.state())}});
  }
  ConsultationChange change;
  change.body = before;
  ZHUQI_RETURN_IF_ERROR(DoAction(change.body, action, input));
  change.event = NextEntry(change.body, input);
  for (const std::string& department_id : SealMinutes(change.body, input.now)) {
    change.event.add_voided_sign_offs(department_id);
  }
  *change.event.mutable_action() = action;
  ZHUQI_RETURN_IF_ERROR(CheckSize(change.body));
  return change;
}

absl::Status CheckSize(const v1::Consultation& body) {
  if (body.ByteSizeLong() <= kMaxConsultationBytes) return absl::OkStatus();
  return RefuseAction(
      "CONSULTATION_FULL",
      absl::StrCat("a consultation holds at most ", kMaxConsultationBytes, " bytes: convene another round"),
      "本次会商内容已达上限，请召集下一轮");
}

absl::CivilDay ConvenedOn(absl::Time scheduled_at, absl::Time now) {
  return std::min(CityDay(scheduled_at), CityDay(now));
}

std::string MinutesDigest(const v1::Consultation& body) {
  CanonicalContent content;
  content.Add("zhuqi-minutes-1").Add(body.consultation_id()).Add(body.why()).Add(int64_t{body.level()});
  content.Add(absl::ToUnixMicros(TimeFrom(body.scheduled_at()))).Add(body.place());
  content.Add(body.chair_department_id()).AddAll(body.case_ids()).AddAll(WhoTakesPart(body));
  content.Add(int64_t{body.positions_size()});
  for (const v1::Position& position : body.positions()) {
    content.Add(position.department_id()).Add(position.case_id()).Add(position.text());
  }
  content.Add(int64_t{body.tasks_size()});
  for (const v1::ConsultationTask& task : body.tasks()) {
    content.Add(task.text()).Add(task.owner_department_id()).AddAll(task.case_ids());
    content.Add(absl::FormatCivilTime(DayOfDate(task.decided_on())));
    // The term as it was decided: a later calendar makes no other decision of it.
    content.Add(task.has_date() ? absl::FormatCivilTime(DayOfDate(task.date()))
                                : absl::StrCat("P", task.working_days()));
  }
  content.Add(body.minutes().text());
  return absl::BytesToHexString(Sha256(content.bytes()));
}

void TimeTask(v1::ConsultationTask& task, const calendar::WorkingCalendar& calendar) {
  if (task.has_completed_at()) return;
  const absl::CivilDay decided_on = DayOfDate(task.decided_on());
  const absl::CivilDay due =
      task.has_date() ? DayOfDate(task.date()) : calendar.AddWorkingDays(decided_on, task.working_days());
  *task.mutable_due_on() = DateMessage(due);
  task.set_due_provisional(!task.has_date() && calendar.IsProvisional(decided_on, due));
  task.set_calendar_version(calendar.version());
}

void PresentTask(v1::ConsultationTask& task, const calendar::WorkingCalendar& calendar,
                 absl::CivilDay today) {
  TimeTask(task, calendar);
  const absl::CivilDay measured_on = task.has_completed_at() ? CityDay(TimeFrom(task.completed_at())) : today;
  task.set_overdue(measured_on > DayOfDate(task.due_on()));
}

v1::Consultation PresentConsultation(const v1::Consultation& body, const Directory& directory,
                                     absl::CivilDay today) {
  v1::Consultation shown = body;
  for (v1::ConsultationTask& task : *shown.mutable_tasks()) PresentTask(task, directory.calendar(), today);
  for (std::string& name : AllowedIn(body.state())) shown.add_allowed_actions(std::move(name));
  return shown;
}

v1::ConsultationSummary ConsultationSummaryOf(const v1::Consultation& body) {
  v1::ConsultationSummary summary;
  summary.set_consultation_id(body.consultation_id());
  summary.set_why(body.why());
  summary.set_level(body.level());
  *summary.mutable_scheduled_at() = body.scheduled_at();
  summary.set_place(body.place());
  summary.set_chair_department_id(body.chair_department_id());
  summary.set_org_unit_id(body.org_unit_id());
  summary.set_state(body.state());
  summary.set_round(body.round());
  summary.set_previous_consultation_id(body.previous_consultation_id());
  summary.set_next_consultation_id(body.next_consultation_id());
  summary.set_case_count(body.case_ids_size());
  summary.set_invited_count(body.invitations_size());
  summary.set_unanswered_count(static_cast<int32_t>(std::count_if(
      body.invitations().begin(), body.invitations().end(),
      [](const v1::Invitation& each) { return each.state() == v1::INVITATION_STATE_INVITED; })));
  summary.set_signed_count(
      static_cast<int32_t>(std::count_if(body.minutes().sign_offs().begin(), body.minutes().sign_offs().end(),
                                         [](const v1::SignOff& each) { return !each.has_voided_at(); })));
  summary.set_minutes_revision(body.minutes().revision());
  summary.set_task_count(body.tasks_size());
  summary.set_etag(body.etag());
  return summary;
}

std::vector<std::string> DepartmentsOf(const v1::Consultation& body) {
  std::set<std::string> departments = {body.chair_department_id()};
  for (const v1::Invitation& invitation : body.invitations()) departments.insert(invitation.department_id());
  return {departments.begin(), departments.end()};
}

std::string RenderConsultationTable() {
  std::string table = "| action \\ state |";
  for (const v1::ConsultationState state : kConsultationStates) {
    absl::StrAppend(&table, " ", absl::StripPrefix(v1::ConsultationState_Name(state), "CONSULTATION_STATE_"),
                    " |");
  }
  absl::StrAppend(&table, "\n|---|---|---|---|---|\n");
  for (const ConsultationRow& row : kConsultationRows) {
    absl::StrAppend(&table, "| ", NameOf(row.action), " |");
    for (const bool allowed : row.allowed) absl::StrAppend(&table, allowed ? " yes |" : " – |");
    absl::StrAppend(&table, "\n");
  }
  return table;
}

}  // namespace zhuqi::routing
