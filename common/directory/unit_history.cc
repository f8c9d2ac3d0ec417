#include "common/directory/unit_history.h"

#include <algorithm>

namespace zhuqi {
namespace {

// How many entries of `former` had ended before `day`; the one at that place is the one of `day`.
template <typename Former>
int EndedBefore(const google::protobuf::RepeatedPtrField<Former>& former, absl::CivilDay day) {
  const auto found = std::find_if(former.begin(), former.end(), [&](const Former& entry) {
    return CivilDayFrom(entry.until()).value_or(absl::CivilDay::min()) >= day;
  });
  return static_cast<int>(found - former.begin());
}

}  // namespace

const std::string& ParentOn(const directory::v1::OrgUnit& unit, absl::CivilDay day) {
  const int at = EndedBefore(unit.former_parents(), day);
  return at == unit.former_parents_size() ? unit.parent_id() : unit.former_parents(at).parent_id();
}

const std::string& NameOn(const directory::v1::OrgUnit& unit, absl::CivilDay day) {
  const int at = EndedBefore(unit.former_names(), day);
  return at == unit.former_names_size() ? unit.name() : unit.former_names(at).name();
}

const std::string& UnitOn(const directory::v1::Department& department, absl::CivilDay day) {
  const int at = EndedBefore(department.former_units(), day);
  return at == department.former_units_size() ? department.org_unit_id()
                                              : department.former_units(at).parent_id();
}

const std::string& NamedSuperiorOn(const directory::v1::Department& department, absl::CivilDay day) {
  const int at = EndedBefore(department.former_superiors(), day);
  return at == department.former_superiors_size() ? department.superior_department_id()
                                                  : department.former_superiors(at).parent_id();
}

bool IsValidOn(const directory::v1::OrgUnitCode& code, absl::CivilDay day) {
  const bool begun =
      !code.has_valid_from() || CivilDayFrom(code.valid_from()).value_or(absl::CivilDay::min()) <= day;
  const bool ended =
      code.has_valid_to() && CivilDayFrom(code.valid_to()).value_or(absl::CivilDay::max()) < day;
  return begun && !ended;
}

bool AreValidAtOnce(const directory::v1::OrgUnitCode& left, const directory::v1::OrgUnitCode& right) {
  const auto begins = [](const directory::v1::OrgUnitCode& code) {
    return code.has_valid_from() ? CivilDayFrom(code.valid_from()).value_or(absl::CivilDay::min())
                                 : absl::CivilDay::min();
  };
  const auto ends = [](const directory::v1::OrgUnitCode& code) {
    return code.has_valid_to() ? CivilDayFrom(code.valid_to()).value_or(absl::CivilDay::max())
                               : absl::CivilDay::max();
  };
  return begins(left) <= ends(right) && begins(right) <= ends(left);
}

bool IsInUseOn(const directory::v1::IssueCategory& category, absl::CivilDay day) {
  return !category.has_retired_on() ||
         day <= CivilDayFrom(category.retired_on()).value_or(absl::CivilDay::max());
}

bool IsInForceOn(const directory::v1::Policy& policy, absl::CivilDay day) {
  const bool begun =
      !policy.has_valid_from() || CivilDayFrom(policy.valid_from()).value_or(absl::CivilDay::min()) <= day;
  const bool ended =
      policy.has_valid_to() && CivilDayFrom(policy.valid_to()).value_or(absl::CivilDay::max()) < day;
  return begun && !ended;
}

directory::v1::OrgUnit AsOf(const directory::v1::OrgUnit& unit, absl::CivilDay day) {
  directory::v1::OrgUnit then = unit;
  then.set_parent_id(ParentOn(unit, day));
  then.set_name(NameOn(unit, day));
  const int parents = EndedBefore(unit.former_parents(), day);
  then.mutable_former_parents()->DeleteSubrange(parents, unit.former_parents_size() - parents);
  const int names = EndedBefore(unit.former_names(), day);
  then.mutable_former_names()->DeleteSubrange(names, unit.former_names_size() - names);
  return then;
}

}  // namespace zhuqi
