// What every subcommand has: the global options, the way to the services, and how results are shown.
#ifndef ZHUQI_TOOLS_ZHUQICTL_CLIENT_H_
#define ZHUQI_TOOLS_ZHUQICTL_CLIENT_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/rpc/channel.h"
#include "common/rpc/grpc_status.h"
#include "google/protobuf/message.h"
#include "tools/zhuqictl/table.h"

namespace zhuqi::ctl {

enum class Service { kIntake, kRouting, kReporting };
inline constexpr Service kAllServices[] = {Service::kIntake, Service::kRouting, Service::kReporting};
absl::string_view ServiceName(Service service);

struct GlobalOptions {
  // The stack's directory, whose file endpoints.json names addresses and token file.
  std::string directory = ".zhuqi";
  // By service; each wins over the file.
  std::map<Service, std::string> endpoints;
  std::string token_file;
  // "table" or "json".
  std::string output = "table";
  // "zh" or "en": names of measures and units of count in tables.
  std::string language = "zh";
  std::vector<std::string> at_least_tokens;
  double timeout_seconds = 60;
  bool quiet = false;
};

class Client {
 public:
  GlobalOptions options;
  // What the chosen subcommand does; gives the exit code. Set while the command line is read.
  std::function<int()> action;

  bool json() const { return options.output == "json"; }
  bool chinese() const { return options.language == "zh"; }

  // A channel to `service`, made once; from any thread. Says what to do when no endpoint is known.
  absl::StatusOr<std::shared_ptr<grpc::Channel>> Channel(Service service);
  // The address that Channel uses.
  absl::StatusOr<std::string> Endpoint(Service service) const;
  // All --at-least-token as one.
  absl::StatusOr<std::string> AtLeastToken() const;

  // Calls one unary method within --timeout.
  //   Call<RecordService>(Service::kIntake, &RecordService::Stub::GetRecord, request, &response)
  template <class Rpc, class Request, class Response>
  absl::Status Call(Service service,
                    grpc::Status (Rpc::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const Request& request, Response* response) {
    const absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = Channel(service);
    if (!channel.ok()) return channel.status();
    typename Rpc::Stub stub(*channel);
    grpc::ClientContext context;
    rpc::PrepareContext(context, Clock::System().Now() + absl::Seconds(options.timeout_seconds));
    return rpc::FromGrpcStatus((stub.*method)(&context, request, response));
  }

  // Shows why it did not work, on standard error; gives the exit code.
  int Fail(const absl::Status& status) const;
  // As Fail, for what is wrong with the command line or a file that it names: exit code 2.
  int FailUsage(const absl::Status& status) const;
  // Shows an answer: as JSON, or by `table`.
  void Show(const google::protobuf::Message& answer, const std::function<std::string()>& table) const;

 private:
  absl::StatusOr<std::string> Token() const;

  absl::Mutex mutex_;
  std::map<Service, std::shared_ptr<grpc::Channel>> channels_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_CLIENT_H_
