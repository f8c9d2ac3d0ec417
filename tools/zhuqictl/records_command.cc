#include <iostream>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "tools/zhuqictl/commands.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/filters.h"
#include "tools/zhuqictl/paging.h"
#include "tools/zhuqictl/text_values.h"
#include "zhuqi/intake/v1/record_service.grpc.pb.h"

namespace zhuqi::ctl {
namespace {

using intake::v1::ListRecordsRequest;
using intake::v1::ListRecordsResponse;
using intake::v1::Record;
using intake::v1::RecordService;

struct ListOptions {
  std::string unit;
  std::string kind;
  std::string issue_kind;
  std::string category;
  std::string enterprise;
  std::string dates;
  PageOptions page;
};

absl::StatusOr<ListRecordsRequest> RequestOf(const Client& client, const ListOptions& options) {
  ListRecordsRequest request;
  request.set_org_unit_id(options.unit);
  request.set_category_id(options.category);
  request.set_enterprise_uscc(options.enterprise);
  request.set_include_total(true);
  ZHUQI_RETURN_IF_ERROR(
      SetEnum<intake::v1::RecordKind>(options.kind, [&](auto kind) { request.set_kind(kind); }));
  ZHUQI_RETURN_IF_ERROR(
      SetEnum<intake::v1::IssueKind>(options.issue_kind, [&](auto kind) { request.set_issue_kind(kind); }));
  if (!options.dates.empty()) ZHUQI_RETURN_IF_ERROR(SetSpan(options.dates, request.mutable_dates()));
  ZHUQI_ASSIGN_OR_RETURN(const std::string token, client.AtLeastToken());
  request.set_at_least_token(token);
  return request;
}

std::vector<std::string> RowOf(const Record& record) {
  const intake::v1::RecordSubmission& sent = record.submission();
  const std::string key = absl::StrCat(sent.key().source_system(), "/", sent.key().external_id());
  switch (sent.record_case()) {
    case intake::v1::RecordSubmission::kVisit:
      return {DateText(sent.visit().visited_on()), "visit", sent.org_unit_id(), key,
              absl::StrCat(sent.visit().enterprises_size(), " × ", sent.visit().place())};
    case intake::v1::RecordSubmission::kIssue:
      return {InstantText(sent.issue().raised_at()).substr(0, 10), EnumText(sent.issue().kind()),
              sent.org_unit_id(), key, sent.issue().title()};
    case intake::v1::RecordSubmission::kPolicyDelivery:
      return {DateText(sent.policy_delivery().delivered_on()), "policy", sent.org_unit_id(), key,
              sent.policy_delivery().policy()};
    default:
      return {"", "", sent.org_unit_id(), key, ""};
  }
}

int List(Client& client, const ListOptions& options) {
  const absl::StatusOr<ListRecordsRequest> request = RequestOf(client, options);
  if (!request.ok()) return client.FailUsage(request.status());
  ListRecordsResponse merged;
  const absl::Status status = ReadPages<RecordService>(
      client, Service::kIntake, &RecordService::Stub::ListRecords, *request, options.page, &merged,
      [](const ListRecordsResponse& page) { return page.records_size(); });
  if (!status.ok()) return client.Fail(status);
  client.Show(merged, [&] {
    Table table({{"date"}, {"kind"}, {"unit"}, {"key"}, {"title", Align::kLeft, 60}});
    for (const Record& record : merged.records()) table.AddRow(RowOf(record));
    return absl::StrCat(table.ToString(), merged.records_size(), " of ", merged.total(), "\n");
  });
  return kExitOk;
}

int ShowRecord(Client& client, const std::string& text) {
  const absl::StatusOr<Target> target = ParseTarget(text);
  if (!target.ok()) return client.FailUsage(target.status());
  const absl::StatusOr<std::string> token = client.AtLeastToken();
  if (!token.ok()) return client.FailUsage(token.status());
  intake::v1::GetRecordRequest request;
  if (target->id.empty()) {
    *request.mutable_key() = target->key;
  } else {
    request.set_record_id(target->id);
  }
  request.set_at_least_token(*token);
  intake::v1::GetRecordResponse response;
  const absl::Status status =
      client.Call<RecordService>(Service::kIntake, &RecordService::Stub::GetRecord, request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] { return response.record().Utf8DebugString(); });
  return kExitOk;
}

}  // namespace

void AddRecordsCommand(CLI::App& app, Client& client) {
  CLI::App* records = app.add_subcommand("records", "Read visits, issues and policy deliveries");
  records->require_subcommand(1);
  const auto options = std::make_shared<ListOptions>();
  CLI::App* list = records->add_subcommand("list", "Records, newest first");
  list->add_option("--unit", options->unit, "only this unit and all below it");
  list->add_option("--kind", options->kind, "visit, issue or policy_delivery");
  list->add_option("--issue-kind", options->issue_kind, "problem, need or suggestion");
  list->add_option("--category", options->category, "this category and below it");
  list->add_option("--enterprise", options->enterprise, "credit code");
  list->add_option("--dates", options->dates, "2024-05, 2024-05-09 or 2024-05-01..2024-06-15");
  AddPageOptions(*list, &options->page);
  list->callback(
      [&client, options] { client.action = [&client, options] { return List(client, *options); }; });

  const auto target = std::make_shared<std::string>();
  CLI::App* show = records->add_subcommand("show", "One record");
  show->add_option("RECORD", *target, "UUID, or SOURCE-SYSTEM/EXTERNAL-ID")->required();
  show->callback(
      [&client, target] { client.action = [&client, target] { return ShowRecord(client, *target); }; });
}

}  // namespace zhuqi::ctl
