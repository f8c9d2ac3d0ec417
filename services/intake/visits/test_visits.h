// The city with teams, and plans by text, for tests.
#ifndef ZHUQI_SERVICES_INTAKE_VISITS_TEST_VISITS_H_
#define ZHUQI_SERVICES_INTAKE_VISITS_TEST_VISITS_H_

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "services/intake/directory/test_directory.h"
#include "zhuqi/intake/v1/visit_plan.pb.h"

namespace zhuqi::intake {

// `directory` after `change`, a textproto of DirectoryChanged.
inline std::shared_ptr<const Directory> With(const Directory& directory, const std::string& change) {
  return directory.With(FromText<feed::v1::DirectoryChanged>(change), directory.sequence() + 1).value();
}

// The city with a mobile team of 金水区, off on 22 January 2026, which makes three visits a day, and a team
// of the department of planning.
inline std::shared_ptr<const Directory> CityWithTeams() {
  return With(*City(), R"(
    teams {
      team_id: "jinshui.mobile" org_unit_id: "jinshui" name: "流动服务队" visits_a_day: 3
      unavailable { first { year: 2026 month: 1 day: 22 } last { year: 2026 month: 1 day: 22 } }
    }
    teams {
      team_id: "jinshui.planners" org_unit_id: "jinshui" department_id: "jinshui.planning" name: "规划服务队"
    })");
}

// A good plan of 金水区 from January 2026 on: ten visits a month, and key enterprises once in three months.
// `fields` replace what they name.
inline v1::VisitPlan PlanOf(const std::string& fields = "") {
  v1::VisitPlan plan = FromText<v1::VisitPlan>(R"(
    plan_id: "jinshui-monthly" name: "金水区每月走访" org_unit_id: "jinshui" monthly_visits: 10
    enterprise_tag: "key" every_months: 3 first_month { year: 2026 month: 1 })");
  plan.MergeFrom(FromText<v1::VisitPlan>(fields));
  return plan;
}

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_VISITS_TEST_VISITS_H_
