// What the tests of a record's life have in common: sending, withdrawing, linking, and finding it again.
#ifndef ZHUQI_SERVICES_INTAKE_RECORDS_TEST_LIFECYCLE_H_
#define ZHUQI_SERVICES_INTAKE_RECORDS_TEST_LIFECYCLE_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/sha256.h"
#include "common/encryption/key_ring.h"
#include "services/intake/records/test_replica.h"

namespace zhuqi::intake {

inline constexpr char kName[] = "陈联系";
inline constexpr char kPhone[] = "13800138765";

inline encryption::KeyRing Ring(const std::vector<std::string>& ids) {
  std::vector<encryption::SecretKey> keys;
  for (const std::string& id : ids) keys.push_back({id, Sha256(id)});
  return *encryption::KeyRing::Create(keys);
}

class RecordLifecycleTest : public RecordServiceTest {
 protected:
  using Stub = v1::RecordService::Stub;

  static v1::RecordSubmission WithContact(v1::RecordSubmission record, const std::string& phone = kPhone) {
    record.mutable_issue()->mutable_contact()->set_name(kName);
    record.mutable_issue()->mutable_contact()->set_phone(phone);
    return record;
  }

  std::string Send(Replica& replica, const v1::RecordSubmission& record) {
    const auto response = replica.Submit(Request({record}));
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->results(0).record_id() : "";
  }
  std::string Disposition(Replica& replica, const v1::RecordSubmission& record) {
    const auto response = replica.Submit(Request({record}));
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? Dispositions(*response).front() : "";
  }

  static v1::WithdrawRecordRequest Withdrawal(const std::string& record_id,
                                              const std::string& reason = "重复登记") {
    v1::WithdrawRecordRequest request;
    request.set_request_id(Uuid::NewV7(Clock::System().Now()).ToString());
    request.set_record_id(record_id);
    request.set_reason(reason);
    return request;
  }
  static v1::LinkRecordsRequest LinkOf(const std::string& from, v1::RecordLinkKind kind,
                                       const std::string& to) {
    v1::LinkRecordsRequest request;
    request.set_request_id(Uuid::NewV7(Clock::System().Now()).ToString());
    request.set_from_record_id(from);
    request.set_kind(kind);
    request.set_to_record_id(to);
    return request;
  }

  absl::StatusOr<v1::GetRecordResponse> Get(Replica& replica, const std::string& record_id,
                                            bool with_contact) {
    v1::GetRecordRequest request;
    request.set_record_id(record_id);
    request.set_with_contact(with_contact);
    return replica.Call(&Stub::GetRecord, request);
  }
  v1::ListRecordRevisionsResponse Revisions(Replica& replica, const std::string& record_id) {
    v1::ListRecordRevisionsRequest request;
    request.set_record_id(record_id);
    const auto response = replica.Call(&Stub::ListRecordRevisions, request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.value_or(v1::ListRecordRevisionsResponse());
  }
  static std::vector<std::string> DifferencesOf(const v1::RecordRevision& revision) {
    std::vector<std::string> texts;
    for (const auto& difference : revision.differences()) {
      texts.push_back(absl::StrCat(difference.field(), ": ", difference.before(), " > ", difference.after()));
    }
    return texts;
  }

  // External identifiers of what a list gives, in its order; the total is held against them.
  std::vector<std::string> Find(Replica& replica, const std::function<void(v1::ListRecordsRequest&)>& fill) {
    v1::ListRecordsRequest request;
    fill(request);
    request.set_include_total(true);
    std::vector<std::string> found;
    while (true) {
      const auto page = replica.List(request);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) return found;
      for (const auto& record : page->records()) found.push_back(record.submission().key().external_id());
      if (page->next_page_token().empty()) {
        EXPECT_EQ(page->total(), static_cast<int64_t>(found.size()));
        return found;
      }
      request.set_page_token(page->next_page_token());
    }
  }

  std::vector<v1::ExportRecordsResponse> Export(Replica& replica, const v1::ExportRecordsRequest& request) {
    grpc::ClientContext context;
    const auto stream = replica.stub().ExportRecords(&context, request);
    std::vector<v1::ExportRecordsResponse> messages;
    for (v1::ExportRecordsResponse message; stream->Read(&message);) messages.push_back(message);
    const grpc::Status status = stream->Finish();
    EXPECT_TRUE(status.ok()) << status.error_message();
    return messages;
  }

  std::string Reason(const absl::Status& status) { return rpc::ReasonOf(status); }
};

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_RECORDS_TEST_LIFECYCLE_H_
