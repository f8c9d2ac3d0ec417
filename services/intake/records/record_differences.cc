#include "services/intake/records/record_differences.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/base/civil_time.h"
#include "common/directory/date_message.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "services/intake/directory/field_check.h"
#include "zhuqi/common/v1/personal_data.pb.h"

namespace zhuqi::intake {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// One plain value; `index` of a repeated field, else -1.
std::string ScalarText(const Message& message, const FieldDescriptor& field, int index) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  const auto get = [&](auto one, auto of_many) {
    return index < 0 ? (reflection.*one)(message, &field) : (reflection.*of_many)(message, &field, index);
  };
  using R = google::protobuf::Reflection;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(get(&R::GetInt32, &R::GetRepeatedInt32));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(get(&R::GetInt64, &R::GetRepeatedInt64));
    case FieldDescriptor::CPPTYPE_BOOL:
      return get(&R::GetBool, &R::GetRepeatedBool) ? "true" : "false";
    case FieldDescriptor::CPPTYPE_ENUM: {
      // A value that this program does not know is its number.
      return get(&R::GetEnum, &R::GetRepeatedEnum)->name();
    }
    case FieldDescriptor::CPPTYPE_STRING:
      return get(&R::GetString, &R::GetRepeatedString);
    default:
      return "";  // records have no other types
  }
}

// Messages that people read as one value.
bool IsValue(const google::protobuf::Descriptor& type) {
  return &type == common::v1::Date::descriptor() || &type == google::protobuf::Timestamp::descriptor();
}

std::string ValueText(const Message& message) {
  if (message.GetDescriptor() == common::v1::Date::descriptor()) {
    common::v1::Date date;
    date.CopyFrom(message);
    return absl::StrFormat("%04d-%02d-%02d", date.year(), date.month(), date.day());
  }
  google::protobuf::Timestamp instant;
  instant.CopyFrom(message);
  return absl::FormatTime(absl::RFC3339_full, TimeFrom(instant), CityTimeZone());
}

class Comparison {
 public:
  explicit Comparison(std::vector<v1::RecordDifference>& differences) : differences_(differences) {}

  void Compare(const Message& before, const Message& after, const std::string& prefix) {
    const google::protobuf::Descriptor& type = *before.GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      if (!field.options().GetExtension(common::v1::personal_data)) {
        CompareField(before, after, field, absl::StrCat(prefix, field.name()));
      }
    }
  }

 private:
  void Add(const std::string& path, const std::string& before, const std::string& after) {
    if (before == after) return;
    v1::RecordDifference& difference = differences_.emplace_back();
    difference.set_field(path);
    difference.set_before(FirstCharacters(before, kMaxDifferenceText));
    difference.set_after(FirstCharacters(after, kMaxDifferenceText));
  }

  static std::string PlainText(const Message& message, const FieldDescriptor& field) {
    const google::protobuf::Reflection& reflection = *message.GetReflection();
    if (field.is_repeated()) {
      std::vector<std::string> parts;
      for (int i = 0; i < reflection.FieldSize(message, &field); ++i)
        parts.push_back(ScalarText(message, field, i));
      return absl::StrJoin(parts, ", ");
    }
    if (!reflection.HasField(message, &field)) return "";
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE)
      return ValueText(reflection.GetMessage(message, &field));
    return ScalarText(message, field, -1);
  }

  void CompareField(const Message& before, const Message& after, const FieldDescriptor& field,
                    const std::string& path) {
    const bool is_message = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (!is_message || (IsValue(*field.message_type()) && !field.is_repeated())) {
      return Add(path, PlainText(before, field), PlainText(after, field));
    }
    const google::protobuf::Reflection& reflection = *before.GetReflection();
    if (!field.is_repeated()) {
      // Of an absent message the empty one is given, whose fields are not set.
      return Compare(reflection.GetMessage(before, &field), reflection.GetMessage(after, &field), path + ".");
    }
    const int old_size = reflection.FieldSize(before, &field);
    const int new_size = reflection.FieldSize(after, &field);
    const Message& empty = *reflection.GetMessageFactory()->GetPrototype(field.message_type());
    for (int i = 0; i < std::max(old_size, new_size); ++i) {
      Compare(i < old_size ? reflection.GetRepeatedMessage(before, &field, i) : empty,
              i < new_size ? reflection.GetRepeatedMessage(after, &field, i) : empty,
              absl::StrCat(path, "[", i, "]."));
    }
  }

  std::vector<v1::RecordDifference>& differences_;
};

}  // namespace

std::vector<v1::RecordDifference> Differences(const v1::RecordSubmission& before,
                                              const v1::RecordSubmission& after) {
  std::vector<v1::RecordDifference> differences;
  Comparison(differences).Compare(before, after, "");
  return differences;
}

}  // namespace zhuqi::intake
