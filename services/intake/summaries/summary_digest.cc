#include "services/intake/summaries/summary_digest.h"

#include <cstdint>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/base/sha256.h"

namespace zhuqi::intake {
namespace {

// Fields behind their lengths, so that no two contents give the same bytes.
class Canonical {
 public:
  Canonical& Add(absl::string_view text) {
    absl::StrAppend(&bytes_, text.size(), ":", text);
    return *this;
  }
  Canonical& Add(int64_t number) { return Add(absl::string_view(absl::StrCat(number))); }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

void AddCell(const v1::SummaryCell& cell, Canonical& content) {
  content.Add(cell.indicator_id()).Add(cell.value()).Add(static_cast<int64_t>(cell.status()));
  content.Add(static_cast<int64_t>(cell.derivation())).Add(cell.note());
  // "Not known" is not zero.
  content.Add(cell.has_counted_value() ? absl::StrCat(cell.counted_value()) : "");
}

}  // namespace

std::string SummaryDigest(const v1::MonthlySummary& summary) {
  Canonical content;
  content.Add("zhuqi-summary-2").Add(summary.org_unit_id());
  content.Add(summary.month().year()).Add(summary.month().month());
  content.Add(summary.form_id()).Add(summary.form_version()).Add(summary.narrative());
  content.Add(summary.cells_size());
  for (const v1::SummaryCell& cell : summary.cells()) AddCell(cell, content);
  content.Add(summary.sections_size());
  for (const v1::SectionText& section : summary.sections()) {
    content.Add(section.section_id()).Add(section.text());
  }
  content.Add(summary.basis_size());
  for (const v1::SummaryBasis& basis : summary.basis()) {
    content.Add(basis.org_unit_id()).Add(basis.form_id()).Add(basis.revision()).Add(basis.digest());
  }
  return absl::BytesToHexString(Sha256(content.bytes()));
}

}  // namespace zhuqi::intake
