#include "services/routing/testing.h"

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/directory/date_message.h"

namespace zhuqi::routing::testing {
namespace {

void AddUnit(feed::v1::DirectoryChanged& change, absl::string_view id, absl::string_view parent,
             directory::v1::OrgUnitLevel level) {
  directory::v1::OrgUnit* unit = change.add_org_units();
  unit->set_org_unit_id(std::string(id));
  unit->set_name(std::string(id));
  unit->set_parent_id(std::string(parent));
  unit->set_level(level);
}

void AddDepartment(feed::v1::DirectoryChanged& change, absl::string_view unit, absl::string_view function) {
  directory::v1::Department* department = change.add_departments();
  department->set_department_id(absl::StrCat(unit, ".", function));
  department->set_org_unit_id(std::string(unit));
  department->set_function(std::string(function));
  department->set_name(department->department_id());
}

void SetTarget(v1::RouteTarget& target, absl::string_view function) {
  target.set_lead_function(std::string(function));
  target.set_level(v1::HANDLING_LEVEL_UNIT);
  target.set_response_policy_id("contact");
  target.set_handling_policy_id("handle");
}

}  // namespace

feed::v1::DirectoryChanged CityChange() {
  feed::v1::DirectoryChanged change;
  AddUnit(change, "zz", "", directory::v1::ORG_UNIT_LEVEL_CITY);
  AddUnit(change, "js", "zz", directory::v1::ORG_UNIT_LEVEL_DISTRICT);
  AddUnit(change, "zm", "zz", directory::v1::ORG_UNIT_LEVEL_DISTRICT);
  AddUnit(change, "js-t", "js", directory::v1::ORG_UNIT_LEVEL_TOWNSHIP);
  for (const char* function : {"planning", "fire", "office", "tax"}) AddDepartment(change, "zz", function);
  for (const char* function : {"planning", "fire", "office"}) AddDepartment(change, "js", function);
  for (const char* function : {"planning", "office"}) AddDepartment(change, "zm", function);
  for (const char* id : {"land", "land.change-of-use", "fire", "tax"}) {
    directory::v1::IssueCategory* category = change.add_categories();
    category->set_category_id(id);
    category->set_name(id);
  }
  directory::v1::WorkingCalendar* calendar = change.mutable_calendar();
  calendar->set_calendar_id("city");
  calendar->set_version(1);
  calendar->add_notice_years(2024);
  for (int day = 1; day <= 7; ++day) {
    directory::v1::DateOverride* off = calendar->add_overrides();
    *off->mutable_date() = DateMessage(absl::CivilDay(2024, 10, day));
    off->set_notice_year(2024);
  }
  return change;
}

std::shared_ptr<const Directory> City() { return Directory().With(CityChange(), 1).value(); }

feed::v1::DirectoryChanged CalendarChange() {
  feed::v1::DirectoryChanged change;
  directory::v1::WorkingCalendar& calendar = *change.mutable_calendar();
  calendar = CityChange().calendar();
  calendar.set_version(2);
  directory::v1::DateOverride* off = calendar.add_overrides();
  *off->mutable_date() = DateMessage(absl::CivilDay(2024, 5, 14));
  off->set_holiday("城市运动会");
  off->set_notice_year(2024);
  return change;
}

std::shared_ptr<const Directory> CityWithNewCalendar() { return City()->With(CalendarChange(), 2).value(); }

v1::Catalogue CityCatalogue() {
  v1::Catalogue catalogue;
  catalogue.set_catalogue_id("city");
  catalogue.set_version(1);
  v1::RoutingRule* legacy = catalogue.add_rules();
  legacy->set_rule_id("legacy-land");
  legacy->mutable_conditions()->add_category_ids("land");
  legacy->mutable_conditions()->set_min_departments(2);
  legacy->mutable_conditions()->set_legacy(true);
  SetTarget(*legacy->mutable_target(), "planning");
  legacy->mutable_target()->set_level(v1::HANDLING_LEVEL_CITY);
  legacy->mutable_target()->set_named_departments_co_handle(true);
  v1::RoutingRule* land = catalogue.add_rules();
  land->set_rule_id("land");
  land->mutable_conditions()->add_category_ids("land");
  SetTarget(*land->mutable_target(), "planning");
  v1::RoutingRule* fire = catalogue.add_rules();
  fire->set_rule_id("fire");
  fire->mutable_conditions()->add_category_ids("fire");
  SetTarget(*fire->mutable_target(), "fire");
  fire->mutable_target()->add_co_handler_functions("planning");
  SetTarget(*catalogue.mutable_default_target(), "office");
  v1::ClockPolicy* contact = catalogue.add_clock_policies();
  contact->set_policy_id("contact");
  contact->mutable_calendar_hours()->set_minutes(60);
  v1::ClockPolicy* handle = catalogue.add_clock_policies();
  handle->set_policy_id("handle");
  handle->mutable_working_days()->set_count(7);
  return catalogue;
}

v1::Catalogue LadderCatalogue() {
  v1::Catalogue catalogue = CityCatalogue();
  catalogue.set_version(2);
  for (v1::ClockPolicy& policy : *catalogue.mutable_clock_policies()) policy.set_may_pause(true);
  v1::EscalationLadder& ladder = *catalogue.add_ladders();
  ladder.set_ladder_id("watch");
  ladder.set_description("逐级督办");
  const auto response = [&](const char* id) {
    v1::LadderStep* step = ladder.add_response_steps();
    step->set_step_id(std::string("response-") + id);
    return step;
  };
  v1::LadderStep* step = response("remind");
  step->mutable_calendar_hours()->set_minutes(30);
  step->set_before_deadline(true);
  step->mutable_remind();
  response("supervise")->mutable_add_supervisor()->set_function("office");
  const auto handling = [&](const char* id, int working_days) {
    v1::LadderStep* made = ladder.add_handling_steps();
    made->set_step_id(id);
    if (working_days != 0) made->mutable_working_days()->set_count(working_days);
    return made;
  };
  step = handling("remind", 3);
  step->set_before_deadline(true);
  step->mutable_remind();
  step = handling("supervise", 0);
  step->mutable_add_supervisor()->set_function("planning");
  step->mutable_add_supervisor()->set_from_unit_above(true);
  handling("escalate", 1)->mutable_escalate();
  handling("bulletin", 5)->mutable_bulletin();
  for (v1::RoutingRule& rule : *catalogue.mutable_rules()) rule.mutable_target()->set_ladder_id("watch");
  catalogue.mutable_default_target()->set_ladder_id("watch");
  return catalogue;
}

absl::Time At(absl::string_view text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime("%Y-%m-%d %H:%M", text, CityTimeZone(), &time, &error)) return absl::InfinitePast();
  return time;
}

feed::v1::RecordChanged Issue(absl::string_view record_id, absl::string_view external_id) {
  feed::v1::RecordChanged change;
  feed::v1::RecordFacts& facts = *change.mutable_after();
  facts.set_record_id(std::string(record_id));
  facts.set_org_unit_id("js");
  facts.set_kind(intake::v1::RECORD_KIND_ISSUE);
  *facts.mutable_on() = DateMessage(absl::CivilDay(2024, 5, 6));
  facts.add_enterprise_usccs("91350100M000100Y43");
  facts.set_issue_kind(intake::v1::ISSUE_KIND_PROBLEM);
  facts.set_category_id("land.change-of-use");
  facts.set_revision(1);
  feed::v1::IssueContent& content = *change.mutable_issue();
  content.mutable_key()->set_source_system("js-system");
  content.mutable_key()->set_external_id(std::string(external_id));
  content.set_title("地下空间变更用途");
  content.set_text("规划条件已调整，手续无法办理。");
  *content.mutable_raised_at() = TimestampMessage(At("2024-05-06 09:30"));
  content.set_enterprise_name("样例企业");
  return change;
}

}  // namespace zhuqi::routing::testing
