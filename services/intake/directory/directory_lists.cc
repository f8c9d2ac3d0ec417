#include "services/intake/directory/directory_lists.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/page_token.h"
#include "common/directory/unit_code.h"
#include "common/directory/unit_history.h"
#include "common/rpc/errors.h"
#include "common/vocabulary/text.h"
#include "services/intake/directory/field_check.h"
#include "services/intake/directory/paging.h"
#include "services/intake/directory/reorganization_rules.h"

namespace zhuqi::intake {
namespace {

using namespace directory::v1;  // NOLINT: the contract of these very lists

constexpr int kDefaultPage = 100;
constexpr int kMaxPage = 1000;
constexpr int kDefaultReorganizationPage = 50;
constexpr int kMaxReorganizationPage = 500;
constexpr std::size_t kMaxSearchCharacters = 100;

void CheckUnitKnown(const Directory& directory, const std::string& org_unit_id, const char* field,
                    rpc::Violations& violations) {
  if (org_unit_id.empty() || directory.FindUnit(org_unit_id) != nullptr) return;
  violations.Add(field, "ORG_UNIT_UNKNOWN", "the directory has no such unit", "目录中没有该机构");
}

// The entries of `map` after the page before that `matches` takes, one page of them, and the token of the
// next page; empty on the last page. `add` gives the row that it added. A page ends early rather than grow
// too large for a message.
template <typename Map, typename Matches, typename Add>
std::string TakePage(const Map& map, const PageQuery& page, Matches matches, Add add) {
  auto entry = page.after.has_value() ? map.upper_bound(page.after->front()) : map.begin();
  int taken = 0;
  size_t bytes = 0;
  std::string last;
  for (; entry != map.end(); ++entry) {
    if (!matches(entry->second)) continue;
    if (taken == page.size || bytes > kMaxPageBytes) return EncodePageToken(page.filter, {last});
    bytes += add(entry->second).ByteSizeLong();
    last = entry->first;
    ++taken;
  }
  return "";
}

// What units a text is meant to find.
class TextFilter {
 public:
  TextFilter(const std::string& text, rpc::Violations& violations) {
    std::string stored = text;
    CheckText(stored, "text", kMaxSearchCharacters, false, violations);
    folded_ = vocabulary::FoldForSearch(stored).value_or("");
  }
  bool Matches(const OrgUnit& unit, const std::string& name) const {
    if (folded_.empty()) return true;
    const std::optional<std::string> folded_name = vocabulary::FoldForSearch(name);
    if (folded_name.has_value() && absl::StrContains(*folded_name, folded_)) return true;
    return std::any_of(unit.codes().begin(), unit.codes().end(), [&](const OrgUnitCode& code) {
      return absl::StartsWithIgnoreCase(code.code(), folded_);
    });
  }

 private:
  std::string folded_;
};

absl::Status UnknownUnit() {
  return rpc::Error(absl::StatusCode::kNotFound, "ORG_UNIT_UNKNOWN", "the directory has no such unit",
                    "目录中没有该机构");
}

// The unit as it was on the day; as it is when there is none.
OrgUnit Shown(const OrgUnit& unit, std::optional<absl::CivilDay> day) {
  return day.has_value() ? AsOf(unit, *day) : unit;
}

}  // namespace

absl::StatusOr<GetOrgUnitResponse> GetOrgUnit(const Directory& directory, const GetOrgUnitRequest& request) {
  rpc::Violations violations;
  const auto day = CheckDay(request.has_as_of(), request.as_of(), "as_of", violations);
  const OrgUnit* unit = nullptr;
  switch (request.by_case()) {
    case GetOrgUnitRequest::kOrgUnitId:
      unit = directory.FindUnit(request.org_unit_id());
      break;
    case GetOrgUnitRequest::kCode:
      unit = day.has_value()
                 ? FindUnitByCodeOn(directory, request.code().system(), request.code().code(), *day)
                 : directory.FindUnitByCode(request.code().system(), request.code().code());
      break;
    case GetOrgUnitRequest::BY_NOT_SET:
      violations.Add("by", "REQUIRED", "one of org_unit_id and code is required", "须填写机构标识或代码");
  }
  if (!violations.empty()) return violations.ToStatus();
  if (unit == nullptr || (day.has_value() && !ExistedOn(*unit, *day))) return UnknownUnit();
  GetOrgUnitResponse response;
  *response.mutable_org_unit() = Shown(*unit, day);
  std::vector<std::string> ancestors = day.has_value() ? directory.AncestorsOf(unit->org_unit_id(), *day)
                                                       : directory.AncestorsOf(unit->org_unit_id());
  std::reverse(ancestors.begin(), ancestors.end());
  for (const std::string& ancestor : ancestors) {
    *response.add_ancestors() = Shown(*directory.FindUnit(ancestor), day);
  }
  return response;
}

absl::StatusOr<ListOrgUnitsResponse> ListOrgUnits(const Directory& directory,
                                                  const ListOrgUnitsRequest& request) {
  rpc::Violations violations;
  CheckUnitKnown(directory, request.below(), "below", violations);
  const auto day = CheckDay(request.has_as_of(), request.as_of(), "as_of", violations);
  const TextFilter text(request.text(), violations);
  const PageQuery page = ReadPageQuery(request, kDefaultPage, kMaxPage, 1, violations);
  if (!violations.empty()) return violations.ToStatus();
  const auto is_below = [&](const OrgUnit& unit) {
    return request.below().empty() ||
           (day.has_value() ? directory.IsInOrBelow(unit.org_unit_id(), request.below(), *day)
                            : directory.IsInOrBelow(unit.org_unit_id(), request.below()));
  };
  ListOrgUnitsResponse response;
  response.set_next_page_token(TakePage(
      directory.units(), page,
      [&](const OrgUnit& unit) {
        return (request.level() == ORG_UNIT_LEVEL_UNSPECIFIED || unit.level() == request.level()) &&
               (!day.has_value() || ExistedOn(unit, *day)) &&
               text.Matches(unit, day.has_value() ? NameOn(unit, *day) : unit.name()) && is_below(unit);
      },
      [&](const OrgUnit& unit) -> const auto& { return *response.add_org_units() = Shown(unit, day); }));
  return response;
}

absl::StatusOr<ListDepartmentsResponse> ListDepartments(const Directory& directory,
                                                        const ListDepartmentsRequest& request) {
  rpc::Violations violations;
  CheckUnitKnown(directory, request.org_unit_id(), "org_unit_id", violations);
  const PageQuery page = ReadPageQuery(request, kDefaultPage, kMaxPage, 1, violations);
  if (!violations.empty()) return violations.ToStatus();
  ListDepartmentsResponse response;
  response.set_next_page_token(TakePage(
      directory.departments(), page,
      [&](const Department& department) {
        return (request.org_unit_id().empty() || department.org_unit_id() == request.org_unit_id()) &&
               (request.function().empty() || department.function() == request.function());
      },
      [&](const Department& department) -> const auto& { return *response.add_departments() = department; }));
  return response;
}

absl::StatusOr<ListTeamsResponse> ListTeams(const Directory& directory, const ListTeamsRequest& request) {
  rpc::Violations violations;
  CheckUnitKnown(directory, request.org_unit_id(), "org_unit_id", violations);
  const PageQuery page = ReadPageQuery(request, kDefaultPage, kMaxPage, 1, violations);
  if (!violations.empty()) return violations.ToStatus();
  ListTeamsResponse response;
  response.set_next_page_token(TakePage(
      directory.teams(), page,
      [&](const Team& team) {
        return request.org_unit_id().empty() ||
               directory.IsInOrBelow(team.org_unit_id(), request.org_unit_id());
      },
      [&](const Team& team) -> const auto& { return *response.add_teams() = team; }));
  return response;
}

absl::StatusOr<ListPoliciesResponse> ListPolicies(const Directory& directory,
                                                  const ListPoliciesRequest& request) {
  rpc::Violations violations;
  CheckUnitKnown(directory, request.org_unit_id(), "org_unit_id", violations);
  const auto day = CheckDay(request.has_in_force_on(), request.in_force_on(), "in_force_on", violations);
  const PageQuery page = ReadPageQuery(request, kDefaultPage, kMaxPage, 1, violations);
  if (!violations.empty()) return violations.ToStatus();
  ListPoliciesResponse response;
  response.set_next_page_token(TakePage(
      directory.policies(), page,
      [&](const Policy& policy) {
        return (request.org_unit_id().empty() ||
                directory.IsInOrBelow(request.org_unit_id(), policy.org_unit_id())) &&
               (!day.has_value() || IsInForceOn(policy, *day));
      },
      [&](const Policy& policy) -> const auto& { return *response.add_policies() = policy; }));
  return response;
}

absl::StatusOr<ListCategoriesResponse> ListCategories(const Directory& directory,
                                                      const ListCategoriesRequest& request) {
  rpc::Violations violations;
  if (!request.below().empty() && !directory.HasCategory(request.below())) {
    violations.Add("below", "CATEGORY_UNKNOWN", "the directory has no such category", "目录中没有该诉求类别");
  }
  const PageQuery page = ReadPageQuery(request, kDefaultPage, kMaxPage, 1, violations);
  if (!violations.empty()) return violations.ToStatus();
  ListCategoriesResponse response;
  response.set_next_page_token(TakePage(
      directory.categories(), page,
      [&](const IssueCategory& category) {
        return request.below().empty() || IsCategoryInOrBelow(category.category_id(), request.below());
      },
      [&](const IssueCategory& category) -> const auto& { return *response.add_categories() = category; }));
  if (directory.category_tree() != nullptr) *response.mutable_tree() = *directory.category_tree();
  if (request.page_token().empty()) {
    for (const auto& [version, tree] : directory.category_trees()) response.add_versions(version);
  }
  return response;
}

absl::StatusOr<GetCalendarResponse> GetCalendar(const Directory& directory,
                                                const GetCalendarRequest& request) {
  const int64_t version = request.version() == 0 ? directory.calendar_version() : request.version();
  const WorkingCalendar* calendar = directory.CalendarVersion(version);
  if (calendar == nullptr) {
    return rpc::Error(absl::StatusCode::kNotFound, "CALENDAR_UNKNOWN",
                      "there is no such version of the calendar", "没有该版本的工作日历");
  }
  GetCalendarResponse response;
  *response.mutable_calendar() = *calendar;
  for (const auto& [each, message] : directory.calendars()) response.add_versions(each);
  return response;
}

absl::StatusOr<ListFormsResponse> ListForms(const Directory& directory, const ListFormsRequest& request) {
  if (!request.form_id().empty() && !directory.forms().contains(request.form_id())) {
    rpc::Violations violations;
    violations.Add("form_id", "FORM_UNKNOWN", "the directory has no such form", "目录中没有该报表");
    return violations.ToStatus();
  }
  ListFormsResponse response;
  for (const auto& [key, form] : directory.form_versions()) {
    if (request.form_id().empty() || key.first == request.form_id()) *response.add_forms() = form;
  }
  return response;
}

absl::StatusOr<ListReorganizationsResponse> ListReorganizations(const Directory& directory,
                                                                const ListReorganizationsRequest& request) {
  rpc::Violations violations;
  CheckUnitKnown(directory, request.org_unit_id(), "org_unit_id", violations);
  const PageQuery page =
      ReadPageQuery(request, kDefaultReorganizationPage, kMaxReorganizationPage, 1, violations);
  // The place in the order of time; none is ever taken away, so it stays.
  int64_t next = static_cast<int64_t>(directory.reorganizations().size());
  if (page.after.has_value() && (!absl::SimpleAtoi(page.after->front(), &next) || next < 0 ||
                                 next > static_cast<int64_t>(directory.reorganizations().size()))) {
    violations.Add("page_token", "PAGE_TOKEN_INVALID", "the token is damaged", "分页令牌已损坏");
  }
  if (!violations.empty()) return violations.ToStatus();
  ListReorganizationsResponse response;
  size_t bytes = 0;
  while (--next >= 0) {
    const Reorganization& reorganization = *directory.reorganizations()[static_cast<size_t>(next)];
    if (!request.org_unit_id().empty() && !NamesUnit(reorganization, request.org_unit_id())) continue;
    if (response.reorganizations_size() == page.size || bytes > kMaxPageBytes) {
      response.set_next_page_token(EncodePageToken(page.filter, {absl::StrCat(next + 1)}));
      break;
    }
    *response.add_reorganizations() = reorganization;
    bytes += reorganization.ByteSizeLong();
  }
  return response;
}

}  // namespace zhuqi::intake
