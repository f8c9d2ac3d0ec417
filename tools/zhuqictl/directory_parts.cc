#include "tools/zhuqictl/directory_parts.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"

namespace zhuqi::ctl {
namespace {

using directory::v1::ApplyDirectoryRequest;
using directory::v1::ApplyDirectoryResponse;

enum Kind { kUnit, kDepartment, kCategory, kForm, kTeam, kPolicy };

std::string FormKey(const directory::v1::SummaryForm& form) {
  return absl::StrCat(form.form_id(), "@", form.version());
}

struct Entry {
  Kind kind = kUnit;
  int index = 0;
  std::size_t bytes = 0;
  // Places in the list of entries.
  std::vector<std::size_t> needs;
};

// The entries of a request with what each refers to in it; units branch by branch.
class Entries {
 public:
  explicit Entries(const ApplyDirectoryRequest& whole) : whole_(whole) {
    AddUnits();
    for (int i = 0; i < whole.categories_size(); ++i)
      Add(kCategory, i, whole.categories(i).category_id(), whole.categories(i));
    for (int i = 0; i < whole.departments_size(); ++i)
      Add(kDepartment, i, whole.departments(i).department_id(), whole.departments(i));
    for (int i = 0; i < whole.teams_size(); ++i) Add(kTeam, i, whole.teams(i).team_id(), whole.teams(i));
    for (int i = 0; i < whole.policies_size(); ++i)
      Add(kPolicy, i, whole.policies(i).policy_id(), whole.policies(i));
    for (int i = 0; i < whole.forms_size(); ++i) Add(kForm, i, FormKey(whole.forms(i)), whole.forms(i));
    for (Entry& entry : entries_) FindNeeds(entry);
  }

  const std::vector<Entry>& list() const { return entries_; }

 private:
  template <class Message>
  void Add(Kind kind, int index, const std::string& id, const Message& message) {
    places_.emplace(std::make_pair(static_cast<int>(kind), id), entries_.size());
    entries_.push_back({kind, index, message.ByteSizeLong(), {}});
  }

  // Children after their parent, each with its whole branch. Without recursion: a file may hold a long chain.
  void AddUnits() {
    absl::flat_hash_map<std::string, int> units;
    for (int i = 0; i < whole_.org_units_size(); ++i) units.emplace(whole_.org_units(i).org_unit_id(), i);
    std::vector<std::vector<int>> children(static_cast<std::size_t>(whole_.org_units_size()));
    std::vector<int> open;
    for (int i = whole_.org_units_size() - 1; i >= 0; --i) {
      const auto parent = units.find(whole_.org_units(i).parent_id());
      if (parent == units.end() || parent->second == i) {
        open.push_back(i);
      } else {
        children[static_cast<std::size_t>(parent->second)].push_back(i);
      }
    }
    std::vector<bool> done(children.size());
    while (!open.empty()) {
      const int unit = open.back();
      open.pop_back();
      done[static_cast<std::size_t>(unit)] = true;
      Add(kUnit, unit, whole_.org_units(unit).org_unit_id(), whole_.org_units(unit));
      const auto& below = children[static_cast<std::size_t>(unit)];
      open.insert(open.end(), below.begin(), below.end());
    }
    // Units in a circle: the service says what is wrong with them.
    for (int i = 0; i < whole_.org_units_size(); ++i) {
      if (!done[static_cast<std::size_t>(i)])
        Add(kUnit, i, whole_.org_units(i).org_unit_id(), whole_.org_units(i));
    }
  }

  void Need(Kind kind, const std::string& id, Entry& entry) {
    const auto found = places_.find(std::make_pair(static_cast<int>(kind), id));
    if (!id.empty() && found != places_.end()) entry.needs.push_back(found->second);
  }

  void FindNeeds(Entry& entry) {
    switch (entry.kind) {
      case kUnit: {
        const auto& unit = whole_.org_units(entry.index);
        Need(kUnit, unit.parent_id(), entry);
        for (const auto& former : unit.former_parents()) Need(kUnit, former.parent_id(), entry);
        for (const std::string& successor : unit.successor_ids()) Need(kUnit, successor, entry);
        return;
      }
      case kDepartment: {
        const auto& department = whole_.departments(entry.index);
        Need(kUnit, department.org_unit_id(), entry);
        Need(kDepartment, department.superior_department_id(), entry);
        for (const auto& former : department.former_superiors()) Need(kDepartment, former.parent_id(), entry);
        return;
      }
      case kCategory: {
        const std::string& id = whole_.categories(entry.index).category_id();
        const std::size_t dot = id.rfind('.');
        // What a version of the tree changes is one call: its neighbours bring all of them.
        if (whole_.has_category_tree()) {
          for (const int beside : {entry.index - 1, entry.index + 1}) {
            if (beside < 0 || beside >= whole_.categories_size()) continue;
            Need(kCategory, whole_.categories(beside).category_id(), entry);
          }
          return;
        }
        if (dot != std::string::npos) Need(kCategory, id.substr(0, dot), entry);
        return;
      }
      case kForm:
        // There are few: all versions of all forms stay together.
        for (const auto& form : whole_.forms()) Need(kForm, FormKey(form), entry);
        return;
      case kTeam:
        Need(kUnit, whole_.teams(entry.index).org_unit_id(), entry);
        Need(kDepartment, whole_.teams(entry.index).department_id(), entry);
        return;
      case kPolicy:
        Need(kUnit, whole_.policies(entry.index).org_unit_id(), entry);
    }
  }

  const ApplyDirectoryRequest& whole_;
  std::vector<Entry> entries_;
  absl::flat_hash_map<std::pair<int, std::string>, std::size_t> places_;
};

void Copy(const ApplyDirectoryRequest& whole, const Entry& entry, ApplyDirectoryRequest& part) {
  switch (entry.kind) {
    case kUnit:
      *part.add_org_units() = whole.org_units(entry.index);
      return;
    case kDepartment:
      *part.add_departments() = whole.departments(entry.index);
      return;
    case kCategory:
      *part.add_categories() = whole.categories(entry.index);
      return;
    case kForm:
      *part.add_forms() = whole.forms(entry.index);
      return;
    case kTeam:
      *part.add_teams() = whole.teams(entry.index);
      return;
    case kPolicy:
      *part.add_policies() = whole.policies(entry.index);
  }
}

// The entry and all that it needs, directly or not, that `have` lacks.
std::set<std::size_t> Closure(const std::vector<Entry>& entries, std::size_t entry,
                              const std::set<std::size_t>& have) {
  std::set<std::size_t> closure;
  std::vector<std::size_t> open = {entry};
  while (!open.empty()) {
    const std::size_t next = open.back();
    open.pop_back();
    if (have.contains(next) || !closure.insert(next).second) continue;
    open.insert(open.end(), entries[next].needs.begin(), entries[next].needs.end());
  }
  return closure;
}

std::size_t BytesOf(const std::vector<Entry>& entries, const std::set<std::size_t>& places) {
  std::size_t bytes = 0;
  for (const std::size_t place : places) bytes += entries[place].bytes;
  return bytes;
}

}  // namespace

int DirectoryEntries(const ApplyDirectoryRequest& request) {
  return request.org_units_size() + request.departments_size() + request.categories_size() +
         request.forms_size() + request.teams_size() + request.policies_size() +
         (request.has_calendar() ? 1 : 0) + (request.has_category_tree() ? 1 : 0);
}

std::vector<ApplyDirectoryRequest> DirectoryParts(const ApplyDirectoryRequest& whole, int max_entries,
                                                  std::size_t max_bytes) {
  if (DirectoryEntries(whole) <= max_entries && whole.ByteSizeLong() <= max_bytes) return {whole};
  const Entries entries(whole);
  std::vector<std::set<std::size_t>> parts(1);
  std::size_t bytes = 0;
  std::set<std::size_t> placed;
  // The calendar goes with the first part, the version of the categories with them.
  const int beside = (whole.has_calendar() ? 1 : 0) + (whole.has_category_tree() ? 1 : 0);
  std::size_t room = static_cast<std::size_t>(max_entries - beside);
  for (std::size_t i = 0; i < entries.list().size(); ++i) {
    if (placed.contains(i)) continue;
    std::set<std::size_t> added = Closure(entries.list(), i, parts.back());
    const bool fits =
        parts.back().size() + added.size() <= room && bytes + BytesOf(entries.list(), added) <= max_bytes;
    if (!fits && !parts.back().empty()) {
      parts.emplace_back();
      bytes = 0;
      room = static_cast<std::size_t>(max_entries - (whole.has_category_tree() ? 1 : 0));
      added = Closure(entries.list(), i, parts.back());
    }
    bytes += BytesOf(entries.list(), added);
    placed.insert(added.begin(), added.end());
    parts.back().insert(added.begin(), added.end());
  }
  std::vector<ApplyDirectoryRequest> requests;
  for (const std::set<std::size_t>& part : parts) {
    ApplyDirectoryRequest& request = requests.emplace_back();
    for (const std::size_t place : part) Copy(whole, entries.list()[place], request);
  }
  if (whole.has_calendar()) *requests.front().mutable_calendar() = whole.calendar();
  if (whole.has_category_tree()) {
    const auto versioned = std::find_if(requests.begin(), requests.end(),
                                        [](const auto& request) { return request.categories_size() > 0; });
    *(versioned == requests.end() ? requests.front() : *versioned).mutable_category_tree() =
        whole.category_tree();
  }
  return requests;
}

ApplyDirectoryResponse MergedAnswer(const ApplyDirectoryRequest& whole,
                                    const std::vector<ApplyDirectoryResponse>& answers) {
  ApplyDirectoryResponse merged;
  std::set<std::pair<std::string, std::string>> seen;
  for (const ApplyDirectoryResponse& answer : answers) {
    for (const auto& change : answer.changes()) {
      if (seen.emplace(change.resource(), change.id()).second) *merged.add_changes() = change;
    }
    merged.set_consistency_token(answer.consistency_token());
  }
  // With `complete` an answer also has what the request leaves out.
  if (answers.size() == 1) {
    merged.set_unchanged(answers.front().unchanged());
  } else {
    merged.set_unchanged(DirectoryEntries(whole) - merged.changes_size());
  }
  return merged;
}

}  // namespace zhuqi::ctl
