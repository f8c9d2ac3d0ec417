#include "services/routing/catalogue/catalogue_service.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/db/change_outcome.h"
#include "common/directory/date_message.h"
#include "common/feed/first_answers.h"
#include "common/feed/token.h"
#include "common/rpc/errors.h"
#include "common/rpc/uuid_field.h"
#include "common/vocabulary/text.h"
#include "services/routing/catalogue/catalogue_rules.h"
#include "services/routing/catalogue/catalogue_store.h"

namespace zhuqi::routing {
namespace {

constexpr char kApplyMethod[] = "CatalogueService.ApplyCatalogue";
// In characters, as intake takes them.
constexpr size_t kMaximumTitle = 200;
constexpr size_t kMaximumText = 4000;

// One request to put a catalogue in force.
struct Application {
  Uuid request_id;
  std::string body_digest;  // of all that is asked
  std::string digest;       // of the catalogue
  v1::Catalogue catalogue;
  std::string actor;
  bool validate_only = false;
  std::optional<int64_t> expected_version;
};
using ApplyOutcome = db::ChangeOutcome<v1::ApplyCatalogueResponse>;

std::string BodyDigest(v1::ApplyCatalogueRequest request) {
  request.clear_request_id();
  request.clear_at_least_token();
  request.mutable_catalogue()->clear_version();
  return Sha256(request.SerializeAsString());
}

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
  rpc::Violations violations;
  if (!request.validate_only()) {
    application.request_id = rpc::ReadUuid(request.request_id(), "request_id", violations).value_or(Uuid());
  }
  if (request.has_expected_version()) {
    application.expected_version = request.expected_version();
    if (request.expected_version() < 0) {
      violations.Add("expected_version", "VERSION_NEGATIVE", "0 or more", "版本号不得为负数");
    }
  }
  ZHUQI_RETURN_IF_ERROR(violations.ToStatus());
  application.body_digest = BodyDigest(request);
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

// Somebody else applied a version since the caller looked.
absl::Status CatalogueChanged(int64_t highest) {
  return rpc::Error(absl::StatusCode::kAborted, "ETAG_MISMATCH",
                    absl::StrCat("version ", highest, " is the highest by now, not the expected one"),
                    absl::StrCat("责任清单已更新至版本 ", highest, "，请在其基础上修改后重新提交"),
                    {{"version", absl::StrCat(highest)}});
}

// Makes it a version when it differs from the highest one.
absl::StatusOr<ApplyOutcome> PutInForce(db::Transaction& transaction, Application application,
                                        absl::Time now) {
  ZHUQI_ASSIGN_OR_RETURN(const CatalogueVersions versions,
                         ReadCatalogueVersions(transaction.connection(), CityDay(now)));
  const int64_t version = versions.highest;
  ZHUQI_ASSIGN_OR_RETURN(const std::optional<v1::Catalogue> newest,
                         ReadCatalogue(transaction.connection(), version));
  if (newest.has_value() && CatalogueDigest(*newest) == application.digest)
    return ApplyOutcome::Of(AnswerOf(version, false));
  if (application.expected_version.value_or(version) != version)
    return ApplyOutcome::Of(CatalogueChanged(version));
  ZHUQI_RETURN_IF_ERROR(CheckWhatFollows(transaction.connection(), application.catalogue));
  if (application.validate_only) return ApplyOutcome::Of(AnswerOf(version, true));
  application.catalogue.set_version(version + 1);
  ZHUQI_RETURN_IF_ERROR(
      InsertCatalogue(transaction.connection(), application.catalogue, now, application.actor));
  return ApplyOutcome::Of(AnswerOf(version + 1, true));
}

// The whole transaction. A repeated request gets its first answer even if the directory has changed since.
absl::StatusOr<ApplyOutcome> ApplyOnce(db::Transaction& transaction, const Application& application,
                                       const Directory& directory, absl::Time now) {
  if (application.validate_only) {
    ZHUQI_RETURN_IF_ERROR(CheckCatalogue(application.catalogue, directory));
    return PutInForce(transaction, application, now);
  }
  ZHUQI_ASSIGN_OR_RETURN(feed::FirstAnswers answers,
                         feed::FirstAnswers::Load(transaction, {&application.request_id, 1}));
  if (answers.IsNew(application.request_id)) {
    ZHUQI_RETURN_IF_ERROR(CheckCatalogue(application.catalogue, directory));
    ZHUQI_ASSIGN_OR_RETURN(const ApplyOutcome outcome, PutInForce(transaction, application, now));
    if (!outcome.refusal.ok()) return outcome;
    answers.Remember(application.request_id, kApplyMethod, application.body_digest,
                     outcome.response.SerializeAsString(), now);
    ZHUQI_RETURN_IF_ERROR(answers.Store(transaction));
  }
  return ApplyOutcome::Of(
      answers.Answer<v1::ApplyCatalogueResponse>(application.request_id, application.body_digest));
}

}  // namespace

Task<absl::StatusOr<v1::ApplyCatalogueResponse>> CatalogueServer::Apply(
    rpc::CallContext& call, const v1::ApplyCatalogueRequest& request) {
  const absl::StatusOr<Application> application = ReadApplication(request, call.principal.id);
  if (!application.ok()) co_return application.status();
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  const absl::Time now = parts_.clock->Now();
  db::TransactionOptions options;
  options.body_is_idempotent = true;
  auto run = parts_.sql->RunInTransaction<ApplyOutcome>(
      call.deadline, options, [&application, directory, now](db::Transaction& transaction) {
        return ApplyOnce(transaction, *application, *directory, now);
      });
  absl::StatusOr<ApplyOutcome> outcome = co_await run;
  if (!outcome.ok()) co_return outcome.status();
  absl::StatusOr<v1::ApplyCatalogueResponse> response = std::move(*outcome).ToStatusOr();
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
  const absl::CivilDay today = CityDay(parts_.clock->Now());
  using Response = v1::GetCatalogueResponse;
  auto read = parts_.sql->Run<Response>(
      call.deadline,
      [version = request.version(), today](db::Connection& connection) -> absl::StatusOr<Response> {
        Response found;
        // Before the catalogue: one that is applied between the two reads is none that the caller has seen.
        ZHUQI_ASSIGN_OR_RETURN(const CatalogueVersions versions, ReadCatalogueVersions(connection, today));
        found.set_highest_version(versions.highest);
        ZHUQI_ASSIGN_OR_RETURN(*found.mutable_catalogue(), ReadVersionOrInForce(connection, version, today));
        return found;
      });
  absl::StatusOr<Response> response = co_await read;
  co_return response;
}

Task<absl::StatusOr<v1::ExplainRouteResponse>> CatalogueServer::Explain(
    rpc::CallContext& /*call*/, const v1::ExplainRouteRequest& request) {
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
