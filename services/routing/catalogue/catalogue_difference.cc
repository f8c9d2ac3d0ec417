#include "services/routing/catalogue/catalogue_difference.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/page_token.h"
#include "common/rpc/errors.h"
#include "google/protobuf/text_format.h"

namespace zhuqi::routing {
namespace {

using Difference = v1::CatalogueDifference;

constexpr int kMaximumDifferences = 500;
constexpr int kMaximumFields = 50;
constexpr size_t kMaximumValueBytes = 500;

// The value of a field, or of one element of it, as text.
std::string ValueText(const google::protobuf::Message& message,
                      const google::protobuf::FieldDescriptor* field, int index) {
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  printer.SetUseUtf8StringEscaping(true);
  std::string text;
  printer.PrintFieldValueToString(message, field, index, &text);
  return text;
}

// What an element of a list is known by: "step_id". Empty: it is known by its place alone.
std::string IdentityOf(const google::protobuf::Message& element) {
  const google::protobuf::FieldDescriptor* first = element.GetDescriptor()->FindFieldByNumber(1);
  if (first == nullptr || first->is_repeated() ||
      first->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING) {
    return "";
  }
  return element.GetReflection()->GetString(element, first);
}

void Flatten(const google::protobuf::Message& message, const std::string& prefix,
             std::map<std::string, std::string>& values);

// A list of messages: its order, then each element by its identity. One that is there twice, in a draft that
// was not checked, stands under its place, too.
void FlattenElements(const google::protobuf::Message& message, const google::protobuf::FieldDescriptor* field,
                     const std::string& path, std::map<std::string, std::string>& values) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  std::vector<std::string> order;
  for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
    const google::protobuf::Message& element = reflection.GetRepeatedMessage(message, field, i);
    std::string identity = IdentityOf(element);
    if (identity.empty() || std::find(order.begin(), order.end(), identity) != order.end())
      absl::StrAppend(&identity, "#", i + 1);
    Flatten(element, absl::StrCat(path, "[", identity, "]."), values);
    order.push_back(std::move(identity));
  }
  values[path] = absl::StrJoin(order, ", ");
}

// Every field that is set, by its path; values of a list stand together.
void Flatten(const google::protobuf::Message& message, const std::string& prefix,
             std::map<std::string, std::string>& values) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const google::protobuf::FieldDescriptor* field : fields) {
    const std::string path = prefix + field->name();
    const bool is_message = field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE;
    if (field->is_repeated() && is_message) {
      FlattenElements(message, field, path, values);
    } else if (field->is_repeated()) {
      std::string& text = values[path];
      for (int i = 0; i < reflection.FieldSize(message, field); ++i)
        absl::StrAppend(&text, i == 0 ? "" : ", ", ValueText(message, field, i));
    } else if (is_message) {
      const google::protobuf::Message& inner = reflection.GetMessage(message, field);
      // One that is there and empty says something, too: "default_target {}".
      if (inner.ByteSizeLong() == 0) values[path] = "{}";
      Flatten(inner, path + ".", values);
    } else {
      values[path] = ValueText(message, field, -1);
    }
  }
}

// The fields that differ; more than are shown are not counted, since one look at the part tells them.
void AddFields(const google::protobuf::Message& before, const google::protobuf::Message& after,
               Difference& difference) {
  std::map<std::string, std::pair<std::string, std::string>> both;
  std::map<std::string, std::string> values;
  Flatten(before, "", values);
  for (auto& [path, text] : values) both[path].first = std::move(text);
  values.clear();
  Flatten(after, "", values);
  for (auto& [path, text] : values) both[path].second = std::move(text);
  for (const auto& [path, texts] : both) {
    if (texts.first == texts.second || difference.fields_size() == kMaximumFields) continue;
    v1::CatalogueFieldDifference& field = *difference.add_fields();
    field.set_field(path);
    field.set_before(rpc::BoundedText(texts.first, kMaximumValueBytes));
    field.set_after(rpc::BoundedText(texts.second, kMaximumValueBytes));
  }
}

// Of `places` (all different), which are not in a longest sequence that grows: the fewest that must move.
std::vector<bool> OutOfOrder(const std::vector<int>& places) {
  std::vector<size_t> tails;  // tails[n]: where a growing sequence of n + 1 ends lowest
  std::vector<size_t> before(places.size(), places.size());
  for (size_t i = 0; i < places.size(); ++i) {
    const auto end = std::lower_bound(tails.begin(), tails.end(), places[i],
                                      [&](size_t tail, int place) { return places[tail] < place; });
    if (end != tails.begin()) before[i] = *(end - 1);
    if (end == tails.end()) {
      tails.push_back(i);
    } else {
      *end = i;
    }
  }
  std::vector<bool> moved(places.size(), true);
  for (size_t i = tails.empty() ? places.size() : tails.back(); i < places.size(); i = before[i])
    moved[i] = false;
  return moved;
}

const std::string& PartIdOf(const v1::RoutingRule& rule) { return rule.rule_id(); }
const std::string& PartIdOf(const v1::UnitDefault& unit) { return unit.org_unit_id(); }
const std::string& PartIdOf(const v1::ClockPolicy& policy) { return policy.policy_id(); }
const std::string& PartIdOf(const v1::EscalationLadder& ladder) { return ladder.ladder_id(); }

class Comparison {
 public:
  void Header(v1::Catalogue before, v1::Catalogue after) {
    for (v1::Catalogue* one : {&before, &after}) {
      one->clear_version();
      one->clear_rules();
      one->clear_unit_defaults();
      one->clear_default_target();
      one->clear_clock_policies();
      one->clear_ladders();
    }
    Whole(Difference::PART_HEADER, before, after);
  }

  void Whole(Difference::Part part, const google::protobuf::Message& before,
             const google::protobuf::Message& after) {
    Difference difference;
    AddFields(before, after, difference);
    if (difference.fields().empty()) return;
    difference.set_part(part);
    difference.set_kind(Difference::KIND_CHANGED);
    Add(std::move(difference));
  }

  // Parts of a list, matched by identity; where `ordered`, their places count too.
  template <typename Parts>
  int Lists(Difference::Part part, bool ordered, const Parts& before, const Parts& after) {
    absl::flat_hash_map<std::string, int> former;
    for (int i = before.size() - 1; i >= 0; --i) former[PartIdOf(before[i])] = i;
    std::vector<int> pairs;  // for each of `after`: its place before, or -1
    std::vector<int> places;
    for (const auto& one : after) {
      const auto found = former.find(PartIdOf(one));
      pairs.push_back(found == former.end() ? -1 : found->second);
      if (found == former.end()) continue;
      places.push_back(found->second);
      former.erase(found);
    }
    const std::vector<bool> moved = ordered ? OutOfOrder(places) : std::vector<bool>(places.size(), false);
    std::vector<bool> kept(static_cast<size_t>(before.size()), false);
    int unchanged = 0;
    size_t paired = 0;
    for (int i = 0; i < after.size(); ++i) {
      const int place = pairs[static_cast<size_t>(i)];
      Difference difference = Start(part, PartIdOf(after[i]), ordered, place, i);
      if (place < 0) {
        difference.set_kind(Difference::KIND_ADDED);
      } else {
        kept[static_cast<size_t>(place)] = true;
        difference.set_moved(moved[paired++]);
        AddFields(before[place], after[i], difference);
        if (difference.fields().empty() && !difference.moved()) {
          ++unchanged;
          continue;
        }
        difference.set_kind(difference.fields().empty() ? Difference::KIND_MOVED : Difference::KIND_CHANGED);
      }
      Add(std::move(difference));
    }
    for (int i = 0; i < before.size(); ++i) {
      if (kept[static_cast<size_t>(i)]) continue;
      Difference difference = Start(part, PartIdOf(before[i]), ordered, i, -1);
      difference.set_kind(Difference::KIND_REMOVED);
      Add(std::move(difference));
    }
    return unchanged;
  }

  v1::DiffCatalogueResponse& response() { return response_; }

 private:
  static Difference Start(Difference::Part part, const std::string& id, bool ordered, int before, int after) {
    Difference difference;
    difference.set_part(part);
    difference.set_id(id);
    if (ordered) {
      difference.set_place_before(before + 1);
      difference.set_place(after + 1);
    }
    return difference;
  }

  void Add(Difference difference) {
    bytes_ += difference.ByteSizeLong();
    if (response_.differences_size() >= kMaximumDifferences || bytes_ > kMaxPageBytes) {
      response_.set_omitted(response_.omitted() + 1);
      return;
    }
    *response_.add_differences() = std::move(difference);
  }

  v1::DiffCatalogueResponse response_;
  size_t bytes_ = 0;
};

}  // namespace

v1::DiffCatalogueResponse DiffCatalogues(const v1::Catalogue& before, const v1::Catalogue& after) {
  Comparison comparison;
  comparison.response().set_version(before.version());
  comparison.Header(before, after);
  const int unchanged = comparison.Lists(Difference::PART_RULE, true, before.rules(), after.rules());
  comparison.response().set_unchanged_rules(unchanged);
  comparison.Lists(Difference::PART_UNIT_DEFAULT, false, before.unit_defaults(), after.unit_defaults());
  comparison.Whole(Difference::PART_DEFAULT_TARGET, before.default_target(), after.default_target());
  comparison.Lists(Difference::PART_CLOCK_POLICY, false, before.clock_policies(), after.clock_policies());
  comparison.Lists(Difference::PART_LADDER, false, before.ladders(), after.ladders());
  return std::move(comparison.response());
}

}  // namespace zhuqi::routing
