// grpc.health.v1.Health of our own: reflection names the packaged default one without a descriptor, so that
// tools stop at it, and that one says SERVING before the database was checked.
#ifndef ZHUQI_COMMON_RPC_HEALTH_SERVICE_H_
#define ZHUQI_COMMON_RPC_HEALTH_SERVICE_H_

#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "grpc/health/v1/health.grpc.pb.h"

namespace zhuqi::rpc {

// Thread-safe. Needs no authentication: balancers have no token.
class HealthService final : public grpc::health::v1::Health::CallbackService {
 public:
  // Watchers at once; more are refused with RESOURCE_EXHAUSTED.
  static constexpr std::size_t kMaxWatchers = 256;

  // The services that may be asked for beside "", the whole server.
  void SetNames(std::set<std::string> names);
  void SetServing(bool serving);
  // Ends all watches, now and later: they would hold up the shutdown.
  void Stop();

  grpc::ServerUnaryReactor* Check(grpc::CallbackServerContext* context,
                                  const grpc::health::v1::HealthCheckRequest* request,
                                  grpc::health::v1::HealthCheckResponse* response) override;
  grpc::ServerWriteReactor<grpc::health::v1::HealthCheckResponse>* Watch(
      grpc::CallbackServerContext* context, const grpc::health::v1::HealthCheckRequest* request) override;

 private:
  class Watcher;
  void PumpAll();
  grpc::health::v1::HealthCheckResponse::ServingStatus StatusOf(const std::string& name) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  absl::Mutex mutex_;
  std::set<std::string> names_ ABSL_GUARDED_BY(mutex_);
  bool serving_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::set<Watcher*> watchers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace zhuqi::rpc

#endif  // ZHUQI_COMMON_RPC_HEALTH_SERVICE_H_
