#include "services/intake/directory/directory_rules.h"

#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "services/intake/directory/calendar_check.h"
#include "services/intake/directory/category_check.h"
#include "services/intake/directory/complete_state.h"
#include "services/intake/directory/department_check.h"
#include "services/intake/directory/desired_state.h"
#include "services/intake/directory/directory_changes.h"
#include "services/intake/directory/field_check.h"
#include "services/intake/directory/form_check.h"
#include "services/intake/directory/form_version_check.h"
#include "services/intake/directory/kept_history.h"
#include "services/intake/directory/policy_check.h"
#include "services/intake/directory/unit_check.h"

namespace zhuqi::intake {
namespace {

using directory::v1::ApplyDirectoryRequest;

// The identities of one kind of entry: their form, and that none is named twice.
class IdentityCheck {
 public:
  IdentityCheck(std::string others, std::string english, std::string chinese, rpc::Violations& violations)
      : others_(std::move(others)),
        english_(std::move(english)),
        chinese_(std::move(chinese)),
        violations_(violations) {}
  // `variant`: what else tells entries with one identity apart.
  void Check(const std::string& id, const std::string& path, int variant = 0) {
    if (!IsIdentifier(id, 64, others_)) {
      violations_.Add(path, "IDENTIFIER_INVALID", english_, chinese_);
    } else if (!seen_.insert({id, variant}).second) {
      violations_.Add(path, "DUPLICATE", "the request names this identity twice", "同一标识在请求中重复出现");
    }
  }

 private:
  const std::string others_, english_, chinese_;
  rpc::Violations& violations_;
  absl::flat_hash_set<std::pair<std::string, int>> seen_;
};

IdentityCheck DashedIds(rpc::Violations& violations) {
  return IdentityCheck("-", "must be 1 to 64 of a-z, 0-9 and '-'", "须为 1 至 64 个小写字母、数字或连字符",
                       violations);
}

IdentityCheck DottedIds(rpc::Violations& violations) {
  return IdentityCheck(".-", "must be 1 to 64 of a-z, 0-9, '.' and '-'",
                       "须为 1 至 64 个小写字母、数字、点或连字符", violations);
}

void CheckUnitTexts(ApplyDirectoryRequest& request, rpc::Violations& violations) {
  IdentityCheck ids = DashedIds(violations);
  for (int i = 0; i < request.org_units_size(); ++i) {
    directory::v1::OrgUnit& unit = *request.mutable_org_units(i);
    const std::string path = absl::StrCat("org_units[", i, "]");
    ids.Check(unit.org_unit_id(), path + ".org_unit_id");
    CheckText(*unit.mutable_name(), path + ".name", 100, true, violations);
    for (int j = 0; j < unit.former_names_size(); ++j) {
      CheckText(*unit.mutable_former_names(j)->mutable_name(),
                absl::StrCat(path, ".former_names[", j, "].name"), 100, true, violations);
    }
    CheckText(*unit.mutable_closing_reason(), path + ".closing_reason", 500, false, violations);
  }
}

// Entries with a name: their identities and names.
template <typename Entries>
void CheckIdsAndNames(Entries& entries, const char* kind, const char* id_field, IdentityCheck ids,
                      rpc::Violations& violations) {
  for (int i = 0; i < entries.size(); ++i) {
    const std::string path = absl::StrCat(kind, "[", i, "].");
    ids.Check(IdOf(entries[i]), path + id_field);
    CheckText(*entries[i].mutable_name(), path + "name", 100, true, violations);
  }
}

void CheckIdentitiesAndTexts(ApplyDirectoryRequest& request, rpc::Violations& violations) {
  CheckUnitTexts(request, violations);
  CheckIdsAndNames(*request.mutable_departments(), "departments", "department_id", DottedIds(violations),
                   violations);
  IdentityCheck categories(".-", "must be words of a-z, 0-9 and '-' joined by '.', at most 64 characters",
                           "须为以点连接的小写字母、数字或连字符，最多 64 个字符", violations);
  CheckIdsAndNames(*request.mutable_categories(), "categories", "category_id", std::move(categories),
                   violations);
  IdentityCheck forms = DashedIds(violations);
  for (int i = 0; i < request.forms_size(); ++i) {
    const std::string path = absl::StrCat("forms[", i, "]");
    forms.Check(request.forms(i).form_id(), path + ".form_id", VersionOf(request.forms(i)));
    CheckForm(*request.mutable_forms(i), path, violations);
  }
  CheckIdsAndNames(*request.mutable_teams(), "teams", "team_id", DottedIds(violations), violations);
  IdentityCheck policies = DottedIds(violations);
  for (int i = 0; i < request.policies_size(); ++i) {
    const std::string path = absl::StrCat("policies[", i, "].");
    policies.Check(request.policies(i).policy_id(), path + "policy_id");
    CheckText(*request.mutable_policies(i)->mutable_title(), path + "title", 200, true, violations);
  }
}

void CheckForms(const Directory& directory, const ApplyDirectoryRequest& request, absl::CivilDay today,
                rpc::Violations& violations) {
  if (request.forms().empty()) return;
  const FormVersions after = FormsAfter(directory, request);
  for (int i = 0; i < request.forms_size(); ++i) {
    CheckLowerForm(request.forms(i), after, absl::StrCat("forms[", i, "]"), violations);
  }
  CheckFormVersions(directory, request, after, today, violations);
}

bool HasTooMany(const ApplyDirectoryRequest& request, rpc::Violations& violations) {
  const int entries = request.org_units_size() + request.departments_size() + request.categories_size() +
                      request.forms_size() + request.teams_size() + request.policies_size() +
                      (request.has_calendar() ? 1 : 0) + (request.has_category_tree() ? 1 : 0);
  if (entries <= kMaxDirectoryEntries) return false;
  violations.Add("org_units", "TOO_MANY_ENTRIES",
                 absl::StrCat("at most ", kMaxDirectoryEntries, " entries in one call; send parents first"),
                 absl::StrCat("每次最多 ", kMaxDirectoryEntries, " 项，请先发送上级"));
  return true;
}

// Checks `normalised`, whose identities and texts are checked already, as the state that it leads to.
void PlanState(const Directory& directory, ApplyDirectoryRequest& normalised, absl::CivilDay today,
               DirectoryPlan& plan) {
  const DesiredState state(directory, normalised, today);
  CheckUnits(normalised, state, plan.violations);
  CheckDepartments(normalised, state, plan.violations);
  CheckTeams(normalised, state, plan.violations);
  CheckCategories(normalised, state, plan.violations);
  CheckCategoryTree(normalised, directory, plan.violations);
  CheckPolicies(normalised, state, plan.violations);
  CheckForms(directory, normalised, today, plan.violations);
  if (normalised.has_calendar()) {
    CheckCalendar(*normalised.mutable_calendar(), directory.calendar_message(), plan.violations);
  }
  if (plan.violations.empty()) CompareDirectory(directory, normalised, today, plan);
}

}  // namespace

DirectoryPlan PlanDirectory(const Directory& directory, const ApplyDirectoryRequest& request,
                            absl::CivilDay today) {
  DirectoryPlan plan;
  if (HasTooMany(request, plan.violations)) return plan;
  ApplyDirectoryRequest normalised = request;
  CheckIdentitiesAndTexts(normalised, plan.violations);
  KeepHistory(directory, normalised, plan.violations);
  if (request.complete()) AddWhatIsLeftOut(directory, today, normalised, plan.violations);
  PlanState(directory, normalised, today, plan);
  return plan;
}

DirectoryPlan PlanWholeEntries(const Directory& directory, const ApplyDirectoryRequest& request,
                               absl::CivilDay today) {
  DirectoryPlan plan;
  if (HasTooMany(request, plan.violations)) return plan;
  ApplyDirectoryRequest normalised = request;
  CheckIdentitiesAndTexts(normalised, plan.violations);
  PlanState(directory, normalised, today, plan);
  return plan;
}

}  // namespace zhuqi::intake
