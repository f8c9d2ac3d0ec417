#include "common/rpc/utf8_check.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/errors.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/stubs/common.h"

namespace zhuqi::rpc {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

class Walker {
 public:
  void Walk(const Message& message, const std::string& prefix) {
    std::vector<const FieldDescriptor*> fields;
    message.GetReflection()->ListFields(message, &fields);
    for (const FieldDescriptor* field : fields)
      WalkField(message, *field, absl::StrCat(prefix, field->name()));
  }
  const Violations& violations() const { return violations_; }

 private:
  void WalkField(const Message& message, const FieldDescriptor& field, const std::string& path) {
    const Reflection& reflection = *message.GetReflection();
    const int count = field.is_repeated() ? reflection.FieldSize(message, &field) : 1;
    for (int i = 0; i < count && violations_.list().size() < kMaxViolations; ++i) {
      const std::string element = field.is_repeated() ? absl::StrCat(path, "[", i, "]") : path;
      if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        Walk(field.is_repeated() ? reflection.GetRepeatedMessage(message, &field, i)
                                 : reflection.GetMessage(message, &field),
             absl::StrCat(element, "."));
      } else if (field.type() == FieldDescriptor::TYPE_STRING) {
        std::string scratch;
        CheckText(field.is_repeated() ? reflection.GetRepeatedStringReference(message, &field, i, &scratch)
                                      : reflection.GetStringReference(message, &field, &scratch),
                  element);
      }
    }
  }

  void CheckText(const std::string& text, const std::string& path) {
    if (google::protobuf::internal::IsStructurallyValidUTF8(text.data(), static_cast<int>(text.size())))
      return;
    violations_.Add(path, "INVALID_UTF8", "the text is not valid UTF-8", "文本不是有效的 UTF-8");
  }

  Violations violations_;
};

}  // namespace

absl::Status CheckUtf8(const google::protobuf::Message& message) {
  Walker walker;
  walker.Walk(message, "");
  return walker.violations().ToStatus();
}

}  // namespace zhuqi::rpc
