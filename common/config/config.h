// One textproto into one validated struct.
#ifndef ZHUQI_COMMON_CONFIG_CONFIG_H_
#define ZHUQI_COMMON_CONFIG_CONFIG_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/config/validation.h"
#include "google/protobuf/message.h"

namespace zhuqi::config {

// Parses `text` into `message`. Unknown fields, wrong types and repeated singular fields are errors:
// INVALID_ARGUMENT "intake.textproto:12:3: …". `name` is what messages call the text.
absl::Status ParseTextproto(absl::string_view text, absl::string_view name,
                            google::protobuf::Message* message);

// As ParseTextproto, from a file. NOT_FOUND when there is none.
absl::Status LoadTextprotoInto(const std::string& path, google::protobuf::Message* message);

template <class T>
absl::StatusOr<T> LoadTextproto(const std::string& path) {
  T message;
  if (absl::Status status = LoadTextprotoInto(path, &message); !status.ok()) return status;
  return message;
}

// The configuration of a service: loaded, defaults filled in, checked (validation.h).
template <class T>
absl::StatusOr<T> LoadConfig(const std::string& path) {
  absl::StatusOr<T> message = LoadTextproto<T>(path);
  if (!message.ok()) return message;
  ApplyDefaults(&*message);
  if (absl::Status status = Validate(*message); !status.ok()) return status;
  return message;
}

// `message` as a textproto that shows every field in effect, also those that hold the type's zero value as a
// comment line. It holds no secrets: configuration names files that do.
std::string PrintWithDefaults(const google::protobuf::Message& message);

}  // namespace zhuqi::config

#endif  // ZHUQI_COMMON_CONFIG_CONFIG_H_
