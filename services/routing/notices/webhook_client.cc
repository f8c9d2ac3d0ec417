#include "services/routing/notices/webhook_client.h"

#include <curl/curl.h>

#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace zhuqi::routing {
namespace {

// Answers are not read further than the client wants them: their status is all that counts.
constexpr std::size_t kMostAnswerBytes = 64 * 1024;

std::size_t Discard(char* /*data*/, std::size_t size, std::size_t count, void* seen) {
  auto* bytes = static_cast<std::size_t*>(seen);
  *bytes += size * count;
  return *bytes <= kMostAnswerBytes ? size * count : 0;
}

void InitializeLibrary() {
  static const CURLcode initialized = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(initialized);
}

// One POST.
struct Transfer {
  Transfer() = default;
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  ~Transfer() {
    curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
  }

  std::uint64_t number = 0;
  CURL* easy = nullptr;
  curl_slist* headers = nullptr;
  std::string body;
  std::size_t answer_bytes = 0;
};

WebhookClient::Finished OutcomeOf(const Transfer& transfer, CURLcode result) {
  WebhookClient::Finished finished;
  finished.number = transfer.number;
  long code = 0;  // NOLINT: curl's type
  curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &code);
  // An answer that was too long to be read is an answer all the same.
  const bool answered = result == CURLE_OK || (result == CURLE_WRITE_ERROR && code != 0);
  if (!answered) {
    finished.status = absl::UnavailableError(curl_easy_strerror(result));
  } else if (code < 200 || code > 299) {
    finished.status = absl::UnavailableError(absl::StrCat("HTTP ", code));
  }
  curl_off_t retry_after = 0;
  curl_easy_getinfo(transfer.easy, CURLINFO_RETRY_AFTER, &retry_after);
  finished.retry_after = absl::Seconds(retry_after);
  return finished;
}

}  // namespace

struct WebhookClient::State {
  WebhookClientOptions options;
  CURLM* multi = nullptr;
  std::map<CURL*, std::unique_ptr<Transfer>> transfers;
};

WebhookClient::WebhookClient(WebhookClientOptions options) : state_(std::make_unique<State>()) {
  InitializeLibrary();
  state_->options = std::move(options);
  state_->multi = curl_multi_init();
}

WebhookClient::~WebhookClient() {
  for (const auto& [easy, transfer] : state_->transfers) curl_multi_remove_handle(state_->multi, easy);
  state_->transfers.clear();
  curl_multi_cleanup(state_->multi);
}

absl::Status WebhookClient::Start(std::uint64_t number, const Headers& headers, std::string body) {
  auto transfer = std::make_unique<Transfer>();
  transfer->number = number;
  transfer->body = std::move(body);
  transfer->easy = curl_easy_init();
  if (transfer->easy == nullptr || state_->multi == nullptr) {
    return absl::ResourceExhaustedError("no HTTP request can be made");
  }
  for (const auto& [name, value] : headers) {
    transfer->headers = curl_slist_append(transfer->headers, absl::StrCat(name, ": ", value).c_str());
  }
  // Without it, curl would wait for a go-ahead before it sends a body of some size.
  transfer->headers = curl_slist_append(transfer->headers, "Expect:");
  CURL* easy = transfer->easy;
  const WebhookClientOptions& options = state_->options;
  curl_easy_setopt(easy, CURLOPT_URL, options.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, absl::StartsWith(options.url, "http://") ? "http" : "https");
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  // A name server that is silent holds up no stop: the thread that asks it is left behind.
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(absl::ToInt64Milliseconds(options.timeout)));
  if (!options.tls_ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, options.tls_ca_file.c_str());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(transfer->body.size()));
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, transfer->body.data());
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Discard);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer->answer_bytes);
  if (curl_multi_add_handle(state_->multi, easy) != CURLM_OK) {
    return absl::InternalError("the HTTP request could not be begun");
  }
  state_->transfers.emplace(easy, std::move(transfer));
  return absl::OkStatus();
}

std::vector<WebhookClient::Finished> WebhookClient::Poll(absl::Duration wait) {
  int running = 0;
  curl_multi_perform(state_->multi, &running);
  if (running == static_cast<int>(state_->transfers.size())) {  // nothing has finished yet
    curl_multi_poll(state_->multi, nullptr, 0, static_cast<int>(absl::ToInt64Milliseconds(wait)), nullptr);
    curl_multi_perform(state_->multi, &running);
  }
  std::vector<Finished> finished;
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(state_->multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode result = message->data.result;
    const auto done = state_->transfers.find(message->easy_handle);
    if (done == state_->transfers.end()) continue;
    finished.push_back(OutcomeOf(*done->second, result));
    curl_multi_remove_handle(state_->multi, done->first);
    state_->transfers.erase(done);
  }
  return finished;
}

void WebhookClient::Wake() { curl_multi_wakeup(state_->multi); }

std::size_t WebhookClient::in_flight() const { return state_->transfers.size(); }

}  // namespace zhuqi::routing
