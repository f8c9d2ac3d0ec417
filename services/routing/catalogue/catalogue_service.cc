#include "services/routing/catalogue/catalogue_service.h"

#include <utility>

#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/feed/first_answers.h"
#include "common/feed/token.h"
#include "common/rpc/errors.h"
#include "services/routing/catalogue/catalogue_rules.h"
#include "services/routing/catalogue/catalogue_store.h"

namespace zhuqi::routing {
namespace {

constexpr char kMethod[] = "CatalogueService.ApplyCatalogue";

// One request to put a catalogue in force.
struct Application {
  Uuid request_id;
  std::string digest;
  v1::Catalogue catalogue;
  std::string actor;
  bool validate_only = false;
};

absl::Status UnknownCatalogue() {
  return rpc::Error(absl::StatusCode::kNotFound, "CATALOGUE_UNKNOWN",
                    "there is no such version of the catalogue", "责任清单版本不存在");
}

absl::StatusOr<Application> ReadApplication(const v1::ApplyCatalogueRequest& request,
                                            const std::string& actor) {
  Application application;
  const std::optional<Uuid> request_id = Uuid::Parse(request.request_id());
  if (!request_id.has_value() && !request.validate_only()) {
    rpc::Violations violations;
    violations.Add("request_id", "UUID_INVALID", "a UUID of 36 characters is required",
                   "须为 36 个字符的 UUID");
    return violations.ToStatus();
  }
  application.request_id = request_id.value_or(Uuid());
  application.catalogue = request.catalogue();
  application.catalogue.clear_version();
  application.digest = CatalogueDigest(application.catalogue);
  application.actor = actor;
  application.validate_only = request.validate_only();
  return application;
}

v1::ApplyCatalogueResponse AnswerOf(int64_t version, bool changed) {
  v1::ApplyCatalogueResponse response;
  response.set_version(version);
  response.set_changed(changed);
  response.set_consistency_token(feed::MakeToken({feed::Position(kCatalogueSource, 0, version)}));
  return response;
}

// Puts it in force when it differs from what is.
absl::StatusOr<v1::ApplyCatalogueResponse> PutInForce(db::Transaction& transaction, Application application,
                                                      absl::Time now) {
  ZHUQI_ASSIGN_OR_RETURN(const std::optional<v1::Catalogue> current,
                         ReadCatalogue(transaction.connection(), 0));
  const int64_t version = current.has_value() ? current->version() : 0;
  if (current.has_value() && CatalogueDigest(*current) == application.digest) return AnswerOf(version, false);
  if (application.validate_only) return AnswerOf(version, true);
  application.catalogue.set_version(version + 1);
  ZHUQI_RETURN_IF_ERROR(
      InsertCatalogue(transaction.connection(), application.catalogue, now, application.actor));
  return AnswerOf(version + 1, true);
}

// The whole transaction. A repeated request gets its first answer even if the directory has changed since.
absl::StatusOr<v1::ApplyCatalogueResponse> ApplyOnce(db::Transaction& transaction,
                                                     const Application& application,
                                                     const Directory& directory, absl::Time now) {
  if (application.validate_only) {
    ZHUQI_RETURN_IF_ERROR(CheckCatalogue(application.catalogue, directory));
    return PutInForce(transaction, application, now);
  }
  ZHUQI_ASSIGN_OR_RETURN(feed::FirstAnswers answers,
                         feed::FirstAnswers::Load(transaction, {&application.request_id, 1}));
  if (answers.IsNew(application.request_id)) {
    ZHUQI_RETURN_IF_ERROR(CheckCatalogue(application.catalogue, directory));
    ZHUQI_ASSIGN_OR_RETURN(const v1::ApplyCatalogueResponse response,
                           PutInForce(transaction, application, now));
    answers.Remember(application.request_id, kMethod, application.digest, response.SerializeAsString(), now);
    ZHUQI_RETURN_IF_ERROR(answers.Store(transaction));
  }
  return answers.Answer<v1::ApplyCatalogueResponse>(application.request_id, application.digest);
}

}  // namespace

grpc::ServerUnaryReactor* CatalogueServer::ApplyCatalogue(grpc::CallbackServerContext* context,
                                                          const v1::ApplyCatalogueRequest* request,
                                                          v1::ApplyCatalogueResponse* response) {
  return parts_.adaptor->Unary(context, request, response,
                               [this](rpc::CallContext& call, const v1::ApplyCatalogueRequest& wanted) {
                                 return Apply(call, wanted);
                               });
}

grpc::ServerUnaryReactor* CatalogueServer::GetCatalogue(grpc::CallbackServerContext* context,
                                                        const v1::GetCatalogueRequest* request,
                                                        v1::GetCatalogueResponse* response) {
  return parts_.adaptor->Unary(
      context, request, response,
      [this](rpc::CallContext& call, const v1::GetCatalogueRequest& wanted) { return Get(call, wanted); });
}

grpc::ServerUnaryReactor* CatalogueServer::ExplainRoute(grpc::CallbackServerContext* context,
                                                        const v1::ExplainRouteRequest* request,
                                                        v1::ExplainRouteResponse* response) {
  return parts_.adaptor->Unary(context, request, response,
                               [this](rpc::CallContext& call, const v1::ExplainRouteRequest& wanted) {
                                 return Explain(call, wanted);
                               });
}

Task<absl::StatusOr<v1::ApplyCatalogueResponse>> CatalogueServer::Apply(
    rpc::CallContext& call, const v1::ApplyCatalogueRequest& request) {
  const absl::StatusOr<Application> application = ReadApplication(request, call.principal.id);
  if (!application.ok()) co_return application.status();
  auto wait = parts_.positions->WaitFor(request.at_least_token(), call.deadline, call.cancellation);
  const absl::Status reached = co_await wait;
  if (!reached.ok()) co_return reached;
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  const absl::Time now = parts_.clock->Now();
  db::TransactionOptions options;
  options.body_is_idempotent = true;
  auto run = parts_.sql->RunInTransaction<v1::ApplyCatalogueResponse>(
      call.deadline, options, [&application, directory, now](db::Transaction& transaction) {
        return ApplyOnce(transaction, *application, *directory, now);
      });
  absl::StatusOr<v1::ApplyCatalogueResponse> response = co_await run;
  if (response.ok() && response->changed() && !request.validate_only()) {
    v1::Catalogue applied = application->catalogue;
    applied.set_version(response->version());
    parts_.catalogue->Advance(std::move(applied));
  }
  co_return response;
}

Task<absl::StatusOr<v1::GetCatalogueResponse>> CatalogueServer::Get(rpc::CallContext& call,
                                                                    const v1::GetCatalogueRequest& request) {
  auto wait = parts_.positions->WaitFor(request.at_least_token(), call.deadline, call.cancellation);
  const absl::Status reached = co_await wait;
  if (!reached.ok()) co_return reached;
  if (request.version() < 0) co_return UnknownCatalogue();
  using Found = std::optional<v1::Catalogue>;
  auto read =
      parts_.sql->Run<Found>(call.deadline, [version = request.version()](db::Connection& connection) {
        return ReadCatalogue(connection, version);
      });
  absl::StatusOr<Found> found = co_await read;
  if (!found.ok()) co_return found.status();
  if (!found->has_value()) co_return UnknownCatalogue();
  v1::GetCatalogueResponse response;
  *response.mutable_catalogue() = *std::move(*found);
  co_return response;
}

Task<absl::StatusOr<v1::ExplainRouteResponse>> CatalogueServer::Explain(
    rpc::CallContext& call, const v1::ExplainRouteRequest& request) {
  auto wait = parts_.positions->WaitFor(request.at_least_token(), call.deadline, call.cancellation);
  const absl::Status reached = co_await wait;
  if (!reached.ok()) co_return reached;
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  ZHUQI_CO_RETURN_IF_ERROR(CheckInputs(request.inputs(), *directory, "inputs"));
  const std::shared_ptr<const v1::Catalogue> catalogue = parts_.catalogue->Get();
  if (catalogue == nullptr) co_return UnknownCatalogue();
  absl::StatusOr<v1::RouteDecision> decision = DecideRoute(*catalogue, *directory, request.inputs());
  if (!decision.ok()) co_return decision.status();
  v1::ExplainRouteResponse response;
  *response.mutable_decision() = *std::move(decision);
  co_return response;
}

}  // namespace zhuqi::routing
