#include "tools/zhuqictl/theme_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "tools/zhuqictl/case_text.h"
#include "tools/zhuqictl/table.h"
#include "tools/zhuqictl/text_values.h"

namespace zhuqi::ctl {
namespace {

using routing::v1::GetThemeResponse;
using routing::v1::PreventionGround;
using routing::v1::PreventiveItem;
using routing::v1::Theme;
using routing::v1::ThemeCase;
using routing::v1::ThemeEvent;
using routing::v1::ThemeGrowth;

// In the language that is asked for.
std::string ThemeWord(bool chinese, absl::string_view in_chinese, absl::string_view in_english) {
  return std::string(chinese ? in_chinese : in_english);
}

// Lines "  name   value", aligned also in Chinese. Empty values are left out.
class ThemeLines {
 public:
  explicit ThemeLines(bool chinese) : chinese_(chinese) {}
  void Add(absl::string_view in_chinese, absl::string_view in_english, absl::string_view value) {
    if (value.empty()) return;
    const std::string name = ThemeWord(chinese_, in_chinese, in_english);
    const std::size_t width = DisplayWidth(name);
    absl::StrAppend(&text_, "  ", name, std::string(width < 14 ? 14 - width : 1, ' '), value, "\n");
  }
  const std::string& text() const { return text_; }

 private:
  const bool chinese_;
  std::string text_;
};

std::string DayOrNothing(bool present, const common::v1::Date& date) {
  return present ? DateText(date) : std::string();
}

std::string DueText(bool present, const common::v1::Date& date, bool overdue, bool chinese) {
  return absl::StrCat(DayOrNothing(present, date), overdue ? ThemeWord(chinese, " 逾期", " overdue") : "");
}

std::string InstantAndWho(const google::protobuf::Timestamp& at, const std::string& who) {
  return absl::StrCat(InstantText(at), " ", who);
}

// Why the service proposed it, and with what numbers it was asked to.
void AddGrowth(const ThemeGrowth& growth, bool chinese, ThemeLines& lines) {
  const std::string first = DateText(growth.received().first());
  const std::string last = DateText(growth.received().last());
  lines.Add("依据", "why",
            chinese ? absl::StrCat(growth.cases(), " 件工单说法相近，来自 ", growth.districts(), " 个区县、",
                                   growth.enterprises(), " 家企业，", first, " 至 ", last, " 接收")
                    : absl::StrCat(growth.cases(), " cases of ", growth.districts(), " districts and ",
                                   growth.enterprises(), " enterprises read alike, received ", first, " to ",
                                   last));
  lines.Add("提出条件", "asked for",
            chinese
                ? absl::StrCat(growth.window_days(), " 天内 ", growth.least_cases(), " 件以上，涉及 ",
                               growth.least_districts(), " 个区县或 ", growth.least_enterprises(),
                               " 家企业，与其中一件的相似度均不低于 ", growth.least_similarity_percent(), "%")
                : absl::StrCat(growth.least_cases(), " cases within ", growth.window_days(), " days, of ",
                               growth.least_districts(), " districts or else of ", growth.least_enterprises(),
                               " enterprises, each at least ", growth.least_similarity_percent(),
                               "% like one of them"));
}

std::string RecurrenceText(const GetThemeResponse& response, bool chinese) {
  const routing::v1::ThemeRecurrence& recurrence = response.recurrence();
  std::vector<std::string> days;
  for (const common::v1::DateSpan& span : recurrence.counted()) {
    days.push_back(
        absl::StrCat(DateText(span.first()), ThemeWord(chinese, " 至 ", " to "), DateText(span.last())));
  }
  const int32_t suggested = response.theme().suggested_count();
  const std::string districts = absl::StrJoin(recurrence.district_ids(), ", ");
  if (chinese) {
    const std::string fix =
        recurrence.has_fixed_on() ? DateText(recurrence.fixed_on()) + " 整改完成后" : "以往整改未见效，其后";
    return absl::StrCat(
        "复发：", fix, "新增 ", recurrence.cases(), " 件", districts.empty() ? "" : "（", districts,
        districts.empty() ? "" : "）", "\n  统计期 ", absl::StrJoin(days, "、"),
        recurrence.span_over() ? "（已结束）" : "（统计中）", "，按成员的接收日期，撤回的不计\n",
        suggested > 0 ? absl::StrCat("  未计入：", suggested, " 件待判定，请用 add 纳入或 remove 移出\n")
                      : "");
  }
  const std::string fix =
      recurrence.has_fixed_on() ? "the fix of " + DateText(recurrence.fixed_on()) : "fixes that did not hold";
  return absl::StrCat(
      "recurrence: ", recurrence.cases(), " new cases after ", fix, districts.empty() ? "" : ", in ",
      districts, "\n  counted are members that were received ", absl::StrJoin(days, ", "),
      recurrence.span_over() ? " (over)" : " (goes on)", ", withdrawn ones left out\n",
      suggested > 0
          ? absl::StrCat("  not counted: ", suggested, " suggested, which somebody is to add or remove\n")
          : "");
}

// In what a case reads like the one that the theme was proposed by.
std::string LikenessText(const ThemeCase& item, const ThemeGrowth& growth, bool chinese) {
  if (!growth.seed_case_id().empty() && item.case_id() == growth.seed_case_id()) {
    return ThemeWord(chinese, "其他工单与本件相近", "the others are like this one");
  }
  if (item.words_in_common().empty() && item.similarity() == 1)
    return ThemeWord(chinese, "登记时关联", "linked at intake");
  return absl::StrJoin(item.words_in_common(), " ");
}

std::string CasesText(const GetThemeResponse& response, bool chinese) {
  Table table({{ThemeWord(chinese, "编号", "case")},
               {ThemeWord(chinese, "接收", "received")},
               {ThemeWord(chinese, "机构", "unit")},
               {ThemeWord(chinese, "判定", "standing")},
               {ThemeWord(chinese, "判定人", "by")},
               {ThemeWord(chinese, "复发", "recurrence")},
               {ThemeWord(chinese, "标题", "title"), Align::kLeft, 44},
               {ThemeWord(chinese, "相似", "alike"), Align::kRight},
               {ThemeWord(chinese, "相近之处", "in"), Align::kLeft, 44}});
  for (const ThemeCase& item : response.cases()) {
    table.AddRow({KeyText(item.issue_key()), InstantText(item.received_at()).substr(0, 10),
                  item.org_unit_id(), EnumWord(item.standing(), chinese), item.by(),
                  item.recurrence() ? ThemeWord(chinese, "计入", "counts") : "", item.title(),
                  item.similarity() > 0 ? absl::StrFormat("%.2f", item.similarity()) : "",
                  LikenessText(item, response.theme().growth(), chinese)});
  }
  return table.ToString();
}

// The name of the command that does it.
std::string CommandOf(absl::string_view action) {
  if (action == "add_cases") return "add";
  if (action == "remove_cases") return "remove";
  return absl::StrReplaceAll(action, {{"_", "-"}});
}

template <class Names>
std::string CommandsOf(const Names& actions) {
  return absl::StrJoin(actions, ", ", [](std::string* out, const std::string& action) {
    absl::StrAppend(out, CommandOf(action));
  });
}

// What was given with an action: why, what, who, by when.
std::string ThemeActionDetails(const routing::v1::ThemeAction& action, bool chinese) {
  std::vector<std::string> said;
  const auto add = [&said](const std::string& text) {
    if (!text.empty()) said.push_back(text);
  };
  const auto add_due = [&](bool present, const common::v1::Date& due) {
    if (present) said.push_back(absl::StrCat(ThemeWord(chinese, "期限 ", "due "), DateText(due)));
  };
  const auto add_cases = [&](int cases) {
    said.push_back(absl::StrCat(cases, ThemeWord(chinese, " 件", " cases")));
  };
  switch (action.action_case()) {
    case routing::v1::ThemeAction::kConfirm:
      add(action.confirm().cause());
      add(action.confirm().owner_department_id());
      add_due(action.confirm().has_due_on(), action.confirm().due_on());
      break;
    case routing::v1::ThemeAction::kAssign:
      add(action.assign().owner_department_id());
      add_due(action.assign().has_due_on(), action.assign().due_on());
      break;
    case routing::v1::ThemeAction::kReject:
      add(action.reject().reason());
      break;
    case routing::v1::ThemeAction::kBeginFix:
      add(action.begin_fix().fix());
      break;
    case routing::v1::ThemeAction::kCompleteFix:
      add(action.complete_fix().fix());
      add(DayOrNothing(action.complete_fix().has_fixed_on(), action.complete_fix().fixed_on()));
      break;
    case routing::v1::ThemeAction::kReopen:
      add(action.reopen().reason());
      add_due(action.reopen().has_due_on(), action.reopen().due_on());
      break;
    case routing::v1::ThemeAction::kAddCases:
      add_cases(action.add_cases().cases_size());
      break;
    case routing::v1::ThemeAction::kRemoveCases:
      add_cases(action.remove_cases().cases_size());
      add(action.remove_cases().reason());
      break;
    case routing::v1::ThemeAction::kMerge:
      add(action.merge().into_theme_id());
      add(action.merge().reason());
      break;
    default:
      break;
  }
  return absl::StrJoin(said, ThemeWord(chinese, "，", ", "));
}

// What a district said of its item.
std::string ItemNote(const routing::v1::PreventiveItemAction& action) {
  switch (action.action_case()) {
    case routing::v1::PreventiveItemAction::kReport:
      return action.report().note();
    case routing::v1::PreventiveItemAction::kComplete:
      return action.complete().note();
    case routing::v1::PreventiveItemAction::kDecline:
      return action.decline().note();
    case routing::v1::PreventiveItemAction::kReopen:
      return action.reopen().note();
    default:
      return action.postpone().note();
  }
}

// The name of the field that is set.
std::string ThemeFieldName(const google::protobuf::Descriptor* type, int field_number) {
  const google::protobuf::FieldDescriptor* field = type->FindFieldByNumber(field_number);
  return field == nullptr ? "" : CommandOf(field->name());
}

std::string WhatHappened(const ThemeEvent& event, bool chinese) {
  const auto cases = [chinese](const auto& some) {
    return absl::StrCat(some.case_ids_size(), ThemeWord(chinese, " 件", " cases"));
  };
  switch (event.event_case()) {
    case ThemeEvent::kProposed:
      return absl::StrCat(ThemeWord(chinese, "提出，", "proposed with "), cases(event.proposed()));
    case ThemeEvent::kJoined:
      return absl::StrCat(ThemeWord(chinese, "并入待研判，", "joined: "), cases(event.joined()));
    case ThemeEvent::kSuggested:
      return absl::StrCat(ThemeWord(chinese, "待判定，", "suggested: "), cases(event.suggested()));
    case ThemeEvent::kMergedIn:
      return absl::StrCat(ThemeWord(chinese, "自 ", "came over from "), event.merged_in().theme_id(),
                          ThemeWord(chinese, " 并入，", ": "), cases(event.merged_in()));
    case ThemeEvent::kPreventiveItem: {
      const routing::v1::PreventiveItemAction& action = event.preventive_item().action();
      return absl::StrCat(ThemeWord(chinese, "未诉先办 ", "item of "), event.preventive_item().org_unit_id(),
                          " ", ThemeFieldName(action.descriptor(), action.action_case()), ": ",
                          ItemNote(action));
    }
    default: {
      const std::string details = ThemeActionDetails(event.action(), chinese);
      std::string text =
          absl::StrCat(ThemeFieldName(event.action().descriptor(), event.action().action_case()),
                       details.empty() ? "" : ": ", details);
      if (!event.prevented_org_unit_ids().empty()) {
        absl::StrAppend(&text, ThemeWord(chinese, "；未诉先办 ", "; asked "),
                        absl::StrJoin(event.prevented_org_unit_ids(), ", "));
      }
      return text;
    }
  }
}

std::string HistoryText(const GetThemeResponse& response, bool chinese) {
  Table table({{"#", Align::kRight},
               {ThemeWord(chinese, "时间", "when")},
               {ThemeWord(chinese, "何人", "who")},
               {ThemeWord(chinese, "何事", "what"), Align::kLeft, 80},
               {ThemeWord(chinese, "其后", "state after")}});
  for (const ThemeEvent& event : response.history()) {
    table.AddRow({absl::StrCat(event.sequence()), InstantText(event.recorded_at()), event.actor(),
                  WhatHappened(event, chinese), EnumWord(event.state_after(), chinese)});
  }
  return table.ToString();
}

// What was found in the district, and whom to go to.
std::string PreventionGroundText(const PreventionGround& ground, bool chinese) {
  if (ground.cases() == 0) return "";
  const std::string named = absl::StrJoin(ground.enterprise_usccs(), ", ");
  return absl::StrCat(
      "  ", EnumWord(ground.reason(), chinese),
      chinese ? absl::StrCat("：此前一年本区 ", ground.cases(), " 件，", ground.enterprises(), " 家企业")
              : absl::StrCat(": ", ground.cases(), " issues there in the year before, of ",
                             ground.enterprises(), " enterprises"),
      named.empty() ? "" : ThemeWord(chinese, "：", ": "), named,
      ground.enterprise_usccs_size() < ground.enterprises() ? " …" : "", "\n");
}

std::string ThemeCount(int count, bool more, bool chinese, absl::string_view in_english) {
  return absl::StrCat(count, ThemeWord(chinese, " 项", in_english),
                      more ? ThemeWord(chinese, "，还有更多：--all", ", and more: --all") : "", "\n");
}

std::string PreventiveItemTable(const google::protobuf::RepeatedPtrField<PreventiveItem>& items,
                                bool chinese) {
  Table table({{ThemeWord(chinese, "一类问题", "theme")},
               {ThemeWord(chinese, "区县", "district")},
               {ThemeWord(chinese, "状态", "state")},
               {ThemeWord(chinese, "期限", "due")},
               {ThemeWord(chinese, "缘由", "why")},
               {ThemeWord(chinese, "其后工单", "cases since"), Align::kRight},
               {ThemeWord(chinese, "标题", "title"), Align::kLeft, 36},
               {ThemeWord(chinese, "说明", "note"), Align::kLeft, 44}});
  for (const PreventiveItem& item : items) {
    std::vector<std::string> why;
    for (const PreventionGround& ground : item.grounds()) {
      why.push_back(EnumWord(ground.reason(), chinese));
      if (ground.cases() > 0) absl::StrAppend(&why.back(), " ", ground.cases());
    }
    table.AddRow({item.theme_id(), item.org_unit_id(), EnumWord(item.state(), chinese),
                  DueText(item.has_due_on(), item.due_on(), item.overdue(), chinese),
                  absl::StrJoin(why, ", "), absl::StrCat(item.cases_since()), item.theme_title(),
                  item.note()});
    if (item.overdue()) table.Colour(3, "31;1");
  }
  return table.ToString();
}

}  // namespace

std::string ThemeTable(const routing::v1::ListThemesResponse& response, bool chinese) {
  Table table({{ThemeWord(chinese, "一类问题", "theme")},
               {ThemeWord(chinese, "提出", "proposed")},
               {ThemeWord(chinese, "状态", "state")},
               {ThemeWord(chinese, "工单", "cases"), Align::kRight},
               {ThemeWord(chinese, "待判定", "to judge"), Align::kRight},
               {ThemeWord(chinese, "区县", "districts"), Align::kRight},
               {ThemeWord(chinese, "复发", "recurrence"), Align::kRight},
               {ThemeWord(chinese, "责任部门", "owner")},
               {ThemeWord(chinese, "期限", "due")},
               {ThemeWord(chinese, "类别", "category")},
               {ThemeWord(chinese, "标题", "title"), Align::kLeft, 44}});
  for (const Theme& theme : response.themes()) {
    const bool measured = theme.has_fixed_on() || !theme.ended_recurrence().empty();
    table.AddRow({theme.theme_id(), InstantText(theme.proposed_at()).substr(0, 10),
                  EnumWord(theme.state(), chinese), absl::StrCat(theme.case_count()),
                  absl::StrCat(theme.suggested_count()), absl::StrCat(theme.district_count()),
                  measured ? absl::StrCat(theme.recurrence_count()) : "", theme.owner_department_id(),
                  DueText(theme.has_due_on(), theme.due_on(), theme.overdue(), chinese),
                  theme.content().category_id(), theme.content().title()});
    if (theme.overdue()) table.Colour(8, "31;1");
  }
  return absl::StrCat(table.ToString(), ThemeCount(response.themes_size(),
                                                   !response.next_page_token().empty(), chinese, " themes"));
}

std::string PreventiveItemList(const routing::v1::ListPreventiveItemsResponse& response, bool chinese) {
  return absl::StrCat(
      PreventiveItemTable(response.items(), chinese),
      ThemeCount(response.items_size(), !response.next_page_token().empty(), chinese, " items"));
}

std::string DescribeTheme(const Theme& theme, bool chinese) {
  ThemeLines lines(chinese);
  lines.Add("编号", "theme", theme.theme_id());
  lines.Add("状态", "state", EnumWord(theme.state(), chinese));
  lines.Add("类别", "category", theme.content().category_id());
  lines.Add("提出", "proposed", InstantAndWho(theme.proposed_at(), theme.proposed_by()));
  if (theme.has_growth()) AddGrowth(theme.growth(), chinese, lines);
  if (theme.has_confirmed_at())
    lines.Add("确认", "confirmed", InstantAndWho(theme.confirmed_at(), theme.confirmed_by()));
  lines.Add("成因", "cause", theme.content().cause());
  lines.Add("整改措施", "fix", theme.content().fix());
  lines.Add("责任部门", "owner", theme.owner_department_id());
  lines.Add("期限", "due", DueText(theme.has_due_on(), theme.due_on(), theme.overdue(), chinese));
  lines.Add("整改完成", "fixed", DayOrNothing(theme.has_fixed_on(), theme.fixed_on()));
  lines.Add("不成立", "rejected", theme.rejection_reason());
  lines.Add("并入", "merged into", theme.merged_into_theme_id());
  lines.Add("工单", "cases",
            chinese ? absl::StrCat(theme.case_count(), " 件，", theme.district_count(), " 个区县；待判定 ",
                                   theme.suggested_count(), " 件")
                    : absl::StrCat(theme.case_count(), " of ", theme.district_count(), " districts, ",
                                   theme.suggested_count(), " suggested"));
  lines.Add("未诉先办", "prevention",
            absl::StrCat(theme.open_preventive_item_count(), ThemeWord(chinese, " 项待办", " open items")));
  lines.Add("etag", "etag", theme.etag());
  lines.Add("可做", "can be done", CommandsOf(theme.allowed_actions()));
  return absl::StrCat(theme.content().title(), "\n", lines.text());
}

std::string DescribeWholeTheme(const GetThemeResponse& response, bool chinese) {
  std::string text =
      absl::StrCat(DescribeTheme(response.theme(), chinese), "\n", CasesText(response, chinese), "\n");
  if (response.has_recurrence()) absl::StrAppend(&text, RecurrenceText(response, chinese), "\n");
  if (!response.preventive_items().empty()) {
    absl::StrAppend(&text, PreventiveItemTable(response.preventive_items(), chinese), "\n");
  }
  return absl::StrCat(text, HistoryText(response, chinese));
}

std::string DescribePreventiveItem(const PreventiveItem& item, bool chinese) {
  google::protobuf::RepeatedPtrField<PreventiveItem> items;
  *items.Add() = item;
  std::string text = PreventiveItemTable(items, chinese);
  for (const PreventionGround& ground : item.grounds())
    absl::StrAppend(&text, PreventionGroundText(ground, chinese));
  return absl::StrCat(text, ThemeWord(chinese, "可做：", "can be done: "), CommandsOf(item.allowed_actions()),
                      "\n");
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
