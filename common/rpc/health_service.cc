#include "common/rpc/health_service.h"

#include <utility>

namespace zhuqi::rpc {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using ServingStatus = HealthCheckResponse::ServingStatus;

// One open Watch. Its state is guarded by the service's mutex; gRPC is only called without it, in one place.
class HealthService::Watcher final : public grpc::ServerWriteReactor<HealthCheckResponse> {
 public:
  Watcher(HealthService* service, std::string name) : service_(service), name_(std::move(name)) {}

  // Writes the state if it is news and nothing is being written; ends the call when it has to end.
  void Pump() {
    bool write = false;
    grpc::Status status;
    bool finish = false;
    {
      absl::MutexLock lock(&service_->mutex_);
      if (busy_ || finished_) return;
      if (cancelled_ || service_->stopped_) {
        finish = finished_ = true;
        status = cancelled_ ? grpc::Status(grpc::StatusCode::CANCELLED, "the watcher is gone")
                            : grpc::Status(grpc::StatusCode::UNAVAILABLE, "the server stops");
      } else if (const ServingStatus now = service_->StatusOf(name_); !written_ || now != last_) {
        write = busy_ = written_ = true;
        last_ = now;
        response_.set_status(now);
      }
    }
    if (write) StartWrite(&response_);
    if (finish) Finish(std::move(status));
  }

  void OnWriteDone(bool ok) override {
    {
      absl::MutexLock lock(&service_->mutex_);
      busy_ = false;
      if (!ok) cancelled_ = true;
    }
    Pump();
  }
  void OnCancel() override {
    {
      absl::MutexLock lock(&service_->mutex_);
      cancelled_ = true;
    }
    Pump();
  }
  void OnDone() override {
    {
      absl::MutexLock lock(&service_->mutex_);
      service_->watchers_.erase(this);
      if (pinned_ > 0) {
        done_ = true;
        return;
      }
    }
    delete this;
  }

  // Keeps the object while it is pumped from outside of its own reactions.
  void Pin() ABSL_EXCLUSIVE_LOCKS_REQUIRED(service_->mutex_) { ++pinned_; }
  void Unpin() {
    {
      absl::MutexLock lock(&service_->mutex_);
      if (--pinned_ > 0 || !done_) return;
    }
    delete this;
  }

 private:
  HealthService* const service_;
  const std::string name_;
  HealthCheckResponse response_;
  ServingStatus last_ = HealthCheckResponse::UNKNOWN;
  bool written_ = false;
  bool busy_ = false;
  bool cancelled_ = false;
  bool finished_ = false;
  bool done_ = false;
  int pinned_ = 0;
};

ServingStatus HealthService::StatusOf(const std::string& name) const {
  if (!name.empty() && !names_.contains(name)) return HealthCheckResponse::SERVICE_UNKNOWN;
  return serving_ ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
}

void HealthService::SetNames(std::set<std::string> names) {
  absl::MutexLock lock(&mutex_);
  names_ = std::move(names);
}

void HealthService::SetServing(bool serving) {
  {
    absl::MutexLock lock(&mutex_);
    serving_ = serving;
  }
  PumpAll();
}

void HealthService::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    serving_ = false;
    stopped_ = true;
  }
  PumpAll();
}

void HealthService::PumpAll() {
  std::set<Watcher*> watchers;
  {
    absl::MutexLock lock(&mutex_);
    watchers = watchers_;
    for (Watcher* watcher : watchers) watcher->Pin();
  }
  for (Watcher* watcher : watchers) {
    watcher->Pump();
    watcher->Unpin();
  }
}

grpc::ServerUnaryReactor* HealthService::Check(grpc::CallbackServerContext* context,
                                               const HealthCheckRequest* request,
                                               HealthCheckResponse* response) {
  ServingStatus status;
  {
    absl::MutexLock lock(&mutex_);
    status = StatusOf(request->service());
  }
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  if (status == HealthCheckResponse::SERVICE_UNKNOWN) {
    reactor->Finish(grpc::Status(grpc::StatusCode::NOT_FOUND, "no such service"));
  } else {
    response->set_status(status);
    reactor->Finish(grpc::Status::OK);
  }
  return reactor;
}

grpc::ServerWriteReactor<HealthCheckResponse>* HealthService::Watch(grpc::CallbackServerContext* /*context*/,
                                                                    const HealthCheckRequest* request) {
  auto* watcher = new Watcher(this, request->service());
  bool full = false;
  {
    absl::MutexLock lock(&mutex_);
    full = watchers_.size() >= kMaxWatchers;
    if (!full) watchers_.insert(watcher);
  }
  if (full) {
    watcher->Finish(grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "too many watchers"));
  } else {
    watcher->Pump();
  }
  return watcher;
}

}  // namespace zhuqi::rpc
