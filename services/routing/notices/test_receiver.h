// A small HTTP/1.1 server on loopback, for tests of what is sent to it.
#ifndef ZHUQI_SERVICES_ROUTING_NOTICES_TEST_RECEIVER_H_
#define ZHUQI_SERVICES_ROUTING_NOTICES_TEST_RECEIVER_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"

namespace zhuqi::routing::testing {

class TestReceiver {
 public:
  struct Request {
    std::map<std::string, std::string> headers;  // names in small letters
    std::string body;
  };
  // The status to answer with; called by many threads at once.
  using Answer = std::function<int(const Request&)>;

  // Port 0: a free one.
  explicit TestReceiver(Answer answer, int port = 0) : answer_(std::move(answer)) {
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    const int yes = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(port));
    socklen_t size = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 64) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      std::abort();
    }
    port_ = ntohs(address.sin_port);
    threads_.emplace_back([this] { Accept(); });
  }
  ~TestReceiver() {
    shutdown(listener_, SHUT_RDWR);
    threads_[0].join();
    close(listener_);
    {
      absl::MutexLock lock(&mutex_);
      for (const int connection : connections_) shutdown(connection, SHUT_RDWR);
    }
    for (size_t i = 1; i < threads_.size(); ++i) threads_[i].join();
  }
  TestReceiver(const TestReceiver&) = delete;
  TestReceiver& operator=(const TestReceiver&) = delete;

  int port() const { return port_; }
  std::string url() const { return absl::StrCat("http://127.0.0.1:", port_, "/notices"); }

  // In the order in which their answers began.
  std::vector<Request> requests() const {
    absl::MutexLock lock(&mutex_);
    return requests_;
  }
  // False when they are fewer after half a minute.
  bool WaitForRequests(size_t count) const {
    absl::MutexLock lock(&mutex_);
    const auto arrived = [this, count]()
                             ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return requests_.size() >= count; };
    return mutex_.AwaitWithTimeout(absl::Condition(&arrived), absl::Seconds(30));
  }

 private:
  void Accept() {
    while (true) {
      const int connection = accept(listener_, nullptr, nullptr);
      if (connection < 0) return;
      absl::MutexLock lock(&mutex_);
      connections_.push_back(connection);
      threads_.emplace_back([this, connection] { Serve(connection); });
    }
  }

  // One request after the other, as a connection that is kept alive has them.
  void Serve(int connection) {
    std::string text;
    Request request;
    while (Read(connection, text, request)) {
      {
        absl::MutexLock lock(&mutex_);
        requests_.push_back(request);
      }
      const std::string answer =
          absl::StrCat("HTTP/1.1 ", answer_(request), " Answer\r\nContent-Length: 2\r\n\r\nok");
      if (send(connection, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) break;
    }
    {
      absl::MutexLock lock(&mutex_);
      std::erase(connections_, connection);
    }
    close(connection);
  }

  static bool Read(int connection, std::string& text, Request& request) {
    size_t head = 0;
    size_t length = 0;
    while ((head = text.find("\r\n\r\n")) == std::string::npos ||
           text.size() < head + 4 + Length(text, length)) {
      char bytes[4096];
      const ssize_t count = recv(connection, bytes, sizeof bytes, 0);
      if (count <= 0) return false;
      text.append(bytes, static_cast<size_t>(count));
    }
    request = {};
    for (const absl::string_view line : absl::StrSplit(absl::string_view(text).substr(0, head), "\r\n")) {
      const std::pair<std::string, std::string> header = absl::StrSplit(line, absl::MaxSplits(": ", 1));
      request.headers[absl::AsciiStrToLower(header.first)] = header.second;
    }
    request.body = text.substr(head + 4, length);
    text.erase(0, head + 4 + length);
    return true;
  }
  static size_t Length(const std::string& text, size_t& length) {
    constexpr absl::string_view kName = "Content-Length: ";
    const size_t at = text.find(std::string(kName));
    const size_t end = text.find("\r\n", at);
    if (at == std::string::npos ||
        !absl::SimpleAtoi(text.substr(at + kName.size(), end - at - kName.size()), &length)) {
      length = 0;
    }
    return length;
  }

  const Answer answer_;
  int listener_ = -1;
  int port_ = 0;
  mutable absl::Mutex mutex_;
  std::vector<int> connections_ ABSL_GUARDED_BY(mutex_);
  std::vector<Request> requests_ ABSL_GUARDED_BY(mutex_);
  // The first accepts; only it adds to them.
  std::vector<std::thread> threads_;
};

}  // namespace zhuqi::routing::testing

#endif  // ZHUQI_SERVICES_ROUTING_NOTICES_TEST_RECEIVER_H_
