#include "tools/zhuqictl/json_text.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace zhuqi::ctl {
namespace {

std::string Print(const google::protobuf::Message& message, bool pretty) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.add_whitespace = pretty;
  options.always_print_primitive_fields = pretty;
  std::string json;
  // Fails only for an Any of an unknown type; then what could be printed is the best answer.
  (void)google::protobuf::util::MessageToJsonString(message, &json, options);
  return json;
}

// Walks JSON text without building anything.
class Scanner {
 public:
  explicit Scanner(absl::string_view text) : text_(text) {}

  void SkipSpace() {
    while (at_ < text_.size() && absl::ascii_isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  }
  bool AtEnd() const { return at_ >= text_.size(); }
  bool Take(char c) {
    SkipSpace();
    if (AtEnd() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  // A string with its quotes; empty when there is none here.
  absl::string_view TakeString() {
    SkipSpace();
    const std::size_t start = at_;
    if (AtEnd() || text_[at_] != '"') return {};
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == '"') {
        ++at_;
        return text_.substr(start, at_ - start);
      }
    }
    return {};
  }
  // Any value; empty when it does not end.
  absl::string_view TakeValue() {
    SkipSpace();
    const std::size_t start = at_;
    int depth = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        if (TakeString().empty()) return {};
        continue;
      }
      if (depth == 0 && (c == ',' || c == '}' || c == ']')) break;
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      ++at_;
    }
    return absl::StripTrailingAsciiWhitespace(text_.substr(start, at_ - start));
  }

 private:
  absl::string_view text_;
  std::size_t at_ = 0;
};

absl::Status NotAnObject() { return absl::InvalidArgumentError("not a JSON object"); }

}  // namespace

std::string ToJsonLine(const google::protobuf::Message& message) { return Print(message, false); }

std::string ToJsonPretty(const google::protobuf::Message& message) { return Print(message, true); }

absl::Status FromJson(absl::string_view json, google::protobuf::Message* message) {
  message->Clear();
  const auto status = google::protobuf::util::JsonStringToMessage(
      google::protobuf::StringPiece(json.data(), json.size()), message);
  if (status.ok()) return absl::OkStatus();
  return absl::InvalidArgumentError(std::string(status.message().data(), status.message().size()));
}

std::string JsonString(absl::string_view text) {
  google::protobuf::Value value;
  value.set_string_value(std::string(text));
  return Print(value, false);
}

absl::Status FromJsonString(absl::string_view json, std::string* text) {
  google::protobuf::Value value;
  ZHUQI_RETURN_IF_ERROR(FromJson(json, &value));
  if (!value.has_string_value()) return absl::InvalidArgumentError("not a JSON string");
  *text = value.string_value();
  return absl::OkStatus();
}

absl::Status SplitJsonObject(absl::string_view json, std::vector<JsonMember>* members) {
  members->clear();
  Scanner scanner(json);
  if (!scanner.Take('{')) return NotAnObject();
  if (!scanner.Take('}')) {
    do {
      JsonMember member;
      const absl::string_view quoted = scanner.TakeString();
      if (quoted.empty() || !FromJsonString(quoted, &member.name).ok() || !scanner.Take(':'))
        return NotAnObject();
      member.value = scanner.TakeValue();
      if (member.value.empty()) return NotAnObject();
      members->push_back(std::move(member));
    } while (scanner.Take(','));
    if (!scanner.Take('}')) return NotAnObject();
  }
  scanner.SkipSpace();
  return scanner.AtEnd() ? absl::OkStatus() : NotAnObject();
}

}  // namespace zhuqi::ctl
