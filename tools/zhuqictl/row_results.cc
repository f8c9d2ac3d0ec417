#include "tools/zhuqictl/row_results.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tools/zhuqictl/progress.h"

namespace zhuqi::ctl {

std::string DescribeCounts(const RowCounts& counts) {
  return absl::StrCat("created ", WithSeparators(counts.created), ", updated ",
                      WithSeparators(counts.updated), ", unchanged ", WithSeparators(counts.unchanged),
                      ", rejected ", WithSeparators(counts.rejected), "\n");
}

std::string CountsJson(const RowCounts& counts) {
  return absl::StrCat("\"created\":", counts.created, ",\"updated\":", counts.updated,
                      ",\"unchanged\":", counts.unchanged, ",\"rejected\":", counts.rejected);
}

common::v1::FieldViolation OfRow(common::v1::FieldViolation violation) {
  const std::string& field = violation.field();
  const std::size_t dot = field.find("].");
  if (dot != std::string::npos &&
      (absl::StartsWith(field, "records[") || absl::StartsWith(field, "chunk.records["))) {
    violation.set_field(field.substr(dot + 2));
  }
  return violation;
}

std::vector<RejectedRow> RejectedOf(const Chunk& chunk,
                                    const intake::v1::ImportAcknowledgement* acknowledgement) {
  std::vector<RejectedRow> rows;
  for (const SourceRow& row : chunk.unreadable) rows.push_back({row.original, row.violations});
  if (acknowledgement != nullptr) {
    for (const intake::v1::RecordResult& result : acknowledgement->notable_results()) {
      const auto index = static_cast<std::size_t>(result.index());
      if (result.disposition() != intake::v1::RecordResult::DISPOSITION_REJECTED ||
          index >= chunk.originals.size())
        continue;
      RejectedRow row{chunk.originals[index], {}};
      for (const auto& violation : result.violations()) row.violations.push_back(OfRow(violation));
      rows.push_back(std::move(row));
    }
  }
  std::sort(rows.begin(), rows.end(),
            [](const RejectedRow& a, const RejectedRow& b) { return a.original.number < b.original.number; });
  return rows;
}

void CountChunk(const Chunk& chunk, const intake::v1::ImportAcknowledgement* acknowledgement,
                RowCounts* counts) {
  counts->rejected += static_cast<int64_t>(chunk.unreadable.size());
  if (acknowledgement == nullptr) return;
  counts->created += acknowledgement->created();
  counts->updated += acknowledgement->updated();
  counts->unchanged += acknowledgement->unchanged();
  counts->rejected += acknowledgement->rejected();
}

}  // namespace zhuqi::ctl
