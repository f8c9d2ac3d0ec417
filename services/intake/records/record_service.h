// The RPCs of records.
#ifndef ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_SERVICE_H_
#define ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_SERVICE_H_

#include <functional>
#include <string>

#include "common/base/clock.h"
#include "common/db/sql_executor.h"
#include "common/directory/directory.h"
#include "common/rpc/call_adaptor.h"
#include "services/intake/records/record_import.h"
#include "services/intake/records/record_writer.h"
#include "zhuqi/intake/v1/record_service.grpc.pb.h"

namespace zhuqi::intake {

// All are required and must outlive the service.
struct RecordServiceParts {
  rpc::CallAdaptor* adaptor = nullptr;
  db::SqlExecutor* sql = nullptr;
  RecordWriter* writer = nullptr;
  DirectoryHolder* directory = nullptr;
  // Brings the directory up to what other replicas have committed; asked before a record is refused for a
  // unit, category or function that is not known here.
  std::function<absl::Status(db::Connection&)> refresh_directory;
  const Clock* clock = nullptr;
  int32_t partitions = 8;
};

class RecordServer final : public v1::RecordService::CallbackService {
 public:
  explicit RecordServer(RecordServiceParts parts) : parts_(std::move(parts)) {}

  grpc::ServerUnaryReactor* SubmitRecords(grpc::CallbackServerContext* context,
                                          const v1::SubmitRecordsRequest* request,
                                          v1::SubmitRecordsResponse* response) override;
  grpc::ServerBidiReactor<v1::ImportRecordsRequest, v1::ImportRecordsResponse>* ImportRecords(
      grpc::CallbackServerContext* context) override;
  grpc::ServerUnaryReactor* GetRecord(grpc::CallbackServerContext* context,
                                      const v1::GetRecordRequest* request,
                                      v1::GetRecordResponse* response) override;
  grpc::ServerUnaryReactor* ListRecords(grpc::CallbackServerContext* context,
                                        const v1::ListRecordsRequest* request,
                                        v1::ListRecordsResponse* response) override;

 private:
  Task<absl::StatusOr<v1::SubmitRecordsResponse>> Submit(rpc::CallContext& call,
                                                         const v1::SubmitRecordsRequest& request);
  Task<absl::Status> Import(rpc::CallContext& call, ImportStream& stream);
  Task<absl::StatusOr<v1::GetRecordResponse>> Get(rpc::CallContext& call,
                                                  const v1::GetRecordRequest& request);
  Task<absl::StatusOr<v1::ListRecordsResponse>> List(rpc::CallContext& call,
                                                     const v1::ListRecordsRequest& request);

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
};

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_SERVICE_H_
