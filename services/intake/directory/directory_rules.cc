#include "services/intake/directory/directory_rules.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/intake/directory/calendar_check.h"
#include "services/intake/directory/desired_state.h"
#include "services/intake/directory/field_check.h"
#include "services/intake/directory/form_check.h"
#include "services/intake/directory/unit_check.h"

namespace zhuqi::intake {
namespace {

using directory::v1::ApplyDirectoryRequest;
using directory::v1::DirectoryChange;
using google::protobuf::util::MessageDifferencer;

// The identities of one kind of entry: their form, and that none is named twice.
class IdentityCheck {
 public:
  IdentityCheck(std::string others, std::string english, std::string chinese, rpc::Violations& violations)
      : others_(std::move(others)),
        english_(std::move(english)),
        chinese_(std::move(chinese)),
        violations_(violations) {}
  void Check(const std::string& id, const std::string& path) {
    if (!IsIdentifier(id, 64, others_)) {
      violations_.Add(path, "IDENTIFIER_INVALID", english_, chinese_);
    } else if (!seen_.insert(id).second) {
      violations_.Add(path, "DUPLICATE", "the request names this identity twice", "同一标识在请求中重复出现");
    }
  }

 private:
  const std::string others_, english_, chinese_;
  rpc::Violations& violations_;
  absl::flat_hash_set<std::string> seen_;
};

void CheckIdentitiesAndNames(ApplyDirectoryRequest& request, rpc::Violations& violations) {
  IdentityCheck units("-", "must be 1 to 64 of a-z, 0-9 and '-'", "须为 1 至 64 个小写字母、数字或连字符",
                      violations);
  IdentityCheck forms("-", "must be 1 to 64 of a-z, 0-9 and '-'", "须为 1 至 64 个小写字母、数字或连字符",
                      violations);
  IdentityCheck departments(".-", "must be 1 to 64 of a-z, 0-9, '.' and '-'",
                            "须为 1 至 64 个小写字母、数字、点或连字符", violations);
  IdentityCheck categories(".-", "must be words of a-z, 0-9 and '-' joined by '.', at most 64 characters",
                           "须为以点连接的小写字母、数字或连字符，最多 64 个字符", violations);
  for (int i = 0; i < request.org_units_size(); ++i) {
    const std::string path = absl::StrCat("org_units[", i, "]");
    units.Check(request.org_units(i).org_unit_id(), path + ".org_unit_id");
    CheckText(*request.mutable_org_units(i)->mutable_name(), path + ".name", 100, true, violations);
  }
  for (int i = 0; i < request.departments_size(); ++i) {
    const std::string path = absl::StrCat("departments[", i, "]");
    departments.Check(request.departments(i).department_id(), path + ".department_id");
    CheckText(*request.mutable_departments(i)->mutable_name(), path + ".name", 100, true, violations);
  }
  for (int i = 0; i < request.categories_size(); ++i) {
    const std::string path = absl::StrCat("categories[", i, "]");
    categories.Check(request.categories(i).category_id(), path + ".category_id");
    CheckText(*request.mutable_categories(i)->mutable_name(), path + ".name", 100, true, violations);
  }
  for (int i = 0; i < request.forms_size(); ++i) {
    const std::string path = absl::StrCat("forms[", i, "]");
    forms.Check(request.forms(i).form_id(), path + ".form_id");
    CheckForm(*request.mutable_forms(i), path, violations);
  }
}

void CheckDepartments(const ApplyDirectoryRequest& request, const DesiredState& state,
                      rpc::Violations& violations) {
  if (request.departments().empty()) return;
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> by_function;
  for (const auto& [id, department] : state.departments()) {
    by_function[{department->org_unit_id(), department->function()}].emplace_back(id);
  }
  for (int i = 0; i < request.departments_size(); ++i) {
    const auto& department = request.departments(i);
    const std::string path = absl::StrCat("departments[", i, "]");
    if (state.FindUnit(department.org_unit_id()) == nullptr) {
      violations.Add(path + ".org_unit_id", "ORG_UNIT_UNKNOWN",
                     "neither the directory nor the request has this unit", "目录和本次请求中都没有该机构");
    }
    if (!IsIdentifier(department.function(), 32, "-", /*digits=*/false)) {
      violations.Add(path + ".function", "IDENTIFIER_INVALID", "must be 1 to 32 of a-z and '-'",
                     "须为 1 至 32 个小写字母或连字符");
      continue;
    }
    for (const std::string& other : by_function[{department.org_unit_id(), department.function()}]) {
      if (other == department.department_id()) continue;
      violations.Add(path + ".function", "FUNCTION_TAKEN",
                     absl::StrCat("the unit has ", other, " for this function"),
                     absl::StrCat("该机构的此项职能已由部门 ", other, " 承担"));
      break;
    }
  }
}

void CheckCategories(const ApplyDirectoryRequest& request, const DesiredState& state,
                     rpc::Violations& violations) {
  for (int i = 0; i < request.categories_size(); ++i) {
    const std::string& id = request.categories(i).category_id();
    const std::string path = absl::StrCat("categories[", i, "].category_id");
    if (!IsIdentifier(id, 64, ".-")) continue;  // said already
    if (id.front() == '.' || id.back() == '.' || id.find("..") != std::string::npos) {
      violations.Add(path, "IDENTIFIER_INVALID", "every word between dots needs a character",
                     "点之间不能为空");
      continue;
    }
    const size_t dot = id.rfind('.');
    if (dot != std::string::npos && !state.HasCategory(id.substr(0, dot))) {
      violations.Add(path, "CATEGORY_UNKNOWN",
                     absl::StrCat("there is no category ", id.substr(0, dot), " above it"),
                     absl::StrCat("没有上级类别 ", id.substr(0, dot)));
    }
  }
}

// Compares entries with what stands, and notes what differs.
class Differ {
 public:
  explicit Differ(DirectoryPlan& plan) : plan_(plan) {}

  // True when `desired` is new or differs. `current` may be null.
  template <typename Message>
  bool Differs(const char* resource, const std::string& id, const Message* current, const Message& desired) {
    DirectoryChange change;
    change.set_resource(resource);
    change.set_id(id);
    change.set_kind(current == nullptr ? DirectoryChange::KIND_CREATED : DirectoryChange::KIND_UPDATED);
    if (current != nullptr) {
      MessageDifferencer differencer;
      const google::protobuf::Descriptor& descriptor = *Message::descriptor();
      for (int i = 0; i < descriptor.field_count(); ++i) {
        const auto* field = descriptor.field(i);
        if (!differencer.CompareWithFields(*current, desired, {field}, {field}))
          change.add_fields(field->name());
      }
      if (change.fields().empty()) {
        ++plan_.unchanged;
        return false;
      }
    }
    plan_.changes.push_back(std::move(change));
    return true;
  }

 private:
  DirectoryPlan& plan_;
};

template <typename Map>
const typename Map::mapped_type* FindIn(const Map& map, const std::string& id) {
  const auto found = map.find(id);
  return found == map.end() ? nullptr : &found->second;
}

// The entries, ordered by `key`: a follower that applies them one after the other never lacks a parent.
template <typename Message, typename Key>
std::vector<const Message*> Sorted(const google::protobuf::RepeatedPtrField<Message>& entries, Key key) {
  std::vector<const Message*> sorted;
  for (const Message& entry : entries) sorted.push_back(&entry);
  std::sort(sorted.begin(), sorted.end(),
            [&](const Message* left, const Message* right) { return key(*left) < key(*right); });
  return sorted;
}

void Compare(const Directory& directory, const ApplyDirectoryRequest& request, DirectoryPlan& plan) {
  Differ differ(plan);
  // Levels grow towards the leaves, so this order is parents first.
  for (const auto* unit : Sorted(request.org_units(), [](const auto& entry) {
         return std::make_pair(static_cast<int>(entry.level()), entry.org_unit_id());
       })) {
    if (differ.Differs("org_unit", unit->org_unit_id(), directory.FindUnit(unit->org_unit_id()), *unit)) {
      *plan.event.add_org_units() = *unit;
    }
  }
  for (const auto* department :
       Sorted(request.departments(), [](const auto& entry) { return entry.department_id(); })) {
    const std::string& id = department->department_id();
    if (differ.Differs("department", id, directory.FindDepartment(id), *department)) {
      *plan.event.add_departments() = *department;
    }
  }
  for (const auto* category :
       Sorted(request.categories(), [](const auto& entry) { return entry.category_id(); })) {
    const std::string& id = category->category_id();
    if (differ.Differs("category", id, FindIn(directory.categories(), id), *category)) {
      *plan.event.add_categories() = *category;
    }
  }
  if (request.has_calendar()) {
    const auto* current = directory.calendar_version() == 0 ? nullptr : &directory.calendar_message();
    if (differ.Differs("calendar", request.calendar().calendar_id(), current, request.calendar())) {
      *plan.event.mutable_calendar() = request.calendar();
    }
  }
  for (const auto* form : Sorted(request.forms(), [](const auto& entry) { return entry.form_id(); })) {
    if (differ.Differs("form", form->form_id(), FindIn(directory.forms(), form->form_id()), *form)) {
      *plan.event.add_forms() = *form;
    }
  }
}

}  // namespace

DirectoryPlan PlanDirectory(const Directory& directory, const ApplyDirectoryRequest& request) {
  DirectoryPlan plan;
  const int entries = request.org_units_size() + request.departments_size() + request.categories_size() +
                      request.forms_size() + (request.has_calendar() ? 1 : 0);
  if (entries > kMaxDirectoryEntries) {
    plan.violations.Add(
        "org_units", "TOO_MANY_ENTRIES",
        absl::StrCat("at most ", kMaxDirectoryEntries, " entries in one call; send parents first"),
        absl::StrCat("每次最多 ", kMaxDirectoryEntries, " 项，请先发送上级"));
    return plan;
  }
  ApplyDirectoryRequest normalised = request;
  CheckIdentitiesAndNames(normalised, plan.violations);
  const DesiredState state(directory, normalised);
  CheckUnits(normalised, state, plan.violations);
  CheckDepartments(normalised, state, plan.violations);
  CheckCategories(normalised, state, plan.violations);
  if (normalised.has_calendar()) {
    CheckCalendar(*normalised.mutable_calendar(), directory.calendar_message(), plan.violations);
  }
  if (plan.violations.empty()) Compare(directory, normalised, plan);
  return plan;
}

}  // namespace zhuqi::intake
