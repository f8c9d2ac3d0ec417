#include "services/intake/enterprises/request_fields.h"

#include "common/directory/date_message.h"
#include "common/rpc/uuid_field.h"
#include "common/vocabulary/credit_code.h"

namespace zhuqi::intake {

std::optional<Uuid> ReadRequestId(const std::string& text, bool needed, rpc::Violations& violations) {
  if (!needed && text.empty()) return std::nullopt;
  return rpc::ReadUuid(text, "request_id", violations);
}

std::optional<absl::CivilMonth> ReadMonth(const common::v1::YearMonth& month, bool given,
                                          absl::string_view field, rpc::Violations& violations) {
  if (!given) return std::nullopt;
  const std::optional<absl::CivilMonth> read = CivilMonthFrom(month);
  if (!read.has_value()) {
    violations.Add(std::string(field), "MONTH_INVALID", "must be a month, 2000 to 2100",
                   "须为 2000 至 2100 年间的月份");
  }
  return read;
}

std::string ReadCreditCode(const std::string& text, absl::string_view field, rpc::Violations& violations) {
  vocabulary::CreditCodeCheck code = vocabulary::CheckCreditCode(text);
  if (!code.problem.has_value()) return std::move(code.normalized);
  violations.Add(std::string(field), vocabulary::ReasonName(*code.problem),
                 "not a unified social credit code (GB 32100-2015)",
                 "不是有效的统一社会信用代码（GB 32100-2015）");
  return "";
}

std::vector<std::string> ReadUnits(const Directory& directory, const std::string& org_unit_id,
                                   absl::string_view field, rpc::Violations& violations) {
  if (org_unit_id.empty()) return {};
  if (directory.FindUnit(org_unit_id) == nullptr) {
    violations.Add(std::string(field), "ORG_UNIT_UNKNOWN", "the directory has no such unit",
                   "目录中没有该机构");
    return {};
  }
  if (directory.Root() != nullptr && directory.Root()->org_unit_id() == org_unit_id) return {};
  return directory.SelfAndBelow(org_unit_id);
}

}  // namespace zhuqi::intake
