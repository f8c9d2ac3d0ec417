#include "services/intake/summaries/compare_rules.h"

#include <map>
#include <string>
#include <utility>

#include "services/intake/summaries/month_evidence.h"

namespace zhuqi::intake {
namespace {

constexpr char kNarrative[] = "narrative";

v1::RevisionHead HeadOf(const v1::MonthlySummary& summary) {
  v1::RevisionHead head;
  head.set_revision(summary.revision());
  head.set_digest(summary.digest());
  *head.mutable_submitted_at() = summary.submitted_at();
  head.set_submitted_by(summary.submitted_by());
  head.set_vintage(summary.vintage());
  return head;
}

bool IsNumber(const v1::SummaryCell& cell) {
  return cell.status() == v1::CELL_STATUS_NIL || HasValue(cell.status());
}

bool Same(const v1::SummaryCell& left, const v1::SummaryCell& right) {
  return left.SerializeAsString() == right.SerializeAsString();
}

void CompareCells(const v1::MonthlySummary& left, const v1::MonthlySummary& right,
                  v1::CompareRevisionsResponse& response) {
  // The obligation's form version is frozen, so both have a cell for each of its indicators.
  for (const v1::SummaryCell& cell : right.cells()) {
    const v1::SummaryCell* before = FindCell(left, cell.indicator_id());
    if (before != nullptr && Same(*before, cell)) continue;
    v1::CellDifference& difference = *response.add_cells();
    difference.set_indicator_id(cell.indicator_id());
    *difference.mutable_right() = cell;
    if (before == nullptr) continue;
    *difference.mutable_left() = *before;
    if (IsNumber(*before) && IsNumber(cell)) difference.set_change(cell.value() - before->value());
  }
}

void CompareWords(const v1::MonthlySummary& left, const v1::MonthlySummary& right,
                  v1::CompareRevisionsResponse& response) {
  std::map<std::string, std::pair<std::string, std::string>> sections;
  for (const v1::SectionText& section : left.sections())
    sections[section.section_id()].first = section.text();
  for (const v1::SectionText& section : right.sections())
    sections[section.section_id()].second = section.text();
  if (left.narrative() != right.narrative()) sections[kNarrative] = {left.narrative(), right.narrative()};
  for (const auto& [id, words] : sections) {
    if (words.first == words.second) continue;
    v1::SectionDifference& difference = *response.add_sections();
    difference.set_section_id(id);
    difference.set_left(words.first);
    difference.set_right(words.second);
  }
}

}  // namespace

v1::CompareRevisionsResponse Compare(const v1::MonthlySummary& left, const v1::MonthlySummary& right) {
  v1::CompareRevisionsResponse response;
  *response.mutable_left() = HeadOf(left);
  *response.mutable_right() = HeadOf(right);
  CompareCells(left, right, response);
  CompareWords(left, right, response);
  return response;
}

}  // namespace zhuqi::intake
