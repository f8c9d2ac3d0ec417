#include "services/intake/summaries/summary_check.h"

#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "services/intake/directory/field_check.h"
#include "services/intake/summaries/month_evidence.h"

namespace zhuqi::intake {
namespace {

constexpr int kMaxCells = 200;
constexpr int kMaxSections = 20;
constexpr int kMaxRemarks = 200;
constexpr int kMaxSectionCharacters = 8000;
constexpr size_t kMaxReason = 64;
// What an indicator's own range may reach to.
constexpr int64_t kGreatestValue = 1'000'000'000'000;
// Clocks of two machines may differ by this.
constexpr absl::Duration kClockTolerance = absl::Minutes(1);

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
  } else if (HasValue(cell.status())) {
    if (cell.value() < -kGreatestValue || cell.value() > kGreatestValue) {
      violations.Add(path + ".value", "OUT_OF_RANGE", "at most 1,000,000,000,000 to both sides of zero",
                     "绝对值最大为 1000000000000");
    }
  } else if (cell.value() != 0) {
    // A number beside "missing" or "nil" says two things at once; which was meant can not be told.
    violations.Add(path + ".value", "VALUE_WITHOUT_REPORTED",
                   "only a REPORTED, PROVISIONAL or ESTIMATED cell has a value",
                   "只有有值、暂报或估计的单元格可以填写数值");
  }
}

void CheckCount(const v1::SummaryCell& cell, const std::string& path, rpc::Violations& violations) {
  if (!cell.has_counted_value()) return;
  if (cell.derivation() == v1::CELL_DERIVATION_MANUAL) {
    violations.Add(path + ".counted_value", "COUNTED_VALUE_WITHOUT_COUNT",
                   "a value that was entered by hand was not counted", "手工填写的数值没有系统统计数");
  } else if (cell.derivation() == v1::CELL_DERIVATION_AUTOMATIC && cell.counted_value() != cell.value()) {
    violations.Add(path + ".derivation", "NOT_AUTOMATIC", "what differs from what was counted is ADJUSTED",
                   "与系统统计数不同的，须注明为调整");
  }
}

void CheckCell(v1::SummaryCell& cell, const std::string& path, rpc::Violations& violations) {
  CheckValue(cell, path, violations);
  if (cell.derivation() == v1::CELL_DERIVATION_UNSPECIFIED) cell.set_derivation(v1::CELL_DERIVATION_MANUAL);
  if (!v1::CellDerivation_IsValid(cell.derivation())) {
    violations.Add(path + ".derivation", "DERIVATION_UNKNOWN", "no such derivation", "没有该种数据来源");
  }
  CheckText(*cell.mutable_note(), path + ".note", 500, false, violations);
  if (!cell.note().empty()) return;
  if (cell.derivation() == v1::CELL_DERIVATION_ADJUSTED) {
    violations.Add(path + ".note", "NOTE_REQUIRED", "say why the counted value was changed",
                   "须说明调整数值的原因");
  } else if (cell.status() == v1::CELL_STATUS_ESTIMATED) {
    violations.Add(path + ".note", "NOTE_REQUIRED", "say how it was estimated", "须说明估计的方法");
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
    CheckCell(cell, path, violations);
    CheckCount(cell, path, violations);
  }
}

void CheckSections(v1::SubmitSummaryRequest& request, rpc::Violations& violations) {
  if (request.sections_size() > kMaxSections) {
    violations.Add("sections", "OUT_OF_RANGE", absl::StrCat("at most ", kMaxSections, " sections"),
                   absl::StrCat("最多 ", kMaxSections, " 段"));
    return;
  }
  absl::flat_hash_set<std::string> seen;
  for (int i = 0; i < request.sections_size(); ++i) {
    v1::SectionText& section = *request.mutable_sections(i);
    const std::string path = absl::StrCat("sections[", i, "]");
    if (!seen.insert(section.section_id()).second) {
      violations.Add(path + ".section_id", "DUPLICATE", "the section is given twice", "重复填写");
    }
    CheckText(*section.mutable_text(), path + ".text", kMaxSectionCharacters, false, violations);
  }
}

void CheckBasis(v1::SubmitSummaryRequest& request, rpc::Violations& violations) {
  if (request.basis_size() > kMaxLowerUnits) {
    violations.Add("basis", "OUT_OF_RANGE", absl::StrCat("at most ", kMaxLowerUnits, " summaries"),
                   absl::StrCat("最多 ", kMaxLowerUnits, " 份"));
    return;
  }
  absl::flat_hash_set<std::string> seen;
  for (int i = 0; i < request.basis_size(); ++i) {
    v1::SummaryBasis& basis = *request.mutable_basis(i);
    basis.clear_superseded();
    if (seen.insert(basis.org_unit_id()).second) continue;
    violations.Add(absl::StrCat("basis[", i, "].org_unit_id"), "DUPLICATE", "the unit is named twice",
                   "机构重复");
  }
}

void CheckRemarks(v1::ReviewSummaryRequest& request, rpc::Violations& violations) {
  if (request.remarks_size() > kMaxRemarks) {
    violations.Add("remarks", "OUT_OF_RANGE", absl::StrCat("at most ", kMaxRemarks, " remarks"),
                   absl::StrCat("最多 ", kMaxRemarks, " 条"));
    return;
  }
  if (request.decision() != v1::REVIEW_DECISION_RETURN && request.remarks_size() > 0) {
    violations.Add("remarks", "REMARKS_WITHOUT_RETURN", "what is wrong with a cell goes with a return",
                   "只有退回时可以指出单元格的问题");
  }
  for (int i = 0; i < request.remarks_size(); ++i) {
    v1::CellRemark& remark = *request.mutable_remarks(i);
    const std::string path = absl::StrCat("remarks[", i, "]");
    const std::string& reason = remark.reason();
    bool good = !reason.empty() && reason.size() <= kMaxReason &&
                absl::ascii_isupper(static_cast<unsigned char>(reason.front()));
    for (const char character : reason) {
      const auto byte = static_cast<unsigned char>(character);
      good = good && (absl::ascii_isupper(byte) || absl::ascii_isdigit(byte) || character == '_');
    }
    if (!good) {
      violations.Add(path + ".reason", "REASON_INVALID", "1 to 64 of A-Z, 0-9 and '_', a letter first",
                     "须为 1 至 64 个大写字母、数字或下划线，以字母开头");
    }
    CheckText(*remark.mutable_comment(), path + ".comment", 500, false, violations);
  }
}

void CheckRequestedUnit(const std::string& org_unit_id, rpc::Violations& violations) {
  if (org_unit_id.empty()) {
    violations.Add("org_unit_id", "REQUIRED", "say whose summary", "须填写机构");
  }
}

}  // namespace

std::optional<absl::CivilMonth> CheckMonth(const common::v1::YearMonth& message, const std::string& path,
                                           rpc::Violations& violations) {
  const std::optional<absl::CivilMonth> month = CivilMonthFrom(message);
  if (!month.has_value()) {
    violations.Add(path, "MONTH_INVALID", "must be a month, 2000 to 2100", "须为 2000 至 2100 年间的月份");
  }
  return month;
}

absl::StatusOr<v1::SubmitSummaryRequest> CheckSubmission(const v1::SubmitSummaryRequest& request,
                                                         absl::Time now) {
  rpc::Violations violations;
  v1::SubmitSummaryRequest checked = request;
  CheckRequestedUnit(request.org_unit_id(), violations);
  const std::optional<absl::CivilMonth> month = CheckMonth(request.month(), "month", violations);
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
  CheckSections(checked, violations);
  CheckBasis(checked, violations);
  CheckText(*checked.mutable_correction_reason(), "correction_reason", 500, false, violations);
  ZHUQI_RETURN_IF_ERROR(violations.ToStatus());
  return checked;
}

absl::StatusOr<v1::ReviewSummaryRequest> CheckReview(const v1::ReviewSummaryRequest& request,
                                                     absl::Time now) {
  rpc::Violations violations;
  v1::ReviewSummaryRequest checked = request;
  CheckRequestedUnit(request.org_unit_id(), violations);
  CheckMonth(request.month(), "month", violations);
  if (request.has_occurred_at()) CheckOccurredAt(request.occurred_at(), now, violations);
  if (request.revision() < 1) {
    violations.Add("revision", "OUT_OF_RANGE", "name the revision that was read, from 1",
                   "须填写所审阅的修订号，从 1 开始");
  }
  if (request.decision() == v1::REVIEW_DECISION_UNSPECIFIED ||
      !v1::ReviewDecision_IsValid(request.decision())) {
    violations.Add("decision", "REQUIRED", "must be ACCEPT, RETURN or COMMENT", "须为通过、退回或仅提意见");
  }
  CheckText(*checked.mutable_comment(), "comment", 2000, false, violations);
  if (request.decision() == v1::REVIEW_DECISION_RETURN && checked.comment().empty()) {
    violations.Add("comment", "COMMENT_REQUIRED", "say why it is returned", "退回须说明原因");
  } else if (request.decision() == v1::REVIEW_DECISION_COMMENT && checked.comment().empty()) {
    violations.Add("comment", "COMMENT_REQUIRED", "a comment has words", "须填写意见内容");
  }
  CheckRemarks(checked, violations);
  ZHUQI_RETURN_IF_ERROR(violations.ToStatus());
  return checked;
}

absl::StatusOr<v1::DecideObligationRequest> CheckDecision(const v1::DecideObligationRequest& request,
                                                          absl::Time now) {
  rpc::Violations violations;
  v1::DecideObligationRequest checked = request;
  CheckRequestedUnit(request.org_unit_id(), violations);
  CheckMonth(request.month(), "month", violations);
  v1::ObligationDecision& decision = *checked.mutable_decision();
  if (decision.kind() == v1::ObligationDecision::KIND_UNSPECIFIED ||
      !v1::ObligationDecision::Kind_IsValid(decision.kind())) {
    violations.Add("decision.kind", "REQUIRED", "must be WAIVE, UNWAIVE or EXTEND",
                   "须为豁免、取消豁免或宽限");
  }
  CheckText(*decision.mutable_reason(), "decision.reason", 500, true, violations);
  const bool extends = decision.kind() == v1::ObligationDecision::KIND_EXTEND;
  const std::string path = "decision.extended_until";
  if (!extends && decision.has_extended_until()) {
    violations.Add(path, "NOT_AN_EXTENSION", "only an extension has an end", "只有宽限有截止时间");
  } else if (extends && !IsPlausibleTime(decision.extended_until())) {
    violations.Add(path, "TIME_INVALID", "must be a time from 2000 to 2100", "须为 2000 至 2100 年间的时间");
  } else if (extends && TimeFrom(decision.extended_until()) <= now) {
    violations.Add(path, "EXTENSION_HAS_PASSED", "must be in the future", "须晚于当前时间");
  }
  ZHUQI_RETURN_IF_ERROR(violations.ToStatus());
  return checked;
}

absl::StatusOr<v1::LockPeriodRequest> CheckLock(const v1::LockPeriodRequest& request) {
  rpc::Violations violations;
  v1::LockPeriodRequest checked = request;
  if (request.form_id().empty()) violations.Add("form_id", "REQUIRED", "say which form", "须填写报表");
  CheckMonth(request.month(), "month", violations);
  CheckText(*checked.mutable_reason(), "reason", 500, true, violations);
  ZHUQI_RETURN_IF_ERROR(violations.ToStatus());
  return checked;
}

}  // namespace zhuqi::intake
