// Makes consultations durable: idempotency, the consultation, and with a convening the history, state and
// feed events of its cases, in one transaction. So a case says that departments were convened on it exactly
// when there is a consultation that says so, and figures count it once.
#ifndef ZHUQI_SERVICES_ROUTING_CONSULTATIONS_CONSULTATION_WRITER_H_
#define ZHUQI_SERVICES_ROUTING_CONSULTATIONS_CONSULTATION_WRITER_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/db/change_outcome.h"
#include "common/db/transaction.h"
#include "common/directory/directory.h"
#include "services/routing/catalogue/catalogue_holder.h"
#include "services/routing/notices/notice_store.h"
#include "zhuqi/routing/v1/consultation_service.pb.h"

namespace zhuqi::routing {

// NotFound CONSULTATION_UNKNOWN.
absl::Status UnknownConsultation();

// Who asks, and what for; the request was checked.
template <typename Request>
struct ConsultationCommand {
  Uuid request_id;
  std::string digest;  // of the request's content
  Request request;
  std::string actor;
};
using ConveneCommand = ConsultationCommand<v1::ConveneConsultationRequest>;
using ConsultationActionCommand = ConsultationCommand<v1::ActOnConsultationRequest>;

struct ConsultationSurroundings {
  DirectoryHolder* directory = nullptr;
  const CatalogueHolder* catalogue = nullptr;
  absl::Time now;
  Outbox outbox = Outbox::kOff;
};

// Refusals: as ConsultationService says.
absl::StatusOr<db::ChangeOutcome<v1::ConveneConsultationResponse>> WriteConvening(
    db::Transaction& transaction, const ConveneCommand& command, const ConsultationSurroundings& given);
absl::StatusOr<db::ChangeOutcome<v1::ActOnConsultationResponse>> WriteConsultationAction(
    db::Transaction& transaction, const ConsultationActionCommand& command,
    const ConsultationSurroundings& given);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CONSULTATIONS_CONSULTATION_WRITER_H_
