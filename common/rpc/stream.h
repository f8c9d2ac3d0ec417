// How a handler that is a coroutine writes to and reads from a stream.
//
//   const bool written = co_await writer.Write(event);
//   if (!written) co_return absl::CancelledError("the client is gone");
//
// One Write and one Read may be under way at a time. Messages passed by reference must live until the await
// ends. After an await the handler may run on another thread.
#ifndef ZHUQI_COMMON_RPC_STREAM_H_
#define ZHUQI_COMMON_RPC_STREAM_H_

#include <coroutine>

namespace zhuqi::rpc {

// One operation of a stream, from its start to its completion on whatever thread.
class StreamOperation {
 public:
  void Arm(std::coroutine_handle<> waiting) { waiting_ = waiting; }
  // Resumes who waits.
  void Complete(bool ok) {
    ok_ = ok;
    waiting_.resume();
  }
  bool ok() const { return ok_; }

 private:
  std::coroutine_handle<> waiting_;
  bool ok_ = false;
};

template <class Response>
class ServerWriter {
 public:
  virtual ~ServerWriter() = default;

  struct WriteAwaiter {
    ServerWriter* writer;
    const Response* response;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting) {
      writer->write_.Arm(waiting);
      writer->StartWriting(*response);
    }
    bool await_resume() const noexcept { return writer->write_.ok(); }
  };
  // Awaits to false when the client is gone: end the handler then.
  [[nodiscard]] WriteAwaiter Write(const Response& response) { return WriteAwaiter{this, &response}; }

 protected:
  // Begins to write; CompleteWrite follows exactly once, on any thread.
  virtual void StartWriting(const Response& response) = 0;
  void CompleteWrite(bool ok) { write_.Complete(ok); }

 private:
  StreamOperation write_;
};

template <class Request, class Response>
class BidirectionalStream : public ServerWriter<Response> {
 public:
  struct ReadAwaiter {
    BidirectionalStream* stream;
    Request* request;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting) {
      stream->read_.Arm(waiting);
      stream->StartReading(request);
    }
    bool await_resume() const noexcept { return stream->read_.ok(); }
  };
  // Awaits to false when the client has sent all it will, is gone, or sent a message that was refused (the
  // call then ends with that refusal, whatever the handler returns).
  [[nodiscard]] ReadAwaiter Read(Request* request) { return ReadAwaiter{this, request}; }

 protected:
  // Begins to read; CompleteRead follows exactly once, on any thread.
  virtual void StartReading(Request* request) = 0;
  void CompleteRead(bool ok) { read_.Complete(ok); }

 private:
  StreamOperation read_;
};

}  // namespace zhuqi::rpc

#endif  // ZHUQI_COMMON_RPC_STREAM_H_
