// The calls of the record service that change single records.
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/rpc/errors.h"
#include "common/rpc/uuid_field.h"
#include "services/intake/directory/field_check.h"
#include "services/intake/records/record_service.h"

namespace zhuqi::intake {
namespace {

constexpr size_t kMaxReason = 500;

// UUIDs are compared as text further on.
std::string NormalId(const std::string& text) { return Uuid::Parse(text).value_or(Uuid()).ToString(); }

absl::StatusOr<v1::WithdrawRecordRequest> Check(v1::WithdrawRecordRequest request) {
  rpc::Violations violations;
  rpc::ReadUuid(request.request_id(), "request_id", violations);
  rpc::ReadUuid(request.record_id(), "record_id", violations);
  CheckText(*request.mutable_reason(), "reason", kMaxReason, true, violations);
  ZHUQI_RETURN_IF_ERROR(violations.ToStatus());
  return request;
}

absl::StatusOr<v1::LinkRecordsRequest> Check(v1::LinkRecordsRequest request) {
  rpc::Violations violations;
  rpc::ReadUuid(request.request_id(), "request_id", violations);
  rpc::ReadUuid(request.from_record_id(), "from_record_id", violations);
  rpc::ReadUuid(request.to_record_id(), "to_record_id", violations);
  if (request.kind() == v1::RECORD_LINK_KIND_UNSPECIFIED || !v1::RecordLinkKind_IsValid(request.kind())) {
    violations.Add("kind", "REQUIRED", "must be DUPLICATE_OF, FOLLOW_UP_OF or SAME_CAUSE_AS",
                   "须为重复件、后续件或同因之一");
  }
  CheckText(*request.mutable_reason(), "reason", kMaxReason, request.remove(), violations);
  request.set_from_record_id(NormalId(request.from_record_id()));
  request.set_to_record_id(NormalId(request.to_record_id()));
  if (violations.empty() && request.from_record_id() == request.to_record_id()) {
    violations.Add("to_record_id", "LINK_TO_ITSELF", "a record is not linked to itself",
                   "记录不能与自身关联");
  }
  ZHUQI_RETURN_IF_ERROR(violations.ToStatus());
  return request;
}

}  // namespace

ChangeInput RecordServer::InputOf(const rpc::CallContext& call, const std::string& request_id,
                                  const std::string& digest) const {
  ChangeInput input;
  input.request_id = Uuid::Parse(request_id).value_or(Uuid());
  input.digest = digest;
  input.actor = call.principal.id;
  input.directory_sequence = parts_.directory->Get()->sequence();
  input.now = parts_.clock->Now();
  return input;
}

Task<absl::StatusOr<v1::WithdrawRecordResponse>> RecordServer::Withdraw(
    rpc::CallContext& call, const v1::WithdrawRecordRequest& request) {
  const absl::StatusOr<v1::WithdrawRecordRequest> checked = Check(request);
  if (!checked.ok()) co_return checked.status();
  const ChangeInput input =
      InputOf(call, request.request_id(), Sha256(absl::StrCat("withdraw:", request.SerializeAsString())));
  db::TransactionOptions options;
  options.body_is_idempotent = true;
  using Outcome = db::ChangeOutcome<v1::WithdrawRecordResponse>;
  auto write = parts_.sql->RunInTransaction<Outcome>(call.deadline, options,
                                                     [&checked, &input](db::Transaction& transaction) {
                                                       return WriteWithdrawal(transaction, *checked, input);
                                                     });
  absl::StatusOr<Outcome> outcome = co_await write;
  if (!outcome.ok()) co_return outcome.status();
  parts_.tail->NotifyCommitted();
  co_return (*std::move(outcome)).ToStatusOr();
}

Task<absl::StatusOr<v1::LinkRecordsResponse>> RecordServer::Link(rpc::CallContext& call,
                                                                 const v1::LinkRecordsRequest& request) {
  const absl::StatusOr<v1::LinkRecordsRequest> checked = Check(request);
  if (!checked.ok()) co_return checked.status();
  const ChangeInput input =
      InputOf(call, request.request_id(), Sha256(absl::StrCat("link:", request.SerializeAsString())));
  db::TransactionOptions options;
  options.body_is_idempotent = true;
  using Outcome = db::ChangeOutcome<v1::LinkRecordsResponse>;
  auto write = parts_.sql->RunInTransaction<Outcome>(
      call.deadline, options,
      [&checked, &input](db::Transaction& transaction) { return WriteLink(transaction, *checked, input); });
  absl::StatusOr<Outcome> outcome = co_await write;
  if (!outcome.ok()) co_return outcome.status();
  parts_.tail->NotifyCommitted();
  co_return (*std::move(outcome)).ToStatusOr();
}

}  // namespace zhuqi::intake
