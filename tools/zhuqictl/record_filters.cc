#include "tools/zhuqictl/record_filters.h"

#include "common/base/status_macros.h"
#include "tools/zhuqictl/filters.h"

namespace zhuqi::ctl {

void AddRecordFilters(CLI::App& command, RecordFilters& filters) {
  command.add_option("--unit", filters.unit, "only this unit and all below it");
  command.add_option("--kind", filters.kind, "visit, issue or policy_delivery");
  command.add_option("--issue-kind", filters.issue_kind, "problem, need or suggestion");
  command.add_option("--category", filters.category, "this category and below it");
  command.add_option("--enterprise", filters.enterprise, "credit code");
  command.add_option("--dates", filters.dates, "2024-05, 2024-05-09 or 2024-05-01..2024-06-15");
  command.add_option("--text", filters.text, "only records in whose words this stands");
  command.add_option("--state", filters.state, "active or withdrawn; without it those that count");
  command.add_flag("--with-withdrawn", filters.with_withdrawn, "withdrawn ones too");
  command.add_option("--source-system", filters.source_system, "only records of this sending system");
}

absl::StatusOr<intake::v1::ListRecordsRequest> RequestOf(const RecordFilters& filters) {
  intake::v1::ListRecordsRequest request;
  request.set_org_unit_id(filters.unit);
  request.set_category_id(filters.category);
  request.set_enterprise_uscc(filters.enterprise);
  request.set_text(filters.text);
  request.set_with_withdrawn(filters.with_withdrawn);
  request.set_source_system(filters.source_system);
  ZHUQI_RETURN_IF_ERROR(
      SetEnum<intake::v1::RecordKind>(filters.kind, [&](auto kind) { request.set_kind(kind); }));
  ZHUQI_RETURN_IF_ERROR(
      SetEnum<intake::v1::IssueKind>(filters.issue_kind, [&](auto kind) { request.set_issue_kind(kind); }));
  ZHUQI_RETURN_IF_ERROR(
      SetEnum<intake::v1::RecordState>(filters.state, [&](auto state) { request.set_state(state); }));
  if (!filters.dates.empty()) ZHUQI_RETURN_IF_ERROR(SetSpan(filters.dates, request.mutable_dates()));
  return request;
}

bool IsCountedByLooking(const intake::v1::ListRecordsRequest& request) {
  const bool withdrawn = request.with_withdrawn() || request.state() == intake::v1::RECORD_STATE_WITHDRAWN;
  return !request.text().empty() || (withdrawn && !request.enterprise_uscc().empty());
}

}  // namespace zhuqi::ctl
