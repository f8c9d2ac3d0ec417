#include "tools/zhuqictl/task_force_play.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/config/config.h"
#include "tools/zhuqictl/bulk.h"
#include "tools/zhuqictl/files.h"
#include "tools/zhuqictl/json_text.h"
#include "tools/zhuqictl/progress.h"
#include "tools/zhuqictl/request_ids.h"
#include "zhuqi/intake/v1/record_service.grpc.pb.h"
#include "zhuqi/routing/v1/task_force_service.grpc.pb.h"

namespace zhuqi::ctl {
namespace {

using routing::v1::ActOnTaskForceRequest;
using routing::v1::ActOnTaskForceResponse;
using routing::v1::SetUpTaskForceRequest;
using routing::v1::SetUpTaskForceResponse;
using routing::v1::TaskForceService;

constexpr int kForcesInFlight = 8;

// Fills in the items of the template that the set-up begins with.
absl::Status TakeTemplate(const std::string& folder, SetUpTaskForceRequest* request) {
  if (request->template_id().empty() || !request->items().empty()) return absl::OkStatus();
  if (folder.empty())
    return absl::InvalidArgumentError("begins with a template: --templates FOLDER is needed");
  ZHUQI_ASSIGN_OR_RETURN(const auto checklist,
                         config::LoadTextproto<routing::v1::ChecklistTemplate>(
                             absl::StrCat(folder, "/", request->template_id(), ".textproto")));
  *request->mutable_items() = checklist.items();
  return absl::OkStatus();
}

absl::StatusOr<std::string> SendSetUp(Client& client, const SetUpTaskForceRequest& request) {
  SetUpTaskForceResponse response;
  ZHUQI_RETURN_IF_ERROR(client.Call<TaskForceService>(
      Service::kRouting, &TaskForceService::Stub::SetUpTaskForce, request, &response));
  return response.consistency_token();
}

absl::StatusOr<std::string> SendForceAction(Client& client, const ActOnTaskForceRequest& request) {
  ActOnTaskForceResponse response;
  ZHUQI_RETURN_IF_ERROR(client.Call<TaskForceService>(
      Service::kRouting, &TaskForceService::Stub::ActOnTaskForce, request, &response));
  return response.consistency_token();
}

// The visit is named by its natural key: its identity is not known before it was received.
struct LinkLine {
  std::string name;
  common::v1::SourceKey visit;
};
absl::StatusOr<LinkLine> ReadLink(absl::string_view json) {
  std::vector<JsonMember> members;
  ZHUQI_RETURN_IF_ERROR(SplitJsonObject(json, &members));
  LinkLine link;
  for (const JsonMember& member : members) {
    if (member.name == "name") {
      ZHUQI_RETURN_IF_ERROR(FromJsonString(member.value, &link.name));
    } else if (member.name == "visit") {
      ZHUQI_RETURN_IF_ERROR(FromJson(member.value, &link.visit));
    } else {
      return absl::InvalidArgumentError(absl::StrCat("\"link_visit\" has no \"", member.name, "\""));
    }
  }
  return link;
}

absl::StatusOr<std::string> SendLink(Client& client, const LinkLine& link, const std::string& request_id) {
  ActOnTaskForceRequest request;
  request.set_request_id(request_id);
  request.set_name(link.name);
  ZHUQI_ASSIGN_OR_RETURN(*request.mutable_action()->mutable_link_visit()->mutable_record_id(),
                         VisitRecordId(client, link.visit));
  return SendForceAction(client, request);
}

absl::StatusOr<BulkItem> ForceItemOf(Client& client, const std::string& templates, int64_t number,
                                     absl::string_view line, LineIds& ids) {
  std::vector<JsonMember> members;
  ZHUQI_RETURN_IF_ERROR(SplitJsonObject(line, &members));
  BulkItem item;
  item.line = number;
  const std::string id = ids.Next(line, absl::UnixEpoch());
  const std::string what = members.size() == 1 ? members[0].name : "";
  if (what == "set_up") {
    SetUpTaskForceRequest request;
    ZHUQI_RETURN_IF_ERROR(FromJson(members[0].value, &request));
    request.set_request_id(id);
    ZHUQI_RETURN_IF_ERROR(TakeTemplate(templates, &request));
    item.lane = request.name();
    item.run = [&client, request] { return SendSetUp(client, request); };
  } else if (what == "act") {
    ActOnTaskForceRequest request;
    ZHUQI_RETURN_IF_ERROR(FromJson(members[0].value, &request));
    request.set_request_id(id);
    item.lane = request.name();
    item.run = [&client, request] { return SendForceAction(client, request); };
  } else if (what == "link_visit") {
    ZHUQI_ASSIGN_OR_RETURN(const LinkLine link, ReadLink(members[0].value));
    item.lane = link.name;
    item.run = [&client, link, id] { return SendLink(client, link, id); };
  } else {
    return absl::InvalidArgumentError("a line is {\"set_up\": …}, {\"act\": …} or {\"link_visit\": …}");
  }
  if (item.lane.empty()) return absl::InvalidArgumentError("names no task force (name)");
  return item;
}

// Waits once for what --at-least-token stands for: not in each line, since a line played again with another
// token would be another request under the same id.
absl::Status WaitForForces(Client& client) {
  ZHUQI_ASSIGN_OR_RETURN(const std::string token, client.AtLeastToken());
  if (token.empty()) return absl::OkStatus();
  routing::v1::ListTaskForcesRequest request;
  request.set_page_size(1);
  request.set_at_least_token(token);
  routing::v1::ListTaskForcesResponse response;
  return client.Call<TaskForceService>(Service::kRouting, &TaskForceService::Stub::ListTaskForces, request,
                                       &response);
}

}  // namespace

absl::StatusOr<std::string> VisitRecordId(Client& client, const common::v1::SourceKey& key) {
  intake::v1::GetRecordRequest request;
  *request.mutable_key() = key;
  intake::v1::GetRecordResponse response;
  ZHUQI_RETURN_IF_ERROR(client.Call<intake::v1::RecordService>(
      Service::kIntake, &intake::v1::RecordService::Stub::GetRecord, request, &response));
  return response.record().record_id();
}

int PlayTaskForces(Client& client, const TaskForcePlayOptions& options) {
  LineIds ids("task-forces");
  std::vector<BulkItem> items;
  const absl::Status read =
      ForEachLine(options.file, [&](int64_t number, absl::string_view line) -> absl::Status {
        ZHUQI_ASSIGN_OR_RETURN(BulkItem item, ForceItemOf(client, options.templates, number, line, ids));
        items.push_back(std::move(item));
        return absl::OkStatus();
      });
  if (!read.ok()) return client.FailUsage(read);
  if (const absl::Status status = WaitForForces(client); !status.ok()) return client.Fail(status);
  Progress progress("task forces", "lines", static_cast<int64_t>(items.size()), client.options.quiet);
  return ShowBulkResult(RunBulk(std::move(items), kForcesInFlight, progress), client.json());
}

}  // namespace zhuqi::ctl
