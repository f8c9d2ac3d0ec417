#include "tools/zhuqictl/act_play.h"

#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "tools/zhuqictl/bulk.h"
#include "tools/zhuqictl/case_text.h"
#include "tools/zhuqictl/files.h"
#include "tools/zhuqictl/json_text.h"
#include "tools/zhuqictl/progress.h"
#include "tools/zhuqictl/request_ids.h"
#include "zhuqi/routing/v1/case_service.grpc.pb.h"

namespace zhuqi::ctl {
namespace {

using routing::v1::ActOnCaseRequest;
using routing::v1::ActOnCaseResponse;
using routing::v1::CaseService;

absl::StatusOr<ActionLine> ParseAction(int64_t number, absl::string_view line, LineIds& ids) {
  ActionLine action;
  action.line = number;
  ZHUQI_RETURN_IF_ERROR(FromJson(line, &action.request));
  ActOnCaseRequest& request = action.request;
  action.lane = request.has_issue_key() ? KeyText(request.issue_key()) : request.case_id();
  if (action.lane.empty()) return absl::InvalidArgumentError("names no case (case_id or issue_key)");
  if (request.request_id().empty()) {
    const absl::Time at = request.has_occurred_at() ? TimeFrom(request.occurred_at()) : absl::UnixEpoch();
    request.set_request_id(ids.Next(line, at));
  }
  return action;
}

absl::StatusOr<std::string> SendAction(Client& client, const ActOnCaseRequest& request) {
  ActOnCaseResponse response;
  ZHUQI_RETURN_IF_ERROR(
      client.Call<CaseService>(Service::kRouting, &CaseService::Stub::ActOnCase, request, &response));
  return response.consistency_token();
}

// Waits once for what --at-least-token stands for. Not in each action: an action played again with another
// token would be another request under the same id.
absl::Status WaitForToken(Client& client) {
  ZHUQI_ASSIGN_OR_RETURN(const std::string token, client.AtLeastToken());
  if (token.empty()) return absl::OkStatus();
  routing::v1::ListCasesRequest request;
  request.set_page_size(1);
  request.set_at_least_token(token);
  routing::v1::ListCasesResponse response;
  return client.Call<CaseService>(Service::kRouting, &CaseService::Stub::ListCases, request, &response);
}

}  // namespace

absl::StatusOr<std::vector<ActionLine>> ReadActions(const std::string& file) {
  LineIds ids("act");
  std::vector<ActionLine> actions;
  ZHUQI_RETURN_IF_ERROR(ForEachLine(file, [&](int64_t number, absl::string_view line) -> absl::Status {
    ZHUQI_ASSIGN_OR_RETURN(ActionLine action, ParseAction(number, line, ids));
    actions.push_back(std::move(action));
    return absl::OkStatus();
  }));
  return actions;
}

int PlayActions(Client& client, const ActPlayOptions& options) {
  if (options.file.empty()) {
    return client.FailUsage(absl::InvalidArgumentError(
        "what is to be done? `zhuqictl act CASE ACTION` or `zhuqictl act --file FILE`"));
  }
  absl::StatusOr<std::vector<ActionLine>> actions = ReadActions(options.file);
  if (!actions.ok()) return client.FailUsage(actions.status());
  if (const absl::Status status = WaitForToken(client); !status.ok()) return client.Fail(status);
  std::vector<BulkItem> items;
  items.reserve(actions->size());
  for (ActionLine& action : *actions) {
    items.push_back({action.line, std::move(action.lane),
                     [&client, request = std::move(action.request)] { return SendAction(client, request); }});
  }
  Progress progress("actions", "lines", static_cast<int64_t>(items.size()), client.options.quiet);
  return ShowBulkResult(RunBulk(std::move(items), options.in_flight, progress), client.json());
}

}  // namespace zhuqi::ctl
