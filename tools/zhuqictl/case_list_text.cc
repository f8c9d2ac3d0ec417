#include "tools/zhuqictl/case_list_text.h"

#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/directory/date_message.h"
#include "tools/zhuqictl/case_text.h"
#include "tools/zhuqictl/progress.h"
#include "tools/zhuqictl/table.h"
#include "tools/zhuqictl/text_values.h"

namespace zhuqi::ctl {
namespace {

using routing::v1::Case;
using routing::v1::CaseClock;
using routing::v1::TimelineEntry;

constexpr char kRed[] = "31;1";
constexpr char kYellow[] = "33";
constexpr char kDim[] = "2";
constexpr int kSoonDays = 3;

// A text and the colour that says the same.
struct Shown {
  std::string text;
  std::string colour;
};

const CaseClock* HandlingClock(const Case& item) {
  for (const CaseClock& clock : item.clocks()) {
    if (clock.kind() == routing::v1::CLOCK_KIND_HANDLING) return &clock;
  }
  return nullptr;
}

Shown DueText(const Case& item, const CaseTextOptions& options) {
  const CaseClock* clock = HandlingClock(item);
  if (clock == nullptr) return {};
  if (!clock->has_deadline()) return {options.chinese ? "暂停" : "paused", kDim};
  const std::string due = InstantText(clock->deadline());
  const bool closed = item.has_closed_at();
  if (clock->breached()) {
    const char* words =
        closed ? (options.chinese ? " 超期办结" : " late") : (options.chinese ? " 逾期" : " OVERDUE");
    return {due + words, closed ? kDim : kRed};
  }
  if (closed) return {due, kDim};
  const absl::CivilDay today = CityDay(options.now);
  const absl::CivilDay day = CityDay(TimeFrom(clock->deadline()) - absl::Microseconds(1));
  if (day == today) return {due + (options.chinese ? " 今天" : " today"), kYellow};
  return {due, day - today <= kSoonDays ? kYellow : ""};
}

std::string HeaderText(const CaseTextOptions& options, const char* chinese, const char* english) {
  return options.chinese ? chinese : english;
}

}  // namespace

std::string CaseTable(const google::protobuf::RepeatedPtrField<Case>& cases, const CaseTextOptions& options) {
  Table table({{HeaderText(options, "办结期限", "due")},
               {HeaderText(options, "状态", "state")},
               {HeaderText(options, "结果", "outcome")},
               {HeaderText(options, "接收", "received")},
               {HeaderText(options, "机构", "unit")},
               {HeaderText(options, "主办", "lead")},
               {HeaderText(options, "编号", "key")},
               {HeaderText(options, "标题", "title"), Align::kLeft, 50},
               {HeaderText(options, "标记", "marks")}});
  for (const Case& item : cases) {
    const Shown due = DueText(item, options);
    std::string marks = item.green_channel() ? HeaderText(options, "绿", "green ") : "";
    if (item.escalation_count() > 0)
      absl::StrAppend(&marks, options.chinese ? "提" : "escalated ", item.escalation_count());
    table.AddRow({due.text, EnumWord(item.state(), options.chinese),
                  EnumWord(item.outcome(), options.chinese), InstantText(item.received_at()).substr(0, 10),
                  item.org_unit_id(), item.lead_department_id(), KeyText(item.issue_key()),
                  item.issue().title(), marks});
    if (options.colour && !due.colour.empty()) table.Colour(0, due.colour);
  }
  return table.ToString();
}

std::string FamilyTable(const routing::v1::CaseFamily& family, const CaseTextOptions& options) {
  if (family.ByteSizeLong() == 0) return "";
  Table table({{HeaderText(options, "关系", "relation")},
               {HeaderText(options, "工单", "case")},
               {HeaderText(options, "主办", "lead")},
               {HeaderText(options, "状态", "state")},
               {HeaderText(options, "结果", "outcome")},
               {HeaderText(options, "办结期限", "due")},
               {HeaderText(options, "内容", "what"), Align::kLeft, 50}});
  const auto add = [&](const std::string& relation, const routing::v1::RelatedCase& related) {
    std::string due = related.has_handling_due_at() ? InstantText(related.handling_due_at()) : "";
    if (related.stands_still()) due = HeaderText(options, "停止计时", "stands still");
    table.AddRow({relation, related.case_id(), related.lead_department_id(),
                  EnumWord(related.state(), options.chinese), EnumWord(related.outcome(), options.chinese),
                  due, related.title()});
  };
  if (family.has_parent()) add(HeaderText(options, "主工单", "parent"), family.parent());
  for (const routing::v1::RelatedCase& child : family.children()) {
    add(absl::StrCat(HeaderText(options, "子工单 ", "child "), child.number()), child);
  }
  if (family.has_first()) add(HeaderText(options, "首件", "first"), family.first());
  for (const routing::v1::RelatedCase& duplicate : family.duplicates()) {
    add(HeaderText(options, "重复件", "duplicate"), duplicate);
  }
  return absl::StrCat("\n", table.ToString());
}

std::string TimelineTable(const google::protobuf::RepeatedPtrField<TimelineEntry>& timeline,
                          const CaseTextOptions& options) {
  Table table({{"#", Align::kRight},
               {HeaderText(options, "时间", "when")},
               {HeaderText(options, "何人", "who")},
               {HeaderText(options, "何事", "what"), Align::kLeft, 100},
               {HeaderText(options, "其后", "then")}});
  for (const TimelineEntry& entry : timeline) {
    const bool event = entry.kind() == routing::v1::TIMELINE_KIND_EVENT;
    const std::string text = options.chinese ? entry.text_zh() : entry.text_en();
    const char* late = !entry.late() ? "" : options.chinese ? "（迟到的记录）" : " (late)";
    table.AddRow({event ? absl::StrCat(entry.sequence()) : "", InstantText(entry.at()), entry.actor(),
                  absl::StrCat(text, late), EnumWord(entry.state_after(), options.chinese)});
    if (!options.colour) continue;
    if (entry.kind() == routing::v1::TIMELINE_KIND_DEADLINE_PASSED) table.Colour(3, kRed);
    if (entry.kind() == routing::v1::TIMELINE_KIND_DEADLINE_AHEAD) table.Colour(3, kYellow);
  }
  return table.ToString();
}

std::string TabTable(const routing::v1::CountCasesResponse& counts, const CaseTextOptions& options) {
  Table table({{HeaderText(options, "分类", "tab")}, {HeaderText(options, "件数", "cases"), Align::kRight}});
  for (const routing::v1::TabCount& tab : counts.tabs()) {
    table.AddRow(
        {EnumWord(tab.tab(), options.chinese), WithSeparators(tab.count()) + (tab.more() ? "+" : "")});
    if (!options.colour || tab.count() == 0) continue;
    if (tab.tab() == routing::v1::CASE_TAB_OVERDUE) table.Colour(1, kRed);
    if (tab.tab() == routing::v1::CASE_TAB_DUE_SOON) table.Colour(1, kYellow);
  }
  return absl::StrCat(table.ToString(), InstantText(counts.counted_at()), "\n");
}

std::string UpdateLine(const routing::v1::CaseUpdate& update, const CaseTextOptions& options) {
  const std::string text = options.chinese ? update.entry().text_zh() : update.entry().text_en();
  const std::string state = EnumWord(update.state(), options.chinese);
  return absl::StrCat(InstantText(update.entry().at()), "  ", KeyText(update.issue_key()), " #",
                      update.sequence(), "  ", state, "  ", FitWidth(update.title(), 40), "  ",
                      FitWidth(text, 100), "  (", update.entry().actor(), ")\n");
}

}  // namespace zhuqi::ctl
