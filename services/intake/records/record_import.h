// One import stream: chunks are written while later ones are read, and acknowledged in the order in which
// they came.
#ifndef ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_IMPORT_H_
#define ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_IMPORT_H_

#include <coroutine>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/base/task.h"
#include "common/rpc/call_context.h"
#include "common/rpc/stream.h"
#include "zhuqi/intake/v1/record_service.pb.h"

namespace zhuqi::intake {

using ImportStream = rpc::BidirectionalStream<v1::ImportRecordsRequest, v1::ImportRecordsResponse>;

// Shared by the two coroutines of a stream: the one that reads chunks and starts their writes, and the
// handler, which acknowledges them. Chunks read and not acknowledged are bounded, so a client that sends
// faster is held up by flow control and memory stays constant.
class ImportSession : public std::enable_shared_from_this<ImportSession> {
 public:
  using Outcome = absl::StatusOr<v1::SubmitRecordsResponse>;
  // Hands a chunk to the writer: when the task ends with OK the chunk stands in its lane, before every later
  // one, and `done` is called once, on any thread. Another status ends the import, and `done` is not called.
  // `chunk` lives as long as the task.
  using StartWrite =
      std::function<Task<absl::Status>(const v1::ImportChunk& chunk, std::function<void(Outcome)> done)>;

  ImportSession(StartWrite start_write, size_t read_ahead)
      : start_write_(std::move(start_write)), read_ahead_(read_ahead) {}

  // Reads chunks until the client has sent all, or until the session is closed.
  static Task<bool> ReadChunks(std::shared_ptr<ImportSession> session, ImportStream& stream);
  // Acknowledges chunks until all are on disk or one fails. Closes the session: after it nothing is read any
  // more.
  static Task<absl::Status> Acknowledge(std::shared_ptr<ImportSession> session, ImportStream& stream);

 private:
  struct Pending {
    int64_t number = 0;
    std::optional<Outcome> outcome;
  };
  // Starts a read unless the session is closed: after the handler ended, the stream must not be touched.
  struct GuardedRead;

  static Task<absl::Status> Accept(std::shared_ptr<ImportSession> session,
                                   const v1::ImportRecordsRequest& message);
  // The first outcome stands.
  void SetOutcome(const std::shared_ptr<Pending>& pending, Outcome outcome);
  void EndInput(const absl::Status& status);
  void Close();
  AwaitCallback<bool> WaitForSpace();
  AwaitCallback<bool> WaitForFront();
  bool HasSpace() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return closed_ || pending_.size() < read_ahead_;
  }
  bool FrontIsReady() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::shared_ptr<Pending> PopFront();
  // Resumes who waits and need not any longer.
  void Wake();

  const StartWrite start_write_;
  const size_t read_ahead_;
  absl::Mutex mutex_;
  std::deque<std::shared_ptr<Pending>> pending_ ABSL_GUARDED_BY(mutex_);
  bool input_ended_ ABSL_GUARDED_BY(mutex_) = false;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status input_status_ ABSL_GUARDED_BY(mutex_);
  std::function<void(bool)> resume_reader_ ABSL_GUARDED_BY(mutex_);
  std::function<void(bool)> resume_acknowledger_ ABSL_GUARDED_BY(mutex_);
};

// The answer to a chunk whose results are `response`.
v1::ImportAcknowledgement AcknowledgementOf(int64_t number, const v1::SubmitRecordsResponse& response);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_IMPORT_H_
