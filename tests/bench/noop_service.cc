#include "tests/bench/noop_service.h"

namespace zhuqi::bench {
namespace {

using intake::v1::ImportRecordsRequest;
using intake::v1::ImportRecordsResponse;
using intake::v1::RecordResult;

// As long as a token with one position.
constexpr char kToken[] = "Cg4KBmludGFrZRADGLWKBg";

class NoopImport final : public grpc::ServerBidiReactor<ImportRecordsRequest, ImportRecordsResponse> {
 public:
  NoopImport() { StartRead(&request_); }

  void OnReadDone(bool ok) override {
    if (!ok) {
      Finish(grpc::Status::OK);
      return;
    }
    response_.Clear();
    if (request_.has_open()) {
      response_.mutable_opened()->set_next_chunk(0);
    } else {
      intake::v1::ImportAcknowledgement& acknowledgement = *response_.mutable_acknowledgement();
      acknowledgement.set_chunk(request_.chunk().number());
      acknowledgement.set_created(request_.chunk().records_size());
      acknowledgement.set_consistency_token(kToken);
    }
    StartWrite(&response_);
  }

  void OnWriteDone(bool ok) override {
    if (ok) {
      StartRead(&request_);
    } else {
      Finish(grpc::Status(grpc::StatusCode::CANCELLED, "the client is gone"));
    }
  }

  void OnDone() override { delete this; }

 private:
  ImportRecordsRequest request_;
  ImportRecordsResponse response_;
};

grpc::ServerUnaryReactor* AnswerNow(grpc::CallbackServerContext* context) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

}  // namespace

NoopRecordService::NoopRecordService() {
  result_.set_disposition(RecordResult::DISPOSITION_CREATED);
  result_.set_record_id("0190163d-8694-739b-aea5-966c26f8ad91");
  result_.set_revision(1);
}

grpc::ServerUnaryReactor* NoopRecordService::SubmitRecords(grpc::CallbackServerContext* context,
                                                           const intake::v1::SubmitRecordsRequest* request,
                                                           intake::v1::SubmitRecordsResponse* response) {
  for (int i = 0; i < request->records_size(); ++i) {
    *response->add_results() = result_;
    response->mutable_results(i)->set_index(i);
  }
  response->set_consistency_token(kToken);
  return AnswerNow(context);
}

grpc::ServerBidiReactor<ImportRecordsRequest, ImportRecordsResponse>* NoopRecordService::ImportRecords(
    grpc::CallbackServerContext* /*context*/) {
  return new NoopImport();
}

NoopReportService::NoopReportService(const std::string& answer)
    : answer_([&answer] {
        const grpc::Slice slice(answer);
        return grpc::ByteBuffer(&slice, 1);
      }()) {}

grpc::ServerUnaryReactor* NoopReportService::QueryFigures(grpc::CallbackServerContext* context,
                                                          const grpc::ByteBuffer* /*request*/,
                                                          grpc::ByteBuffer* response) {
  *response = answer_;
  return AnswerNow(context);
}

}  // namespace zhuqi::bench
