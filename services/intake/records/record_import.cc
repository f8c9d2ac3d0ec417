#include "services/intake/records/record_import.h"

#include <utility>

#include "common/rpc/errors.h"

namespace zhuqi::intake {

struct ImportSession::GuardedRead {
  std::shared_ptr<ImportSession> session;
  ImportStream::ReadAwaiter read;
  bool started = false;

  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> waiting) {
    // Under the lock, so that Close can not fall between the look and the read. The read may be complete, and
    // this object gone, before the lock is released: hence the local owner.
    const std::shared_ptr<ImportSession> owner = session;
    absl::MutexLock lock(&owner->mutex_);
    if (owner->closed_) return false;
    started = true;
    read.await_suspend(waiting);
    return true;
  }
  bool await_resume() const noexcept { return started && read.await_resume(); }
};

Task<bool> ImportSession::ReadChunks(std::shared_ptr<ImportSession> session, ImportStream& stream) {
  v1::ImportRecordsRequest message;
  while (true) {
    GuardedRead guarded{session, stream.Read(&message)};
    const bool read = co_await guarded;
    if (!read) break;
    // One after the other: a chunk that has to wait for the directory must not be overtaken by the next one.
    auto accept = Accept(session, message);
    const absl::Status accepted = co_await accept;
    if (!accepted.ok()) {
      session->EndInput(accepted);
      co_return false;
    }
    auto space = session->WaitForSpace();
    const bool open = co_await space;
    if (!open) co_return false;
  }
  session->EndInput(absl::OkStatus());
  co_return true;
}

Task<absl::Status> ImportSession::Acknowledge(std::shared_ptr<ImportSession> session, ImportStream& stream) {
  absl::Status status = absl::OkStatus();
  while (status.ok()) {
    auto front = session->WaitForFront();
    co_await front;
    const std::shared_ptr<Pending> pending = session->PopFront();
    if (pending == nullptr) break;
    if (!pending->outcome->ok()) {
      status = pending->outcome->status();
      break;
    }
    v1::ImportRecordsResponse answer;
    *answer.mutable_acknowledgement() = AcknowledgementOf(pending->number, **pending->outcome);
    const bool written = co_await stream.Write(answer);
    if (!written) status = absl::CancelledError("the client is gone");
  }
  session->Close();
  if (!status.ok()) co_return status;
  absl::MutexLock lock(&session->mutex_);
  co_return session->input_status_;
}

Task<absl::Status> ImportSession::Accept(std::shared_ptr<ImportSession> session,
                                         const v1::ImportRecordsRequest& message) {
  if (!message.has_chunk()) {
    co_return rpc::Error(absl::StatusCode::kInvalidArgument, "IMPORT_OUT_OF_ORDER",
                         "only the first message opens the import; every later one is a chunk",
                         "只有第一条消息用于打开导入，其后均须为数据块");
  }
  auto pending = std::make_shared<Pending>();
  pending->number = message.chunk().number();
  {
    absl::MutexLock lock(&session->mutex_);
    session->pending_.push_back(pending);
  }
  auto start = session->start_write_(message.chunk(), [session, pending](Outcome outcome) {
    session->SetOutcome(pending, std::move(outcome));
  });
  const absl::Status started = co_await start;
  // Nobody else will say what became of it.
  if (!started.ok()) session->SetOutcome(pending, started);
  co_return started;
}

void ImportSession::SetOutcome(const std::shared_ptr<Pending>& pending, Outcome outcome) {
  {
    absl::MutexLock lock(&mutex_);
    if (!pending->outcome.has_value()) pending->outcome.emplace(std::move(outcome));
  }
  Wake();
}

void ImportSession::EndInput(const absl::Status& status) {
  {
    absl::MutexLock lock(&mutex_);
    input_ended_ = true;
    input_status_ = status;
  }
  Wake();
}

void ImportSession::Close() {
  {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
  }
  Wake();
}

bool ImportSession::FrontIsReady() const {
  if (pending_.empty()) return input_ended_;
  return pending_.front()->outcome.has_value();
}

std::shared_ptr<ImportSession::Pending> ImportSession::PopFront() {
  std::shared_ptr<Pending> front;
  {
    absl::MutexLock lock(&mutex_);
    if (pending_.empty()) return nullptr;
    front = pending_.front();
    pending_.pop_front();
  }
  Wake();
  return front;
}

AwaitCallback<bool> ImportSession::WaitForSpace() {
  return AwaitCallback<bool>([self = shared_from_this()](AwaitCallback<bool>::Resume resume) {
    {
      absl::MutexLock lock(&self->mutex_);
      self->resume_reader_ = std::move(resume);
    }
    self->Wake();
  });
}

AwaitCallback<bool> ImportSession::WaitForFront() {
  return AwaitCallback<bool>([self = shared_from_this()](AwaitCallback<bool>::Resume resume) {
    {
      absl::MutexLock lock(&self->mutex_);
      self->resume_acknowledger_ = std::move(resume);
    }
    self->Wake();
  });
}

void ImportSession::Wake() {
  std::function<void(bool)> reader;
  std::function<void(bool)> acknowledger;
  bool open = true;
  {
    absl::MutexLock lock(&mutex_);
    open = !closed_;
    if (HasSpace()) reader = std::exchange(resume_reader_, nullptr);
    if (FrontIsReady()) acknowledger = std::exchange(resume_acknowledger_, nullptr);
  }
  if (reader) reader(open);
  if (acknowledger) acknowledger(true);
}

v1::ImportAcknowledgement AcknowledgementOf(int64_t number, const v1::SubmitRecordsResponse& response) {
  v1::ImportAcknowledgement acknowledgement;
  acknowledgement.set_chunk(number);
  acknowledgement.set_consistency_token(response.consistency_token());
  int32_t created = 0;
  int32_t updated = 0;
  int32_t unchanged = 0;
  int32_t rejected = 0;
  for (const v1::RecordResult& result : response.results()) {
    created += result.disposition() == v1::RecordResult::DISPOSITION_CREATED;
    updated += result.disposition() == v1::RecordResult::DISPOSITION_UPDATED;
    unchanged += result.disposition() == v1::RecordResult::DISPOSITION_UNCHANGED;
    rejected += result.disposition() == v1::RecordResult::DISPOSITION_REJECTED;
    if (result.violations_size() > 0 || result.warnings_size() > 0)
      *acknowledgement.add_notable_results() = result;
  }
  acknowledgement.set_created(created);
  acknowledgement.set_updated(updated);
  acknowledgement.set_unchanged(unchanged);
  acknowledgement.set_rejected(rejected);
  return acknowledgement;
}

}  // namespace zhuqi::intake
