// All SQL on consultations.
#ifndef ZHUQI_SERVICES_ROUTING_CONSULTATIONS_CONSULTATION_STORE_H_
#define ZHUQI_SERVICES_ROUTING_CONSULTATIONS_CONSULTATION_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/calendar/working_calendar.h"
#include "common/db/transaction.h"
#include "services/routing/cases/case_store.h"
#include "services/routing/cases/day_range.h"
#include "services/routing/consultations/consultation_rules.h"
#include "zhuqi/routing/v1/consultation.pb.h"
#include "zhuqi/routing/v1/consultation_service.pb.h"

namespace zhuqi::routing {

// Absent when there is none. Locked until the transaction ends, so that two actions on one consultation come
// one after the other.
absl::StatusOr<std::optional<v1::Consultation>> LockConsultation(db::Transaction& transaction,
                                                                 const Uuid& consultation_id);
absl::StatusOr<std::optional<v1::Consultation>> ReadConsultation(db::Connection& connection,
                                                                 const Uuid& consultation_id);

// The last `limit` entries, oldest first.
absl::StatusOr<std::vector<v1::ConsultationEvent>> ReadConsultationHistory(db::Connection& connection,
                                                                           const Uuid& consultation_id,
                                                                           int limit);

// Writes what `change` made of `before` (null: of nothing).
absl::Status WriteConsultation(db::Transaction& transaction, const v1::Consultation* before,
                               const ConsultationChange& change);

// Which consultations to list: what is absent or empty is not asked.
struct ConsultationFilter {
  std::vector<std::string> org_unit_ids;  // any of these
  std::string department_id;
  std::optional<Uuid> case_id;
  int state = 0;
  bool overdue_tasks = false;
  DayRange scheduled;
};
// The place of a consultation in the order of lists: latest meeting first, then by identity.
struct ConsultationPlace {
  absl::Time scheduled_at;
  Uuid consultation_id;
};
// At most `limit` that follow `after`, with the counts of open and overdue tasks as of `today`.
absl::StatusOr<std::vector<v1::ConsultationSummary>> SelectConsultations(
    db::Connection& connection, const ConsultationFilter& filter,
    const std::optional<ConsultationPlace>& after, absl::CivilDay today, int limit);

struct TaskFilter {
  std::string owner_department_id;
  std::optional<Uuid> consultation_id;
  bool overdue = false;
  bool include_completed = false;
  DayRange due;
};
// The place of a task in the order of lists: the first due first, then by consultation and number.
struct TaskPlace {
  absl::CivilDay due_on;
  Uuid consultation_id;
  int32_t number = 0;
};
// At most `limit` that follow `after`; tasks as stored, without their progress, and with the due day that
// they are ordered by.
absl::StatusOr<std::vector<v1::ConsultationTaskRow>> SelectTasks(db::Connection& connection,
                                                                 const TaskFilter& filter,
                                                                 const std::optional<TaskPlace>& after,
                                                                 absl::CivilDay today, int limit);

// Due days are kept beside the open tasks to filter and order by them. Works those out anew that are of an
// older calendar than `calendar`.
absl::Status RetimeTasks(db::Connection& connection, const calendar::WorkingCalendar& calendar);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CONSULTATIONS_CONSULTATION_STORE_H_
