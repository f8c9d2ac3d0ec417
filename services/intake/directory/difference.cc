#include "services/intake/directory/difference.h"

#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "zhuqi/common/v1/date.pb.h"
#include "zhuqi/directory/v1/directory.pb.h"

namespace zhuqi::intake {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

std::string MessageText(const Message& message);

// One value: of a single field (`index` -1) or of a place in a list.
std::string ValueText(const Message& message, const FieldDescriptor& field, int index) {
  const Reflection& reflection = *message.GetReflection();
  const bool listed = index >= 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return MessageText(listed ? reflection.GetRepeatedMessage(message, &field, index)
                                : reflection.GetMessage(message, &field));
    case FieldDescriptor::CPPTYPE_STRING:
      return listed ? reflection.GetRepeatedString(message, &field, index)
                    : reflection.GetString(message, &field);
    case FieldDescriptor::CPPTYPE_BOOL:
      return (listed ? reflection.GetRepeatedBool(message, &field, index)
                     : reflection.GetBool(message, &field))
                 ? "true"
                 : "false";
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int number = listed ? reflection.GetRepeatedEnumValue(message, &field, index)
                                : reflection.GetEnumValue(message, &field);
      const auto* value = field.enum_type()->FindValueByNumber(number);
      return value == nullptr ? absl::StrCat(number) : value->name();
    }
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(listed ? reflection.GetRepeatedInt32(message, &field, index)
                                 : reflection.GetInt32(message, &field));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(listed ? reflection.GetRepeatedInt64(message, &field, index)
                                 : reflection.GetInt64(message, &field));
    default:  // no other type stands in the directory
      return "?";
  }
}

bool IsSet(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  return field.is_repeated() ? reflection.FieldSize(message, &field) > 0
                             : reflection.HasField(message, &field);
}

std::string ListText(const Message& message, const FieldDescriptor& field) {
  std::vector<std::string> values;
  for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i) {
    values.push_back(ValueText(message, field, i));
  }
  return absl::StrCat("[", absl::StrJoin(values, ", "), "]");
}

std::string DayText(const common::v1::Date& date) {
  return absl::StrFormat("%04d-%02d-%02d", date.year(), date.month(), date.day());
}

std::string MessageText(const Message& message) {
  if (const auto* date = dynamic_cast<const common::v1::Date*>(&message)) return DayText(*date);
  if (const auto* month = dynamic_cast<const common::v1::YearMonth*>(&message)) {
    return absl::StrFormat("%04d-%02d", month->year(), month->month());
  }
  if (const auto* span = dynamic_cast<const common::v1::DateSpan*>(&message)) {
    return absl::StrCat(span->has_first() ? DayText(span->first()) : "", "..",
                        span->has_last() ? DayText(span->last()) : "");
  }
  std::vector<std::string> fields;
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *message.GetDescriptor()->field(i);
    if (!IsSet(message, field)) continue;
    fields.push_back(absl::StrCat(
        field.name(), ": ", field.is_repeated() ? ListText(message, field) : ValueText(message, field, -1)));
  }
  return absl::StrCat("{", absl::StrJoin(fields, ", "), "}");
}

// Told as a whole and never field by field.
bool IsOneValue(const FieldDescriptor& field) {
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return true;
  const auto* type = field.message_type();
  return type == common::v1::Date::descriptor() || type == common::v1::YearMonth::descriptor() ||
         type == common::v1::DateSpan::descriptor();
}

// How many of an entry's first fields name it.
int NamingFields(const google::protobuf::Descriptor* type) {
  if (type == directory::v1::OrgUnitCode::descriptor()) return 3;
  if (type == directory::v1::LinearTerm::descriptor()) return 2;
  if (type == directory::v1::WorkingSpan::descriptor()) return 2;
  if (type == directory::v1::FormerParent::descriptor() || type == directory::v1::FormerName::descriptor()) {
    return 2;
  }
  return 1;
}

class Comparison {
 public:
  explicit Comparison(std::vector<Difference>& found) : found_(found) {}

  void Compare(const std::string& prefix, const Message& before, const Message& after) {
    for (int i = 0; i < after.GetDescriptor()->field_count(); ++i) {
      const FieldDescriptor& field = *after.GetDescriptor()->field(i);
      const std::string path = absl::StrCat(prefix, field.name());
      if (field.is_repeated()) {
        CompareLists(path, before, after, field);
      } else {
        CompareValues(path, before, after, field);
      }
    }
  }

 private:
  void CompareValues(const std::string& path, const Message& before, const Message& after,
                     const FieldDescriptor& field) {
    const bool was = IsSet(before, field);
    const bool is = IsSet(after, field);
    if (!was && !is) return;
    if (was && is && !IsOneValue(field)) {
      return Compare(path + ".", before.GetReflection()->GetMessage(before, &field),
                     after.GetReflection()->GetMessage(after, &field));
    }
    Note(path, was ? ValueText(before, field, -1) : "", is ? ValueText(after, field, -1) : "");
  }

  void Note(const std::string& path, std::string before, std::string after) {
    if (before != after) found_.push_back({path, std::move(before), std::move(after)});
  }

  // What names the entry at `index`; equal entries of one list are told apart by their number.
  static std::vector<std::pair<std::string, int>> NamesOf(const Message& message,
                                                          const FieldDescriptor& field) {
    std::vector<std::pair<std::string, int>> names;
    std::map<std::string, int> seen;
    for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i) {
      std::string name;
      if (IsOneValue(field)) {
        name = ValueText(message, field, i);
      } else {
        const Message& entry = message.GetReflection()->GetRepeatedMessage(message, &field, i);
        for (int part = 0; part < NamingFields(field.message_type()); ++part) {
          absl::StrAppend(&name, ValueText(entry, *field.message_type()->field(part), -1), "\n");
        }
      }
      const int number = seen[name]++;
      names.emplace_back(std::move(name), number);
    }
    return names;
  }

  void CompareLists(const std::string& path, const Message& before, const Message& after,
                    const FieldDescriptor& field) {
    const auto old_names = NamesOf(before, field);
    const auto new_names = NamesOf(after, field);
    std::map<std::pair<std::string, int>, int> old_places;
    for (size_t i = 0; i < old_names.size(); ++i) old_places.emplace(old_names[i], static_cast<int>(i));
    bool in_order = true;
    int last_place = -1;
    for (size_t i = 0; i < new_names.size(); ++i) {
      const int index = static_cast<int>(i);
      const std::string place = absl::StrCat(path, "[", index, "]");
      const auto found = old_places.find(new_names[i]);
      if (found == old_places.end()) {
        Note(place, "", ValueText(after, field, index));
        continue;
      }
      in_order = in_order && found->second > last_place;
      last_place = found->second;
      if (!IsOneValue(field)) {
        Compare(place + ".", before.GetReflection()->GetRepeatedMessage(before, &field, found->second),
                after.GetReflection()->GetRepeatedMessage(after, &field, index));
      }
      old_places.erase(found);
    }
    std::set<int> gone;
    for (const auto& [name, index] : old_places) gone.insert(index);
    for (const int index : gone) {
      Note(absl::StrCat(path, "[", index, "]"), ValueText(before, field, index), "");
    }
    if (!in_order) Note(path, ListText(before, field), ListText(after, field));
  }

  std::vector<Difference>& found_;
};

}  // namespace

std::vector<Difference> DifferencesOf(const Message& before, const Message& after) {
  std::vector<Difference> found;
  Comparison(found).Compare("", before, after);
  return found;
}

}  // namespace zhuqi::intake
