// The calls of the record service that read.
#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/page_token.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "common/identity/personal_data.h"
#include "common/rpc/errors.h"
#include "common/rpc/uuid_field.h"
#include "services/intake/directory/directory_keeper.h"
#include "services/intake/directory/paging.h"
#include "services/intake/records/contact_store.h"
#include "services/intake/records/link_store.h"
#include "services/intake/records/record_differences.h"
#include "services/intake/records/record_reader.h"
#include "services/intake/records/record_service.h"

namespace zhuqi::intake {
namespace {

constexpr absl::Duration kPageTimeout = absl::Seconds(60);
constexpr int kDefaultRevisions = 20;
constexpr int kMaxRevisions = 100;
constexpr int kMaxLinks = 1000;
constexpr char kContactField[] = "issue.contact";

absl::Status UnknownRecord() {
  return rpc::Error(absl::StatusCode::kNotFound, "RECORD_UNKNOWN", "there is no such record", "没有该记录");
}

Uuid ReadRecordId(const std::string& text, rpc::Violations& violations) {
  return rpc::ReadUuid(text, "record_id", violations).value_or(Uuid());
}

// A revision with what it changed against `former`, which is null for the first one.
absl::StatusOr<v1::RecordRevision> ToMessage(const StoredRevision& stored, const StoredRevision* former) {
  v1::RecordRevision revision;
  revision.set_revision(stored.revision);
  *revision.mutable_recorded_at() = TimestampMessage(stored.content.recorded_at);
  revision.set_actor(stored.content.recorded_by);
  revision.set_state(stored.content.withdrawal_reason.has_value() ? v1::RECORD_STATE_WITHDRAWN
                                                                  : v1::RECORD_STATE_ACTIVE);
  revision.set_withdrawal_reason(stored.content.withdrawal_reason.value_or(""));
  revision.set_category_tree_version(stored.content.category_tree_version);
  v1::RecordSubmission before;
  if (!revision.mutable_submission()->ParseFromString(stored.content.body) ||
      (former != nullptr && !before.ParseFromString(former->content.body))) {
    return absl::DataLossError("a stored revision can not be read");
  }
  if (former == nullptr) return revision;
  for (v1::RecordDifference& difference : Differences(before, revision.submission())) {
    *revision.add_differences() = std::move(difference);
  }
  if (stored.content.contact == ContactNote::kGiven || stored.content.contact == ContactNote::kTaken) {
    revision.add_differences()->set_field(kContactField);
  }
  return revision;
}

// Revisions below `before` (absent: from the newest).
absl::StatusOr<v1::ListRecordRevisionsResponse> ReadRevisionPage(db::Connection& connection,
                                                                 const Uuid& record_id,
                                                                 std::optional<int64_t> before,
                                                                 const PageQuery& page) {
  // One more than asked for is what the last one is compared with, and says whether there is a next page.
  ZHUQI_ASSIGN_OR_RETURN(const std::vector<StoredRevision> stored,
                         ReadRevisions(connection, record_id, before, page.size + 1));
  if (stored.empty() && !before.has_value()) return UnknownRecord();
  v1::ListRecordRevisionsResponse response;
  size_t bytes = 0;
  for (size_t i = 0; i < stored.size(); ++i) {
    const StoredRevision* former = i + 1 < stored.size() ? &stored[i + 1] : nullptr;
    ZHUQI_ASSIGN_OR_RETURN(v1::RecordRevision revision, ToMessage(stored[i], former));
    bytes += revision.ByteSizeLong();
    const bool full = response.revisions_size() == page.size || bytes > kMaxPageBytes;
    if (full && response.revisions_size() > 0) {
      response.set_next_page_token(EncodePageToken(page.filter, {absl::StrCat(stored[i - 1].revision)}));
      break;
    }
    *response.add_revisions() = std::move(revision);
  }
  return response;
}

// The record with its contact, when that is wanted.
absl::StatusOr<v1::GetRecordResponse> Finish(db::Connection& connection,
                                             absl::StatusOr<std::optional<v1::Record>> record,
                                             bool with_contact, const encryption::KeyRing* keys) {
  if (!record.ok()) return record.status();
  if (!record->has_value()) return UnknownRecord();
  v1::GetRecordResponse response;
  *response.mutable_record() = **std::move(record);
  if (!with_contact || !response.record().has_contact()) return response;
  const Uuid record_id = Uuid::Parse(response.record().record_id()).value_or(Uuid());
  ZHUQI_ASSIGN_OR_RETURN(std::optional<v1::Contact> contact, ReadContact(connection, record_id, keys));
  if (contact.has_value()) {
    *response.mutable_record()->mutable_submission()->mutable_issue()->mutable_contact() =
        *std::move(contact);
  }
  return response;
}

}  // namespace

Task<absl::StatusOr<v1::GetRecordResponse>> RecordServer::Get(rpc::CallContext& call,
                                                              const v1::GetRecordRequest& request) {
  if (request.with_contact()) {
    const absl::Status may = identity::MaySeePersonalData(call.principal);
    if (!may.ok()) co_return may;
  }
  // Records are read from the database, which has what any replica wrote; only the directory is this
  // replica's own.
  auto reach = ReachDirectory(*parts_.sql, *parts_.directory, request.at_least_token(), call.deadline);
  const absl::Status reached = co_await reach;
  if (!reached.ok()) co_return reached;
  rpc::Violations violations;
  const Uuid record_id = request.has_key() ? Uuid() : ReadRecordId(request.record_id(), violations);
  if (!violations.empty()) co_return violations.ToStatus();
  auto run = parts_.sql->Run<v1::GetRecordResponse>(
      call.deadline, [this, &request, &record_id](db::Connection& connection) {
        const NaturalKey key(request.key().source_system(), request.key().external_id());
        return Finish(connection,
                      request.has_key() ? ReadRecord(connection, key) : ReadRecord(connection, record_id),
                      request.with_contact(), parts_.contact_keys);
      });
  absl::StatusOr<v1::GetRecordResponse> response = co_await run;
  co_return response;
}

Task<absl::StatusOr<v1::ListRecordsResponse>> RecordServer::List(rpc::CallContext& call,
                                                                 const v1::ListRecordsRequest& request) {
  auto reach = ReachDirectory(*parts_.sql, *parts_.directory, request.at_least_token(), call.deadline);
  const absl::Status reached = co_await reach;
  if (!reached.ok()) co_return reached;
  const absl::StatusOr<RecordQuery> query = CheckList(request, *parts_.directory->Get());
  if (!query.ok()) co_return query.status();
  auto read = pages_.Read(call.deadline, *query);
  absl::StatusOr<v1::ListRecordsResponse> response = co_await read;
  if (!response.ok() || !request.include_total()) co_return response;
  auto count = pages_.Count(call.deadline, *query);
  const absl::StatusOr<int64_t> total = co_await count;
  if (!total.ok()) co_return total.status();
  response->set_total(*total);
  co_return response;
}

Task<absl::Status> RecordServer::Export(rpc::CallContext& call, const v1::ExportRecordsRequest& request,
                                        rpc::ServerWriter<v1::ExportRecordsResponse>& writer) {
  const absl::Time reach_deadline = std::min(call.deadline, absl::Now() + kPageTimeout);
  auto reach =
      ReachDirectory(*parts_.sql, *parts_.directory, request.filter().at_least_token(), reach_deadline);
  const absl::Status reached = co_await reach;
  if (!reached.ok()) co_return reached;
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  v1::ListRecordsRequest filter = request.filter();
  while (true) {
    const absl::StatusOr<RecordQuery> query = CheckList(filter, *directory);
    if (!query.ok()) co_return query.status();
    const absl::Time deadline = std::min(call.deadline, absl::Now() + kPageTimeout);
    auto read = pages_.Read(deadline, *query);
    absl::StatusOr<v1::ListRecordsResponse> page = co_await read;
    if (!page.ok()) co_return page.status();
    v1::ExportRecordsResponse message;
    message.mutable_records()->Swap(page->mutable_records());
    message.set_next_page_token(page->next_page_token());
    // Until the client takes what it has, nothing more is read.
    const bool written = co_await writer.Write(message);
    if (!written) co_return absl::CancelledError("the client is gone");
    if (message.next_page_token().empty()) co_return absl::OkStatus();
    filter.set_page_token(message.next_page_token());
  }
}

Task<absl::StatusOr<v1::ListRecordRevisionsResponse>> RecordServer::ListRevisions(
    rpc::CallContext& call, const v1::ListRecordRevisionsRequest& request) {
  auto reach = ReachDirectory(*parts_.sql, *parts_.directory, request.at_least_token(), call.deadline);
  const absl::Status reached = co_await reach;
  if (!reached.ok()) co_return reached;
  rpc::Violations violations;
  const Uuid record_id = ReadRecordId(request.record_id(), violations);
  const PageQuery page = ReadPageQuery(request, kDefaultRevisions, kMaxRevisions, 1, violations);
  std::optional<int64_t> before;
  if (page.after.has_value() && !absl::SimpleAtoi(page.after->front(), &before.emplace())) before.reset();
  if (!violations.empty()) co_return violations.ToStatus();
  auto run = parts_.sql->Run<v1::ListRecordRevisionsResponse>(
      call.deadline, [&record_id, &before, &page](db::Connection& connection) {
        return ReadRevisionPage(connection, record_id, before, page);
      });
  absl::StatusOr<v1::ListRecordRevisionsResponse> response = co_await run;
  co_return response;
}

Task<absl::StatusOr<v1::ListRecordLinksResponse>> RecordServer::ListLinks(
    rpc::CallContext& call, const v1::ListRecordLinksRequest& request) {
  auto reach = ReachDirectory(*parts_.sql, *parts_.directory, request.at_least_token(), call.deadline);
  const absl::Status reached = co_await reach;
  if (!reached.ok()) co_return reached;
  rpc::Violations violations;
  const Uuid record_id = ReadRecordId(request.record_id(), violations);
  if (!violations.empty()) co_return violations.ToStatus();
  auto run = parts_.sql->Run<v1::ListRecordLinksResponse>(
      call.deadline, [&record_id](db::Connection& connection) -> absl::StatusOr<v1::ListRecordLinksResponse> {
        ZHUQI_ASSIGN_OR_RETURN(const std::optional<v1::Record> record, ReadRecord(connection, record_id));
        if (!record.has_value()) return UnknownRecord();
        ZHUQI_ASSIGN_OR_RETURN(std::vector<StoredLink> links, ReadLinks(connection, record_id, kMaxLinks));
        v1::ListRecordLinksResponse response;
        for (StoredLink& stored : links) *response.add_links() = std::move(stored.link);
        return response;
      });
  absl::StatusOr<v1::ListRecordLinksResponse> response = co_await run;
  co_return response;
}

}  // namespace zhuqi::intake
