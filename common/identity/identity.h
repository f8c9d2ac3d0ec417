// Who calls, and whether they may. The call adaptor asks both questions before a handler runs.
#ifndef ZHUQI_COMMON_IDENTITY_IDENTITY_H_
#define ZHUQI_COMMON_IDENTITY_IDENTITY_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace zhuqi::identity {

// A person or a system that was recognised.
struct Principal {
  std::string id;            // stable, not shown: "developer", "district-system:310115"
  std::string display_name;  // for logs and audit
  std::vector<std::string> roles;
};

// What a call brought to prove who makes it. Views into the call: valid during Authenticate only.
struct CallerCredentials {
  absl::string_view bearer_token;  // of "authorization: Bearer …"; empty when there was none
  absl::string_view peer;          // as gRPC names it: "ipv4:127.0.0.1:50312"
};

// Thread-safe. Runs on the call's thread before anything else: must not block.
class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // UNAUTHENTICATED when the credentials are missing or wrong.
  virtual absl::StatusOr<Principal> Authenticate(const CallerCredentials& credentials) = 0;
  // True when this kind of proof is weak enough that the server must not be reachable from other machines.
  virtual bool OnlyOnLoopback() const = 0;
};

// Thread-safe; must not block.
class Authorizer {
 public:
  virtual ~Authorizer() = default;
  // PERMISSION_DENIED when `principal` may not call `method` ("/zhuqi.intake.v1.RecordService/SubmitRecords")
  // with `request`. For a call whose client streams, it is asked once with no request (nullptr) when the
  // stream opens, and again for each message.
  virtual absl::Status Authorize(const Principal& principal, absl::string_view method,
                                 const google::protobuf::Message* request) = 0;
};

// Permits every authenticated principal that has the role "developer".
class DeveloperAuthorizer final : public Authorizer {
 public:
  absl::Status Authorize(const Principal& principal, absl::string_view method,
                         const google::protobuf::Message* request) override;
};

// Whether `listen_address` ("127.0.0.1:7401", "localhost:0", "[::1]:7401", "unix:/run/x.sock") is reachable
// from this machine only.
bool IsLoopbackAddress(absl::string_view listen_address);

// Refuses what must not start: no authenticator, or one that is only good on loopback on another address.
absl::Status CheckExposure(const Authenticator* authenticator, absl::string_view listen_address);

}  // namespace zhuqi::identity

#endif  // ZHUQI_COMMON_IDENTITY_IDENTITY_H_
