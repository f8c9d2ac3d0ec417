#include "tools/zhuqictl/theme_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "tools/zhuqictl/case_text.h"
#include "tools/zhuqictl/table.h"
#include "tools/zhuqictl/text_values.h"

namespace zhuqi::ctl {
namespace {

using routing::v1::GetThemeResponse;
using routing::v1::PreventiveItem;
using routing::v1::Theme;
using routing::v1::ThemeCase;
using routing::v1::ThemeEvent;
using routing::v1::ThemeGrowth;

void ThemeLine(absl::string_view name, absl::string_view value, std::string* text) {
  if (value.empty()) return;
  absl::StrAppend(text, "  ", name, std::string(name.size() < 14 ? 14 - name.size() : 1, ' '), value, "\n");
}

std::string DayOrNothing(bool present, const common::v1::Date& date) {
  return present ? DateText(date) : std::string();
}

std::string DueText(bool present, const common::v1::Date& date, bool overdue) {
  return absl::StrCat(DayOrNothing(present, date), overdue ? " overdue" : "");
}

// Why the service proposed it, with the numbers that were asked for.
std::string GrowthText(const ThemeGrowth& growth) {
  return absl::StrFormat(
      "%d cases of %d districts and %d enterprises, received %s to %s (asked for: %d cases within %d days, "
      "of %d "
      "districts or %d enterprises, alike from %d%%)",
      growth.cases(), growth.districts(), growth.enterprises(), DateText(growth.received().first()),
      DateText(growth.received().last()), growth.least_cases(), growth.window_days(),
      growth.least_districts(), growth.least_enterprises(), growth.least_similarity_percent());
}

std::string RecurrenceText(const GetThemeResponse& response) {
  if (!response.has_recurrence()) return "";
  const routing::v1::ThemeRecurrence& recurrence = response.recurrence();
  return absl::StrCat("recurrence: ", recurrence.cases(), " new cases after the fix of ",
                      DateText(recurrence.fixed_on()), "\n  counted are members that were received from ",
                      DateText(recurrence.counted().first()), " to ", DateText(recurrence.counted().last()),
                      recurrence.span_over() ? " (the span is over)" : " (the span goes on)",
                      ", withdrawn ones left out; suggested ones count once somebody adds them: ",
                      response.theme().suggested_count(), " wait\n",
                      recurrence.district_ids().empty()
                          ? ""
                          : absl::StrCat("  in ", absl::StrJoin(recurrence.district_ids(), ", "), "\n"));
}

std::string CasesText(const GetThemeResponse& response, bool chinese) {
  Table table({{"case"},
               {"key"},
               {"received"},
               {"unit"},
               {"standing"},
               {"alike", Align::kRight},
               {"by"},
               {"counts as"},
               {"title", Align::kLeft, 44}});
  for (const ThemeCase& item : response.cases()) {
    table.AddRow({item.case_id(), KeyText(item.issue_key()), InstantText(item.received_at()).substr(0, 10),
                  item.org_unit_id(), EnumWord(item.standing(), chinese),
                  item.similarity() > 0 ? absl::StrFormat("%.2f", item.similarity()) : "", item.by(),
                  item.recurrence() ? "recurrence" : "", item.title()});
  }
  return table.ToString();
}

std::string WhatHappened(const ThemeEvent& event) {
  const auto cases = [](const auto& some) { return absl::StrCat(some.case_ids_size(), " cases"); };
  switch (event.event_case()) {
    case ThemeEvent::kProposed:
      return "proposed with " + cases(event.proposed());
    case ThemeEvent::kJoined:
      return cases(event.joined()) + " joined";
    case ThemeEvent::kSuggested:
      return cases(event.suggested()) + " suggested";
    case ThemeEvent::kMergedIn:
      return absl::StrCat(cases(event.merged_in()), " came over from ", event.merged_in().theme_id());
    case ThemeEvent::kPreventiveItem: {
      const auto* field = routing::v1::PreventiveItemAction::descriptor()->FindFieldByNumber(
          event.preventive_item().action().action_case());
      return absl::StrCat("preventive item of ", event.preventive_item().org_unit_id(), ": ",
                          field == nullptr ? "" : field->name());
    }
    default: {
      const auto* field =
          routing::v1::ThemeAction::descriptor()->FindFieldByNumber(event.action().action_case());
      std::string text = field == nullptr ? "" : field->name();
      if (!event.prevented_org_unit_ids().empty()) {
        absl::StrAppend(&text, ", asked ", absl::StrJoin(event.prevented_org_unit_ids(), ", "));
      }
      return text;
    }
  }
}

std::string HistoryText(const GetThemeResponse& response, bool chinese) {
  Table table({{"#", Align::kRight}, {"when"}, {"who"}, {"what"}, {"state after"}});
  for (const ThemeEvent& event : response.history()) {
    table.AddRow({absl::StrCat(event.sequence()), InstantText(event.recorded_at()), event.actor(),
                  WhatHappened(event), EnumWord(event.state_after(), chinese)});
  }
  return table.ToString();
}

}  // namespace

std::string ThemeTable(const routing::v1::ListThemesResponse& response, bool chinese) {
  Table table({{"theme"},
               {"proposed"},
               {"state"},
               {"cases", Align::kRight},
               {"to judge", Align::kRight},
               {"districts", Align::kRight},
               {"recurrence", Align::kRight},
               {"owner"},
               {"due"},
               {"category"},
               {"title", Align::kLeft, 44}});
  for (const Theme& theme : response.themes()) {
    table.AddRow({theme.theme_id(), InstantText(theme.proposed_at()).substr(0, 10),
                  EnumWord(theme.state(), chinese), absl::StrCat(theme.case_count()),
                  absl::StrCat(theme.suggested_count()), absl::StrCat(theme.district_count()),
                  theme.has_fixed_on() ? absl::StrCat(theme.recurrence_count()) : "",
                  theme.owner_department_id(), DueText(theme.has_due_on(), theme.due_on(), theme.overdue()),
                  theme.content().category_id(), theme.content().title()});
    if (theme.overdue()) table.Colour(8, "31;1");
  }
  return absl::StrCat(table.ToString(), response.themes_size(),
                      response.next_page_token().empty() ? " themes\n" : " themes, and more: --all\n");
}

std::string PreventiveItemTable(const google::protobuf::RepeatedPtrField<PreventiveItem>& items,
                                bool chinese) {
  Table table({{"theme"},
               {"district"},
               {"state"},
               {"due"},
               {"why"},
               {"cases since", Align::kRight},
               {"title", Align::kLeft, 36},
               {"note", Align::kLeft, 44}});
  for (const PreventiveItem& item : items) {
    std::vector<std::string> why;
    for (const int reason : item.reasons())
      why.push_back(EnumWord(static_cast<routing::v1::PreventionReason>(reason), chinese));
    table.AddRow({item.theme_id(), item.org_unit_id(), EnumWord(item.state(), chinese),
                  DueText(item.has_due_on(), item.due_on(), item.overdue()), absl::StrJoin(why, ", "),
                  absl::StrCat(item.cases_since()), item.theme_title(), item.note()});
  }
  return table.ToString();
}

std::string DescribeTheme(const Theme& theme, bool chinese) {
  std::string text = absl::StrCat(theme.content().title(), "\n");
  ThemeLine("theme", theme.theme_id(), &text);
  ThemeLine("state", EnumWord(theme.state(), chinese), &text);
  ThemeLine("category", theme.content().category_id(), &text);
  ThemeLine("proposed", absl::StrCat(InstantText(theme.proposed_at()), " by ", theme.proposed_by()), &text);
  if (theme.has_growth()) ThemeLine("why", GrowthText(theme.growth()), &text);
  if (theme.has_confirmed_at()) {
    ThemeLine("confirmed", absl::StrCat(InstantText(theme.confirmed_at()), " by ", theme.confirmed_by()),
              &text);
  }
  ThemeLine("cause", theme.content().cause(), &text);
  ThemeLine("fix", theme.content().fix(), &text);
  ThemeLine("owner", theme.owner_department_id(), &text);
  ThemeLine("due", DueText(theme.has_due_on(), theme.due_on(), theme.overdue()), &text);
  ThemeLine("fixed", DayOrNothing(theme.has_fixed_on(), theme.fixed_on()), &text);
  ThemeLine("rejected", theme.rejection_reason(), &text);
  ThemeLine("merged into", theme.merged_into_theme_id(), &text);
  ThemeLine("cases",
            absl::StrCat(theme.case_count(), " of ", theme.district_count(), " districts, ",
                         theme.suggested_count(), " suggested"),
            &text);
  ThemeLine("prevention", absl::StrCat(theme.open_preventive_item_count(), " open items"), &text);
  ThemeLine("etag", theme.etag(), &text);
  ThemeLine("can be done", absl::StrJoin(theme.allowed_actions(), ", "), &text);
  return text;
}

std::string DescribeWholeTheme(const GetThemeResponse& response, bool chinese) {
  std::string text =
      absl::StrCat(DescribeTheme(response.theme(), chinese), "\n", CasesText(response, chinese), "\n");
  if (response.has_recurrence()) absl::StrAppend(&text, RecurrenceText(response), "\n");
  if (!response.preventive_items().empty()) {
    absl::StrAppend(&text, PreventiveItemTable(response.preventive_items(), chinese), "\n");
  }
  return absl::StrCat(text, HistoryText(response, chinese));
}

std::string DescribePreventiveItem(const PreventiveItem& item, bool chinese) {
  google::protobuf::RepeatedPtrField<PreventiveItem> items;
  *items.Add() = item;
  return absl::StrCat(PreventiveItemTable(items, chinese),
                      "can be done: ", absl::StrJoin(item.allowed_actions(), ", "), "\n");
}

std::string ThemeReferences(const google::protobuf::RepeatedPtrField<routing::v1::ThemeReference>& themes,
                            bool chinese) {
  std::string text;
  for (const routing::v1::ThemeReference& theme : themes) {
    absl::StrAppend(&text, "  theme       ", theme.theme_id(), " ", EnumWord(theme.state(), chinese), " (",
                    EnumWord(theme.standing(), chinese), "): ", theme.title(),
                    theme.fix().empty() ? "" : " → ", theme.fix(), "\n");
  }
  return text;
}

}  // namespace zhuqi::ctl
