#include "services/intake/directory/directory_changes.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/directory/unit_history.h"
#include "services/intake/directory/difference.h"
#include "services/intake/directory/field_check.h"

namespace zhuqi::intake {
namespace {

using directory::v1::ApplyDirectoryRequest;
using directory::v1::DirectoryChange;

constexpr int kMaxDifferences = 100;              // of one change
constexpr size_t kMaxDifferenceCharacters = 200;  // of one text
constexpr size_t kMaxDifferenceBytes = 1 << 20;   // of one answer

// `text` on one line, cut where it gets long.
std::string OneLine(const std::string& text) {
  return absl::StrReplaceAll(FirstCharacters(text, kMaxDifferenceCharacters), {{"\n", " "}, {"\t", " "}});
}

// Whether the thing has come to its end.
template <typename Message>
bool HasEnded(const Message& message, absl::CivilDay) {
  return message.has_closed_on();
}
bool HasEnded(const directory::v1::IssueCategory& category, absl::CivilDay) {
  return category.has_retired_on();
}
bool HasEnded(const directory::v1::Policy& policy, absl::CivilDay today) {
  return !IsInForceOn(policy, today + 1) && policy.has_valid_to();
}
bool HasEnded(const directory::v1::SummaryForm&, absl::CivilDay) { return false; }
bool HasEnded(const directory::v1::CategoryTree&, absl::CivilDay) { return false; }
bool HasEnded(const directory::v1::WorkingCalendar&, absl::CivilDay) { return false; }

// Compares entries with what stands, and notes what differs.
class Differ {
 public:
  Differ(absl::CivilDay today, DirectoryPlan& plan) : today_(today), plan_(plan) {}

  // True when `desired` is new or differs. `current` may be null.
  template <typename Message>
  bool Differs(const char* resource, const std::string& id, const Message* current, const Message& desired) {
    DirectoryChange change;
    change.set_resource(resource);
    change.set_id(id);
    change.set_kind(DirectoryChange::KIND_CREATED);
    if (current != nullptr) {
      const std::vector<Difference> differences = DifferencesOf(*current, desired);
      if (differences.empty()) {
        ++plan_.unchanged;
        return false;
      }
      const bool ends = HasEnded(desired, today_) && !HasEnded(*current, today_);
      change.set_kind(ends ? DirectoryChange::KIND_CLOSED : DirectoryChange::KIND_UPDATED);
      Describe(differences, change);
    }
    plan_.changes.push_back(std::move(change));
    return true;
  }

 private:
  void Describe(const std::vector<Difference>& differences, DirectoryChange& change) {
    for (const Difference& difference : differences) {
      // Differences come in the order of fields, so those of one field stand together.
      std::string field = difference.field.substr(0, difference.field.find_first_of(".["));
      if (change.fields().empty() || *change.fields().rbegin() != field) change.add_fields(std::move(field));
      if (change.differences_size() == kMaxDifferences || bytes_ > kMaxDifferenceBytes) continue;
      directory::v1::FieldDifference& told = *change.add_differences();
      told.set_field(difference.field);
      told.set_before(OneLine(difference.before));
      told.set_after(OneLine(difference.after));
      bytes_ += told.ByteSizeLong();
    }
  }

  const absl::CivilDay today_;
  DirectoryPlan& plan_;
  size_t bytes_ = 0;
};

// The entries, ordered by `key`: a follower that applies them one after the other never lacks a parent.
template <typename Message, typename Key>
std::vector<const Message*> Sorted(const google::protobuf::RepeatedPtrField<Message>& entries, Key key) {
  std::vector<const Message*> sorted;
  for (const Message& entry : entries) sorted.push_back(&entry);
  std::sort(sorted.begin(), sorted.end(),
            [&](const Message* left, const Message* right) { return key(*left) < key(*right); });
  return sorted;
}

template <typename Message, typename Find>
void CompareKind(const char* resource, const google::protobuf::RepeatedPtrField<Message>& entries, Find find,
                 Differ& differ, google::protobuf::RepeatedPtrField<Message>& changed) {
  for (const Message* entry : Sorted(entries, [](const Message& message) { return IdOf(message); })) {
    if (differ.Differs(resource, IdOf(*entry), find(IdOf(*entry)), *entry)) *changed.Add() = *entry;
  }
}

void CompareUnits(const Directory& directory, const ApplyDirectoryRequest& request, Differ& differ,
                  feed::v1::DirectoryChanged& event) {
  // Levels grow towards the leaves, so this order is parents first.
  for (const auto* unit : Sorted(request.org_units(), [](const auto& entry) {
         return std::make_pair(static_cast<int>(entry.level()), entry.org_unit_id());
       })) {
    if (differ.Differs("org_unit", unit->org_unit_id(), directory.FindUnit(unit->org_unit_id()), *unit)) {
      *event.add_org_units() = *unit;
    }
  }
}

void CompareForms(const Directory& directory, const ApplyDirectoryRequest& request, Differ& differ,
                  feed::v1::DirectoryChanged& event) {
  for (const auto* form : Sorted(request.forms(), [](const auto& entry) {
         return std::make_pair(entry.form_id(), VersionOf(entry));
       })) {
    const int32_t version = VersionOf(*form);
    const std::string id = version == 1 ? form->form_id() : absl::StrCat(form->form_id(), "@", version);
    if (differ.Differs("form", id, directory.FormVersion(form->form_id(), version), *form)) {
      *event.add_forms() = *form;
    }
  }
}

}  // namespace

void CompareDirectory(const Directory& directory, const ApplyDirectoryRequest& request, absl::CivilDay today,
                      DirectoryPlan& plan) {
  Differ differ(today, plan);
  feed::v1::DirectoryChanged& event = plan.event;
  CompareUnits(directory, request, differ, event);
  CompareKind(
      "department", request.departments(), [&](const auto& id) { return directory.FindDepartment(id); },
      differ, *event.mutable_departments());
  CompareKind(
      "category", request.categories(), [&](const auto& id) { return directory.categories().Find(id); },
      differ, *event.mutable_categories());
  if (request.has_category_tree() &&
      differ.Differs("category_tree", "categories", directory.category_tree(), request.category_tree())) {
    *event.mutable_category_tree() = request.category_tree();
  }
  if (request.has_calendar()) {
    const auto* current = directory.calendar_version() == 0 ? nullptr : &directory.calendar_message();
    if (differ.Differs("calendar", request.calendar().calendar_id(), current, request.calendar())) {
      *event.mutable_calendar() = request.calendar();
    }
  }
  CompareForms(directory, request, differ, event);
  CompareKind(
      "team", request.teams(), [&](const auto& id) { return directory.FindTeam(id); }, differ,
      *event.mutable_teams());
  CompareKind(
      "policy", request.policies(), [&](const auto& id) { return directory.FindPolicy(id); }, differ,
      *event.mutable_policies());
}

}  // namespace zhuqi::intake
