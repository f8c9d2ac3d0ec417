// What is wrong with a request about a summary, whatever stands already.
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/base/civil_time.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "services/intake/directory/field_check.h"
#include "services/intake/summaries/summary_rules.h"

namespace zhuqi::intake {
namespace {

constexpr int kMaxCells = 200;
constexpr int64_t kMaxValue = 1'000'000'000;
// Clocks of two machines may differ by this.
constexpr absl::Duration kClockTolerance = absl::Minutes(1);

std::optional<absl::CivilMonth> CheckMonth(const common::v1::YearMonth& message,
                                           rpc::Violations& violations) {
  const std::optional<absl::CivilMonth> month = CivilMonthFrom(message);
  if (!month.has_value()) {
    violations.Add("month", "MONTH_INVALID", "must be a month, 2000 to 2100", "须为 2000 至 2100 年间的月份");
  }
  return month;
}

// The time that a request names for itself, if it names one.
std::optional<absl::Time> CheckOccurredAt(const google::protobuf::Timestamp& occurred_at, absl::Time now,
                                          rpc::Violations& violations) {
  if (!IsPlausibleTime(occurred_at)) {
    violations.Add("occurred_at", "TIME_INVALID", "must be a time from 2000 to 2100",
                   "须为 2000 至 2100 年间的时间");
    return std::nullopt;
  }
  const absl::Time time = TimeFrom(occurred_at);
  if (time > now + kClockTolerance) {
    violations.Add("occurred_at", "OCCURRED_IN_FUTURE", "must not be in the future", "不能晚于当前时间");
  }
  return time;
}

void CheckValue(const v1::SummaryCell& cell, const std::string& path, rpc::Violations& violations) {
  if (cell.status() == v1::CELL_STATUS_UNSPECIFIED || !v1::CellStatus_IsValid(cell.status())) {
    violations.Add(path + ".status", "REQUIRED",
                   "say whether the value stands, is nil, missing or not applicable",
                   "须填写：有值、零报告、缺报或不适用");
  } else if (cell.status() == v1::CELL_STATUS_REPORTED) {
    if (cell.value() < 0 || cell.value() > kMaxValue) {
      violations.Add(path + ".value", "OUT_OF_RANGE", "0 to 1,000,000,000", "须为 0 至 1000000000");
    }
  } else if (cell.value() != 0) {
    // A number beside "missing" or "nil" says two things at once; which was meant can not be told.
    violations.Add(path + ".value", "VALUE_WITHOUT_REPORTED", "only a REPORTED cell has a value",
                   "只有“有值”的单元格可以填写数值");
  }
}

void CheckCells(v1::SubmitSummaryRequest& request, rpc::Violations& violations) {
  if (request.cells_size() > kMaxCells) {
    violations.Add("cells", "OUT_OF_RANGE", absl::StrCat("at most ", kMaxCells, " cells"),
                   absl::StrCat("最多 ", kMaxCells, " 项"));
    return;
  }
  absl::flat_hash_set<std::string> seen;
  for (int i = 0; i < request.cells_size(); ++i) {
    v1::SummaryCell& cell = *request.mutable_cells(i);
    const std::string path = absl::StrCat("cells[", i, "]");
    if (!seen.insert(cell.indicator_id()).second) {
      violations.Add(path + ".indicator_id", "DUPLICATE", "the indicator is given twice", "指标重复填写");
    }
    CheckValue(cell, path, violations);
    if (cell.derivation() == v1::CELL_DERIVATION_UNSPECIFIED) cell.set_derivation(v1::CELL_DERIVATION_MANUAL);
    if (!v1::CellDerivation_IsValid(cell.derivation())) {
      violations.Add(path + ".derivation", "DERIVATION_UNKNOWN", "no such derivation", "没有该种数据来源");
    }
    CheckText(*cell.mutable_note(), path + ".note", 500, false, violations);
    if (cell.derivation() == v1::CELL_DERIVATION_ADJUSTED && cell.note().empty()) {
      violations.Add(path + ".note", "NOTE_REQUIRED", "say why the counted value was changed",
                     "须说明调整数值的原因");
    }
  }
}

void CheckRequestedUnit(const std::string& org_unit_id, rpc::Violations& violations) {
  if (org_unit_id.empty()) {
    violations.Add("org_unit_id", "REQUIRED", "say whose summary", "须填写机构");
  }
}

}  // namespace

absl::StatusOr<v1::SubmitSummaryRequest> CheckSubmission(const v1::SubmitSummaryRequest& request,
                                                         absl::Time now) {
  rpc::Violations violations;
  v1::SubmitSummaryRequest checked = request;
  CheckRequestedUnit(request.org_unit_id(), violations);
  const std::optional<absl::CivilMonth> month = CheckMonth(request.month(), violations);
  if (month.has_value() && *month > absl::CivilMonth(CityDay(now))) {
    violations.Add("month", "MONTH_NOT_BEGUN", "the month has not begun", "该月尚未开始");
  }
  if (request.has_occurred_at()) {
    const std::optional<absl::Time> occurred = CheckOccurredAt(request.occurred_at(), now, violations);
    if (month.has_value() && occurred.has_value() && *occurred < StartOfCityDay(absl::CivilDay(*month))) {
      violations.Add("occurred_at", "OCCURRED_BEFORE_MONTH", "must not be before the month began",
                     "不能早于该月第一天");
    }
  }
  CheckCells(checked, violations);
  CheckText(*checked.mutable_narrative(), "narrative", 8000, false, violations);
  ZHUQI_RETURN_IF_ERROR(violations.ToStatus());
  return checked;
}

absl::StatusOr<v1::ReviewSummaryRequest> CheckReview(const v1::ReviewSummaryRequest& request,
                                                     absl::Time now) {
  rpc::Violations violations;
  v1::ReviewSummaryRequest checked = request;
  CheckRequestedUnit(request.org_unit_id(), violations);
  CheckMonth(request.month(), violations);
  if (request.has_occurred_at()) CheckOccurredAt(request.occurred_at(), now, violations);
  if (request.revision() < 1) {
    violations.Add("revision", "OUT_OF_RANGE", "name the revision that was read, from 1",
                   "须填写所审阅的修订号，从 1 开始");
  }
  if (request.decision() != v1::REVIEW_DECISION_ACCEPT && request.decision() != v1::REVIEW_DECISION_RETURN) {
    violations.Add("decision", "REQUIRED", "must be ACCEPT or RETURN", "须为通过或退回");
  }
  CheckText(*checked.mutable_comment(), "comment", 2000, false, violations);
  if (request.decision() == v1::REVIEW_DECISION_RETURN && checked.comment().empty()) {
    violations.Add("comment", "COMMENT_REQUIRED", "say why it is returned", "退回须说明原因");
  }
  ZHUQI_RETURN_IF_ERROR(violations.ToStatus());
  return checked;
}

}  // namespace zhuqi::intake
