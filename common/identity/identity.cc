#include "common/identity/identity.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/rpc/errors.h"

namespace zhuqi::identity {

absl::Status DeveloperAuthorizer::Authorize(const Principal& principal, absl::string_view method,
                                            const google::protobuf::Message* /*request*/) {
  if (std::find(principal.roles.begin(), principal.roles.end(), "developer") != principal.roles.end()) {
    return absl::OkStatus();
  }
  return rpc::Error(absl::StatusCode::kPermissionDenied, "PERMISSION_DENIED",
                    "the caller may not call this method", "无权调用该接口",
                    {{"method", std::string(method)}});
}

bool IsLoopbackAddress(absl::string_view listen_address) {
  if (absl::StartsWith(listen_address, "unix:")) return true;
  absl::ConsumePrefix(&listen_address, "dns:///");
  absl::ConsumePrefix(&listen_address, "ipv4:");
  absl::ConsumePrefix(&listen_address, "ipv6:");
  const absl::string_view host = listen_address.substr(0, listen_address.rfind(':'));
  if (host == "localhost" || host == "[::1]") return true;
  // 127.0.0.0/8, as numbers only: "127.example.org" is a name.
  return absl::StartsWith(host, "127.") &&
         std::all_of(host.begin(), host.end(), [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

absl::Status CheckExposure(const Authenticator* authenticator, absl::string_view listen_address) {
  if (authenticator == nullptr) {
    return absl::FailedPreconditionError("no way to know callers is configured (developer_token_file)");
  }
  if (authenticator->OnlyOnLoopback() && !IsLoopbackAddress(listen_address)) {
    return absl::FailedPreconditionError(absl::StrCat("a developer token is only good on loopback, and ",
                                                      listen_address, " can be reached from other machines"));
  }
  return absl::OkStatus();
}

}  // namespace zhuqi::identity
