#include "services/routing/catalogue/catalogue_service.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "common/feed/first_answers.h"
#include "common/feed/token.h"
#include "common/rpc/errors.h"
#include "common/vocabulary/text.h"
#include "services/routing/catalogue/catalogue_rules.h"
#include "services/routing/catalogue/catalogue_store.h"

namespace zhuqi::routing {
namespace {

constexpr char kMethod[] = "CatalogueService.ApplyCatalogue";
// In characters, as intake takes them.
constexpr size_t kMaximumTitle = 200;
constexpr size_t kMaximumText = 4000;

// One request to put a catalogue in force.
struct Application {
  Uuid request_id;
  std::string digest;
  v1::Catalogue catalogue;
  std::string actor;
  bool validate_only = false;
};

absl::Status CheckTexts(const v1::ExplainRouteRequest& request) {
  rpc::Violations violations;
  const auto check = [&](const char* field, const std::string& text, size_t most) {
    if (vocabulary::CharacterCount(text) <= most) return;
    violations.Add(field, "TEXT_TOO_LONG", absl::StrCat("at most ", most, " characters"),
                   absl::StrCat("不得超过", most, "个字符"));
  };
  check("title", request.title(), kMaximumTitle);
  check("text", request.text(), kMaximumText);
  return violations.ToStatus();
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

// Whether on every day after the last one of `catalogue` another version decides: nothing may go nowhere.
absl::Status CheckWhatFollows(db::Connection& connection, const v1::Catalogue& catalogue) {
  const std::optional<absl::CivilDay> last =
      catalogue.has_valid_to() ? CivilDayFrom(catalogue.valid_to()) : std::nullopt;
  if (!last.has_value()) return absl::OkStatus();
  ZHUQI_ASSIGN_OR_RETURN(const bool endless, HasEndlessCatalogue(connection, *last + 1));
  if (endless) return absl::OkStatus();
  return rpc::Error(
      absl::StatusCode::kFailedPrecondition, "CATALOGUE_LEAVES_A_GAP",
      "the catalogue ends, and no version without an end is valid after it: apply that one first",
      "该责任清单设有终止日期，其后没有长期有效的版本接续：请先启用长期有效的版本");
}

// Makes it a version when it differs from the highest one.
absl::StatusOr<v1::ApplyCatalogueResponse> PutInForce(db::Transaction& transaction, Application application,
                                                      absl::Time now) {
  ZHUQI_ASSIGN_OR_RETURN(const CatalogueVersions versions,
                         ReadCatalogueVersions(transaction.connection(), CityDay(now)));
  const int64_t version = versions.highest;
  ZHUQI_ASSIGN_OR_RETURN(const std::optional<v1::Catalogue> newest,
                         ReadCatalogue(transaction.connection(), version));
  if (newest.has_value() && CatalogueDigest(*newest) == application.digest) return AnswerOf(version, false);
  ZHUQI_RETURN_IF_ERROR(CheckWhatFollows(transaction.connection(), application.catalogue));
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
    auto refresh = parts_.sql->Run<bool>(
        call.deadline, [this, today = CityDay(now)](db::Connection& connection) -> absl::StatusOr<bool> {
          ZHUQI_RETURN_IF_ERROR(parts_.catalogue->Refresh(connection, today));
          return true;
        });
    // It is applied either way: what can not be read now is seen by the watcher.
    const absl::StatusOr<bool> refreshed = co_await refresh;
    (void)refreshed;
  }
  co_return response;
}

Task<absl::StatusOr<v1::GetCatalogueResponse>> CatalogueServer::Get(rpc::CallContext& call,
                                                                    const v1::GetCatalogueRequest& request) {
  auto wait = parts_.positions->WaitFor(request.at_least_token(), call.deadline, call.cancellation);
  const absl::Status reached = co_await wait;
  if (!reached.ok()) co_return reached;
  const absl::CivilDay today = CityDay(parts_.clock->Now());
  auto read = parts_.sql->Run<v1::Catalogue>(
      call.deadline, [version = request.version(), today](db::Connection& connection) {
        return ReadVersionOrInForce(connection, version, today);
      });
  absl::StatusOr<v1::Catalogue> found = co_await read;
  if (!found.ok()) co_return found.status();
  v1::GetCatalogueResponse response;
  *response.mutable_catalogue() = *std::move(found);
  co_return response;
}

Task<absl::StatusOr<v1::ExplainRouteResponse>> CatalogueServer::Explain(
    rpc::CallContext& call, const v1::ExplainRouteRequest& request) {
  auto wait = parts_.positions->WaitFor(request.at_least_token(), call.deadline, call.cancellation);
  const absl::Status reached = co_await wait;
  if (!reached.ok()) co_return reached;
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  ZHUQI_CO_RETURN_IF_ERROR(CheckTexts(request));
  ZHUQI_CO_RETURN_IF_ERROR(CheckInputs(request.inputs(), *directory, "inputs"));
  const std::shared_ptr<const CompiledCatalogue> catalogue = parts_.catalogue->GetCompiled();
  if (catalogue == nullptr) co_return UnknownCatalogue();
  const v1::RouteInputs inputs =
      WithKeywords(request.inputs(), request.title(), request.text(), catalogue->keywords());
  absl::StatusOr<v1::RouteDecision> decision = DecideRoute(catalogue->message(), *directory, inputs);
  if (!decision.ok()) co_return decision.status();
  v1::ExplainRouteResponse response;
  *response.mutable_decision() = *std::move(decision);
  co_return response;
}

}  // namespace zhuqi::routing
