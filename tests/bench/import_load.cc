#include <deque>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/base/uuid.h"
#include "common/rpc/grpc_status.h"
#include "tests/bench/closed_loop.h"
#include "zhuqi/intake/v1/record_service.grpc.pb.h"

namespace zhuqi::bench {
namespace {

using intake::v1::ImportRecordsRequest;
using intake::v1::ImportRecordsResponse;
using Stream = grpc::ClientReaderWriter<ImportRecordsRequest, ImportRecordsResponse>;

// When each chunk was sent that is not acknowledged yet, in the order of sending.
class SentChunks {
 public:
  explicit SentChunks(int window) : window_(static_cast<size_t>(window)) {}

  // Waits for room. False when the stream has ended.
  bool Add() {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(
        +[](SentChunks* self) { return self->ended_ || self->sent_.size() < self->window_; }, this));
    if (ended_) return false;
    sent_.push_back(absl::Now());
    return true;
  }

  absl::Time TakeOldest() {
    absl::MutexLock lock(&mutex_);
    if (sent_.empty()) return absl::Now();
    const absl::Time sent = sent_.front();
    sent_.pop_front();
    return sent;
  }

  void End() {
    absl::MutexLock lock(&mutex_);
    ended_ = true;
  }

 private:
  const size_t window_;
  absl::Mutex mutex_;
  std::deque<absl::Time> sent_ ABSL_GUARDED_BY(mutex_);
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
};

void SendChunks(Stream& stream, int records_per_chunk, IssueSource& issues, const Window& window,
                SentChunks& sent) {
  ImportRecordsRequest request;
  for (int64_t number = 0; absl::Now() < window.end; ++number) {
    intake::v1::ImportChunk& chunk = *request.mutable_chunk();
    chunk.set_number(number);
    while (chunk.records_size() < records_per_chunk) chunk.add_records();
    for (intake::v1::RecordSubmission& record : *chunk.mutable_records()) issues.Fill(&record);
    if (!sent.Add() || !stream.Write(request)) return;
  }
  stream.WritesDone();
}

absl::Status ReadAcknowledgements(Stream& stream, int records_per_chunk, SentChunks& sent, Samples& samples) {
  for (ImportRecordsResponse response; stream.Read(&response);) {
    const absl::Time sent_at = sent.TakeOldest();
    const intake::v1::ImportAcknowledgement& acknowledgement = response.acknowledgement();
    if (acknowledgement.created() != records_per_chunk) {
      return absl::InternalError(
          absl::StrCat("not all created: ", acknowledgement.ShortDebugString().substr(0, 500)));
    }
    samples.Add(sent_at, absl::Now(), acknowledgement.created());
  }
  return absl::OkStatus();
}

absl::Status Open(Stream& stream) {
  ImportRecordsRequest request;
  request.mutable_open()->set_import_id(Uuid::NewV7(absl::Now()).ToString());
  ImportRecordsResponse response;
  if (!stream.Write(request) || !stream.Read(&response) || response.opened().next_chunk() != 0) {
    return absl::UnavailableError("the import was not opened");
  }
  return absl::OkStatus();
}

}  // namespace

void ImportLoad(const Target& target, const ImportShape& shape, IssueSource& issues, Report& report) {
  const auto stub = intake::v1::RecordService::NewStub(Connect(target).front());
  grpc::ClientContext context;
  Prepare(context, target);
  // The stream lasts as long as the measurement; only a server that hangs meets this deadline.
  context.set_deadline(absl::ToChronoTime(report.window().end + absl::Seconds(60)));
  const std::unique_ptr<Stream> stream = stub->ImportRecords(&context);
  SentChunks sent(shape.window);
  Samples samples(report.window());
  absl::Status outcome = Open(*stream);
  if (outcome.ok()) {
    std::thread sender([&] { SendChunks(*stream, shape.records_per_chunk, issues, report.window(), sent); });
    outcome = ReadAcknowledgements(*stream, shape.records_per_chunk, sent, samples);
    if (!outcome.ok()) context.TryCancel();
    sent.End();
    sender.join();
  } else {
    context.TryCancel();
  }
  const absl::Status ended = rpc::FromGrpcStatus(stream->Finish());
  report.Fail(outcome);
  report.Fail(ended);
  report.Take(samples);
}

}  // namespace zhuqi::bench
