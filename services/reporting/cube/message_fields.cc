#include "services/reporting/cube/message_fields.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/text_format.h"

namespace zhuqi::reporting {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr std::size_t kLongestText = 200;

// `index`: of an element, or -1 for a field that is no list.
std::string TextOf(const Message& message, const FieldDescriptor& field, int index) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  const bool absent = index >= 0             ? index >= reflection.FieldSize(message, &field)
                      : field.has_presence() ? !reflection.HasField(message, &field)
                                             : false;
  std::string text;
  if (absent) return text;
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  printer.SetUseUtf8StringEscaping(true);
  printer.PrintFieldValueToString(message, &field, index, &text);
  if (!text.empty() && text.back() == ' ') text.pop_back();  // a message on one line ends with one
  return text;
}

// Cut between two characters.
std::string Clipped(std::string text) {
  if (text.size() <= kLongestText) return text;
  std::size_t end = kLongestText;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  return text;
}

}  // namespace

std::vector<FieldDifference> DifferentFields(const Message& left, const Message& right) {
  std::vector<FieldDifference> differences;
  const auto compare = [&](const FieldDescriptor& field, int index, std::string path) {
    std::string one = TextOf(left, field, index);
    std::string other = TextOf(right, field, index);
    if (one == other) return;
    differences.push_back({std::move(path), Clipped(std::move(one)), Clipped(std::move(other))});
  };
  const google::protobuf::Descriptor& type = *left.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (!field.is_repeated()) {
      compare(field, -1, field.name());
      continue;
    }
    const int size = std::max(left.GetReflection()->FieldSize(left, &field),
                              right.GetReflection()->FieldSize(right, &field));
    for (int at = 0; at < size; ++at) compare(field, at, absl::StrCat(field.name(), "[", at, "]"));
  }
  return differences;
}

}  // namespace zhuqi::reporting
