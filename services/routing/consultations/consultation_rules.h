// What happens to a consultation: pure functions from a consultation and what is done to it to the
// consultation afterwards and the entry that its history gets. Time and directory are arguments.
//
// What always holds: the state follows from the tasks and the cancellation. Minutes carry the digest of what
// they say, and no sign-off in force names another. An open task's due day is worked out from its term by the
// calendar in force.
#ifndef ZHUQI_SERVICES_ROUTING_CONSULTATIONS_CONSULTATION_RULES_H_
#define ZHUQI_SERVICES_ROUTING_CONSULTATIONS_CONSULTATION_RULES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/calendar/working_calendar.h"
#include "common/directory/directory.h"
#include "zhuqi/routing/v1/consultation.pb.h"
#include "zhuqi/routing/v1/consultation_service.pb.h"

namespace zhuqi::routing {

inline constexpr int kMaxInvitations = 100;
inline constexpr int kMaxTasks = 100;
inline constexpr int kMaxReports = 100;
inline constexpr size_t kMaxConsultationBytes = size_t{1} << 20;

struct ConsultationInput {
  absl::Time now;
  std::string actor;
  const Directory& directory;
};

struct ConsultationChange {
  // Without allowed actions.
  v1::Consultation body;
  v1::ConsultationEvent event;
};

// The consultation that a checked request asks for, on these cases. `previous`: the round before; null for a
// first round.
ConsultationChange ConveneConsultation(const v1::ConveneConsultationRequest& request,
                                       const std::string& consultation_id,
                                       const std::vector<std::string>& case_ids,
                                       const v1::Consultation* previous, const ConsultationInput& input);

// The round before, once the next one refers to it. FAILED_PRECONDITION ROUND_EXISTS, ROUND_OF_CANCELLED,
// ROUND_OF_OTHER_CASES.
absl::StatusOr<ConsultationChange> NoteNextRound(const v1::Consultation& previous,
                                                 const std::string& consultation_id,
                                                 const std::vector<std::string>& case_ids,
                                                 const ConsultationInput& input);

// After a checked action. Errors: FAILED_PRECONDITION, as ActOnConsultation of the contract lists them.
absl::StatusOr<ConsultationChange> ChangeConsultation(const v1::Consultation& before,
                                                      const v1::ConsultationAction& action,
                                                      const ConsultationInput& input);

// FAILED_PRECONDITION CONSULTATION_FULL.
absl::Status CheckSize(const v1::Consultation& body);

// The day on which departments count as convened on the cases: the day of the meeting once it is past, else
// that of convening.
absl::CivilDay ConvenedOn(absl::Time scheduled_at, absl::Time now);

// SHA-256, in hexadecimal, over what the minutes say. The same content has the same digest on every machine
// and in every version of this program: sign-offs name it.
std::string MinutesDigest(const v1::Consultation& body);

// Works out the due day of an open task; one that is done stays as it was measured.
void TimeTask(v1::ConsultationTask& task, const calendar::WorkingCalendar& calendar);

// What a reader is shown on `today`: due days, what is overdue, allowed actions.
v1::Consultation PresentConsultation(const v1::Consultation& body, const Directory& directory,
                                     absl::CivilDay today);
void PresentTask(v1::ConsultationTask& task, const calendar::WorkingCalendar& calendar, absl::CivilDay today);

// In a list; without the counts of open and overdue tasks, which the store counts.
v1::ConsultationSummary ConsultationSummaryOf(const v1::Consultation& body);

// All that take part, are to, or said that they do not: the chair and who is invited. Sorted.
std::vector<std::string> DepartmentsOf(const v1::Consultation& body);

// The table of what can be done in which state, as the README has it.
std::string RenderConsultationTable();

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CONSULTATIONS_CONSULTATION_RULES_H_
