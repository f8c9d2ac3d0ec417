#include "services/intake/summaries/form_findings.h"

#include <algorithm>
#include <cstddef>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/rpc/errors.h"
#include "common/vocabulary/text.h"
#include "services/intake/summaries/outlier_rules.h"
#include "services/intake/summaries/rule_findings.h"

namespace zhuqi::intake {
namespace {

using directory::v1::NarrativeSection;
using directory::v1::SummaryForm;
using directory::v1::SummaryIndicator;
using Findings = std::vector<v1::SummaryFinding>;

constexpr int64_t kGreatestUnlessSaid = 1'000'000'000;
constexpr size_t kUnitsNamed = 5;

v1::SummaryFinding& Add(Findings& findings, const char* rule_id, bool error, std::string message,
                        std::string message_zh) {
  v1::SummaryFinding& finding = findings.emplace_back();
  finding.set_rule_id(rule_id);
  finding.set_error(error);
  finding.set_message(std::move(message));
  finding.set_message_zh(std::move(message_zh));
  return finding;
}

std::string Shown(int64_t value, const SummaryIndicator& indicator) {
  return ExactNumber::FromCell(value, indicator.decimals()).ToString();
}

void CheckCell(const v1::SummaryCell& cell, const SummaryIndicator& indicator, Findings& findings) {
  const std::string& name = indicator.name();
  if (cell.status() == v1::CELL_STATUS_MISSING && indicator.required()) {
    Add(findings, kRequired, true, absl::StrCat(indicator.indicator_id(), " is required"),
        absl::StrCat("“", name, "”为必填项"))
        .set_indicator_id(indicator.indicator_id());
  }
  if (!HasValue(cell.status()) && cell.status() != v1::CELL_STATUS_NIL) return;
  const int64_t least = indicator.has_min_value() ? indicator.min_value() : 0;
  const int64_t greatest = indicator.has_max_value() ? indicator.max_value() : kGreatestUnlessSaid;
  if (cell.value() >= least && cell.value() <= greatest) return;
  const std::string value = Shown(cell.value(), indicator);
  const bool low = cell.value() < least;
  const std::string bound = Shown(low ? least : greatest, indicator);
  v1::SummaryFinding& finding = Add(findings, kRange, true,
                                    absl::StrCat(indicator.indicator_id(), " is ", value, ", which is not ",
                                                 Shown(least, indicator), " to ", Shown(greatest, indicator)),
                                    absl::StrCat("“", name, "”为 ", value, "，不在 ", Shown(least, indicator),
                                                 " 至 ", Shown(greatest, indicator), " 之间"));
  finding.set_indicator_id(indicator.indicator_id());
  finding.set_figures(absl::StrCat(value, low ? " < " : " > ", bound));
}

void CheckSection(const v1::MonthlySummary& summary, const NarrativeSection& section, Findings& findings) {
  const auto given =
      std::find_if(summary.sections().begin(), summary.sections().end(),
                   [&](const auto& words) { return words.section_id() == section.section_id(); });
  if (given == summary.sections().end() || given->text().empty()) {
    if (!section.required()) return;
    Add(findings, kSection, true, absl::StrCat("the section ", section.section_id(), " is required"),
        absl::StrCat("“", section.name(), "”须填写"));
    return;
  }
  const auto characters = static_cast<int64_t>(vocabulary::CharacterCount(given->text()));
  if (characters <= section.max_characters()) return;
  Add(findings, kSection, true,
      absl::StrCat("the section ", section.section_id(), " has ", characters, " characters, at most ",
                   section.max_characters(), " are allowed"),
      absl::StrCat("“", section.name(), "”有 ", characters, " 个字符，最多 ", section.max_characters(),
                   " 个"))
      .set_figures(absl::StrCat(characters, " > ", section.max_characters()));
}

std::string SomeOf(const std::vector<std::string>& units) {
  const size_t named = std::min(units.size(), kUnitsNamed);
  const std::vector<std::string> first(units.begin(), units.begin() + static_cast<std::ptrdiff_t>(named));
  return absl::StrCat(absl::StrJoin(first, ", "), units.size() > named ? ", …" : "");
}

void CheckLowerLevel(const v1::MonthlySummary& summary, const MonthEvidence& evidence, Findings& findings) {
  if (!evidence.missing_units.empty()) {
    const std::string units = SomeOf(evidence.missing_units);
    const size_t count = evidence.missing_units.size();
    Add(findings, kLowerLevel, false,
        absl::StrCat(count, " summaries below are owed and not accepted: ", units),
        absl::StrCat("下级有 ", count, " 份月报应报而未通过：", units));
  }
  absl::flat_hash_set<std::string> named;
  for (const v1::SummaryBasis& basis : summary.basis()) named.insert(basis.org_unit_id());
  std::vector<std::string> left_out;
  for (const FormedSummary& lower : evidence.lower) {
    if (!named.contains(lower.summary.org_unit_id())) left_out.push_back(lower.summary.org_unit_id());
  }
  if (left_out.empty()) return;
  Add(findings, kLowerLevel, false,
      absl::StrCat(left_out.size(), " accepted summaries below are not in the basis: ", SomeOf(left_out)),
      absl::StrCat("下级有 ", left_out.size(), " 份已通过的月报未列入依据：", SomeOf(left_out)));
}

void CheckBasis(const std::set<std::string>& superseded, Findings& findings) {
  for (const std::string& unit : superseded) {
    Add(findings, kBasisSuperseded, true,
        absl::StrCat("what it was made from has changed: ", unit,
                     " is not accepted at the revision that is named"),
        absl::StrCat("所依据的月报已变化：", unit, " 的所列修订并非现行通过的修订"));
  }
}

// Where in the request it is, and the reason, of a finding that refuses.
struct Place {
  std::string path;
  const char* reason;
};

Place PlaceOf(const v1::SummaryFinding& finding, const v1::SubmitSummaryRequest& request) {
  if (finding.rule_id() == kSection) return {"sections", "SECTION_NOT_GOOD"};
  if (finding.rule_id() == kBasisSuperseded) return {"basis", "BASIS_SUPERSEDED"};
  const char* reason = finding.rule_id() == kRequired ? "VALUE_REQUIRED"
                       : finding.rule_id() == kRange  ? "OUT_OF_RANGE"
                                                      : "RULE_BROKEN";
  for (int i = 0; i < request.cells_size(); ++i) {
    if (!finding.indicator_id().empty() && request.cells(i).indicator_id() == finding.indicator_id()) {
      return {absl::StrCat("cells[", i, "].value"), reason};
    }
  }
  return {"cells", reason};
}

}  // namespace

Findings FindingsOf(const v1::MonthlySummary& summary, const MonthEvidence& evidence,
                    const std::set<std::string>& superseded) {
  Findings findings;
  const SummaryForm& form = *evidence.form;
  for (int i = 0; i < form.indicators_size(); ++i) CheckCell(summary.cells(i), form.indicators(i), findings);
  for (const NarrativeSection& section : form.sections()) CheckSection(summary, section, findings);
  AddRuleFindings(summary, evidence, findings);
  CheckBasis(superseded, findings);
  CheckLowerLevel(summary, evidence, findings);
  AddOutliers(summary, evidence, findings);
  return findings;
}

absl::Status RefuseErrors(const google::protobuf::RepeatedPtrField<v1::SummaryFinding>& findings,
                          const v1::SubmitSummaryRequest& request) {
  rpc::Violations violations;
  for (const v1::SummaryFinding& finding : findings) {
    if (!finding.error()) continue;
    const Place place = PlaceOf(finding, request);
    const std::string figures = finding.figures().empty() ? "" : absl::StrCat(" (", finding.figures(), ")");
    violations.Add(place.path, place.reason,
                   absl::StrCat(finding.rule_id(), ": ", finding.message(), figures),
                   absl::StrCat(finding.message_zh(), figures));
  }
  return violations.ToStatus();
}

}  // namespace zhuqi::intake
