// Protobuf messages as JSON text and back.
#ifndef ZHUQI_TOOLS_ZHUQICTL_JSON_TEXT_H_
#define ZHUQI_TOOLS_ZHUQICTL_JSON_TEXT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace zhuqi::ctl {

// On one line, with the field names of the .proto files.
std::string ToJsonLine(const google::protobuf::Message& message);
// For people: indented, ends with a line end; fields without a value are shown too.
std::string ToJsonPretty(const google::protobuf::Message& message);

// INVALID_ARGUMENT for text that is not JSON, and for a field that the message does not have.
absl::Status FromJson(absl::string_view json, google::protobuf::Message* message);

// `text` as a JSON string, with its quotes.
std::string JsonString(absl::string_view text);
// The text of a JSON string. INVALID_ARGUMENT when it is none.
absl::Status FromJsonString(absl::string_view json, std::string* text);

// One member of a JSON object, as it stands in the text.
struct JsonMember {
  std::string name;
  absl::string_view value;
};
// The members of the one object that `json` is, in their order; values point into `json`. INVALID_ARGUMENT
// when it is not an object. Values are not checked any further.
absl::Status SplitJsonObject(absl::string_view json, std::vector<JsonMember>* members);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_JSON_TEXT_H_
