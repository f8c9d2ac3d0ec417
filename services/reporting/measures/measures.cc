#include "services/reporting/measures/measures.h"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <utility>

namespace zhuqi::reporting {
namespace {

// One line of the catalogue; see v1::MeasureDefinition for the texts.
struct Words {
  const char* id;
  const char* name;
  const char* name_zh;
  const char* definition;
  const char* definition_zh;
  const char* unit;
  const char* numerator = "";
  const char* denominator = "";
  const char* exclusions = "";
};

constexpr std::initializer_list<v1::GroupBy> kNoGroups = {};
constexpr std::initializer_list<v1::GroupBy> kIssueGroups = {v1::GROUP_BY_ISSUE_KIND, v1::GROUP_BY_CATEGORY};
constexpr std::initializer_list<v1::GroupBy> kCaseGroups = {v1::GROUP_BY_ISSUE_KIND, v1::GROUP_BY_CATEGORY,
                                                            v1::GROUP_BY_DEPARTMENT};

Measure Make(v1::MeasureKind kind, const Words& words, std::initializer_list<v1::GroupBy> groups,
             RecordQuery records) {
  Measure measure;
  v1::MeasureDefinition& definition = measure.definition;
  definition.set_measure(words.id);
  definition.set_version(1);
  definition.set_kind(kind);
  definition.set_name(words.name);
  definition.set_name_zh(words.name_zh);
  definition.set_definition(words.definition);
  definition.set_definition_zh(words.definition_zh);
  definition.set_numerator(words.numerator);
  definition.set_denominator(words.denominator);
  definition.set_exclusions(words.exclusions);
  definition.set_unit(words.unit);
  for (const v1::GroupBy group : groups) definition.add_groupings(group);
  measure.records = records;
  return measure;
}

Measure Flow(const Words& words, Component component, std::initializer_list<v1::GroupBy> groups,
             RecordQuery records) {
  Measure measure = Make(v1::MEASURE_KIND_FLOW, words, groups, records);
  measure.numerator = component;
  return measure;
}

struct RateParts {
  Component numerator;
  Component denominator;
  NumeratorTest in_numerator;
  bool numerator_by_deadline = false;
  bool denominator_by_deadline = false;
};

Measure Rate(const Words& words, const RateParts& parts, std::initializer_list<v1::GroupBy> groups,
             RecordQuery records) {
  Measure measure = Make(v1::MEASURE_KIND_RATE, words, groups, records);
  measure.numerator = parts.numerator;
  measure.denominator = parts.denominator;
  measure.in_numerator = parts.in_numerator;
  measure.numerator_by_deadline = parts.numerator_by_deadline;
  measure.denominator_by_deadline = parts.denominator_by_deadline;
  return measure;
}

Measure CallBackRate(const Words& words, Component numerator, NumeratorTest in_numerator) {
  Measure measure = Rate(words, {numerator, Component::kCallBacksAnswered, in_numerator}, kCaseGroups,
                         RecordQuery::kCasesCalledBack);
  measure.not_answered = Component::kCallBacksNotAnswered;
  return measure;
}

void AddRecords(std::vector<Measure>& all) {
  all.push_back(
      Flow({"visits", "Visits", "走访次数", "Visits, on the day of the visit, for the unit whose team went.",
            "按走访日期、由派出走访组的单位统计的走访次数。", "visits"},
           Component::kVisits, kNoGroups, RecordQuery::kVisits));
  all.push_back(
      Make(v1::MEASURE_KIND_DISTINCT,
           {"enterprises_reached", "Enterprises reached", "走访企业数",
            "Different enterprises visited in the span, by credit code; exact at every level, so units and "
            "months do not add up to it.",
            "期间内走访过的不同企业数（按统一社会信用代码去重），各级分别精确计算，不可由下级或各月相加。",
            "enterprises"},
           kNoGroups, RecordQuery::kVisits));
  all.push_back(Flow({"policies_delivered", "Policies delivered", "送政策次数",
                      "Policies brought to an enterprise, on the day of delivery.",
                      "按送达日期统计的送政策次数。", "deliveries"},
                     Component::kPoliciesDelivered, kNoGroups, RecordQuery::kPolicyDeliveries));
  all.push_back(Flow({"issues_received", "Issues received", "受理问题数",
                      "Problems, needs and suggestions, on the day on which they were brought up.",
                      "按提出日期统计的问题、需求、建议件数。", "issues"},
                     Component::kIssuesReceived, kIssueGroups, RecordQuery::kIssues));
}

void AddCases(std::vector<Measure>& all) {
  all.push_back(
      Flow({"cases_closed", "Cases closed", "办结数",
            "Cases whose standing closing is on a day of the span. A reopened case is no longer closed. "
            "Closed is not resolved.",
            "当前有效的办结时间在期间内的工单数；重新办理的不再计入。办结不等于解决。", "cases"},
           Component::kCasesClosed, kCaseGroups, RecordQuery::kCasesClosed));
  all.push_back(Flow({"cases_resolved", "Cases resolved", "解决数",
                      "Cases whose outcome became RESOLVED, which only a call-back does, on that day.",
                      "经回访确认已解决的工单数，按确认日期统计。", "cases"},
                     Component::kCasesResolved, kCaseGroups, RecordQuery::kCasesResolved));
  Measure open = Make(v1::MEASURE_KIND_STOCK,
                      {"open_at_end", "Open at the end", "期末在办数",
                       "Cases received by the end of the span and not closed by then.",
                       "截至期末已受理且未办结的工单数。", "cases"},
                      kCaseGroups, RecordQuery::kCasesOpen);
  open.numerator = Component::kOpenChange;
  all.push_back(std::move(open));
  Measure overdue =
      Make(v1::MEASURE_KIND_STOCK,
           {"overdue_at_end", "Overdue at the end", "期末超期未办结数",
            "Cases whose handling deadline is not later than the end of the span and that were not closed "
            "by then. In a span that has not ended: deadlines up to the end of yesterday.",
            "办理期限不晚于期末且截至期末未办结的工单数；期间未结束时，只计期限在昨日及以前的。", "cases", "",
            "", "Cases whose clock is paused have no deadline and are left out."},
           kCaseGroups, RecordQuery::kCasesOverdue);
  overdue.numerator = Component::kOverdueBegun;
  overdue.denominator = Component::kOverdueEnded;
  overdue.numerator_by_deadline = true;
  all.push_back(std::move(overdue));
  all.push_back(Flow({"escalations", "Escalations", "提级次数",
                      "Times that accountability moved to the level above, on the day.",
                      "按日期统计的提级（上报）次数。", "escalations"},
                     Component::kEscalations, kCaseGroups, RecordQuery::kCasesEscalated));
  all.push_back(
      Flow({"consultations", "Consultations", "会商次数",
            "Times that departments were convened on a case, on the day; counted once for each case.",
            "按日期统计的集中会商（联席会议）次数，逐件计数。", "consultations"},
           Component::kConsultations, kCaseGroups, RecordQuery::kCasesConsulted));
}

void AddDeadlineRates(std::vector<Measure>& all) {
  all.push_back(Rate(
      {"response_rate", "Response rate", "按时响应率",
       "First contacts made in time, of those due in the span. In a span that has not ended: due up to "
       "the end of yesterday.",
       "期间内应首次联系的工单中，按时联系的比例；期间未结束时，只计昨日及以前到期的。", "ratio",
       "first contacts made in time", "first contacts due in the span",
       "Cases whose response clock is paused have no deadline and are left out."},
      {Component::kRespondedInTime, Component::kResponseDue, NumeratorTest::kRespondedInTime, true, true},
      kCaseGroups, RecordQuery::kCasesResponseDue));
  all.push_back(
      Rate({"closing_rate", "Closing rate", "办结率",
            "Cases closed in the span, over cases whose deadline fell in it. It passes 1 when more is closed "
            "than falls due. In a span that has not ended: due up to the end of yesterday.",
            "期间内办结数与期间内到期数之比，办结多于到期时大于 1；期间未结束时，只计昨日及以前到期的。",
            "ratio", "cases closed in the span", "cases whose deadline fell in the span",
            "Cases whose clock is paused have no deadline and are left out of the denominator."},
           {Component::kCasesClosed, Component::kHandlingDue, NumeratorTest::kClosedInSpan, false, true},
           kCaseGroups, RecordQuery::kCasesDue));
  all.push_back(
      Rate({"on_time_rate", "On-time rate", "按时办结率",
            "Cases closed not later than their deadline, of the cases closed in the span. A case without a "
            "deadline was not late.",
            "期间内办结的工单中，不晚于期限办结的比例；没有期限的视为未超期。", "ratio",
            "closed within the deadline", "closed in the span"},
           {Component::kClosedOnTime, Component::kCasesClosed, NumeratorTest::kClosedOnTime}, kCaseGroups,
           RecordQuery::kCasesClosed));
}

void AddCallBacks(std::vector<Measure>& all) {
  all.push_back(
      CallBackRate({"resolution_rate", "Resolution rate", "解决率",
                    "Of the latest call-back of each case, answered on a day of the span: those that say "
                    "that it is resolved.",
                    "以每件工单最近一次回访计，期间内已接通的回访中回答“已解决”的比例。", "ratio",
                    "call-backs answering resolved", "call-backs answered",
                    "Enterprises that could not be reached are counted apart (not_answered)."},
                   Component::kCallBacksResolved, NumeratorTest::kCallBackResolved));
  all.push_back(
      CallBackRate({"satisfaction_rate", "Satisfaction rate", "满意率",
                    "Of the latest call-back of each case, answered on a day of the span: those that say "
                    "that they are satisfied.",
                    "以每件工单最近一次回访计，期间内已接通的回访中回答“满意”的比例。", "ratio",
                    "call-backs answering satisfied", "call-backs answered",
                    "Enterprises that could not be reached are counted apart (not_answered)."},
                   Component::kCallBacksSatisfied, NumeratorTest::kCallBackSatisfied));
  all.push_back(
      Make(v1::MEASURE_KIND_DISTRIBUTION,
           {"handling_time", "Handling time", "办理时长",
            "Working time from acceptance to closing, paused time out, of the cases closed in the span. The "
            "value is the median (of an even number the mean of the middle two); the 90th percentile is the "
            "smallest value that is not below 90 % of them.",
            "期间内办结的工单自接单至办结的工作时间（扣除暂停）：中位数（偶数个时取中间两个的平均）与第 90 "
            "百分位数。",
            "working minutes"},
           kCaseGroups, RecordQuery::kCasesClosed));
}

void AddObligations(std::vector<Measure>& all) {
  constexpr char kExclusions[] = "Waived obligations are left out; GetCompleteness lists them.";
  all.push_back(Rate(
      {"completeness", "Completeness", "上报率",
       "Monthly summaries sent and not standing returned, of the obligations due in the span, by due date. "
       "In a span that has not ended: due up to the end of yesterday.",
       "按应报时间，期间内应报的月报中已报送且未处于退回状态的比例；期间未结束时，只计昨日及以前到期的。",
       "ratio", "obligations met", "obligations due in the span", kExclusions},
      {Component::kObligationsMet, Component::kObligationsDue, NumeratorTest::kMet, true, true}, kNoGroups,
      RecordQuery::kObligations));
  all.push_back(Rate(
      {"timeliness", "Timeliness", "及时率",
       "Monthly summaries that are met and whose first revision came by the due date, of the obligations "
       "due in the span. Sending again after a return does not make them late.",
       "期间内应报的月报中，首次报送不晚于应报时间且未处于退回状态的比例；退回后重报不算迟报。", "ratio",
       "obligations met on time", "obligations due in the span", kExclusions},
      {Component::kObligationsMetOnTime, Component::kObligationsDue, NumeratorTest::kMetOnTime, true, true},
      kNoGroups, RecordQuery::kObligations));
}

std::vector<Measure> MakeAll() {
  std::vector<Measure> all;
  AddRecords(all);
  AddCases(all);
  AddDeadlineRates(all);
  AddCallBacks(all);
  AddObligations(all);
  return all;
}

}  // namespace

bool Measure::CanBeGroupedBy(v1::GroupBy group_by) const {
  const auto& groupings = definition.groupings();
  return group_by == v1::GROUP_BY_UNSPECIFIED ||
         std::find(groupings.begin(), groupings.end(), group_by) != groupings.end();
}

const std::vector<Measure>& AllMeasures() {
  static const std::vector<Measure>& all = *new std::vector<Measure>(MakeAll());
  return all;
}

const Measure* FindMeasure(absl::string_view id) {
  for (const Measure& measure : AllMeasures()) {
    if (measure.id() == id) return &measure;
  }
  return nullptr;
}

}  // namespace zhuqi::reporting
