#include "tools/zhuqictl/enterprise_import.h"

#include <set>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/feed/token.h"
#include "tools/zhuqictl/request_ids.h"

namespace zhuqi::ctl {
namespace {

using intake::v1::ApplyEnterprisesRequest;
using intake::v1::ApplyEnterprisesResponse;
using intake::v1::EnterpriseResult;

// A message may have 4 MiB; rows as long as the contract allows are 3 kB, and rows that it refuses may be
// longer.
constexpr std::size_t kBatchBytes = 2 << 20;

// "enterprises[3].uscc" as "uscc".
common::v1::FieldViolation OfRow(common::v1::FieldViolation violation) {
  const std::size_t dot = violation.field().find("].");
  if (dot != std::string::npos && absl::StartsWith(violation.field(), "enterprises["))
    violation.set_field(violation.field().substr(dot + 2));
  return violation;
}

class Importer {
 public:
  Importer(const EnterpriseColumns& columns, const EnterpriseImportOptions& options, RejectedRows& rejected,
           Progress& progress, EnterpriseTotals& totals)
      : columns_(columns), options_(options), rejected_(rejected), progress_(progress), totals_(totals) {}

  absl::Status Run(CsvReader& reader) {
    std::vector<std::string> fields;
    while (true) {
      ZHUQI_ASSIGN_OR_RETURN(const bool found, reader.Next(&fields));
      if (!found) return SendBatch(reader.bytes());
      if (columns_.guarded()) fields = Unguarded(std::move(fields));
      Take(fields);
      const bool full = rows_in_batch_ >= options_.batch_rows || bytes_in_batch_ >= kBatchBytes;
      if (full) ZHUQI_RETURN_IF_ERROR(SendBatch(reader.bytes()));
    }
  }

 private:
  void Take(const std::vector<std::string>& fields) {
    OriginalRow original{++number_, "", columns_.OwnFields(fields)};
    intake::v1::Enterprise enterprise;
    RowViolations violations = columns_.ToEnterprise(fields, &enterprise);
    ++rows_in_batch_;
    for (const std::string& field : fields) bytes_in_batch_ += field.size();
    if (!violations.empty()) {
      refused_[number_] = {std::move(original), std::move(violations)};
      return;
    }
    *batch_.add_enterprises() = std::move(enterprise);
    batch_.add_row_keys(absl::StrCat(number_));
    originals_.push_back(std::move(original));
  }

  absl::Status SendBatch(int64_t end_offset) {
    if (!batch_.enterprises().empty()) {
      batch_.set_validate_only(options_.validate_only);
      if (!options_.validate_only) batch_.set_request_id(NewRequestId());
      ZHUQI_ASSIGN_OR_RETURN(const ApplyEnterprisesResponse response, options_.send(batch_));
      ZHUQI_RETURN_IF_ERROR(TakeResults(response));
    }
    // In the order of the file: those that were not understood, and those that the service refused.
    totals_.rejected += static_cast<int64_t>(refused_.size());
    for (const auto& [number, row] : refused_) ZHUQI_RETURN_IF_ERROR(rejected_.Add(row.first, row.second));
    progress_.Update(end_offset, totals_.rows());
    batch_.Clear();
    originals_.clear();
    refused_.clear();
    rows_in_batch_ = 0;
    bytes_in_batch_ = 0;
    return absl::OkStatus();
  }

  absl::Status TakeResults(const ApplyEnterprisesResponse& response) {
    ZHUQI_ASSIGN_OR_RETURN(totals_.token, feed::MergeTokens(totals_.token, response.consistency_token()));
    for (const EnterpriseResult& result : response.results()) {
      std::set<std::string> reasons;
      for (const auto& warning : result.warnings()) reasons.insert(warning.reason());
      for (const std::string& reason : reasons) ++totals_.warnings[reason];
      switch (result.disposition()) {
        case EnterpriseResult::DISPOSITION_CREATED:
          ++totals_.created;
          break;
        case EnterpriseResult::DISPOSITION_UPDATED:
          ++totals_.updated;
          break;
        case EnterpriseResult::DISPOSITION_UNCHANGED:
          ++totals_.unchanged;
          break;
        default:
          Refuse(result);
      }
    }
    return absl::OkStatus();
  }

  void Refuse(const EnterpriseResult& result) {
    const auto index = static_cast<std::size_t>(result.index());
    if (index >= originals_.size()) return;
    RowViolations violations;
    for (const auto& violation : result.violations()) violations.push_back(OfRow(violation));
    OriginalRow& original = originals_[index];
    const int64_t number = original.number;
    refused_[number] = {std::move(original), std::move(violations)};
  }

  const EnterpriseColumns& columns_;
  const EnterpriseImportOptions& options_;
  RejectedRows& rejected_;
  Progress& progress_;
  EnterpriseTotals& totals_;
  int64_t number_ = 0;  // of the row read last
  int rows_in_batch_ = 0;
  std::size_t bytes_in_batch_ = 0;
  ApplyEnterprisesRequest batch_;
  std::vector<OriginalRow> originals_;  // of the rows in batch_
  std::map<int64_t, std::pair<OriginalRow, RowViolations>> refused_;
};

}  // namespace

absl::Status ImportEnterprises(CsvReader& reader, const EnterpriseColumns& columns,
                               const EnterpriseImportOptions& options, RejectedRows& rejected,
                               Progress& progress, EnterpriseTotals* totals) {
  return Importer(columns, options, rejected, progress, *totals).Run(reader);
}

}  // namespace zhuqi::ctl
