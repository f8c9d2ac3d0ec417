#include "tools/zhuqictl/visit_text.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "tools/zhuqictl/policy_text.h"
#include "tools/zhuqictl/progress.h"
#include "tools/zhuqictl/table.h"
#include "tools/zhuqictl/text_values.h"

namespace zhuqi::ctl {
namespace {

using intake::v1::VisitQuota;

std::string ShareText(int64_t part, int64_t whole) {
  return whole == 0
             ? "–"
             : absl::StrFormat("%.1f %%", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

std::string EnterpriseHead(const intake::v1::Enterprise& one) {
  return absl::StrCat(one.name(), "  ", one.uscc(), "\n", one.org_unit_id(), "  ", one.address(),
                      "\nsection ", one.industry_section().empty() ? "?" : one.industry_section(), ", size ",
                      one.size() == 0 ? "?" : EnumText(one.size()), ", tags ", absl::StrJoin(one.tags(), " "),
                      one.has_closed_on() ? absl::StrCat("\nSTRUCK OFF on ", DateText(one.closed_on())) : "",
                      "\nlast visit ", one.has_last_visited_on() ? DateText(one.last_visited_on()) : "none",
                      "\n");
}

}  // namespace

std::string PlanTable(const google::protobuf::RepeatedPtrField<intake::v1::VisitPlan>& plans) {
  Table table({{"plan"},
               {"name", Align::kLeft, 40},
               {"whose"},
               {"a month", Align::kRight},
               {"cadence"},
               {"months"},
               {"etag"}});
  for (const intake::v1::VisitPlan& plan : plans) {
    const std::string whose =
        absl::StrCat(plan.org_unit_id(), plan.department_id().empty() ? "" : " / ", plan.department_id(),
                     plan.team_id().empty() ? "" : " / ", plan.team_id());
    const std::string cadence = plan.every_months() == 0
                                    ? ""
                                    : absl::StrCat(plan.enterprise_tag(), " every ", plan.every_months(),
                                                   plan.every_months() == 1 ? " month" : " months");
    table.AddRow({plan.plan_id(), plan.name(), whose,
                  plan.monthly_visits() == 0 ? "" : absl::StrCat(plan.monthly_visits()), cadence,
                  absl::StrCat(MonthText(plan.first_month()), "..", MonthText(plan.last_month())),
                  plan.etag()});
  }
  return table.ToString();
}

std::string QuotaTable(const QuotaList& quotas) {
  Table table({{"month"},
               {"plan"},
               {"name", Align::kLeft, 30},
               {"unit"},
               {"owed", Align::kRight},
               {"done", Align::kRight},
               {"enterprises", Align::kRight},
               {"state"},
               {"why waived", Align::kLeft, 40}});
  for (const VisitQuota& quota : quotas) {
    table.AddRow({MonthText(quota.month()), quota.plan_id(), quota.plan_name(), quota.org_unit_id(),
                  absl::StrCat(quota.owed()), absl::StrCat(quota.done()), absl::StrCat(quota.enterprises()),
                  EnumText(quota.state()), quota.waiver_reason()});
  }
  return absl::StrCat(table.ToString(), QuotaTotals(quotas));
}

std::string QuotaTotals(const QuotaList& quotas) {
  int64_t due = 0;
  int64_t met = 0;
  int64_t owed = 0;
  int64_t made = 0;
  for (const VisitQuota& quota : quotas) {
    if (quota.state() == intake::v1::VISIT_QUOTA_STATE_WAIVED) continue;
    ++due;
    met += quota.state() == intake::v1::VISIT_QUOTA_STATE_MET ? 1 : 0;
    owed += quota.owed();
    made += std::min(quota.done(), quota.owed());
  }
  return absl::StrCat("quotas met ", met, " of ", due, " (", ShareText(met, due), "), waived ",
                      quotas.size() - due, "; visits made ", WithSeparators(made), " of ",
                      WithSeparators(owed), " (", ShareText(made, owed), ")\n");
}

std::string ProposalTable(const intake::v1::ProposeVisitsResponse& response, bool chinese) {
  Table table(
      {{"day"}, {"credit code"}, {"name", Align::kLeft, 40}, {"unit"}, {"points", Align::kRight}, {"why"}});
  for (const intake::v1::VisitProposal& one : response.proposals()) {
    const std::string why = absl::StrJoin(
        one.reasons(), "; ", [chinese](std::string* out, const intake::v1::ProposalReason& reason) {
          absl::StrAppend(out, chinese ? reason.finding_zh() : reason.finding(),
                          reason.points() < 0 ? " " : " +", reason.points());
        });
    table.AddRow({DateText(one.proposed_on()), one.uscc(), one.enterprise_name(), one.org_unit_id(),
                  absl::StrCat(one.points()), why});
  }
  return absl::StrCat(table.ToString(), "rule ", response.rule(), ", chosen from ",
                      WithSeparators(response.considered()), " enterprises\n");
}

std::string PreparationSheet(const intake::v1::PrepareVisitResponse& response) {
  std::string text = EnterpriseHead(response.enterprise());
  Table visits({{"visited on"}, {"team"}, {"notes", Align::kLeft, 60}});
  for (const intake::v1::Record& record : response.visits()) {
    const intake::v1::Visit& visit = record.submission().visit();
    visits.AddRow({DateText(visit.visited_on()), visit.team(), visit.notes()});
  }
  absl::StrAppend(&text, "\n走访 visits: ", response.visits_size(), "\n",
                  visits.rows() > 0 ? visits.ToString() : "");
  Table issues({{"raised at"}, {"kind"}, {"category"}, {"title", Align::kLeft, 60}});
  for (const intake::v1::Record& record : response.issues()) {
    const intake::v1::Issue& issue = record.submission().issue();
    issues.AddRow(
        {InstantText(issue.raised_at()), EnumText(issue.kind()), issue.category_id(), issue.title()});
  }
  absl::StrAppend(&text, "\n诉求 issues: ", response.issues_size(), "\n",
                  issues.rows() > 0 ? issues.ToString() : "");
  absl::StrAppend(
      &text, "\n政策 policies that it may claim: ", response.policies_size(), "\n",
      response.policies_size() > 0 ? MatchTable(response.policies(), /*by_enterprise=*/false) : "");
  return text;
}

}  // namespace zhuqi::ctl
