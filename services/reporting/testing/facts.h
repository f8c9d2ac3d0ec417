// Short ways to write facts and directories in tests of this service.
#ifndef ZHUQI_SERVICES_REPORTING_TESTING_FACTS_H_
#define ZHUQI_SERVICES_REPORTING_TESTING_FACTS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/civil_time.h"
#include "common/directory/date_message.h"
#include "common/directory/directory.h"
#include "services/reporting/cube/cube.h"
#include "services/reporting/cube/figure_query.h"
#include "zhuqi/feed/v1/event.pb.h"

namespace zhuqi::reporting::testing {

inline DayNumber Day(int year, int month, int day) { return DayNumberOf(absl::CivilDay(year, month, day)); }
inline common::v1::Date Date(int year, int month, int day) {
  return DateMessage(absl::CivilDay(year, month, day));
}
inline google::protobuf::Timestamp At(int year, int month, int day, int hour, int minute = 0) {
  return TimestampMessage(CityTime(absl::CivilDay(year, month, day), hour, minute));
}

inline directory::v1::OrgUnit Unit(const std::string& id, const std::string& parent,
                                   directory::v1::OrgUnitLevel level) {
  directory::v1::OrgUnit unit;
  unit.set_org_unit_id(id);
  unit.set_name(id);
  unit.set_parent_id(parent);
  unit.set_level(level);
  return unit;
}

// A city with the districts a and b, and the township a1 in a; categories land and tax; and the form
// "monthly" of the districts with the indicators visits and issues.
inline feed::v1::DirectoryChanged SmallCity() {
  feed::v1::DirectoryChanged change;
  *change.add_org_units() = Unit("city", "", directory::v1::ORG_UNIT_LEVEL_CITY);
  *change.add_org_units() = Unit("a", "city", directory::v1::ORG_UNIT_LEVEL_DISTRICT);
  *change.add_org_units() = Unit("b", "city", directory::v1::ORG_UNIT_LEVEL_DISTRICT);
  *change.add_org_units() = Unit("a1", "a", directory::v1::ORG_UNIT_LEVEL_TOWNSHIP);
  for (const char* category : {"land", "tax"}) change.add_categories()->set_category_id(category);
  directory::v1::SummaryForm& form = *change.add_forms();
  form.set_form_id("monthly");
  form.set_level(directory::v1::ORG_UNIT_LEVEL_DISTRICT);
  for (const auto& [indicator, measure] :
       {std::pair("visits", "visits"), std::pair("issues", "issues_received"), std::pair("staff", "")}) {
    form.add_indicators()->set_indicator_id(indicator);
    form.mutable_indicators(form.indicators_size() - 1)->set_measure(measure);
  }
  return change;
}

inline std::shared_ptr<const Directory> SmallCityDirectory() { return *Directory().With(SmallCity(), 1); }

inline feed::v1::RecordFacts Visit(const std::string& unit, const common::v1::Date& on,
                                   const std::vector<std::string>& enterprises) {
  feed::v1::RecordFacts facts;
  facts.set_org_unit_id(unit);
  facts.set_kind(intake::v1::RECORD_KIND_VISIT);
  *facts.mutable_on() = on;
  for (const std::string& uscc : enterprises) facts.add_enterprise_usccs(uscc);
  return facts;
}

inline feed::v1::RecordFacts Issue(const std::string& unit, const common::v1::Date& on,
                                   intake::v1::IssueKind kind, const std::string& category) {
  feed::v1::RecordFacts facts;
  facts.set_org_unit_id(unit);
  facts.set_kind(intake::v1::RECORD_KIND_ISSUE);
  *facts.mutable_on() = on;
  facts.set_issue_kind(kind);
  facts.set_category_id(category);
  return facts;
}

inline feed::v1::CaseFacts OpenCase(const std::string& unit, const common::v1::Date& received) {
  feed::v1::CaseFacts facts;
  facts.set_org_unit_id(unit);
  facts.set_issue_kind(intake::v1::ISSUE_KIND_PROBLEM);
  facts.set_category_id("land");
  facts.set_lead_function("planning");
  *facts.mutable_received_on() = received;
  return facts;
}

inline feed::v1::SummaryFacts Obligation(const std::string& unit, int year, int month,
                                         const google::protobuf::Timestamp& due,
                                         intake::v1::SummaryState state) {
  feed::v1::SummaryFacts facts;
  facts.set_org_unit_id(unit);
  facts.mutable_month()->set_year(year);
  facts.mutable_month()->set_month(month);
  facts.set_form_id("monthly");
  facts.set_state(state);
  *facts.mutable_due_at() = due;
  return facts;
}

inline void AddCell(feed::v1::SummaryFacts& facts, const std::string& indicator, int64_t value,
                    intake::v1::CellStatus status) {
  intake::v1::SummaryCell& cell = *facts.add_cells();
  cell.set_indicator_id(indicator);
  cell.set_value(value);
  cell.set_status(status);
}

// An event that brings `after` in place of `before`, which may be absent.
inline feed::v1::Event Change(const std::optional<feed::v1::RecordFacts>& before,
                              const feed::v1::RecordFacts& after) {
  feed::v1::Event event;
  if (before.has_value()) *event.mutable_record()->mutable_before() = *before;
  *event.mutable_record()->mutable_after() = after;
  return event;
}
inline feed::v1::Event Change(const std::optional<feed::v1::CaseFacts>& before,
                              const feed::v1::CaseFacts& after) {
  feed::v1::Event event;
  if (before.has_value()) *event.mutable_case_changed()->mutable_before() = *before;
  *event.mutable_case_changed()->mutable_after() = after;
  return event;
}
inline feed::v1::Event Change(const std::optional<feed::v1::SummaryFacts>& before,
                              const feed::v1::SummaryFacts& after) {
  feed::v1::Event event;
  if (before.has_value()) *event.mutable_summary()->mutable_before() = *before;
  *event.mutable_summary()->mutable_after() = after;
  return event;
}

inline ReportSpan Year(int year) {
  v1::Period period;
  period.set_year(year);
  return *SpanOf(period);
}
inline ReportSpan Month(int year, int month) {
  v1::Period period;
  period.mutable_month()->set_year(year);
  period.mutable_month()->set_month(month);
  return *SpanOf(period);
}
inline ReportSpan Days(DayNumber first, DayNumber last) { return {{first, last}, std::nullopt}; }

}  // namespace zhuqi::reporting::testing

#endif  // ZHUQI_SERVICES_REPORTING_TESTING_FACTS_H_
