#include "tools/zhuqictl/client.h"

#include <google/protobuf/struct.pb.h>

#include <filesystem>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/config/secret_file.h"
#include "common/feed/token.h"
#include "common/rpc/errors.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/failure.h"
#include "tools/zhuqictl/files.h"
#include "tools/zhuqictl/json_text.h"

namespace zhuqi::ctl {
namespace {

// A member of the file that `tools/dev up` writes; "" when there is no such file or member.
std::string FromEndpointsFile(const std::string& directory, const std::string& member) {
  const absl::StatusOr<std::string> text = ReadFile(directory + "/endpoints.json");
  google::protobuf::Struct file;
  if (!text.ok() || !FromJson(*text, &file).ok()) return "";
  const auto found = file.fields().find(member);
  return found == file.fields().end() ? "" : found->second.string_value();
}

}  // namespace

absl::string_view ServiceName(Service service) {
  switch (service) {
    case Service::kIntake:
      return "intake";
    case Service::kRouting:
      return "routing";
    case Service::kReporting:
      return "reporting";
  }
  return "";
}

absl::StatusOr<std::string> Client::Endpoint(Service service) const {
  const std::string name(ServiceName(service));
  if (const auto given = options.endpoints.find(service);
      given != options.endpoints.end() && !given->second.empty())
    return given->second;
  std::string endpoint = FromEndpointsFile(options.directory, name);
  if (!endpoint.empty()) return endpoint;
  return absl::FailedPreconditionError(absl::StrCat(
      "no address of ", name, " is known: ", options.directory,
      "/endpoints.json does not name it. Start a stack (tools/dev up), or give --dir or --endpoint-", name,
      " HOST:PORT. / 找不到 ", name, " 的地址：请先启动服务，或用 --dir、--endpoint-", name, " 指定。"));
}

absl::StatusOr<std::string> Client::Token() const {
  const std::string path =
      options.token_file.empty() ? FromEndpointsFile(options.directory, "token_file") : options.token_file;
  if (path.empty()) return std::string();
  return config::ReadSecretFile(path);
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> Client::Channel(Service service) {
  absl::MutexLock lock(&mutex_);
  std::shared_ptr<grpc::Channel>& channel = channels_[service];
  if (channel == nullptr) {
    rpc::ChannelOptions channel_options;
    ZHUQI_ASSIGN_OR_RETURN(channel_options.address, Endpoint(service));
    ZHUQI_ASSIGN_OR_RETURN(channel_options.token, Token());
    channel_options.max_message_bytes = 64 << 20;
    channel = rpc::MakeChannel(channel_options);
  }
  return channel;
}

absl::StatusOr<std::string> Client::AtLeastToken() const {
  std::string merged;
  for (const std::string& token : options.at_least_tokens) {
    ZHUQI_ASSIGN_OR_RETURN(merged, feed::MergeTokens(merged, token));
  }
  return merged;
}

int Client::Fail(const absl::Status& status) const {
  std::cerr << (json() ? FailureJson(status) + "\n" : DescribeFailure(status)) << std::flush;
  // A service that says why is up.
  if (absl::IsUnavailable(status) && rpc::ReasonOf(status).empty() && !json())
    std::cerr << "  Is the stack running? `zhuqictl status` and `tools/dev status` tell. / "
                 "服务无法连接，请确认已启动。\n";
  return ExitCodeOf(status);
}

int Client::FailUsage(const absl::Status& status) const {
  Fail(status);
  return kExitUsage;
}

void Client::Show(const google::protobuf::Message& answer, const std::function<std::string()>& table) const {
  std::cout << (json() ? ToJsonPretty(answer) : table()) << std::flush;
}

}  // namespace zhuqi::ctl
