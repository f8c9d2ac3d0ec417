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

namespace {

// The row that a result is of: the one at its place, and where the service says another name, the one that
// has it.
OriginalRow RowOf(const Chunk& chunk, const intake::v1::RecordResult& result) {
  const auto& records = chunk.message.records();
  const auto has_name = [&](int i) { return records[i].row_key() == result.row_key(); };
  int at = result.index();
  if (at < 0 || at >= records.size() || !has_name(at)) {
    at = 0;
    while (at < records.size() && !has_name(at)) ++at;
  }
  if (static_cast<std::size_t>(at) < chunk.originals.size())
    return chunk.originals[static_cast<std::size_t>(at)];
  // Never lost, though the service named no row of this chunk.
  OriginalRow unknown;
  unknown.line = result.row_key();
  return unknown;
}

}  // namespace

std::vector<RejectedRow> RejectedOf(const Chunk& chunk,
                                    const intake::v1::ImportAcknowledgement* acknowledgement) {
  std::vector<RejectedRow> rows;
  for (const SourceRow& row : chunk.unreadable) rows.push_back({row.original, row.violations});
  if (acknowledgement != nullptr) {
    for (const intake::v1::RecordResult& result : acknowledgement->notable_results()) {
      if (result.disposition() != intake::v1::RecordResult::DISPOSITION_REJECTED) continue;
      RejectedRow row{RowOf(chunk, result), {}};
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
