#include "services/routing/consultations/consultation_writer.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "common/feed/first_answers.h"
#include "common/feed/token.h"
#include "common/rpc/errors.h"
#include "services/routing/cases/case_batch.h"
#include "services/routing/cases/case_rules.h"
#include "services/routing/cases/case_store.h"
#include "services/routing/cases/case_writer.h"
#include "services/routing/consultations/consultation_rules.h"
#include "services/routing/consultations/consultation_store.h"
#include "services/routing/follow/followed_directory.h"

namespace zhuqi::routing {
namespace {

using ConveneOutcome = db::ChangeOutcome<v1::ConveneConsultationResponse>;
using ActionOutcome = db::ChangeOutcome<v1::ActOnConsultationResponse>;

// ---- The cases of a convening ----

// The refusal with the case that it is about.
absl::Status OfCase(const absl::Status& refusal, const std::string& case_id) {
  const auto info = rpc::ErrorInfoOf(refusal);
  const auto chinese = rpc::LocalizedMessageOf(refusal);
  if (!info.has_value()) return refusal;
  std::map<std::string, std::string> metadata(info->metadata().begin(), info->metadata().end());
  metadata["case_id"] = case_id;
  return rpc::Error(refusal.code(), info->reason(),
                    absl::StrCat("case ", case_id, ": ", std::string(refusal.message())),
                    chinese.has_value() ? chinese->message() : "", std::move(metadata));
}

// The identities that the request names, in its order. `refusal`: one is unknown, or named twice.
absl::StatusOr<std::vector<Uuid>> ResolveCases(db::Connection& connection,
                                               const v1::ConveneConsultationRequest& request,
                                               absl::Status& refusal) {
  std::vector<IssueKey> keys;
  for (const auto& named : request.cases()) {
    if (named.has_issue_key()) {
      keys.emplace_back(named.issue_key().source_system(), named.issue_key().external_id());
    }
  }
  ZHUQI_ASSIGN_OR_RETURN(const auto found, FindCases(connection, keys));
  std::vector<Uuid> ids;
  rpc::Violations violations;
  for (int i = 0; i < request.cases_size(); ++i) {
    const auto& named = request.cases(i);
    std::optional<Uuid> id = Uuid::Parse(named.case_id());
    if (named.has_issue_key()) {
      const auto known = found.find({named.issue_key().source_system(), named.issue_key().external_id()});
      if (known != found.end()) id = known->second;
    }
    if (!id.has_value()) {
      refusal = UnknownCase();
      return ids;
    }
    if (std::find(ids.begin(), ids.end(), *id) != ids.end()) {
      violations.Add(absl::StrCat("cases[", i, "]"), "CASE_REPEATED", "this case is named twice", "工单重复");
    }
    ids.push_back(*id);
  }
  refusal = violations.ToStatus();
  return ids;
}

// What the history of each case says.
ActionInput ConveneOnCases(const v1::Consultation& body, const ConveneCommand& command, absl::Time now) {
  ActionInput input;
  v1::Convene& convene = *input.action.mutable_convene();
  *convene.mutable_department_ids() = command.request.department_ids();
  convene.set_decision(body.why());
  convene.set_consultation_id(body.consultation_id());
  *convene.mutable_held_on() = DateMessage(ConvenedOn(TimeFrom(body.scheduled_at()), now));
  input.recorded_at = now;
  input.actor = command.actor;
  return input;
}

// Notes the convening on every case; the first refusal ends it.
absl::Status NoteOnCases(const std::vector<Uuid>& case_ids, const ActionInput& input,
                         const Directory& directory, const CompiledCatalogue& catalogue, CaseBatch& batch) {
  const absl::CivilDay held_on = CivilDayFrom(input.action.convene().held_on()).value_or(absl::CivilDay());
  for (size_t i = 0; i < case_ids.size(); ++i) {
    const CaseRecord* record = batch.FindForChange(case_ids[i]);
    if (record == nullptr) return OfCase(UnknownCase(), case_ids[i].ToString());
    if (held_on < CityDay(TimeFrom(record->body.received_at()))) {
      rpc::Violations violations;
      violations.Add(absl::StrCat("cases[", i, "]"), "CASE_RECEIVED_LATER",
                     "the case had not been received when they met", "会商时该工单尚未接收");
      return violations.ToStatus();
    }
    absl::StatusOr<CaseChange> change = Act(*record, input, directory, catalogue);
    if (!change.ok()) return OfCase(change.status(), case_ids[i].ToString());
    batch.Take(*std::move(change));
  }
  return absl::OkStatus();
}

std::string TokenOfConvening(const CaseBatch& batch) {
  std::vector<common::v1::FeedPosition> positions;
  for (const feed::OutgoingEvent& event : batch.events()) {
    positions.push_back(feed::Position("routing", event.partition, event.event.sequence()));
  }
  return feed::MakeToken(positions);
}

// ---- A convening ----

struct Round {
  std::optional<v1::Consultation> previous;
  std::optional<ConsultationChange> noted;
};

// The round before, with the entry that refers to the new one.
absl::StatusOr<Round> TakePrevious(db::Transaction& transaction, const std::string& previous_id,
                                   const std::string& consultation_id,
                                   const std::vector<std::string>& case_ids, const ConsultationInput& input,
                                   absl::Status& refusal) {
  Round round;
  if (previous_id.empty()) return round;
  ZHUQI_ASSIGN_OR_RETURN(round.previous,
                         LockConsultation(transaction, Uuid::Parse(previous_id).value_or(Uuid())));
  if (!round.previous.has_value()) {
    refusal = UnknownConsultation();
    return round;
  }
  absl::StatusOr<ConsultationChange> noted = NoteNextRound(*round.previous, consultation_id, case_ids, input);
  refusal = noted.status();
  if (noted.ok()) round.noted = *std::move(noted);
  return round;
}

// All but the idempotency rows. A refusal has written nothing.
absl::StatusOr<ConveneOutcome> CarryOutConvening(db::Transaction& transaction, const ConveneCommand& command,
                                                 const ConsultationSurroundings& given) {
  db::Connection& connection = transaction.connection();
  ZHUQI_ASSIGN_OR_RETURN(const std::shared_ptr<const Directory> directory,
                         DirectoryInForce(connection, *given.directory));
  const std::shared_ptr<const CompiledCatalogue> catalogue = given.catalogue->GetOrEmpty();
  absl::Status refusal;
  ZHUQI_ASSIGN_OR_RETURN(const std::vector<Uuid> ids, ResolveCases(connection, command.request, refusal));
  if (!refusal.ok()) return ConveneOutcome::Of(refusal);
  std::vector<std::string> case_ids;
  for (const Uuid& id : ids) case_ids.push_back(id.ToString());

  const ConsultationInput input{given.now, command.actor, *directory};
  const std::string consultation_id = Uuid::NewV7(given.now).ToString();
  ZHUQI_ASSIGN_OR_RETURN(const Round round,
                         TakePrevious(transaction, command.request.previous_consultation_id(),
                                      consultation_id, case_ids, input, refusal));
  if (!refusal.ok()) return ConveneOutcome::Of(refusal);
  const ConsultationChange change =
      ConveneConsultation(command.request, consultation_id, case_ids,
                          round.previous.has_value() ? &*round.previous : nullptr, input);

  ZHUQI_ASSIGN_OR_RETURN(CaseMap known, ReadCases(connection, ids));
  CaseBatch batch(&connection, std::move(known), directory, {catalogue, &catalogue->message()}, given.now,
                  given.outbox);
  refusal = NoteOnCases(ids, ConveneOnCases(change.body, command, given.now), *directory, *catalogue, batch);
  if (!refusal.ok()) return ConveneOutcome::Of(refusal);
  if (round.noted.has_value()) {
    ZHUQI_RETURN_IF_ERROR(WriteConsultation(transaction, &*round.previous, *round.noted));
  }
  ZHUQI_RETURN_IF_ERROR(WriteConsultation(transaction, nullptr, change));
  ZHUQI_RETURN_IF_ERROR(batch.Write(transaction));
  v1::ConveneConsultationResponse response;
  *response.mutable_consultation() = PresentConsultation(change.body, *directory, CityDay(given.now));
  response.set_consistency_token(TokenOfConvening(batch));
  return ConveneOutcome::Of(std::move(response));
}

// ---- An action ----

absl::StatusOr<ActionOutcome> CarryOutAction(db::Transaction& transaction,
                                             const ConsultationActionCommand& command,
                                             const ConsultationSurroundings& given) {
  const v1::ActOnConsultationRequest& request = command.request;
  ZHUQI_ASSIGN_OR_RETURN(const std::shared_ptr<const Directory> directory,
                         DirectoryInForce(transaction.connection(), *given.directory));
  ZHUQI_ASSIGN_OR_RETURN(
      const std::optional<v1::Consultation> before,
      LockConsultation(transaction, Uuid::Parse(request.consultation_id()).value_or(Uuid())));
  if (!before.has_value()) return ActionOutcome::Of(UnknownConsultation());
  if (!request.etag().empty() && request.etag() != before->etag()) {
    return ActionOutcome::Of(rpc::Error(absl::StatusCode::kAborted, "ETAG_MISMATCH",
                                        "the consultation has changed since it was read",
                                        "会商已被更新，请刷新后重试", {{"etag", before->etag()}}));
  }
  absl::StatusOr<ConsultationChange> change =
      ChangeConsultation(*before, request.action(), {given.now, command.actor, *directory});
  if (!change.ok()) return ActionOutcome::Of(change.status());
  ZHUQI_RETURN_IF_ERROR(WriteConsultation(transaction, &*before, *change));
  v1::ActOnConsultationResponse response;
  *response.mutable_consultation() = PresentConsultation(change->body, *directory, CityDay(given.now));
  *response.mutable_event() = change->event;
  // No other service is told anything; who reads on with this token sees what this request saw.
  response.set_consistency_token(request.at_least_token());
  return ActionOutcome::Of(std::move(response));
}

// Runs `work` once for each request id, and gives its first answer ever after.
template <typename Response, typename Request, typename Work>
absl::StatusOr<db::ChangeOutcome<Response>> AnswerOnce(db::Transaction& transaction, absl::string_view method,
                                                       const ConsultationCommand<Request>& command,
                                                       const ConsultationSurroundings& given, Work work) {
  using Outcome = db::ChangeOutcome<Response>;
  ZHUQI_ASSIGN_OR_RETURN(feed::FirstAnswers answers,
                         feed::FirstAnswers::Load(transaction, {&command.request_id, 1}));
  if (answers.IsNew(command.request_id)) {
    ZHUQI_ASSIGN_OR_RETURN(const Outcome outcome, work(transaction, command, given));
    if (!outcome.refusal.ok()) return outcome;
    answers.Remember(command.request_id, method, command.digest, outcome.response.SerializeAsString(),
                     given.now);
    ZHUQI_RETURN_IF_ERROR(answers.Store(transaction));
  }
  return Outcome::Of(answers.Answer<Response>(command.request_id, command.digest));
}

}  // namespace

absl::Status UnknownConsultation() {
  return rpc::Error(absl::StatusCode::kNotFound, "CONSULTATION_UNKNOWN", "there is no such consultation",
                    "会商不存在");
}

absl::StatusOr<ConveneOutcome> WriteConvening(db::Transaction& transaction, const ConveneCommand& command,
                                              const ConsultationSurroundings& given) {
  return AnswerOnce<v1::ConveneConsultationResponse>(transaction, "ConsultationService.ConveneConsultation",
                                                     command, given, CarryOutConvening);
}

absl::StatusOr<ActionOutcome> WriteConsultationAction(db::Transaction& transaction,
                                                      const ConsultationActionCommand& command,
                                                      const ConsultationSurroundings& given) {
  return AnswerOnce<v1::ActOnConsultationResponse>(transaction, "ConsultationService.ActOnConsultation",
                                                   command, given, CarryOutAction);
}

}  // namespace zhuqi::routing
