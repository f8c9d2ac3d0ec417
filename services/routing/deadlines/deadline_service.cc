#include "services/routing/deadlines/deadline_service.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/page_token.h"
#include "common/base/status_macros.h"
#include "common/base/uuid.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "common/rpc/uuid_field.h"
#include "services/routing/cases/case_store.h"
#include "services/routing/cases/case_writer.h"
#include "services/routing/deadlines/deadline_rules.h"

namespace zhuqi::routing {
namespace {

constexpr int kDefaultExplainedDays = 100;
constexpr int kMostExplainedDays = 500;

// What is asked, as far as the request alone says it.
struct DeadlineQuestion {
  std::optional<Uuid> case_id;
  IssueKey issue_key;
  WhichClock clock;
  calendar::ExplanationOptions options;
  // What page tokens are bound to.
  std::string filter;
};

std::string FilterOf(v1::ExplainDeadlineRequest request) {
  request.clear_page_size();
  request.clear_page_token();
  request.clear_at_least_token();
  return request.SerializeAsString();
}

// The days since 1970 and the instant of the first page, in microseconds. Both within what a date may be: a
// token that was made up asks for no more than any other.
bool ReadPageToken(const std::string& token, DeadlineQuestion& question) {
  const auto position = DecodePageToken(token, question.filter, 2);
  int64_t day = 0;
  int64_t as_of = 0;
  if (!position.has_value() || !absl::SimpleAtoi((*position)[0], &day) ||
      !absl::SimpleAtoi((*position)[1], &as_of)) {
    return false;
  }
  const absl::Time instant = absl::FromUnixMicros(as_of);
  constexpr int64_t kLastDay = 60'000;
  if (day < 0 || day > kLastDay || !IsPlausibleTime(TimestampMessage(instant))) return false;
  question.options.first_day = absl::CivilDay(1970, 1, 1) + day;
  question.options.as_of = instant;
  return true;
}

std::string NextToken(const DeadlineQuestion& question, absl::CivilDay next_day) {
  return EncodePageToken(question.filter, {absl::StrCat(next_day - absl::CivilDay(1970, 1, 1)),
                                           absl::StrCat(absl::ToUnixMicros(question.options.as_of))});
}

absl::StatusOr<DeadlineQuestion> ReadQuestion(const v1::ExplainDeadlineRequest& request, absl::Time now) {
  rpc::Violations violations;
  DeadlineQuestion question;
  question.filter = FilterOf(request);
  question.options.as_of = now;
  if (request.has_case_id()) {
    question.case_id = rpc::ReadUuid(request.case_id(), "case_id", violations);
  } else if (request.has_issue_key()) {
    question.issue_key = ReadIssueKey(request.issue_key(), "issue_key", violations);
  } else {
    violations.Add("case_id", "CASE_REQUIRED", "name the case", "必须指定工单");
  }
  if (request.clock() != v1::CLOCK_KIND_UNSPECIFIED) question.clock.kind = request.clock();
  question.clock.department_id = request.department_id();
  const v1::ClockKind kind = question.clock.kind;
  if (kind == v1::CLOCK_KIND_REPLY && request.department_id().empty()) {
    violations.Add("department_id", "DEPARTMENT_REQUIRED",
                   "whose reply: each co-handler has a clock of its own",
                   "须指明协办部门：各协办部门分别计时");
  } else if (kind != v1::CLOCK_KIND_REPLY && kind != v1::CLOCK_KIND_OBJECTION &&
             !request.department_id().empty()) {
    violations.Add("department_id", "DEPARTMENT_NOT_EMPTY", "this clock is the case's own",
                   "该时限属于工单本身，不按部门区分");
  }
  if (request.page_size() < 0) {
    violations.Add("page_size", "PAGE_SIZE_NEGATIVE", "0 or more", "不得为负数");
  }
  question.options.max_days =
      request.page_size() <= 0 ? kDefaultExplainedDays : std::min(request.page_size(), kMostExplainedDays);
  if (!request.page_token().empty() && !ReadPageToken(request.page_token(), question)) {
    violations.Add("page_token", "PAGE_TOKEN_INVALID", "the token is damaged or of another clock",
                   "翻页令牌无效或与查询的时限不符");
  }
  ZHUQI_RETURN_IF_ERROR(violations.ToStatus());
  return question;
}

absl::StatusOr<v1::Case> ReadTargetCase(db::Connection& connection, const DeadlineQuestion& question) {
  std::optional<Uuid> case_id = question.case_id;
  if (!case_id.has_value()) {
    ZHUQI_ASSIGN_OR_RETURN(const auto found, FindCases(connection, {question.issue_key}));
    if (found.empty()) return UnknownCase();
    case_id = found.begin()->second;
  }
  ZHUQI_ASSIGN_OR_RETURN(CaseMap cases, ReadCases(connection, {*case_id}));
  if (cases.empty()) return UnknownCase();
  return std::move(cases.begin()->second.body);
}

}  // namespace

Task<absl::StatusOr<v1::ExplainDeadlineResponse>> DeadlineServer::Explain(
    rpc::CallContext& call, const v1::ExplainDeadlineRequest& request) {
  const absl::StatusOr<DeadlineQuestion> question = ReadQuestion(request, parts_.clock->Now());
  if (!question.ok()) co_return question.status();
  auto read = parts_.sql->Run<v1::Case>(call.deadline, [&question](db::Connection& connection) {
    return ReadTargetCase(connection, *question);
  });
  const absl::StatusOr<v1::Case> body = co_await read;
  if (!body.ok()) co_return body.status();
  const std::shared_ptr<const Directory> directory = parts_.directory->Get();
  absl::StatusOr<ExplainedDeadline> explained =
      ExplainCaseDeadline(*body, question->clock, *directory, question->options);
  if (!explained.ok()) co_return explained.status();
  if (explained->next_day.has_value()) {
    explained->response.set_next_page_token(NextToken(*question, *explained->next_day));
  }
  co_return std::move(explained->response);
}

}  // namespace zhuqi::routing
