#include "tools/zhuqictl/consultation_text.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tools/zhuqictl/table.h"
#include "tools/zhuqictl/text_values.h"

namespace zhuqi::ctl {
namespace {

using routing::v1::Consultation;
using routing::v1::ConsultationAction;
using routing::v1::ConsultationEvent;
using routing::v1::ConsultationTask;

constexpr size_t kShortestDigest = 8;

std::string DueText(const ConsultationTask& task) {
  return absl::StrCat(DateText(task.due_on()), task.due_provisional() ? "?" : "");
}

std::string TaskStateText(const ConsultationTask& task) {
  const char* late = task.overdue() ? ", overdue" : "";
  return absl::StrCat(task.has_completed_at() ? "done" : "open", late);
}

std::string AnswerText(const ConsultationAction::Answer& answer) {
  switch (answer.answer_case()) {
    case ConsultationAction::Answer::kAccept:
      return "accepts";
    case ConsultationAction::Answer::kDecline:
      return absl::StrCat("declines: ", answer.decline().reason());
    case ConsultationAction::Answer::kSendSubstitute:
      return absl::StrCat("sends ", answer.send_substitute().department_id());
    case ConsultationAction::Answer::ANSWER_NOT_SET:
      break;
  }
  return "";
}

std::string ConsultationActionText(const ConsultationAction& action) {
  switch (action.action_case()) {
    case ConsultationAction::kInvite:
      return absl::StrCat("invite ", absl::StrJoin(action.invite().department_ids(), ", "));
    case ConsultationAction::kAnswer:
      return absl::StrCat(action.answer().department_id(), " ", AnswerText(action.answer()));
    case ConsultationAction::kRecordPosition:
      return absl::StrCat("position of ", action.record_position().department_id(), ": ",
                          action.record_position().text());
    case ConsultationAction::kDecide: {
      std::vector<std::string> texts;
      for (const auto& decision : action.decide().decisions()) {
        texts.push_back(absl::StrCat(decision.owner_department_id(), " ", decision.text()));
      }
      return absl::StrCat("decide: ", absl::StrJoin(texts, "; "));
    }
    case ConsultationAction::kRecordMinutes:
      return "minutes recorded";
    case ConsultationAction::kSignMinutes:
      return absl::StrCat(action.sign_minutes().department_id(), " signs revision ",
                          action.sign_minutes().revision());
    case ConsultationAction::kReportTask:
      return absl::StrCat("task ", action.report_task().number(), ": ", action.report_task().text());
    case ConsultationAction::kCompleteTask:
      return absl::StrCat("task ", action.complete_task().number(),
                          " done: ", action.complete_task().outcome());
    case ConsultationAction::kCancel:
      return absl::StrCat("cancel: ", action.cancel().reason());
    case ConsultationAction::ACTION_NOT_SET:
      break;
  }
  return "";
}

std::string ConsultationEventText(const ConsultationEvent& event) {
  std::string text;
  if (event.has_convened()) text = "convened";
  if (event.has_next_round()) text = absl::StrCat("next round ", event.next_round().consultation_id());
  if (event.has_action()) text = ConsultationActionText(event.action());
  if (event.voided_sign_offs().empty()) return text;
  return absl::StrCat(text, "  — voids the sign-off of ", absl::StrJoin(event.voided_sign_offs(), ", "));
}

std::string InvitationTable(const Consultation& consultation) {
  Table table({{"department"}, {"answer"}, {"why", Align::kLeft, 50}});
  table.AddRow({consultation.chair_department_id(), "chair", ""});
  for (const routing::v1::Invitation& invitation : consultation.invitations()) {
    std::string why = invitation.reason();
    if (!invitation.substitute_department_id().empty()) {
      why = absl::StrCat("sends ", invitation.substitute_department_id());
    }
    if (!invitation.on_behalf_of_department_id().empty()) {
      why = absl::StrCat(why, why.empty() ? "" : "; ", "for ", invitation.on_behalf_of_department_id());
    }
    table.AddRow({invitation.department_id(), EnumText(invitation.state()), why});
  }
  return table.ToString();
}

std::string PositionTable(const Consultation& consultation) {
  Table table({{"department"}, {"case"}, {"position", Align::kLeft, 80}});
  for (const routing::v1::Position& position : consultation.positions()) {
    table.AddRow({position.department_id(), position.case_id(), position.text()});
  }
  return table.ToString();
}

std::string DecisionTable(const Consultation& consultation) {
  Table table({{"#", Align::kRight},
               {"decided", Align::kLeft, 40},
               {"owner"},
               {"due"},
               {"state"},
               {"reports", Align::kRight},
               {"what came of it", Align::kLeft, 40}});
  for (const ConsultationTask& task : consultation.tasks()) {
    const std::string latest = task.progress().empty() ? "" : task.progress().rbegin()->text();
    table.AddRow({absl::StrCat(task.number()), task.text(), task.owner_department_id(), DueText(task),
                  TaskStateText(task), absl::StrCat(task.progress_size()),
                  task.has_completed_at() ? task.outcome() : latest});
  }
  return table.ToString();
}

std::string MinutesText(const routing::v1::Minutes& minutes) {
  std::string text = absl::StrCat("minutes, revision ", minutes.revision(), ", digest ", minutes.digest(),
                                  "\n", minutes.text(), "\n");
  Table table({{"signed by"}, {"revision", Align::kRight}, {"when"}, {"in force"}});
  for (const routing::v1::SignOff& sign_off : minutes.sign_offs()) {
    table.AddRow({sign_off.department_id(), absl::StrCat(sign_off.revision()),
                  InstantText(sign_off.signed_at()),
                  sign_off.has_voided_at() ? absl::StrCat("void since ", InstantText(sign_off.voided_at()),
                                                          " by entry ", sign_off.voided_by_sequence())
                                           : "yes"});
  }
  return absl::StrCat(text, table.rows() == 0 ? "nobody has signed\n" : table.ToString());
}

}  // namespace

std::string ConsultationTable(const routing::v1::ListConsultationsResponse& response) {
  Table table({{"meeting"},
               {"id"},
               {"chair"},
               {"state"},
               {"round", Align::kRight},
               {"cases", Align::kRight},
               {"open", Align::kRight},
               {"overdue", Align::kRight},
               {"why", Align::kLeft, 50}});
  for (const routing::v1::ConsultationSummary& each : response.consultations()) {
    table.AddRow({InstantText(each.scheduled_at()), each.consultation_id(), each.chair_department_id(),
                  EnumText(each.state()), absl::StrCat(each.round()), absl::StrCat(each.case_count()),
                  absl::StrCat(each.open_task_count(), "/", each.task_count()),
                  absl::StrCat(each.overdue_task_count()), each.why()});
  }
  return absl::StrCat(table.ToString(), response.consultations_size(), " consultations",
                      response.next_page_token().empty() ? "\n" : " … and more: --limit or --all\n");
}

std::string TaskTable(const routing::v1::ListConsultationTasksResponse& response) {
  Table table(
      {{"due"}, {"owner"}, {"state"}, {"task", Align::kLeft, 50}, {"consultation"}, {"#", Align::kRight}});
  for (const routing::v1::ConsultationTaskRow& each : response.tasks()) {
    table.AddRow({DueText(each.task()), each.task().owner_department_id(), TaskStateText(each.task()),
                  each.task().text(), each.consultation_id(), absl::StrCat(each.task().number())});
  }
  return absl::StrCat(table.ToString(), response.tasks_size(), " tasks",
                      response.next_page_token().empty() ? "\n" : " … and more: --limit or --all\n");
}

std::string DescribeConsultation(const Consultation& consultation) {
  std::string text = absl::StrCat(
      "consultation ", consultation.consultation_id(), ", round ", consultation.round(), "\n",
      consultation.why(), "\n", EnumText(consultation.level()), ", ",
      InstantText(consultation.scheduled_at()), consultation.place().empty() ? "" : ", ",
      consultation.place(), "\nstate: ", EnumText(consultation.state()),
      consultation.cancellation_reason().empty() ? "" : ": ", consultation.cancellation_reason(), "\n");
  if (!consultation.previous_consultation_id().empty()) {
    absl::StrAppend(&text, "round before: ", consultation.previous_consultation_id(), "\n");
  }
  if (!consultation.next_consultation_id().empty()) {
    absl::StrAppend(&text, "round after: ", consultation.next_consultation_id(), "\n");
  }
  absl::StrAppend(&text, "cases:\n  ", absl::StrJoin(consultation.case_ids(), "\n  "), "\n\n",
                  InvitationTable(consultation));
  if (!consultation.positions().empty()) absl::StrAppend(&text, "\n", PositionTable(consultation));
  if (!consultation.tasks().empty()) absl::StrAppend(&text, "\n", DecisionTable(consultation));
  if (consultation.has_minutes()) absl::StrAppend(&text, "\n", MinutesText(consultation.minutes()));
  return absl::StrCat(text, "\nallowed now: ", absl::StrJoin(consultation.allowed_actions(), ", "), "\netag ",
                      consultation.etag(), "\n");
}

std::string ConsultationHistory(const routing::v1::GetConsultationResponse& response) {
  Table table({{"#", Align::kRight}, {"when"}, {"who"}, {"what", Align::kLeft, 100}, {"then"}});
  for (const ConsultationEvent& event : response.history()) {
    table.AddRow({absl::StrCat(event.sequence()), InstantText(event.recorded_at()), event.actor(),
                  ConsultationEventText(event), EnumText(event.state_after())});
  }
  return absl::StrCat(response.history_cut() ? "… earlier entries are left out\n" : "", table.ToString());
}

absl::Status CheckReadDigest(absl::string_view read, const routing::v1::Minutes& minutes) {
  if (minutes.digest().empty()) {
    return absl::InvalidArgumentError("there are no minutes yet / 尚未形成会议纪要");
  }
  if (read.size() < kShortestDigest) {
    return absl::InvalidArgumentError(absl::StrCat("--digest: at least ", kShortestDigest,
                                                   " digits of the digest that `consult show` printed"));
  }
  if (absl::StartsWith(minutes.digest(), absl::AsciiStrToLower(read))) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "the minutes are not those that were read: read them again with `consult show` / "
      "会议纪要已变更，请重新阅读");
}

}  // namespace zhuqi::ctl
