// A chain of three levels and summaries of it, for tests.
#ifndef ZHUQI_SERVICES_INTAKE_SUMMARIES_TEST_SUMMARIES_H_
#define ZHUQI_SERVICES_INTAKE_SUMMARIES_TEST_SUMMARIES_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/directory/date_message.h"
#include "gtest/gtest.h"
#include "services/intake/directory/test_directory.h"
#include "services/intake/summaries/month_evidence.h"
#include "services/intake/summaries/obligation_rules.h"
#include "services/intake/summaries/review_rules.h"
#include "services/intake/summaries/submit_rules.h"
#include "services/intake/summaries/summary_check.h"

namespace zhuqi::intake {

// December 2025: due on 8 January 2026 at 17:00, for a Sunday was worked.
inline constexpr absl::CivilMonth kDecember(2025, 12);
inline constexpr absl::CivilMonth kJanuary(2026, 1);
inline const absl::Time kInTime = CityTime(absl::CivilDay(2026, 1, 8), 17);
inline const absl::Time kLate = kInTime + absl::Microseconds(1);

// The form of the city's districts: visits and a share with one digit after the point, an optional stock,
// words, rules within a summary, across levels and against the month before.
inline directory::v1::ApplyDirectoryRequest ChainRequest() {
  directory::v1::ApplyDirectoryRequest request = CityRequest();
  request.clear_forms();
  request.MergeFrom(RequestFromText(R"(
    org_units { org_unit_id: "fengchan" name: "丰产路街道" level: ORG_UNIT_LEVEL_TOWNSHIP parent_id: "jinshui" }
    forms {
      form_id: "township" name: "街道月报" level: ORG_UNIT_LEVEL_TOWNSHIP first_month { year: 2025 month: 12 }
      due_working_day: 3
      indicators { indicator_id: "visits" name: "走访企业次数" measure: "visits" }
      indicators { indicator_id: "issues" name: "收集问题数" measure: "issues_received" }
    }
    forms {
      form_id: "district" name: "区县月报" level: ORG_UNIT_LEVEL_DISTRICT first_month { year: 2025 month: 12 }
      due_working_day: 5 due_minute: 1020 lock_working_day: 10 return_working_days: 2 remind_working_days: 2
      lower_form_id: "township"
      indicators { indicator_id: "visits" name: "走访企业次数" measure: "visits" required: true lower_indicator_id: "visits" }
      indicators { indicator_id: "reached" name: "走访企业家数" measure: "enterprises_reached" }
      indicators { indicator_id: "rate" name: "解决率" kind: INDICATOR_KIND_RATE unit: "%" decimals: 1 max_value: 1000 }
      indicators { indicator_id: "open" name: "期末在办" kind: INDICATOR_KIND_STOCK }
      sections { section_id: "difficulties" name: "存在的困难" required: true max_characters: 10 }
      rules {
        rule_id: "reached-at-most-visits" comparison: COMPARISON_AT_MOST severity: SEVERITY_ERROR
        left { terms { indicator_id: "reached" } } right { terms { indicator_id: "visits" factor_thousandths: 2000 } }
        message: "more enterprises than two a visit" message_zh: "企业家数超过走访次数的两倍"
      }
      rules {
        rule_id: "visits-add-up" comparison: COMPARISON_EQUAL severity: SEVERITY_WARNING
        left { terms { indicator_id: "visits" } }
        right { terms { indicator_id: "visits" source: SOURCE_LOWER_LEVEL } terms { indicator_id: "visits" source: SOURCE_RECORDS } }
      }
      rules {
        rule_id: "open-goes-on" comparison: COMPARISON_AT_LEAST severity: SEVERITY_WARNING
        left { terms { indicator_id: "open" } }
        right { terms { indicator_id: "open" source: SOURCE_MONTH_BEFORE factor_thousandths: 500 } constant: -1 }
      }
    }
    forms {
      form_id: "city" name: "全市月报" level: ORG_UNIT_LEVEL_CITY first_month { year: 2025 month: 12 }
      due_working_day: 8 lower_form_id: "district"
      indicators { indicator_id: "visits" name: "走访企业次数" measure: "visits" lower_indicator_id: "visits" }
    }
  )"));
  return request;
}

inline std::shared_ptr<const Directory> Chain() {
  static const std::shared_ptr<const Directory> chain = After(Directory(), ChainRequest());
  return chain;
}

// A unit that stood below `former` until the day and then below `parent`.
inline void MoveUnit(const Directory& directory, const std::string& id, const std::string& parent,
                     const std::string& former, absl::CivilDay until, feed::v1::DirectoryChanged& change) {
  directory::v1::OrgUnit& unit = *change.add_org_units();
  unit = *directory.FindUnit(id);
  unit.set_parent_id(parent);
  unit.add_former_parents()->set_parent_id(former);
  *unit.mutable_former_parents(0)->mutable_until() = DateMessage(until);
}

// The chain after 花园路 moved from 金水 to 中牟; its last day at 金水 was the 14th of January.
inline std::shared_ptr<const Directory> Moved() {
  feed::v1::DirectoryChanged change;
  MoveUnit(*Chain(), "huayuanlu", "zhongmu", "jinshui", absl::CivilDay(2026, 1, 14), change);
  return Chain()->With(change, 2).value();
}

// What `unit` owes by `form_id` for December, made when the month began.
inline StoredSummary OwedBy(const Directory& directory, const std::string& unit, const std::string& form_id,
                            absl::Time made_at = StartOfCityDay(absl::CivilDay(kDecember))) {
  return NewObligation(directory, *directory.FindUnit(unit), *directory.FormFor(form_id, kDecember),
                       kDecember, 8, made_at);
}

// Nothing known but the form.
inline MonthEvidence EvidenceFor(std::shared_ptr<const Directory> directory, const std::string& form_id) {
  MonthEvidence evidence;
  evidence.form = directory->FormFor(form_id, kDecember);
  evidence.directory = std::move(directory);
  return evidence;
}

// Sends a good summary; notes what is refused as a failure.
inline StoredSummary SentWith(const StoredSummary& current, v1::SubmitSummaryRequest request,
                              const SubmitContext& context) {
  if (current.summary.revision() > 0) request.set_etag(EtagOf(current));
  const auto checked = CheckSubmission(request, context.now);
  EXPECT_TRUE(checked.ok()) << checked.status();
  if (!checked.ok()) return current;
  const auto after = Submit(current, *checked, context);
  EXPECT_TRUE(after.ok()) << after.status();
  return after.ok() ? *after : current;
}

// Sends `visits` visits of December, and nothing else.
inline StoredSummary SentBy(const std::string& unit, const std::string& form, int64_t visits,
                            const SubmitContext& context, const std::vector<v1::SummaryBasis>& basis = {},
                            std::optional<StoredSummary> current = {}) {
  v1::SubmitSummaryRequest request;
  request.set_org_unit_id(unit);
  *request.mutable_month() = YearMonthMessage(kDecember);
  v1::SummaryCell& cell = *request.add_cells();
  cell.set_indicator_id("visits");
  cell.set_status(v1::CELL_STATUS_REPORTED);
  cell.set_value(visits);
  for (const v1::SummaryBasis& one : basis) *request.add_basis() = one;
  return SentWith(current.has_value() ? *current : OwedBy(*Chain(), unit, form), request, context);
}

inline v1::ReviewSummaryRequest ReviewOf(const StoredSummary& current, v1::ReviewDecision decision) {
  v1::ReviewSummaryRequest request;
  request.set_org_unit_id(current.summary.org_unit_id());
  *request.mutable_month() = current.summary.month();
  request.set_revision(current.summary.revision());
  request.set_digest(current.summary.digest());
  request.set_decision(decision);
  request.set_comment("已阅");
  return request;
}

inline StoredSummary ReviewedWith(const StoredSummary& current, const directory::v1::SummaryForm& form,
                                  const Directory& directory, v1::ReviewDecision decision,
                                  absl::Time now = kLate) {
  const auto after = Review(current, ReviewOf(current, decision), {form, directory, "city", now});
  EXPECT_TRUE(after.ok()) << after.status();
  return after.ok() ? *after : current;
}

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_SUMMARIES_TEST_SUMMARIES_H_
