// Task<T>: the one shape of an asynchronous handler. A lazy C++20 coroutine that runs when it is awaited, or
// when Spawn() starts it from ordinary code, and gives its value to whoever awaits it.
//
//   Task<absl::StatusOr<Answer>> Handle(CallContext& call, const Request& request) {
//     absl::StatusOr<Receipt> receipt = co_await writer.Write(item);   // bind each awaited value to a name
//     ...
//     co_return answer;
//   }
//
// Rules, all of them because of how g++ 12 and lifetimes behave:
// - Bind what an await gives to a named local before using it; no co_await inside a larger expression.
// - Parameters taken by reference must outlive the task. The call adaptor guarantees it for handlers.
// - A coroutine is a member or free function, not a capturing lambda.
// - A Task is awaited exactly once. Exceptions do not cross: the code base reports by Status; one that does
//   escape (std::bad_alloc) ends up in the awaiting coroutine.
#ifndef ZHUQI_COMMON_BASE_TASK_H_
#define ZHUQI_COMMON_BASE_TASK_H_

#include <coroutine>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace zhuqi {

template <typename T>
class [[nodiscard]] Task {
 public:
  struct promise_type {
    std::optional<T> value;
    std::exception_ptr exception;
    std::coroutine_handle<> continuation = std::noop_coroutine();

    Task get_return_object() { return Task(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    struct ResumeContinuation {
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> handle) noexcept {
        return handle.promise().continuation;
      }
      void await_resume() noexcept {}
    };
    ResumeContinuation final_suspend() noexcept { return {}; }
    template <typename U>
    void return_value(U&& result) {
      value.emplace(std::forward<U>(result));
    }
    void unhandled_exception() { exception = std::current_exception(); }
  };

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
    handle_.promise().continuation = awaiting;
    return handle_;
  }
  T await_resume() {
    if (handle_.promise().exception) std::rethrow_exception(handle_.promise().exception);
    return std::move(*handle_.promise().value);
  }

 private:
  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

namespace task_internal {
struct Detached {
  struct promise_type {
    Detached get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};

template <typename T, typename Done>
Detached RunDetached(Task<T> task, Done done) {
  std::optional<T> value;
  std::exception_ptr exception;
  try {
    value.emplace(co_await task);
  } catch (...) {
    exception = std::current_exception();
  }
  done(std::move(value), exception);
}
}  // namespace task_internal

// Starts `task` on the calling thread. `done(std::optional<T>, std::exception_ptr)` runs once, on whichever
// thread finishes it; the value is absent exactly when the exception is set. `done` must not throw.
template <typename T, typename Done>
void Spawn(Task<T> task, Done done) {
  task_internal::RunDetached<T, Done>(std::move(task), std::move(done));
}

// Awaits a callback: `start` is called with a function that must be called exactly once, from any thread,
// with the result.
//
//   absl::Status status = co_await AwaitCallback<absl::Status>([&](auto resume) { timer.Start(resume); });
template <typename T>
class AwaitCallback {
 public:
  using Resume = std::function<void(T)>;
  explicit AwaitCallback(std::function<void(Resume)> start) : start_(std::move(start)) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> awaiting) {
    // `start` may resume (and so destroy) this object before it returns: run it from a local.
    const std::function<void(Resume)> start = std::move(start_);
    start([this, awaiting](T result) {
      result_.emplace(std::move(result));
      awaiting.resume();
    });
  }
  T await_resume() { return std::move(*result_); }

 private:
  std::function<void(Resume)> start_;
  std::optional<T> result_;
};

}  // namespace zhuqi

#endif  // ZHUQI_COMMON_BASE_TASK_H_
