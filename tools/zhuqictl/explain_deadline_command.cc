#include "absl/strings/str_cat.h"
#include "tools/zhuqictl/commands.h"
#include "tools/zhuqictl/deadline_text.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/filters.h"
#include "tools/zhuqictl/paging.h"
#include "zhuqi/routing/v1/deadline_service.grpc.pb.h"

namespace zhuqi::ctl {
namespace {

using routing::v1::DeadlineService;
using routing::v1::ExplainDeadlineRequest;
using routing::v1::ExplainDeadlineResponse;

struct DeadlineOptions {
  std::string target;
  std::string clock = "handling";
  std::string department;
  PageOptions page;
};

absl::StatusOr<ExplainDeadlineRequest> RequestOf(const Client& client, const DeadlineOptions& options) {
  ExplainDeadlineRequest request;
  const absl::StatusOr<Target> target = ParseTarget(options.target);
  if (!target.ok()) return target.status();
  if (target->id.empty()) {
    *request.mutable_issue_key() = target->key;
  } else {
    request.set_case_id(target->id);
  }
  const absl::Status clock =
      SetEnum<routing::v1::ClockKind>(options.clock, [&](auto kind) { request.set_clock(kind); });
  if (!clock.ok()) return clock;
  request.set_department_id(options.department);
  const absl::StatusOr<std::string> token = client.AtLeastToken();
  if (!token.ok()) return token.status();
  request.set_at_least_token(*token);
  return request;
}

// All pages as one answer: what an answer says of the clock is the same on each, so the first page's stands.
absl::StatusOr<ExplainDeadlineResponse> ReadDays(Client& client, ExplainDeadlineRequest request,
                                                 const PageOptions& options) {
  constexpr int kLargestPage = 500;
  ExplainDeadlineResponse whole;
  int left = options.all ? kLargestPage : options.limit;
  while (true) {
    request.set_page_size(std::min(left, kLargestPage));
    ExplainDeadlineResponse page;
    const absl::Status status = client.Call<DeadlineService>(
        Service::kRouting, &DeadlineService::Stub::ExplainDeadline, request, &page);
    if (!status.ok()) return status;
    if (!options.all) left -= request.page_size();
    request.set_page_token(page.next_page_token());
    if (whole.case_id().empty()) {
      whole = std::move(page);
    } else {
      whole.mutable_days()->MergeFrom(page.days());
    }
    whole.set_next_page_token(request.page_token());
    if (request.page_token().empty() || left <= 0) return whole;
  }
}

int ExplainOne(Client& client, const DeadlineOptions& options) {
  const absl::StatusOr<ExplainDeadlineRequest> request = RequestOf(client, options);
  if (!request.ok()) return client.FailUsage(request.status());
  const absl::StatusOr<ExplainDeadlineResponse> response = ReadDays(client, *request, options.page);
  if (!response.ok()) return client.Fail(response.status());
  client.Show(*response, [&] { return DescribeDeadline(*response); });
  return kExitOk;
}

}  // namespace

void AddExplainDeadline(CLI::App& explain, Client& client) {
  const auto options = std::make_shared<DeadlineOptions>();
  options->page.limit = 100;
  CLI::App* command = explain.add_subcommand(
      "deadline", "Why a case is due when it is due, day by day: what counts, and why");
  command->add_option("CASE", options->target, "UUID, or the issue's SOURCE-SYSTEM/EXTERNAL-ID")->required();
  command->add_option("--clock", options->clock, "handling, response, plan, reply, objection or ruling")
      ->capture_default_str();
  command->add_option("--department", options->department,
                      "whose reply or objection; an objection's is the lead's without it");
  AddPageOptions(*command, &options->page);
  command->footer(
      "  zhuqictl explain deadline jinshui-oa/I-17\n  zhuqictl explain deadline jinshui-oa/I-17 "
      "--clock response\n  zhuqictl explain deadline jinshui-oa/I-17 --clock reply --department "
      "jinshui.fire");
  command->callback(
      [&client, options] { client.action = [&client, options] { return ExplainOne(client, *options); }; });
}

}  // namespace zhuqi::ctl
