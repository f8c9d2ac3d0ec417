// The RPCs of records.
#ifndef ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_SERVICE_H_
#define ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_SERVICE_H_

#include <functional>
#include <string>

#include "common/base/clock.h"
#include "common/db/sql_executor.h"
#include "common/directory/directory.h"
#include "common/encryption/key_ring.h"
#include "common/feed/tail.h"
#include "common/rpc/bound_service.h"
#include "services/intake/records/record_change.h"
#include "services/intake/records/record_import.h"
#include "services/intake/records/record_pages.h"
#include "services/intake/records/record_writer.h"
#include "zhuqi/intake/v1/record_service.grpc.pb.h"

namespace zhuqi::intake {

// All but the keys are required, and must outlive the service.
struct RecordServiceParts {
  rpc::CallAdaptor* adaptor = nullptr;
  db::SqlExecutor* sql = nullptr;
  RecordWriter* writer = nullptr;
  DirectoryHolder* directory = nullptr;
  // Brings the directory up to what other replicas have committed; asked before a record is refused for a
  // unit, category or function that is not known here.
  std::function<absl::Status(db::Connection&)> refresh_directory;
  const Clock* clock = nullptr;
  feed::FeedTail* tail = nullptr;
  // Of contacts. Null: records with a contact are refused.
  const encryption::KeyRing* contact_keys = nullptr;
  int32_t partitions = 8;
};

class RecordServer final : public rpc::BoundService<v1::RecordService> {
 public:
  explicit RecordServer(RecordServiceParts parts)
      : BoundService(*parts.adaptor), parts_(std::move(parts)), pages_(*parts_.sql) {
    using Self = RecordServer;
    Bind(this, &Self::Submit, &Self::Import, &Self::Get, &Self::List, &Self::Export, &Self::ListRevisions,
         &Self::Withdraw, &Self::Link, &Self::ListLinks);
  }

 private:
  Task<absl::StatusOr<v1::SubmitRecordsResponse>> Submit(rpc::CallContext& call,
                                                         const v1::SubmitRecordsRequest& request);
  Task<absl::Status> Import(rpc::CallContext& call, ImportStream& stream);
  Task<absl::StatusOr<v1::GetRecordResponse>> Get(rpc::CallContext& call,
                                                  const v1::GetRecordRequest& request);
  Task<absl::StatusOr<v1::ListRecordsResponse>> List(rpc::CallContext& call,
                                                     const v1::ListRecordsRequest& request);
  Task<absl::Status> Export(rpc::CallContext& call, const v1::ExportRecordsRequest& request,
                            rpc::ServerWriter<v1::ExportRecordsResponse>& writer);
  Task<absl::StatusOr<v1::ListRecordRevisionsResponse>> ListRevisions(
      rpc::CallContext& call, const v1::ListRecordRevisionsRequest& request);
  Task<absl::StatusOr<v1::WithdrawRecordResponse>> Withdraw(rpc::CallContext& call,
                                                            const v1::WithdrawRecordRequest& request);
  Task<absl::StatusOr<v1::LinkRecordsResponse>> Link(rpc::CallContext& call,
                                                     const v1::LinkRecordsRequest& request);
  Task<absl::StatusOr<v1::ListRecordLinksResponse>> ListLinks(rpc::CallContext& call,
                                                              const v1::ListRecordLinksRequest& request);

  ChangeInput InputOf(const rpc::CallContext& call, const std::string& request_id,
                      const std::string& digest) const;

  // Checks records with the directory in force and names the place in its log.
  RecordBatch CheckAll(const google::protobuf::RepeatedPtrField<v1::RecordSubmission>& records) const;
  // The same, once more with the newest directory when something was not known.
  Task<absl::StatusOr<RecordBatch>> CheckWithNewestDirectory(
      absl::Time deadline, const google::protobuf::RepeatedPtrField<v1::RecordSubmission>& records);
  // Checks a chunk of an import and puts it into the import's lane.
  Task<absl::Status> StartChunk(Uuid import_id, std::string actor, const v1::ImportChunk& chunk,
                                std::function<void(ImportSession::Outcome)> done);
  size_t LaneOf(const RecordBatch& batch) const;

  const RecordServiceParts parts_;
  const RecordPages pages_;
};

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_SERVICE_H_
