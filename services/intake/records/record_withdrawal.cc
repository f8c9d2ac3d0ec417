#include <optional>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "common/feed/first_answers.h"
#include "common/feed/token.h"
#include "common/rpc/errors.h"
#include "services/intake/records/record_change.h"
#include "services/intake/records/record_plan.h"
#include "services/intake/records/record_reader.h"
#include "services/intake/records/record_store.h"

namespace zhuqi::intake {
namespace {

constexpr char kMethod[] = "RecordService.WithdrawRecord";
using Outcome = db::ChangeOutcome<v1::WithdrawRecordResponse>;

absl::Status Refusal(const std::optional<StoredRow>& stored, const std::string& etag) {
  if (!stored.has_value()) {
    return rpc::Error(absl::StatusCode::kNotFound, "RECORD_UNKNOWN", "there is no such record", "没有该记录");
  }
  if (!etag.empty() && etag != EtagOf(stored->revision)) {
    return rpc::Error(absl::StatusCode::kAborted, "ETAG_MISMATCH", "the record was changed meanwhile",
                      "记录已被更新，请重新读取", {{"etag", EtagOf(stored->revision)}});
  }
  if (stored->content.withdrawal_reason.has_value()) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, "ALREADY_WITHDRAWN",
                      "the record is withdrawn already", "记录已撤回");
  }
  return absl::OkStatus();
}

// Stores the record as withdrawn; gives the event.
absl::StatusOr<feed::OutgoingEvent> Withdraw(db::Transaction& transaction, const Uuid& record_id,
                                             StoredRow stored, const std::string& reason,
                                             const ChangeInput& input) {
  v1::RecordSubmission submission;
  if (!submission.ParseFromString(stored.content.body)) {
    return absl::DataLossError("a stored record can not be read");
  }
  feed::v1::RecordFacts before = FactsOf(submission, record_id.ToString(), stored.revision);
  RecordRow row = RowOf(submission);
  row.former_mentions = std::exchange(row.mentions, RecordMentions());
  row.record_id = record_id;
  row.revision = stored.revision + 1;
  row.digest = stored.digest;
  row.partition = stored.partition;
  row.created_at = stored.created_at;
  row.content.recorded_at = input.now;
  row.content.recorded_by = input.actor;
  row.content.contact = HasContact(stored.content.contact) ? ContactNote::kAsBefore : ContactNote::kNone;
  row.content.withdrawal_reason = reason;
  row.content.category_tree_version = stored.content.category_tree_version;
  row.content.body = stored.content.body;
  // The superseded revision is the compare-and-set: whoever revised the record meanwhile wrote it too.
  ZHUQI_RETURN_IF_ERROR(
      ReviseRecords(transaction, {&row}, {{record_id, stored.revision, std::move(stored.content)}}));
  ZHUQI_RETURN_IF_ERROR(NoteWithdrawn(transaction, record_id));
  return EventOf(submission, row, std::move(before), input.directory_sequence);
}

}  // namespace

absl::StatusOr<Outcome> WriteWithdrawal(db::Transaction& transaction,
                                        const v1::WithdrawRecordRequest& checked, const ChangeInput& input) {
  ZHUQI_ASSIGN_OR_RETURN(feed::FirstAnswers answers,
                         feed::FirstAnswers::Load(transaction, {input.request_id}));
  if (answers.IsNew(input.request_id)) {
    const Uuid record_id = Uuid::Parse(checked.record_id()).value_or(Uuid());
    ZHUQI_ASSIGN_OR_RETURN(std::optional<StoredRow> stored, ReadStoredRow(transaction, record_id));
    const absl::Status refusal = Refusal(stored, checked.etag());
    if (!refusal.ok()) return Outcome::Of(refusal);
    ZHUQI_ASSIGN_OR_RETURN(feed::OutgoingEvent event,
                           Withdraw(transaction, record_id, *std::move(stored), checked.reason(), input));
    std::vector<feed::OutgoingEvent> events{std::move(event)};
    ZHUQI_RETURN_IF_ERROR(feed::Append(transaction, input.now, events));
    ZHUQI_ASSIGN_OR_RETURN(std::optional<v1::Record> record, ReadRecord(transaction.connection(), record_id));
    v1::WithdrawRecordResponse response;
    if (record.has_value()) *response.mutable_record() = *std::move(record);
    response.set_consistency_token(feed::MakeToken(
        {feed::Position("intake", events.front().partition, events.front().event.sequence())}));
    answers.Remember(input.request_id, kMethod, input.digest, response.SerializeAsString(), input.now);
    ZHUQI_RETURN_IF_ERROR(answers.Store(transaction));
  }
  return Outcome::Of(answers.Answer<v1::WithdrawRecordResponse>(input.request_id, input.digest));
}

}  // namespace zhuqi::intake
