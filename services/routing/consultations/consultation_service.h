// The RPCs on consultations.
#ifndef ZHUQI_SERVICES_ROUTING_CONSULTATIONS_CONSULTATION_SERVICE_H_
#define ZHUQI_SERVICES_ROUTING_CONSULTATIONS_CONSULTATION_SERVICE_H_

#include <atomic>
#include <cstdint>

#include "common/base/clock.h"
#include "common/db/sql_executor.h"
#include "common/directory/directory.h"
#include "common/feed/positions.h"
#include "common/feed/tail.h"
#include "common/feed/token_service.h"
#include "common/telemetry/metrics.h"
#include "services/routing/catalogue/catalogue_holder.h"
#include "services/routing/consultations/consultation_writer.h"
#include "zhuqi/routing/v1/consultation_service.grpc.pb.h"

namespace zhuqi::routing {

// All are required and must outlive the service.
struct ConsultationServiceParts {
  rpc::CallAdaptor* adaptor = nullptr;
  db::SqlExecutor* sql = nullptr;
  DirectoryHolder* directory = nullptr;
  const CatalogueHolder* catalogue = nullptr;
  feed::Positions* positions = nullptr;
  feed::FeedTail* tail = nullptr;
  const Clock* clock = nullptr;
  telemetry::Metrics* metrics = nullptr;
  Outbox outbox = Outbox::kOff;
};

class ConsultationServer final : public feed::TokenService<v1::ConsultationService> {
 public:
  explicit ConsultationServer(ConsultationServiceParts parts)
      : TokenService(*parts.adaptor, *parts.positions), parts_(parts) {
    Bind(this, &ConsultationServer::Convene, &ConsultationServer::Act, &ConsultationServer::Get,
         &ConsultationServer::List, &ConsultationServer::ListTasks);
  }

 private:
  Task<absl::StatusOr<v1::ConveneConsultationResponse>> Convene(
      rpc::CallContext& call, const v1::ConveneConsultationRequest& request);
  Task<absl::StatusOr<v1::ActOnConsultationResponse>> Act(rpc::CallContext& call,
                                                          const v1::ActOnConsultationRequest& request);
  Task<absl::StatusOr<v1::GetConsultationResponse>> Get(rpc::CallContext& call,
                                                        const v1::GetConsultationRequest& request);
  Task<absl::StatusOr<v1::ListConsultationsResponse>> List(rpc::CallContext& call,
                                                           const v1::ListConsultationsRequest& request);
  Task<absl::StatusOr<v1::ListConsultationTasksResponse>> ListTasks(
      rpc::CallContext& call, const v1::ListConsultationTasksRequest& request);

  // A page of what `Rows` lists.
  template <typename Rows>
  Task<absl::StatusOr<typename Rows::Response>> ListRows(rpc::CallContext& call,
                                                         const typename Rows::Request& request);
  // Counts one change that was made.
  void CountChange(const std::string& action);
  // Brings the due days that lists filter and order by up to the calendar of `directory`, once for each.
  absl::Status FollowCalendar(db::Connection& connection, const Directory& directory);

  const ConsultationServiceParts parts_;
  // The version of the calendar that the stored due days are not older than.
  std::atomic<int64_t> retimed_for_{-1};
};

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CONSULTATIONS_CONSULTATION_SERVICE_H_
