#include "services/intake/directory/kept_history.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/directory/unit_history.h"

namespace zhuqi::intake {
namespace {

using directory::v1::Department;
using directory::v1::OrgUnit;
using directory::v1::OrgUnitCode;
using directory::v1::Team;
using google::protobuf::RepeatedPtrField;

template <typename Message>
bool IsSame(const Message& left, const Message& right) {
  return left.SerializeAsString() == right.SerializeAsString();
}

const std::string& ValueOf(const directory::v1::FormerParent& former) { return former.parent_id(); }
const std::string& ValueOf(const directory::v1::FormerName& former) { return former.name(); }

bool IsOfOneList(const OrgUnitCode& left, const OrgUnitCode& right) {
  return left.system() == right.system() && left.edition() == right.edition();
}

class HistoryKeeper {
 public:
  explicit HistoryKeeper(rpc::Violations& violations) : violations_(violations) {}

  void Keep(const OrgUnit& stored, OrgUnit& unit, const std::string& path) {
    KeepFormer(stored.former_parents(), *unit.mutable_former_parents(), path + ".former_parents");
    KeepFormer(stored.former_names(), *unit.mutable_former_names(), path + ".former_names");
    CheckChange(stored.parent_id(), unit.parent_id(), stored.former_parents(), unit.former_parents(),
                path + ".parent_id");
    CheckChange(stored.name(), unit.name(), stored.former_names(), unit.former_names(), path + ".name");
    KeepCodes(stored.codes(), *unit.mutable_codes(), path + ".codes");
    KeepFirstDay(stored, unit);
    KeepLastDay(stored, unit, path);
    KeepEnd(stored, unit, path);
  }

  void Keep(const Department& stored, Department& department, const std::string& path) {
    KeepFormer(stored.former_superiors(), *department.mutable_former_superiors(), path + ".former_superiors");
    KeepFormer(stored.former_units(), *department.mutable_former_units(), path + ".former_units");
    CheckChange(stored.superior_department_id(), department.superior_department_id(),
                stored.former_superiors(), department.former_superiors(), path + ".superior_department_id");
    CheckChange(stored.org_unit_id(), department.org_unit_id(), stored.former_units(),
                department.former_units(), path + ".org_unit_id");
    KeepFirstDay(stored, department);
    KeepLastDay(stored, department, path);
  }

  void Keep(const Team& stored, Team& team, const std::string& path) { KeepLastDay(stored, team, path); }

 private:
  void AddLost(const std::string& path) {
    violations_.Add(path, "HISTORY_LOST",
                    "what the directory has of the past would be lost: reorganize the unit "
                    "(ReorganizeOrgUnits), or give what was so with its last day",
                    "将丢失目录中的历史：请办理机构调整（ReorganizeOrgUnits），或填写原值及其截止日期");
  }

  // What was so before is found again, in its order, when the entry says anything of it.
  template <typename Former>
  void KeepFormer(const RepeatedPtrField<Former>& stored, RepeatedPtrField<Former>& given,
                  const std::string& path) {
    if (given.empty()) {
      given = stored;
      return;
    }
    int found = 0;
    for (const Former& former : given) {
      if (found < stored.size() && IsSame(stored[found], former)) ++found;
    }
    if (found < stored.size()) AddLost(path);
  }

  // Another value needs the one that was so at the end of what was so before.
  template <typename Former>
  void CheckChange(const std::string& stored, const std::string& given,
                   const RepeatedPtrField<Former>& stored_former,
                   const RepeatedPtrField<Former>& given_former, const std::string& path) {
    // Nothing was known of it: a directory may grow upwards.
    if (stored.empty() || given == stored) return;
    if (given_former.size() > stored_former.size() && ValueOf(*given_former.rbegin()) == stored) return;
    AddLost(path);
  }

  // Codes that the entry leaves out stay, and one that ended stays as it was.
  void KeepCodes(const RepeatedPtrField<OrgUnitCode>& stored, RepeatedPtrField<OrgUnitCode>& given,
                 const std::string& path) {
    RepeatedPtrField<OrgUnitCode> left_out;
    for (const OrgUnitCode& held : stored) {
      const auto same = std::find_if(given.begin(), given.end(), [&](const OrgUnitCode& code) {
        return IsOfOneList(code, held) && code.code() == held.code() && AreValidAtOnce(code, held);
      });
      if (same == given.end()) {
        *left_out.Add() = held;
        continue;
      }
      if (!same->has_valid_from() && held.has_valid_from()) *same->mutable_valid_from() = held.valid_from();
      if (!same->has_valid_to() && held.has_valid_to()) *same->mutable_valid_to() = held.valid_to();
      if (held.has_valid_to() && !IsSame(*same, held))
        AddLost(absl::StrCat(path, "[", same - given.begin(), "]"));
    }
    RefuseReplacements(left_out, given, path);
    given.MergeFrom(left_out);
    PutInOrderOf(stored, given);
  }

  // A list has one code for a unit: another one beside it, which the entry leaves out, was meant to replace
  // it.
  void RefuseReplacements(const RepeatedPtrField<OrgUnitCode>& left_out,
                          const RepeatedPtrField<OrgUnitCode>& given, const std::string& path) {
    for (int i = 0; i < given.size(); ++i) {
      const bool replaces = std::any_of(left_out.begin(), left_out.end(), [&](const OrgUnitCode& held) {
        return IsOfOneList(given[i], held) && AreValidAtOnce(given[i], held);
      });
      if (replaces) AddLost(absl::StrCat(path, "[", i, "]"));
    }
  }

  // The order of codes means nothing, so it is no difference.
  static void PutInOrderOf(const RepeatedPtrField<OrgUnitCode>& stored,
                           RepeatedPtrField<OrgUnitCode>& given) {
    if (std::is_permutation(stored.begin(), stored.end(), given.begin(), given.end(), IsSame<OrgUnitCode>)) {
      given = stored;
    }
  }

  template <typename Message>
  static void KeepFirstDay(const Message& stored, Message& given) {
    if (stored.has_opened_on() && !given.has_opened_on()) *given.mutable_opened_on() = stored.opened_on();
  }

  // What ended does not open again.
  template <typename Message>
  void KeepLastDay(const Message& stored, Message& given, const std::string& path) {
    if (!stored.has_closed_on()) return;
    if (!given.has_closed_on()) *given.mutable_closed_on() = stored.closed_on();
    if (!IsSame(given.closed_on(), stored.closed_on())) AddLost(path + ".closed_on");
  }

  // Why it ended and who took over.
  void KeepEnd(const OrgUnit& stored, OrgUnit& unit, const std::string& path) {
    if (!stored.closing_reason().empty()) {
      if (unit.closing_reason().empty()) unit.set_closing_reason(stored.closing_reason());
      if (unit.closing_reason() != stored.closing_reason()) AddLost(path + ".closing_reason");
    }
    if (stored.successor_ids().empty()) return;
    if (unit.successor_ids().empty()) *unit.mutable_successor_ids() = stored.successor_ids();
    if (!std::equal(unit.successor_ids().begin(), unit.successor_ids().end(), stored.successor_ids().begin(),
                    stored.successor_ids().end())) {
      AddLost(path + ".successor_ids");
    }
  }

  rpc::Violations& violations_;
};

// `find`: what stands, by identity; null for what is new.
template <typename Message, typename Find>
void KeepAll(RepeatedPtrField<Message>& entries, const char* kind, Find find, HistoryKeeper& keeper) {
  for (int i = 0; i < entries.size(); ++i) {
    const Message* stored = find(IdOf(entries[i]));
    if (stored != nullptr) keeper.Keep(*stored, entries[i], absl::StrCat(kind, "[", i, "]"));
  }
}

// A list of last month would put a team back where it was before its unit was merged or split.
void CheckTeamsUnits(const Directory& directory, const RepeatedPtrField<Team>& teams,
                     rpc::Violations& violations) {
  for (int i = 0; i < teams.size(); ++i) {
    const Team* stored = directory.FindTeam(teams[i].team_id());
    if (stored == nullptr || stored->org_unit_id() == teams[i].org_unit_id()) continue;
    const OrgUnit* unit = directory.FindUnit(teams[i].org_unit_id());
    if (unit == nullptr || !unit->has_closed_on()) continue;
    violations.Add(absl::StrCat("teams[", i, "].org_unit_id"), "ORG_UNIT_CLOSED",
                   absl::StrCat("this unit ended; the team works for ", stored->org_unit_id(), " now"),
                   absl::StrCat("该机构已撤销，服务队现属于 ", stored->org_unit_id()));
  }
}

}  // namespace

void KeepHistory(const Directory& directory, directory::v1::ApplyDirectoryRequest& request,
                 rpc::Violations& violations) {
  HistoryKeeper keeper(violations);
  KeepAll(
      *request.mutable_org_units(), "org_units", [&](const auto& id) { return directory.FindUnit(id); },
      keeper);
  KeepAll(
      *request.mutable_departments(), "departments",
      [&](const auto& id) { return directory.FindDepartment(id); }, keeper);
  KeepAll(
      *request.mutable_teams(), "teams", [&](const auto& id) { return directory.FindTeam(id); }, keeper);
  CheckTeamsUnits(directory, request.teams(), violations);
}

}  // namespace zhuqi::intake
