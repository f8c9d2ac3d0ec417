#include "tools/zhuqictl/import_stream.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/rpc/channel.h"
#include "common/rpc/grpc_status.h"

namespace zhuqi::ctl {
namespace {

using intake::v1::ImportAcknowledgement;
using intake::v1::ImportRecordsRequest;
using intake::v1::ImportRecordsResponse;

// Below the default limit of a message, so that rows of any allowed size fit.
constexpr std::size_t kMaxChunkBytes = 2 << 20;

}  // namespace

absl::StatusOr<std::optional<Chunk>> Chunker::Next() {
  Chunk chunk;
  chunk.number = next_number_;
  chunk.message.set_number(next_number_);
  std::size_t bytes = 0;
  bool any = false;
  while (chunk.message.records_size() < chunk_rows_ && bytes < kMaxChunkBytes) {
    SourceRow row;
    ZHUQI_ASSIGN_OR_RETURN(const bool found, source_.Next(&row));
    if (!found) break;
    any = true;
    chunk.end_offset = row.end_offset;
    if (!row.violations.empty()) {
      chunk.unreadable.push_back(std::move(row));
      continue;
    }
    bytes += row.record.ByteSizeLong();
    *chunk.message.add_records() = std::move(row.record);
    chunk.originals.push_back(std::move(row.original));
  }
  if (!any) return std::optional<Chunk>();
  ++next_number_;
  return std::optional<Chunk>(std::move(chunk));
}

ImportStream::ImportStream(StubFactory stub, std::string import_id, bool from_start, Chunker& chunker,
                           ImportEvents events, Patience& patience)
    : stub_(std::move(stub)),
      import_id_(std::move(import_id)),
      from_start_(from_start),
      chunker_(chunker),
      events_(std::move(events)),
      patience_(patience) {}

absl::Status ImportStream::Run() {
  while (true) {
    const absl::Status status = RunConnection();
    if (status.ok()) return status;
    {
      absl::MutexLock lock(&mutex_);
      if (!failure_.ok()) return failure_;
    }
    if (!patience_.TryAgain(status)) return status;
  }
}

absl::Status ImportStream::RunConnection() {
  const auto stub = stub_();
  grpc::ClientContext context;
  rpc::PrepareContext(context, absl::InfiniteFuture());
  const std::unique_ptr<Stream> stream = stub->ImportRecords(&context);
  absl::StatusOr<bool> sent = Open(*stream);
  if (sent.ok() && *sent) {
    {
      absl::MutexLock lock(&mutex_);
      reading_ended_ = false;
    }
    std::thread reader([&] { ReadAcknowledgements(*stream); });
    sent = SendAll(*stream);
    // A broken stream ends by itself, and its status says why; cancelling would hide that.
    if (!sent.ok() || HasFailed()) context.TryCancel();
    if (sent.ok() && *sent) stream->WritesDone();
    reader.join();
  }
  if (!sent.ok()) context.TryCancel();
  const absl::Status closed = rpc::FromGrpcStatus(stream->Finish());
  absl::MutexLock lock(&mutex_);
  if (!failure_.ok()) return failure_;
  if (!sent.ok()) return failure_ = sent.status();
  if (*sent) return absl::OkStatus();
  return closed.ok() ? absl::UnavailableError("the stream ended early") : closed;
}

bool ImportStream::HasFailed() {
  absl::MutexLock lock(&mutex_);
  return !failure_.ok();
}

absl::StatusOr<bool> ImportStream::Open(Stream& stream) {
  ImportRecordsRequest request;
  request.mutable_open()->set_import_id(import_id_);
  ImportRecordsResponse response;
  if (!stream.Write(request) || !stream.Read(&response)) return false;
  if (!response.has_opened()) return absl::InternalError("the first answer does not open the import");
  const int64_t next_chunk = response.opened().next_chunk();
  if (opened_once_) {
    absl::MutexLock lock(&mutex_);
    // What was acknowledged is on disk: an answer before it means that this is another database.
    if (!pending_.empty() && next_chunk < pending_.front().number)
      return absl::DataLossError("the service has lost chunks that it had acknowledged");
    return true;
  }
  ZHUQI_RETURN_IF_ERROR(events_.opened(next_chunk));
  opened_once_ = true;
  // The last chunks of the window are sent again: an earlier run may have ended before it saw their results,
  // and sending them again gives the same results.
  if (!from_start_) ZHUQI_RETURN_IF_ERROR(SkipUntil(next_chunk - static_cast<int64_t>(kImportWindow)));
  return true;
}

absl::Status ImportStream::SkipUntil(int64_t next_chunk) {
  for (int64_t number = 0; number < next_chunk; ++number) {
    ZHUQI_ASSIGN_OR_RETURN(const std::optional<Chunk> chunk, chunker_.Next());
    if (!chunk) {
      source_done_ = true;
      return absl::OkStatus();
    }
    ZHUQI_RETURN_IF_ERROR(events_.finished(*chunk, nullptr));
  }
  return absl::OkStatus();
}

bool ImportStream::SendAgain(Stream& stream) {
  std::size_t left = 0;
  {
    absl::MutexLock lock(&mutex_);
    left = pending_.size();
  }
  // Acknowledgements take chunks from the front meanwhile: what is left to send is counted from the back.
  for (; left > 0; --left) {
    ImportRecordsRequest request;
    {
      absl::MutexLock lock(&mutex_);
      *request.mutable_chunk() = pending_[pending_.size() - left].message;
    }
    if (!stream.Write(request)) return false;
  }
  return true;
}

absl::StatusOr<bool> ImportStream::SendAll(Stream& stream) {
  if (!SendAgain(stream)) return false;
  while (!source_done_) {
    ZHUQI_ASSIGN_OR_RETURN(std::optional<Chunk> chunk, chunker_.Next());
    // Only the end of a file leaves a chunk without a record: it is reported when all before it is on disk.
    source_done_ = !chunk || chunk->message.records_size() == 0;
    if (source_done_) {
      unsent_tail_ = std::move(chunk);
      break;
    }
    const bool room = WaitForWindow(kImportWindow);
    ImportRecordsRequest request;
    *request.mutable_chunk() = chunk->message;
    {
      absl::MutexLock lock(&mutex_);
      pending_.push_back(*std::move(chunk));
    }
    if (!room || !stream.Write(request)) return false;
  }
  if (!WaitForWindow(1)) return false;
  if (unsent_tail_) ZHUQI_RETURN_IF_ERROR(events_.finished(*unsent_tail_, nullptr));
  unsent_tail_.reset();
  return true;
}

bool ImportStream::WaitForWindow(std::size_t limit) {
  absl::MutexLock lock(&mutex_);
  const auto ready = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return pending_.size() < limit || reading_ended_ || !failure_.ok();
  };
  mutex_.Await(absl::Condition(&ready));
  return pending_.size() < limit && failure_.ok();
}

void ImportStream::ReadAcknowledgements(Stream& stream) {
  ImportRecordsResponse response;
  while (stream.Read(&response)) {
    if (!response.has_acknowledgement()) continue;
    const absl::Status status = TakeAcknowledgement(response.acknowledgement());
    if (!status.ok()) break;
  }
  absl::MutexLock lock(&mutex_);
  reading_ended_ = true;
}

absl::Status ImportStream::TakeAcknowledgement(const ImportAcknowledgement& acknowledgement) {
  Chunk chunk;
  {
    absl::MutexLock lock(&mutex_);
    if (pending_.empty() || pending_.front().number != acknowledgement.chunk())
      return failure_ = absl::InternalError(
                 absl::StrCat("chunk ", acknowledgement.chunk(), " was acknowledged out of order"));
    chunk = std::move(pending_.front());
    pending_.pop_front();
  }
  patience_.Reset();
  absl::Status status = events_.finished(chunk, &acknowledgement);
  if (!status.ok()) {
    absl::MutexLock lock(&mutex_);
    failure_ = status;
  }
  return status;
}

}  // namespace zhuqi::ctl
