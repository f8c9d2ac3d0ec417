#include "common/config/config.h"

#include <fstream>
#include <sstream>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"

namespace zhuqi::config {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::Reflection;
using ::google::protobuf::TextFormat;

// Keeps the first errors with their place. protobuf counts from 0, editors from 1.
class ErrorList final : public google::protobuf::io::ErrorCollector {
 public:
  explicit ErrorList(absl::string_view name) : name_(name) {}
  void AddError(int line, int column, const std::string& message) override {
    if (errors_.size() >= 10) return;
    errors_.push_back(line < 0 ? absl::StrCat(name_, ": ", message)
                               : absl::StrCat(name_, ":", line + 1, ":", column + 1, ": ", message));
  }
  std::string Joined() const { return absl::StrJoin(errors_, "\n"); }

 private:
  const std::string name_;
  std::vector<std::string> errors_;
};

void Print(const Message& message, const std::string& indent, std::string* text);

void PrintValue(const Message& message, const FieldDescriptor* field, int index, const std::string& indent,
                std::string* text) {
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    const Reflection* reflection = message.GetReflection();
    const Message& child = index < 0 ? reflection->GetMessage(message, field)
                                     : reflection->GetRepeatedMessage(message, field, index);
    absl::StrAppend(text, indent, field->name(), " {\n");
    Print(child, indent + "  ", text);
    absl::StrAppend(text, indent, "}\n");
    return;
  }
  TextFormat::Printer printer;
  printer.SetUseUtf8StringEscaping(true);
  std::string value;
  printer.PrintFieldValueToString(message, field, index, &value);
  absl::StrAppend(text, indent, field->name(), ": ", value, "\n");
}

void Print(const Message& message, const std::string& indent, std::string* text) {
  const Descriptor* descriptor = message.GetDescriptor();
  const Reflection* reflection = message.GetReflection();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    if (field->is_repeated()) {
      const int size = reflection->FieldSize(message, field);
      for (int index = 0; index < size; ++index) PrintValue(message, field, index, indent, text);
      if (size == 0) absl::StrAppend(text, indent, "# ", field->name(), ": none\n");
    } else if (field->has_presence() && !reflection->HasField(message, field)) {
      absl::StrAppend(text, indent, "# ", field->name(), ": absent\n");
    } else if (!field->has_presence() && !reflection->HasField(message, field)) {
      PrintValue(message, field, -1, indent + "# ", text);
    } else {
      PrintValue(message, field, -1, indent, text);
    }
  }
}

}  // namespace

absl::Status ParseTextproto(absl::string_view text, absl::string_view name, Message* message) {
  ErrorList errors(name);
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  parser.AllowUnknownField(false);
  if (parser.ParseFromString(std::string(text), message)) return absl::OkStatus();
  return absl::InvalidArgumentError(errors.Joined());
}

absl::Status LoadTextprotoInto(const std::string& path, Message* message) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat("can not open ", path));
  std::ostringstream content;
  content << file.rdbuf();
  if (file.bad() || content.fail()) return absl::UnavailableError(absl::StrCat("can not read ", path));
  return ParseTextproto(content.str(), path, message);
}

std::string PrintWithDefaults(const Message& message) {
  std::string text;
  Print(message, "", &text);
  return text;
}

}  // namespace zhuqi::config
