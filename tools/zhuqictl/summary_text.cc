#include "tools/zhuqictl/summary_text.h"

#include <google/protobuf/text_format.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tools/zhuqictl/table.h"
#include "tools/zhuqictl/text_values.h"

namespace zhuqi::ctl {
namespace {

using directory::v1::SummaryForm;
using directory::v1::SummaryIndicator;
using intake::v1::MonthlySummary;
using intake::v1::SummaryCell;
using intake::v1::SummaryFinding;

const SummaryIndicator* FindIndicator(const SummaryForm& form, const std::string& id) {
  for (const SummaryIndicator& indicator : form.indicators()) {
    if (indicator.indicator_id() == id) return &indicator;
  }
  return nullptr;
}

std::string IndicatorText(const SummaryForm& form, const std::string& id, bool chinese) {
  const SummaryIndicator* indicator = FindIndicator(form, id);
  return chinese && indicator != nullptr ? indicator->name() : id;
}

int DecimalsOf(const SummaryForm& form, const std::string& id) {
  const SummaryIndicator* indicator = FindIndicator(form, id);
  return indicator == nullptr ? 0 : indicator->decimals();
}

bool HasNumber(const SummaryCell& cell) {
  return cell.status() == intake::v1::CELL_STATUS_REPORTED ||
         cell.status() == intake::v1::CELL_STATUS_PROVISIONAL ||
         cell.status() == intake::v1::CELL_STATUS_ESTIMATED;
}

// What the cell says: a number, or a word where there is none, for nil, missing and not applicable are three
// things.
std::string CellText(const SummaryCell& cell, int decimals) {
  return HasNumber(cell) ? CellValueText(cell.value(), decimals) : EnumText(cell.status());
}

std::string HeadText(const MonthlySummary& summary) {
  std::string text = absl::StrCat(summary.org_unit_id(), " ", MonthText(summary.month()), "  ",
                                  summary.form_id(), " v", summary.form_version(), "  ",
                                  EnumText(summary.state()), ", revision ", summary.revision());
  if (summary.vintage() > 0) absl::StrAppend(&text, ", vintage ", summary.vintage());
  absl::StrAppend(&text, "\ndue ", InstantText(summary.due_at()),
                  summary.due_provisional() ? " (provisional)" : "", ", first sent ",
                  InstantText(summary.first_submitted_at()), summary.late() ? " (late)" : "");
  if (summary.has_locks_at()) absl::StrAppend(&text, ", locked from ", InstantText(summary.locks_at()));
  if (summary.has_return_due_at())
    absl::StrAppend(&text, "\nto be sent again by ", InstantText(summary.return_due_at()));
  if (!summary.waiver_reason().empty()) absl::StrAppend(&text, "\nwaived: ", summary.waiver_reason());
  if (!summary.correction_reason().empty())
    absl::StrAppend(&text, "\ncorrected: ", summary.correction_reason());
  return text + "\n";
}

std::string CellsText(const MonthlySummary& summary, const SummaryForm& form, bool chinese) {
  Table cells({{"indicator"},
               {"value", Align::kRight},
               {"status"},
               {"derivation"},
               {"counted", Align::kRight},
               {"note"}});
  for (const SummaryCell& cell : summary.cells()) {
    const int decimals = DecimalsOf(form, cell.indicator_id());
    cells.AddRow({IndicatorText(form, cell.indicator_id(), chinese),
                  HasNumber(cell) ? CellValueText(cell.value(), decimals) : "", EnumText(cell.status()),
                  EnumText(cell.derivation()),
                  cell.has_counted_value() ? CellValueText(cell.counted_value(), decimals) : "",
                  cell.note()});
  }
  return cells.rows() > 0 ? cells.ToString() : "";
}

std::string HistoryText(const MonthlySummary& summary) {
  std::string text;
  for (const auto& decision : summary.decisions()) {
    absl::StrAppend(&text, EnumText(decision.kind()), " ", InstantText(decision.decided_at()), " by ",
                    decision.approver());
    if (decision.has_extended_until())
      absl::StrAppend(&text, " until ", InstantText(decision.extended_until()));
    absl::StrAppend(&text, ": ", decision.reason(), "\n");
  }
  for (const auto& reminder : summary.reminders()) {
    absl::StrAppend(&text, "reminded ", InstantText(reminder.reminded_at()), ": ", EnumText(reminder.kind()),
                    ", due ", InstantText(reminder.act_by()), "\n");
  }
  for (const auto& review : summary.reviews()) {
    absl::StrAppend(&text, "review of revision ", review.revision(), ": ", EnumText(review.decision()), " ",
                    InstantText(review.reviewed_at()), " by ", review.reviewer());
    if (review.voided()) absl::StrAppend(&text, " (voided by ", review.voided_by(), ")");
    absl::StrAppend(&text, " ", review.comment(), "\n");
    for (const auto& remark : review.remarks()) {
      absl::StrAppend(&text, "  ", remark.indicator_id(), ": ", remark.reason(), " ", remark.comment(), "\n");
    }
  }
  return text;
}

// A comment of a file, each of its lines behind `prefix`.
std::string Comment(absl::string_view prefix, absl::string_view text) {
  return absl::StrCat(prefix, "# ",
                      absl::StrJoin(absl::StrSplit(text, '\n'), absl::StrCat("\n", prefix, "# ")), "\n");
}

std::string SourceText(const intake::v1::CellSources& sources, int decimals) {
  std::vector<std::string> parts;
  if (sources.has_own_records()) {
    parts.push_back(absl::StrCat("own records ", CellValueText(sources.own_records(), decimals)));
  }
  if (sources.has_lower_level()) {
    parts.push_back(absl::StrCat("level below ", CellValueText(sources.lower_level(), decimals), " from ",
                                 sources.lower_units(), " units"));
  }
  return parts.empty() ? "to be filled in" : absl::StrJoin(parts, ", ");
}

std::string IndicatorComment(const SummaryIndicator& indicator, const intake::v1::CellSources& sources) {
  std::string text = indicator.name();
  if (!indicator.unit().empty()) absl::StrAppend(&text, " (", indicator.unit(), ")");
  absl::StrAppend(&text, ": ", SourceText(sources, indicator.decimals()));
  if (indicator.required()) absl::StrAppend(&text, "; required");
  if (indicator.decimals() > 0) {
    absl::StrAppend(&text, "; ", indicator.decimals(), " digits after the point: 1234 is ",
                    CellValueText(1234, indicator.decimals()));
  }
  return text;
}

// The fields of `message` with two blanks before each.
std::string Fields(const google::protobuf::Message& message) {
  google::protobuf::TextFormat::Printer printer;
  printer.SetInitialIndentLevel(1);
  printer.SetUseUtf8StringEscaping(true);
  std::string text;
  printer.PrintToString(message, &text);
  return text;
}

constexpr char kHowTo[] = R"(Change what is to be changed, then:
  zhuqictl summary check FILE
  zhuqictl summary submit FILE
A number that was counted and is changed by hand: derivation: CELL_DERIVATION_ADJUSTED, and a note that says why.
status: CELL_STATUS_REPORTED; NIL (零报告: nothing happened); MISSING (缺报: not known); NOT_APPLICABLE (不适用);
PROVISIONAL (暂报); ESTIMATED (估计, with a note). Nil, missing and not applicable are three things, and have no value.)";

}  // namespace

std::string CellValueText(int64_t value, int decimals) {
  if (decimals == 0) return absl::StrCat(value);
  int64_t one = 1;
  for (int i = 0; i < decimals; ++i) one *= 10;
  return absl::StrFormat("%s%d.%0*d", value < 0 ? "-" : "", std::abs(value) / one, decimals,
                         std::abs(value) % one);
}

std::string SummaryText(const MonthlySummary& summary, const SummaryForm& form, bool chinese) {
  std::string text = absl::StrCat(HeadText(summary), CellsText(summary, form, chinese));
  for (const auto& section : summary.sections()) {
    absl::StrAppend(&text, section.section_id(), ": ", section.text(), "\n");
  }
  if (!summary.narrative().empty()) absl::StrAppend(&text, summary.narrative(), "\n");
  for (const auto& basis : summary.basis()) {
    absl::StrAppend(&text, "made from ", basis.org_unit_id(), " revision ", basis.revision(),
                    basis.superseded() ? " (superseded)" : "", "\n");
  }
  return absl::StrCat(text, FindingsText(summary.findings(), chinese), HistoryText(summary), "digest ",
                      summary.digest(), "\netag ", summary.etag(), "\n");
}

std::string FindingsText(const google::protobuf::RepeatedPtrField<SummaryFinding>& findings, bool chinese) {
  Table table({{""}, {"rule"}, {"indicator"}, {"figures"}, {"what"}});
  for (const bool errors : {true, false}) {
    for (const SummaryFinding& finding : findings) {
      if (finding.error() != errors) continue;
      table.AddRow({finding.error()         ? "ERROR"
                    : finding.not_checked() ? "not checked"
                                            : "warning",
                    finding.rule_id(), finding.indicator_id(), finding.figures(),
                    chinese && !finding.message_zh().empty() ? finding.message_zh() : finding.message()});
    }
  }
  return table.rows() > 0 ? table.ToString() : "";
}

bool HasErrors(const google::protobuf::RepeatedPtrField<SummaryFinding>& findings) {
  for (const SummaryFinding& finding : findings) {
    if (finding.error()) return true;
  }
  return false;
}

std::string ComparisonText(const intake::v1::CompareRevisionsResponse& comparison, const SummaryForm& form,
                           bool chinese) {
  const auto head = [](const intake::v1::RevisionHead& revision) {
    return absl::StrCat("revision ", revision.revision(), ", ", InstantText(revision.submitted_at()), " by ",
                        revision.submitted_by(),
                        revision.vintage() > 0 ? absl::StrCat(", vintage ", revision.vintage()) : "");
  };
  std::string text = absl::StrCat(head(comparison.left()), "\n", head(comparison.right()), "\n");
  Table table({{"indicator"},
               {absl::StrCat("revision ", comparison.left().revision()), Align::kRight},
               {absl::StrCat("revision ", comparison.right().revision()), Align::kRight},
               {"change", Align::kRight},
               {"note"}});
  for (const auto& cell : comparison.cells()) {
    const int decimals = DecimalsOf(form, cell.indicator_id());
    table.AddRow({IndicatorText(form, cell.indicator_id(), chinese),
                  cell.has_left() ? CellText(cell.left(), decimals) : "",
                  cell.has_right() ? CellText(cell.right(), decimals) : "",
                  cell.has_change()
                      ? absl::StrCat(cell.change() > 0 ? "+" : "", CellValueText(cell.change(), decimals))
                      : "",
                  cell.right().note()});
  }
  absl::StrAppend(&text, table.rows() > 0 ? table.ToString() : "no number differs\n");
  for (const auto& section : comparison.sections()) {
    absl::StrAppend(&text, section.section_id(), "\n- ", section.left(), "\n+ ", section.right(), "\n");
  }
  return text;
}

std::string DraftFile(const intake::v1::DraftSummaryResponse& draft, const MonthlySummary& summary,
                      const SummaryForm& form, absl::string_view unit_name) {
  std::string text =
      "# proto-file: zhuqi/intake/v1/summary_service.proto\n# proto-message: "
      "zhuqi.intake.v1.SubmitSummaryRequest\n";
  absl::StrAppend(&text, "# ", unit_name, " ", MonthText(summary.month()), " ", form.name(), ", due ",
                  InstantText(summary.due_at()), "\n", Comment("", kHowTo));
  for (const std::string& unit : draft.missing_units()) {
    absl::StrAppend(&text, "# Owed and not accepted below: ", unit, "\n");
  }
  intake::v1::SubmitSummaryRequest head;
  head.set_org_unit_id(summary.org_unit_id());
  *head.mutable_month() = summary.month();
  head.set_form_id(summary.form_id());
  head.set_etag(draft.etag());
  std::string fields;
  google::protobuf::TextFormat::PrintToString(head, &fields);
  absl::StrAppend(&text, "\n", fields);
  for (int i = 0; i < draft.cells_size(); ++i) {
    absl::StrAppend(&text, "\ncells {\n",
                    Comment("  ", IndicatorComment(form.indicators(i), draft.sources(i))),
                    Fields(draft.cells(i)), "}\n");
  }
  for (const auto& section : form.sections()) {
    absl::StrAppend(&text, "\nsections {\n",
                    Comment("  ", absl::StrCat(section.name(), section.required() ? ": required," : ":",
                                               " at most ", section.max_characters(), " characters")),
                    "  section_id: \"", section.section_id(), "\"\n  text: \"\"\n}\n");
  }
  absl::StrAppend(&text, "\nnarrative: \"\"\n");
  if (draft.basis_size() > 0) absl::StrAppend(&text, "\n# What it was made from. Leave it as it is.\n");
  for (const auto& basis : draft.basis()) absl::StrAppend(&text, "basis {\n", Fields(basis), "}\n");
  return text;
}

}  // namespace zhuqi::ctl
