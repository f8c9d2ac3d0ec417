#include "tools/zhuqictl/directory_text.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tools/zhuqictl/table.h"
#include "tools/zhuqictl/text_values.h"

namespace zhuqi::ctl {
namespace {

using namespace directory::v1;  // NOLINT: it is all about these messages

constexpr std::size_t kNameColumns = 40;

std::string SpanText(bool has_first, const common::v1::Date& first, bool has_last,
                     const common::v1::Date& last) {
  if (!has_first && !has_last) return "";
  return absl::StrCat(has_first ? DateText(first) : "", "..", has_last ? DateText(last) : "");
}

std::string CodeText(const OrgUnitCode& code) {
  const std::string span =
      SpanText(code.has_valid_from(), code.valid_from(), code.has_valid_to(), code.valid_to());
  return absl::StrCat(code.code(), " (", EnumText(code.system()), code.edition().empty() ? "" : " ",
                      code.edition(), span.empty() ? "" : ", ", span, ")");
}

template <class Entries, class Text>
std::string Joined(const Entries& entries, const char* separator, Text text) {
  return absl::StrJoin(entries, separator,
                       [&](std::string* out, const auto& entry) { absl::StrAppend(out, text(entry)); });
}

std::string Mark(DirectoryChange::Kind kind) {
  return kind == DirectoryChange::KIND_CREATED ? "+" : kind == DirectoryChange::KIND_CLOSED ? "-" : "~";
}

std::string ValueText(const std::string& value) { return value.empty() ? "–" : value; }

std::string OperationText(const OrgUnitOperation& operation) {
  switch (operation.operation_case()) {
    case OrgUnitOperation::kCreate:
      return absl::StrCat("create ", operation.create().org_unit_id(), " ", operation.create().name(),
                          " below ", operation.create().parent_id());
    case OrgUnitOperation::kRename:
      return absl::StrCat("rename ", operation.rename().org_unit_id(), " to ", operation.rename().name());
    case OrgUnitOperation::kRecode:
      return absl::StrCat("recode ", operation.recode().org_unit_id(), " to ",
                          CodeText(operation.recode().code()));
    case OrgUnitOperation::kMove:
      return absl::StrCat("move ", operation.move().org_unit_id(), " below ", operation.move().parent_id());
    case OrgUnitOperation::kMerge:
      return absl::StrCat("merge ", absl::StrJoin(operation.merge().org_unit_ids(), ", "), " into ",
                          operation.merge().successor_id());
    case OrgUnitOperation::kSplit:
      return absl::StrCat(
          "split ", operation.split().org_unit_id(), " into ",
          Joined(operation.split().heirs(), ", ", [](const SplitHeir& heir) { return heir.org_unit_id(); }));
    case OrgUnitOperation::kClose:
      return absl::StrCat("close ", operation.close().org_unit_id());
    case OrgUnitOperation::OPERATION_NOT_SET:
      break;
  }
  return "";
}

void AddLine(std::string& text, const char* label, const std::string& value) {
  if (!value.empty())
    absl::StrAppend(&text, label, std::string(14 - std::string(label).size(), ' '), value, "\n");
}

}  // namespace

std::string DifferenceText(const DirectoryChanges& changes, int limit) {
  std::string text;
  for (int i = 0; i < std::min(changes.size(), limit); ++i) {
    const DirectoryChange& change = changes[i];
    absl::StrAppend(&text, Mark(change.kind()), " ", change.resource(), " ", change.id(), "\n");
    for (const FieldDifference& difference : change.differences()) {
      absl::StrAppend(&text, "    ", difference.field(), ": ", ValueText(difference.before()), " → ",
                      ValueText(difference.after()), "\n");
    }
  }
  if (changes.size() > limit) absl::StrAppend(&text, "… and ", changes.size() - limit, " more\n");
  return text;
}

std::string UnitText(const GetOrgUnitResponse& response, const ListDepartmentsResponse& departments) {
  const OrgUnit& unit = response.org_unit();
  std::string text = absl::StrCat(unit.name(), " (", unit.org_unit_id(), "), ", EnumText(unit.level()), "\n");
  AddLine(text, "stands below",
          Joined(response.ancestors(), " › ", [](const OrgUnit& above) { return above.name(); }));
  AddLine(text, "codes", Joined(unit.codes(), ", ", &CodeText));
  AddLine(text, "exists",
          SpanText(unit.has_opened_on(), unit.opened_on(), unit.has_closed_on(), unit.closed_on()));
  AddLine(text, "closed", unit.closing_reason());
  AddLine(text, "taken over by", absl::StrJoin(unit.successor_ids(), ", "));
  AddLine(text, "former names", Joined(unit.former_names(), ", ", [](const FormerName& former) {
            return absl::StrCat(former.name(), " (until ", DateText(former.until()), ")");
          }));
  AddLine(text, "stood below", Joined(unit.former_parents(), ", ", [](const FormerParent& former) {
            return absl::StrCat(former.parent_id().empty() ? "nothing" : former.parent_id(), " (until ",
                                DateText(former.until()), ")");
          }));
  if (departments.departments_size() > 0) absl::StrAppend(&text, DepartmentsTable(departments));
  return text;
}

std::string UnitsTable(const ListOrgUnitsResponse& units) {
  Table table({{"unit"}, {"name", Align::kLeft, kNameColumns}, {"level"}, {"above"}, {"codes"}, {"closed"}});
  for (const OrgUnit& unit : units.org_units()) {
    table.AddRow({unit.org_unit_id(), unit.name(), EnumText(unit.level()), unit.parent_id(),
                  Joined(unit.codes(), ", ", &CodeText),
                  unit.has_closed_on() ? DateText(unit.closed_on()) : ""});
  }
  return table.ToString();
}

std::string DepartmentsTable(const ListDepartmentsResponse& departments) {
  Table table({{"department"},
               {"name", Align::kLeft, kNameColumns},
               {"function"},
               {"unit"},
               {"superior"},
               {"closed"}});
  for (const Department& department : departments.departments()) {
    table.AddRow({department.department_id(), department.name(), department.function(),
                  department.org_unit_id(), department.superior_department_id(),
                  department.has_closed_on() ? DateText(department.closed_on()) : ""});
  }
  return table.ToString();
}

std::string TeamsTable(const ListTeamsResponse& teams) {
  Table table({{"team"},
               {"name", Align::kLeft, kNameColumns},
               {"unit"},
               {"department"},
               {"members", Align::kRight},
               {"visits a day", Align::kRight},
               {"away"},
               {"closed"}});
  for (const Team& team : teams.teams()) {
    table.AddRow({team.team_id(), team.name(), team.org_unit_id(), team.department_id(),
                  absl::StrCat(team.member_principal_ids_size()), absl::StrCat(team.visits_a_day()),
                  Joined(team.unavailable(), ", ",
                         [](const common::v1::DateSpan& span) {
                           return SpanText(true, span.first(), true, span.last());
                         }),
                  team.has_closed_on() ? DateText(team.closed_on()) : ""});
  }
  return table.ToString();
}

std::string PoliciesTable(const ListPoliciesResponse& policies) {
  Table table({{"policy"},
               {"title", Align::kLeft, kNameColumns},
               {"document"},
               {"unit"},
               {"in force"},
               {"benefit", Align::kLeft, kNameColumns}});
  for (const Policy& policy : policies.policies()) {
    table.AddRow(
        {policy.policy_id(), policy.title(), policy.document_number(), policy.org_unit_id(),
         SpanText(policy.has_valid_from(), policy.valid_from(), policy.has_valid_to(), policy.valid_to()),
         policy.benefit()});
  }
  return table.ToString();
}

std::string CategoriesTable(const ListCategoriesResponse& categories) {
  Table table({{"category"}, {"name"}, {"retired"}});
  for (const IssueCategory& category : categories.categories()) {
    const auto depth = static_cast<std::size_t>(
        std::count(category.category_id().begin(), category.category_id().end(), '.'));
    table.AddRow({absl::StrCat(std::string(2 * depth, ' '), category.category_id()), category.name(),
                  category.has_retired_on() ? DateText(category.retired_on()) : ""});
  }
  if (!categories.has_tree()) return table.ToString();
  const directory::v1::CategoryTree& tree = categories.tree();
  return absl::StrCat(table.ToString(), "version ", tree.version(), tree.source().empty() ? "" : ", ",
                      tree.source(), tree.has_published_on() ? ", published " : "",
                      tree.has_published_on() ? DateText(tree.published_on()) : "", "\n");
}

std::string FormsTable(const ListFormsResponse& forms) {
  Table table({{"form"},
               {"version", Align::kRight},
               {"name"},
               {"level"},
               {"months"},
               {"due on", Align::kRight},
               {"locked on", Align::kRight},
               {"indicators", Align::kRight},
               {"rules", Align::kRight}});
  for (const SummaryForm& form : forms.forms()) {
    table.AddRow({form.form_id(), absl::StrCat(form.version()), form.name(), EnumText(form.level()),
                  absl::StrCat(MonthText(form.first_month()), "..",
                               form.has_last_month() ? MonthText(form.last_month()) : ""),
                  absl::StrCat(form.due_working_day()),
                  form.lock_working_day() == 0 ? "" : absl::StrCat(form.lock_working_day()),
                  absl::StrCat(form.indicators_size()), absl::StrCat(form.rules_size())});
  }
  return table.ToString();
}

std::string CalendarText(const GetCalendarResponse& response, int year) {
  const WorkingCalendar& calendar = response.calendar();
  std::string text =
      absl::StrCat("version ", calendar.version(), " of ", absl::StrJoin(response.versions(), ", "),
                   "; notices of ", absl::StrJoin(calendar.notice_years(), ", "), "\n");
  for (const CalendarNotice& notice : calendar.notices()) {
    if (year != 0 && notice.year() != year) continue;
    absl::StrAppend(
        &text, notice.year(), "  ", notice.document_number(), "  ", notice.title(),
        notice.has_published_on() ? absl::StrCat("  (", DateText(notice.published_on()), ")") : "", "\n");
  }
  Table table({{"day"}, {"is"}, {"holiday"}, {"notice", Align::kRight}});
  for (const DateOverride& day : calendar.overrides()) {
    if (year != 0 && day.date().year() != year) continue;
    table.AddRow({DateText(day.date()), day.working() ? "worked" : "off", day.holiday(),
                  day.notice_year() == 0 ? "" : absl::StrCat(day.notice_year())});
  }
  return absl::StrCat(text, table.ToString());
}

std::string ReorganizationsText(const ListReorganizationsResponse& reorganizations) {
  std::string text;
  for (const Reorganization& one : reorganizations.reorganizations()) {
    absl::StrAppend(&text, DateText(one.effective_on()), "  ", one.reason(), "  (", one.actor(), ", ",
                    InstantText(one.recorded_at()), ", ", one.reorganization_id(), ")\n");
    for (const OrgUnitOperation& operation : one.operations()) {
      absl::StrAppend(&text, "    ", OperationText(operation), "\n");
    }
  }
  return text;
}

}  // namespace zhuqi::ctl
