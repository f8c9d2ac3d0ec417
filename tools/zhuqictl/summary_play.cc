#include "tools/zhuqictl/summary_play.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/uuid.h"
#include "common/directory/date_message.h"
#include "tools/zhuqictl/bulk.h"
#include "tools/zhuqictl/files.h"
#include "tools/zhuqictl/json_text.h"
#include "tools/zhuqictl/progress.h"
#include "tools/zhuqictl/text_values.h"
#include "zhuqi/intake/v1/summary_service.grpc.pb.h"

namespace zhuqi::ctl {
namespace {

using intake::v1::GetSummaryRequest;
using intake::v1::GetSummaryResponse;
using intake::v1::MonthlySummary;
using intake::v1::ReviewSummaryRequest;
using intake::v1::ReviewSummaryResponse;
using intake::v1::SubmitSummaryRequest;
using intake::v1::SubmitSummaryResponse;
using intake::v1::SummaryService;

constexpr int kInFlight = 16;

// The summary's state is part of the id: the same line sent to another state is another request.
std::string IdFor(absl::string_view line, const MonthlySummary& summary,
                  const google::protobuf::Timestamp& at) {
  return Uuid::Derived("zhuqictl.summaries", absl::StrCat(line, "\n", summary.etag()), TimeFrom(at))
      .ToString();
}

template <class Request>
absl::StatusOr<MonthlySummary> Newest(Client& client, const Request& request) {
  GetSummaryRequest get;
  get.set_org_unit_id(request.org_unit_id());
  *get.mutable_month() = request.month();
  get.set_form_id(request.form_id());
  GetSummaryResponse response;
  ZHUQI_RETURN_IF_ERROR(
      client.Call<SummaryService>(Service::kIntake, &SummaryService::Stub::GetSummary, get, &response));
  return response.summary();
}

absl::StatusOr<std::string> PlaySubmit(Client& client, SubmitSummaryRequest request, absl::string_view line) {
  ZHUQI_ASSIGN_OR_RETURN(const MonthlySummary summary, Newest(client, request));
  if (AlreadySubmitted(request, summary)) return std::string();
  if (summary.revision() > 0) request.set_etag(summary.etag());
  request.set_request_id(IdFor(line, summary, request.occurred_at()));
  SubmitSummaryResponse response;
  ZHUQI_RETURN_IF_ERROR(client.Call<SummaryService>(Service::kIntake, &SummaryService::Stub::SubmitSummary,
                                                    request, &response));
  return response.consistency_token();
}

absl::StatusOr<std::string> PlayReview(Client& client, ReviewSummaryRequest request, absl::string_view line) {
  ZHUQI_ASSIGN_OR_RETURN(const MonthlySummary summary, Newest(client, request));
  if (AlreadyReviewed(request, summary)) return std::string();
  request.set_revision(summary.revision());
  request.set_digest(summary.digest());
  request.set_request_id(IdFor(line, summary, request.occurred_at()));
  ReviewSummaryResponse response;
  ZHUQI_RETURN_IF_ERROR(client.Call<SummaryService>(Service::kIntake, &SummaryService::Stub::ReviewSummary,
                                                    request, &response));
  return response.consistency_token();
}

template <class Request>
std::string LaneOf(const Request& request) {
  return absl::StrCat(request.org_unit_id(), " ", MonthText(request.month()), " ", request.form_id());
}

absl::StatusOr<BulkItem> ItemOf(Client& client, int64_t number, absl::string_view line) {
  std::vector<JsonMember> members;
  ZHUQI_RETURN_IF_ERROR(SplitJsonObject(line, &members));
  BulkItem item;
  item.line = number;
  if (members.size() == 1 && members[0].name == "submit") {
    SubmitSummaryRequest request;
    ZHUQI_RETURN_IF_ERROR(FromJson(members[0].value, &request));
    item.lane = LaneOf(request);
    item.run = [&client, request, text = std::string(line)] { return PlaySubmit(client, request, text); };
    return item;
  }
  if (members.size() == 1 && members[0].name == "review") {
    ReviewSummaryRequest request;
    ZHUQI_RETURN_IF_ERROR(FromJson(members[0].value, &request));
    item.lane = LaneOf(request);
    item.run = [&client, request, text = std::string(line)] { return PlayReview(client, request, text); };
    return item;
  }
  return absl::InvalidArgumentError("a line is {\"submit\": …} or {\"review\": …}");
}

}  // namespace

bool AlreadySubmitted(const SubmitSummaryRequest& request, const MonthlySummary& summary) {
  return request.has_occurred_at() && summary.revision() > 0 && summary.has_submitted_at() &&
         TimeFrom(summary.submitted_at()) >= TimeFrom(request.occurred_at());
}

bool AlreadyReviewed(const ReviewSummaryRequest& request, const MonthlySummary& summary) {
  return request.has_occurred_at() &&
         std::any_of(summary.reviews().begin(), summary.reviews().end(),
                     [&](const intake::v1::SummaryReview& review) {
                       return review.decision() == request.decision() &&
                              TimeFrom(review.reviewed_at()) == TimeFrom(request.occurred_at());
                     });
}

int PlaySummaries(Client& client, const std::string& file) {
  std::vector<BulkItem> items;
  const absl::Status read = ForEachLine(file, [&](int64_t number, absl::string_view line) -> absl::Status {
    ZHUQI_ASSIGN_OR_RETURN(BulkItem item, ItemOf(client, number, line));
    items.push_back(std::move(item));
    return absl::OkStatus();
  });
  if (!read.ok()) return client.FailUsage(read);
  Progress progress("summaries", "lines", static_cast<int64_t>(items.size()), client.options.quiet);
  return ShowBulkResult(RunBulk(std::move(items), kInFlight, progress), client.json());
}

}  // namespace zhuqi::ctl
