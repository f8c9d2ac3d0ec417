// The measures as data: what each means, which components it is made of, and which records lie behind it.
#ifndef ZHUQI_SERVICES_REPORTING_MEASURES_MEASURES_H_
#define ZHUQI_SERVICES_REPORTING_MEASURES_MEASURES_H_

#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/reporting/measures/component.h"
#include "zhuqi/reporting/v1/figure.pb.h"

namespace zhuqi::reporting {

// Which records lie behind a figure, and so which filter its owner is asked with.
enum class RecordQuery {
  kVisits,            // intake: visits in the span
  kPolicyDeliveries,  // intake: policy deliveries in the span
  kIssues,            // intake: issues in the span
  kCasesClosed,       // routing: closed in the span
  kCasesResolved,     // routing: resolved in the span
  kCasesOpen,         // routing: open at the end of the span
  kCasesOverdue,      // routing: open at the end of the span, due by then
  kCasesEscalated,    // routing: escalated in the span
  kCasesConsulted,    // routing: departments convened in the span
  kCasesResponseDue,  // routing: first contact due in the span
  kCasesDue,          // routing: handling deadline in the span
  kCasesCalledBack,   // routing: latest call-back answered in the span
  kObligations,       // in memory here: obligations due in the span
};

// When a record of a rate's denominator is in the numerator too.
enum class NumeratorTest {
  kNone,
  kRespondedInTime,
  kClosedInSpan,
  kClosedOnTime,
  kCallBackResolved,
  kCallBackSatisfied,
  kMet,
  kMetOnTime,
};

struct Measure {
  v1::MeasureDefinition definition;
  // What is counted: of a rate the numerator; of a stock what is added day by day. Absent for distinct counts
  // and distributions, which have cells of their own.
  std::optional<Component> numerator;
  // Of a rate the denominator; of a stock what is taken off again.
  std::optional<Component> denominator;
  // Of a rate from call-backs.
  std::optional<Component> not_answered;
  // Numerator or denominator is counted on a deadline's day. In a span that has not ended, only days that
  // have ended count: what is due later today is not due yet.
  bool numerator_by_deadline = false;
  bool denominator_by_deadline = false;
  RecordQuery records = RecordQuery::kVisits;
  NumeratorTest in_numerator = NumeratorTest::kNone;

  const std::string& id() const { return definition.measure(); }
  v1::MeasureKind kind() const { return definition.kind(); }
  bool CanBeGroupedBy(v1::GroupBy group_by) const;
};

// All measures in their customary order; lives for ever.
const std::vector<Measure>& AllMeasures();
// Null when there is none.
const Measure* FindMeasure(absl::string_view id);

}  // namespace zhuqi::reporting

#endif  // ZHUQI_SERVICES_REPORTING_MEASURES_MEASURES_H_
