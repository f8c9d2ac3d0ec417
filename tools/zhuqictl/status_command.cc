#include <iostream>

#include "absl/strings/str_cat.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "tools/zhuqictl/commands.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/json_text.h"

namespace zhuqi::ctl {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

struct State {
  std::string service;
  std::string endpoint;
  std::string health;
};

State Ask(Client& client, Service service) {
  State state{std::string(ServiceName(service)), client.Endpoint(service).value_or(""), ""};
  HealthCheckResponse response;
  const absl::Status status =
      client.Call<Health>(service, &Health::Stub::Check, HealthCheckRequest(), &response);
  if (status.ok()) {
    state.health = HealthCheckResponse::ServingStatus_Name(response.status());
  } else {
    state.health = absl::IsUnavailable(status) ? "UNREACHABLE" : absl::StatusCodeToString(status.code());
  }
  return state;
}

int RunStatus(Client& client) {
  // Asking must not take long when nothing is there.
  client.options.timeout_seconds = std::min(client.options.timeout_seconds, 3.0);
  Table table({{"service"}, {"address"}, {"health"}});
  std::string json;
  bool serving = true;
  for (const Service service : kAllServices) {
    const State state = Ask(client, service);
    serving = serving && state.health == "SERVING";
    table.AddRow({state.service, state.endpoint, state.health});
    absl::StrAppend(&json, json.empty() ? "" : ",", JsonString(state.service),
                    ":{\"address\":", JsonString(state.endpoint), ",\"health\":", JsonString(state.health),
                    "}");
  }
  std::cout << (client.json() ? absl::StrCat("{", json, "}\n") : table.ToString()) << std::flush;
  return serving ? kExitOk : kExitUnreachable;
}

}  // namespace

void AddStatusCommand(CLI::App& app, Client& client) {
  CLI::App* status = app.add_subcommand("status", "Whether the three services are up");
  status->footer("Exit code 0 when all are SERVING, else 3.");
  status->callback([&client] { client.action = [&client] { return RunStatus(client); }; });
}

}  // namespace zhuqi::ctl
