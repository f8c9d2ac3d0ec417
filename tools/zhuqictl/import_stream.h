// The sending side of an import: chunks with a window, acknowledgements in order, and going on after the
// stream broke.
#ifndef ZHUQI_TOOLS_ZHUQICTL_IMPORT_STREAM_H_
#define ZHUQI_TOOLS_ZHUQICTL_IMPORT_STREAM_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "tools/zhuqictl/patience.h"
#include "tools/zhuqictl/record_source.h"
#include "zhuqi/intake/v1/record_service.grpc.pb.h"

namespace zhuqi::ctl {

// Chunks that may be under way at once; the server reads ahead by as many.
inline constexpr std::size_t kImportWindow = 8;

// Some rows of the file that are sent together. Rows that could not be understood are in `rows` too, and not
// in `message`.
struct Chunk {
  int64_t number = 0;
  intake::v1::ImportChunk message;
  std::vector<SourceRow> unreadable;
  // For each record of the message: the row that it came from.
  std::vector<OriginalRow> originals;
  int64_t end_offset = 0;
};

// Cuts a source into chunks, always in the same way.
class Chunker {
 public:
  Chunker(RecordSource& source, int chunk_rows) : source_(source), chunk_rows_(chunk_rows) {}
  // The next chunk; nullopt at the end. The last chunk may hold unreadable rows alone: it is not to be sent.
  absl::StatusOr<std::optional<Chunk>> Next();

 private:
  RecordSource& source_;
  const int chunk_rows_;
  int64_t next_number_ = 0;
};

struct ImportEvents {
  // In the order of the chunks: what became of a chunk; no acknowledgement for one that was skipped because
  // it was on disk from an earlier run. An error ends the import.
  std::function<absl::Status(const Chunk&, const intake::v1::ImportAcknowledgement*)> finished;
  // Once, before anything is sent: how many chunks an earlier run of this import has put on disk.
  std::function<absl::Status(int64_t chunks_on_disk)> opened;
};

class ImportStream {
 public:
  using StubFactory = std::function<std::unique_ptr<intake::v1::RecordService::Stub>()>;
  // `from_start`: sends all chunks, also those on disk, to see their results again.
  ImportStream(StubFactory stub, std::string import_id, bool from_start, Chunker& chunker,
               ImportEvents events, Patience& patience);

  // Returns when all chunks are on disk, or why not.
  absl::Status Run();

 private:
  using Stream =
      grpc::ClientReaderWriterInterface<intake::v1::ImportRecordsRequest, intake::v1::ImportRecordsResponse>;

  // One connection's life. OK: everything is acknowledged.
  absl::Status RunConnection();
  // False: the connection broke, and its status says why; so below.
  absl::StatusOr<bool> Open(Stream& stream);
  absl::Status SkipUntil(int64_t next_chunk);
  // What an earlier connection left without an answer.
  bool SendAgain(Stream& stream);
  absl::StatusOr<bool> SendAll(Stream& stream);
  // Waits until less than `limit` chunks are under way; false when the connection broke.
  bool WaitForWindow(std::size_t limit);
  void ReadAcknowledgements(Stream& stream);
  bool HasFailed();
  absl::Status TakeAcknowledgement(const intake::v1::ImportAcknowledgement& acknowledgement);

  const StubFactory stub_;
  const std::string import_id_;
  const bool from_start_;
  Chunker& chunker_;
  const ImportEvents events_;
  Patience& patience_;
  bool opened_once_ = false;
  bool source_done_ = false;
  // The rows at the end of the file, when none of them can be sent.
  std::optional<Chunk> unsent_tail_;

  absl::Mutex mutex_;
  // Sent or to be sent again, oldest first; kept until acknowledged.
  std::deque<Chunk> pending_ ABSL_GUARDED_BY(mutex_);
  bool reading_ended_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_IMPORT_STREAM_H_
