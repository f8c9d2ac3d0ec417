#include "tools/zhuqictl/obligation_text.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tools/zhuqictl/table.h"
#include "tools/zhuqictl/text_values.h"

namespace zhuqi::ctl {
namespace {

using directory::v1::OrgUnit;
using intake::v1::Obligation;

// What an obligation comes down to for whoever looks over the whole matrix.
enum class Look {
  kAccepted,
  kWaiting,
  kChanged,
  kReturned,
  kReturnedOverdue,
  kComing,
  kOwed,
  kOverdue,
  kWaived
};

struct Words {
  const char* chinese;
  const char* english;
  const char* colour;  // of a terminal
  const char* meaning_zh;
  const char* meaning;
};

const Words& WordsOf(Look look) {
  static const Words all[] = {
      {"通过", "ok", "32", "已通过", "accepted"},
      {"待审", "sent", "36", "已报送，待审核", "sent, waiting for review"},
      {"重汇", "redo", "35", "下级已变，须重新汇总报送",
       "what it was made from has changed: to be sent again"},
      {"退回", "back", "33", "已退回，待重报", "returned, to be sent again"},
      {"退回逾期", "BACK OVERDUE", "31;1", "退回后逾期未重报", "returned, and not sent again in time"},
      {"将到", "soon", "33", "即将到期", "coming due"},
      {"未报", "owed", "0", "未到期", "owed, not due yet"},
      {"逾期", "OVERDUE", "31;1", "逾期未报", "overdue"},
      {"豁免", "waived", "2", "已豁免", "waived"},
  };
  return all[static_cast<int>(look)];
}

Look LookOf(const Obligation& obligation) {
  switch (obligation.state()) {
    case intake::v1::SUMMARY_STATE_ACCEPTED:
      return Look::kAccepted;
    case intake::v1::SUMMARY_STATE_WAIVED:
      return Look::kWaived;
    case intake::v1::SUMMARY_STATE_SUBMITTED:
      return obligation.basis_superseded() ? Look::kChanged : Look::kWaiting;
    case intake::v1::SUMMARY_STATE_RETURNED:
      return obligation.overdue() ? Look::kReturnedOverdue : Look::kReturned;
    default:
      return obligation.overdue() ? Look::kOverdue : obligation.coming_due() ? Look::kComing : Look::kOwed;
  }
}

// "通过 零 迟2 改1": the word, and what else is to be known of it.
std::string CellText(const Obligation& obligation, bool chinese) {
  const Words& words = WordsOf(LookOf(obligation));
  std::string text = chinese ? words.chinese : words.english;
  if (obligation.nil_report()) absl::StrAppend(&text, chinese ? " 零" : " nil");
  if (obligation.working_days_late() > 0) {
    absl::StrAppend(&text, chinese ? " 迟" : " +", obligation.working_days_late(), chinese ? "" : "d");
  }
  if (obligation.vintage() > 0) absl::StrAppend(&text, chinese ? " 改" : " v", obligation.vintage());
  return text;
}

std::string Padded(const std::string& text, size_t width) {
  const size_t taken = DisplayWidth(text);
  return absl::StrCat(text, std::string(width > taken ? width - taken : 0, ' '));
}

// Units with what is below each right after it, and how deep each stands.
class TreeOrder {
 public:
  TreeOrder(const std::vector<OrgUnit>& units, const std::set<std::string>& shown) : shown_(shown) {
    for (const OrgUnit& unit : units) by_id_[unit.org_unit_id()] = &unit;
    for (const OrgUnit& unit : units) {
      if (by_id_.contains(unit.parent_id())) below_[unit.parent_id()].push_back(unit.org_unit_id());
    }
    for (const OrgUnit& unit : units) {
      if (!by_id_.contains(unit.parent_id())) Walk(unit.org_unit_id(), 0);
    }
    for (const std::string& id : shown) {
      if (!by_id_.contains(id)) order_.emplace_back(id, id);
    }
  }
  // Identity, and the name as it is shown.
  const std::vector<std::pair<std::string, std::string>>& order() const { return order_; }

 private:
  void Walk(const std::string& id, size_t depth) {
    const bool is_shown = shown_.contains(id);
    if (is_shown) order_.emplace_back(id, absl::StrCat(std::string(2 * depth, ' '), by_id_.at(id)->name()));
    for (const std::string& below : below_[id]) Walk(below, depth + (is_shown ? 1 : 0));
  }

  const std::set<std::string>& shown_;
  std::map<std::string, const OrgUnit*> by_id_;
  std::map<std::string, std::vector<std::string>> below_;
  std::vector<std::pair<std::string, std::string>> order_;
};

std::string Legend(const std::set<Look>& occurring, const MatrixOptions& options) {
  std::string text;
  for (const Look look : occurring) {
    const Words& words = WordsOf(look);
    absl::StrAppend(&text,
                    text.empty()      ? ""
                    : options.chinese ? "；"
                                      : "; ",
                    options.chinese ? words.chinese : words.english, " ",
                    options.chinese ? words.meaning_zh : words.meaning);
  }
  absl::StrAppend(&text, options.chinese
                             ? "；零 零报告；迟n 迟报工作日数；改n 锁定后更正次数\n"
                             : "; nil a nil report; +nd working days late; vn corrections after the lock\n");
  return text;
}

}  // namespace

std::string ObligationMatrix(const std::vector<Obligation>& obligations, const std::vector<OrgUnit>& units,
                             const MatrixOptions& options) {
  std::map<std::string, std::map<std::string, std::map<std::string, const Obligation*>>> cells;
  std::set<std::string> months;
  std::set<std::string> shown;
  std::set<Look> occurring;
  for (const Obligation& obligation : obligations) {
    const std::string month = MonthText(obligation.month());
    cells[obligation.org_unit_id()][obligation.form_id()][month] = &obligation;
    months.insert(month);
    shown.insert(obligation.org_unit_id());
    occurring.insert(LookOf(obligation));
  }
  if (obligations.empty()) return options.chinese ? "没有应报事项\n" : "nothing is owed\n";
  const TreeOrder tree(units, shown);
  size_t name_width = 0;
  for (const auto& [id, name] : tree.order()) name_width = std::max(name_width, DisplayWidth(name));
  std::map<std::string, size_t> widths;
  for (const Obligation& obligation : obligations) {
    size_t& width = widths[MonthText(obligation.month())];
    width = std::max({width, DisplayWidth(CellText(obligation, options.chinese)), size_t{7}});
  }
  std::string text = std::string(name_width, ' ');
  for (const std::string& month : months) absl::StrAppend(&text, "  ", Padded(month, widths[month]));
  text = absl::StrCat(absl::StripTrailingAsciiWhitespace(text), "\n");
  for (const auto& [id, name] : tree.order()) {
    for (const auto& [form, by_month] : cells[id]) {
      std::string line = Padded(name, name_width);
      for (const std::string& month : months) {
        const auto cell = by_month.find(month);
        const std::string words = cell == by_month.end() ? "" : CellText(*cell->second, options.chinese);
        const std::string padded = Padded(words, widths[month]);
        const bool coloured = options.colour && cell != by_month.end();
        absl::StrAppend(&line, "  ");
        if (coloured) absl::StrAppend(&line, "\x1b[", WordsOf(LookOf(*cell->second)).colour, "m");
        absl::StrAppend(&line, padded, coloured ? "\x1b[0m" : "");
      }
      absl::StrAppend(&text, absl::StripTrailingAsciiWhitespace(line), "\n");
    }
  }
  return absl::StrCat(text, "\n", Legend(occurring, options));
}

std::string ObligationTable(const std::vector<Obligation>& obligations) {
  Table table({{"month"},
               {"unit"},
               {"form"},
               {"state"},
               {"due"},
               {"first sent"},
               {"late", Align::kRight},
               {"revision", Align::kRight},
               {"to act"},
               {""}});
  for (const Obligation& o : obligations) {
    table.AddRow(
        {MonthText(o.month()), o.org_unit_id(), o.form_id(), EnumText(o.state()), InstantText(o.due_at()),
         InstantText(o.first_submitted_at()),
         o.working_days_late() > 0 ? absl::StrCat(o.working_days_late(), " d") : "",
         absl::StrCat(o.revision()), EnumText(o.actor()),
         absl::StrCat(o.overdue() ? "overdue " : "", o.coming_due() ? "coming due " : "",
                      o.nil_report() ? "nil " : "", o.locked() ? "locked " : "",
                      o.basis_superseded() ? "basis superseded " : "",
                      o.returned_count() > 0 ? absl::StrCat("returned ", o.returned_count(), "× ") : "",
                      o.vintage() > 0 ? absl::StrCat("vintage ", o.vintage(), " ") : "", o.waiver_reason())});
  }
  return table.ToString();
}

}  // namespace zhuqi::ctl
