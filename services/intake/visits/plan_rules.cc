#include "services/intake/visits/plan_rules.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/directory/date_message.h"
#include "services/intake/directory/field_check.h"
#include "services/intake/enterprises/enterprise_rules.h"

namespace zhuqi::intake {
namespace {

constexpr int kMaxMonthlyVisits = 10000;
constexpr int kMaxEveryMonths = 36;
// Quotas that one request makes.
constexpr size_t kMaxQuotas = 10000;

// Looks at one plan, and brings it to its normal form as it goes.
class PlanChecker {
 public:
  PlanChecker(v1::VisitPlan& plan, std::string path, const Directory& directory, rpc::Violations& violations)
      : plan_(plan), path_(std::move(path)), directory_(directory), violations_(violations) {}

  void Run() {
    if (!IsIdentifier(plan_.plan_id(), 64, ".-")) {
      Refuse("plan_id", "IDENTIFIER_INVALID", "must be 1 to 64 of a-z, 0-9, '.' and '-'",
             "须为 1 至 64 个小写字母、数字、点或连字符");
    }
    CheckText(*plan_.mutable_name(), path_ + ".name", 100, true, violations_);
    CheckWhose();
    CheckQuota();
    CheckCadence();
    CheckMonths();
  }

 private:
  void Refuse(absl::string_view field, absl::string_view reason, std::string english, std::string chinese) {
    violations_.Add(absl::StrCat(path_, ".", field), reason, std::move(english), std::move(chinese));
  }

  void CheckWhose() {
    if (directory_.FindUnit(plan_.org_unit_id()) == nullptr) {
      Refuse("org_unit_id", "ORG_UNIT_UNKNOWN", "the directory has no such unit", "目录中没有该机构");
    }
    if (!plan_.department_id().empty() && directory_.FindDepartment(plan_.department_id()) == nullptr) {
      Refuse("department_id", "DEPARTMENT_UNKNOWN", "the directory has no such department",
             "目录中没有该部门");
    }
    if (!plan_.team_id().empty() && directory_.FindTeam(plan_.team_id()) == nullptr) {
      Refuse("team_id", "TEAM_UNKNOWN", "the directory has no such team", "目录中没有该服务队");
    }
    if (!plan_.team_id().empty() && !plan_.department_id().empty()) {
      Refuse("team_id", "CONFLICT", "not together with department_id", "不能与部门同时填写");
    }
  }

  void CheckQuota() {
    if (plan_.monthly_visits() < 0 || plan_.monthly_visits() > kMaxMonthlyVisits) {
      Refuse("monthly_visits", "OUT_OF_RANGE", "must be 0 to 10,000", "须在 0 至 10000 之间");
    } else if (plan_.monthly_visits() == 0 && plan_.enterprise_tag().empty()) {
      Refuse("monthly_visits", "REQUIRED", "a number of visits or a tag with a cadence is required",
             "须填写每月走访次数，或填写标签与走访周期");
    }
  }

  void CheckCadence() {
    if (plan_.enterprise_tag().empty()) {
      if (plan_.every_months() != 0) {
        Refuse("every_months", "OUT_OF_RANGE", "only with a tag", "仅可与标签同时填写");
      }
      return;
    }
    if (!IsTag(plan_.enterprise_tag())) {
      Refuse("enterprise_tag", "IDENTIFIER_INVALID", "must be 1 to 64 of a-z, 0-9 and '-'",
             "须为 1 至 64 个小写字母、数字或连字符");
    }
    if (plan_.every_months() < 1 || plan_.every_months() > kMaxEveryMonths) {
      Refuse("every_months", "OUT_OF_RANGE", "must be 1 to 36 with a tag", "填写标签时须在 1 至 36 之间");
    }
  }

  std::optional<absl::CivilMonth> CheckMonth(const common::v1::YearMonth& message, absl::string_view field) {
    const std::optional<absl::CivilMonth> month = CivilMonthFrom(message);
    if (!month.has_value()) {
      Refuse(field, "MONTH_INVALID", "must be a month, 2000 to 2100", "须为 2000 至 2100 年间的月份");
    }
    return month;
  }

  void CheckMonths() {
    const auto first = CheckMonth(plan_.first_month(), "first_month");
    if (!plan_.has_last_month()) return;
    const auto last = CheckMonth(plan_.last_month(), "last_month");
    if (first.has_value() && last.has_value() && *last < *first) {
      Refuse("last_month", "DATES_OUT_OF_ORDER", "must not be before the first month", "不能早于首月");
    }
  }

  v1::VisitPlan& plan_;
  const std::string path_;
  const Directory& directory_;
  rpc::Violations& violations_;
};

std::string EtagOf(int64_t sequence) { return absl::StrCat("p", sequence); }

absl::CivilMonth FirstMonth(const v1::VisitPlan& plan) {
  return CivilMonthFrom(plan.first_month()).value_or(absl::CivilMonth::max());
}

bool CoversMonth(const v1::VisitPlan& plan, absl::CivilMonth month) {
  if (month < FirstMonth(plan)) return false;
  return !plan.has_last_month() || month <= CivilMonthFrom(plan.last_month()).value_or(month);
}

// The part of a duty that came to its end, and when.
struct End {
  absl::CivilDay on;
  absl::string_view english;
  absl::string_view chinese;
};

// The earliest end of unit, department and team; absent while all are there.
std::optional<End> EndOf(const v1::VisitPlan& plan, const Directory& directory) {
  std::optional<End> earliest;
  const auto look = [&](const auto* thing, absl::string_view english, absl::string_view chinese) {
    if (thing == nullptr || !thing->has_closed_on()) return;
    const std::optional<absl::CivilDay> day = CivilDayFrom(thing->closed_on());
    if (day.has_value() && (!earliest.has_value() || *day < earliest->on))
      earliest = {*day, english, chinese};
  };
  look(directory.FindUnit(plan.org_unit_id()), "the unit closed", "机构撤销");
  look(directory.FindDepartment(plan.department_id()), "the department closed", "部门撤销");
  look(directory.FindTeam(plan.team_id()), "the team was dissolved", "服务队解散");
  return earliest;
}

absl::CivilDay LastDayOf(absl::CivilMonth month) { return absl::CivilDay(month + 1) - 1; }

// True while unit and department have not begun to exist by the end of the month.
bool IsAheadOfItsTime(const v1::VisitPlan& plan, absl::CivilMonth month, const Directory& directory) {
  const auto opens_later = [&](const auto* thing) {
    if (thing == nullptr || !thing->has_opened_on()) return false;
    return CivilDayFrom(thing->opened_on()).value_or(absl::CivilDay(month)) > LastDayOf(month);
  };
  return opens_later(directory.FindUnit(plan.org_unit_id())) ||
         opens_later(directory.FindDepartment(plan.department_id()));
}

bool IsOwed(const v1::VisitPlan& plan, absl::CivilMonth month, const Directory& directory) {
  if (plan.monthly_visits() == 0 || !CoversMonth(plan, month)) return false;
  const std::optional<End> end = EndOf(plan, directory);
  if (end.has_value() && end->on < absl::CivilDay(month)) return false;
  return !IsAheadOfItsTime(plan, month, directory);
}

absl::Status TooManyQuotas() {
  rpc::Violations violations;
  violations.Add("plans", "OUT_OF_RANGE",
                 "together they owe more than 10,000 quotas for months that began; send fewer plans at once",
                 "已开始月份的应走访任务合计超过 10000 项，请分批提交");
  return violations.ToStatus();
}

void Append(std::vector<StoredQuota> more, std::vector<StoredQuota>& quotas) {
  std::move(more.begin(), more.end(), std::back_inserter(quotas));
}

}  // namespace

v1::VisitPlan Shown(const StoredPlan& stored) {
  v1::VisitPlan plan = stored.plan;
  plan.set_etag(EtagOf(stored.sequence));
  return plan;
}

void CheckPlans(google::protobuf::RepeatedPtrField<v1::VisitPlan>& plans, const Directory& directory,
                rpc::Violations& violations) {
  absl::flat_hash_set<std::string> seen;
  for (int i = 0; i < plans.size(); ++i) {
    const std::string path = absl::StrCat("plans[", i, "]");
    PlanChecker(plans[i], path, directory, violations).Run();
    if (!seen.insert(plans[i].plan_id()).second) {
      violations.Add(path + ".plan_id", "DUPLICATE", "the plan is there twice", "计划重复");
    }
  }
}

std::vector<StoredQuota> DecideMonths(StoredPlan& stored, const Directory& directory, absl::CivilDay today) {
  std::vector<StoredQuota> quotas;
  const absl::CivilMonth current(today);
  absl::CivilMonth month = FirstMonth(stored.plan);
  if (stored.decided_through.has_value()) month = std::max(month, *stored.decided_through + 1);
  if (month > current) return quotas;
  for (; month <= current; ++month) {
    if (IsOwed(stored.plan, month, directory)) quotas.push_back({stored.plan, month, ""});
  }
  stored.decided_through = current;
  return quotas;
}

absl::StatusOr<PlanChanges> ChangePlans(const google::protobuf::RepeatedPtrField<v1::VisitPlan>& plans,
                                        const std::map<std::string, StoredPlan>& known,
                                        const Directory& directory, absl::CivilDay today) {
  PlanChanges changes;
  for (v1::VisitPlan plan : plans) {
    const auto found = known.find(plan.plan_id());
    StoredPlan stored = found == known.end() ? StoredPlan() : found->second;
    const std::string etag = std::exchange(*plan.mutable_etag(), "");
    if (!etag.empty() && etag != EtagOf(stored.sequence)) {
      return rpc::Error(absl::StatusCode::kAborted, "ETAG_MISMATCH", "the plan was changed meanwhile",
                        "该计划已被他人修改", {{"plan_id", plan.plan_id()}});
    }
    if (found == known.end() || stored.plan.SerializeAsString() != plan.SerializeAsString()) {
      Append(DecideMonths(stored, directory, today), changes.quotas);
      stored.plan = std::move(plan);
      ++stored.sequence;
      Append(DecideMonths(stored, directory, today), changes.quotas);
      (stored.sequence == 1 ? changes.created : changes.changed)[stored.plan.plan_id()] = stored;
    }
    if (changes.quotas.size() > kMaxQuotas) return TooManyQuotas();
    changes.shown.push_back(Shown(stored));
  }
  return changes;
}

v1::VisitQuota Shown(const StoredQuota& quota, const VisitTally& tally, const Directory& directory,
                     absl::CivilDay today) {
  v1::VisitQuota shown;
  shown.set_plan_id(quota.plan.plan_id());
  shown.set_plan_name(quota.plan.name());
  shown.set_org_unit_id(quota.plan.org_unit_id());
  *shown.mutable_month() = YearMonthMessage(quota.month);
  shown.set_owed(quota.plan.monthly_visits());
  shown.set_done(tally.visits);
  shown.set_enterprises(tally.enterprises);
  const absl::CivilDay last_day = LastDayOf(quota.month);
  const std::optional<End> end = EndOf(quota.plan, directory);
  if (!quota.waiver_reason.empty()) {
    shown.set_state(v1::VISIT_QUOTA_STATE_WAIVED);
    shown.set_waiver_reason(quota.waiver_reason);
  } else if (tally.visits >= quota.plan.monthly_visits()) {
    shown.set_state(v1::VISIT_QUOTA_STATE_MET);
  } else if (end.has_value() && end->on < last_day) {
    const std::string day = absl::FormatCivilTime(end->on);
    shown.set_state(v1::VISIT_QUOTA_STATE_WAIVED);
    shown.set_waiver_reason(absl::StrCat(end->chinese, "（", day, "） / ", end->english, " on ", day));
  } else {
    shown.set_state(today > last_day ? v1::VISIT_QUOTA_STATE_MISSED : v1::VISIT_QUOTA_STATE_OPEN);
  }
  return shown;
}

absl::CivilDay AddMonths(absl::CivilDay day, int months) {
  const absl::CivilMonth month = absl::CivilMonth(day) + months;
  const absl::CivilDay last = absl::CivilDay(month + 1) - 1;
  return std::min(absl::CivilDay(month) + (day.day() - 1), last);
}

absl::CivilDay FirstDayInCadence(absl::CivilDay on, int every_months) {
  // Short months make several days fall due on one: begin at the earliest candidate and go on.
  absl::CivilDay day = AddMonths(on, -every_months);
  while (AddMonths(day, every_months) < on) ++day;
  return day;
}

bool HasCadence(const v1::VisitPlan& plan, absl::CivilDay on) {
  return plan.every_months() > 0 && CoversMonth(plan, absl::CivilMonth(on));
}

}  // namespace zhuqi::intake
