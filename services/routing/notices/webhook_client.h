// Many HTTP POSTs at once from one thread.
#ifndef ZHUQI_SERVICES_ROUTING_NOTICES_WEBHOOK_CLIENT_H_
#define ZHUQI_SERVICES_ROUTING_NOTICES_WEBHOOK_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace zhuqi::routing {

struct WebhookClientOptions {
  // https, or http to loopback (Validate of the configuration checks it): no other protocol is spoken.
  std::string url;
  // Empty: the system's authorities.
  std::string tls_ca_file;
  // Of one POST as a whole.
  absl::Duration timeout;
};

// Not thread-safe, but for Wake. Redirects are not followed and no proxy is used, whatever the environment
// says: the signed body goes where the configuration says and nowhere else.
class WebhookClient {
 public:
  explicit WebhookClient(WebhookClientOptions options);
  // Ends what is under way.
  ~WebhookClient();
  WebhookClient(const WebhookClient&) = delete;
  WebhookClient& operator=(const WebhookClient&) = delete;

  using Headers = std::vector<std::pair<std::string, std::string>>;
  // Begins a POST that Poll will name by `number`.
  absl::Status Start(std::uint64_t number, const Headers& headers, std::string body);

  struct Finished {
    std::uint64_t number = 0;
    // OK for a status from 200 to 299. Else in words, without what the receiver said: it may quote data.
    absl::Status status;
    // What the receiver asked to wait before the next try; zero when it did not.
    absl::Duration retry_after;
  };
  // Goes on with what is under way, waits up to `wait` until something happens, and gives what has finished.
  std::vector<Finished> Poll(absl::Duration wait);
  // Ends the wait of Poll, from any thread.
  void Wake();

  std::size_t in_flight() const;

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_NOTICES_WEBHOOK_CLIENT_H_
