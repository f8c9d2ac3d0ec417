#include "services/routing/notices/notice_service.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/page_token.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/feed/first_answers.h"
#include "common/feed/token.h"
#include "common/rpc/errors.h"
#include "common/rpc/uuid_field.h"

namespace zhuqi::routing {
namespace {

constexpr char kReplayMethod[] = "NoticeService.ReplayNotices";
constexpr int kDefaultNotices = 50;
constexpr int kMostNotices = 500;
constexpr int kMostReplayed = 10'000;

// ---- List ----

struct NoticeList {
  NoticeFilter filter;
  int page_size = 0;
  // What page tokens are bound to.
  std::string filter_text;
};

std::string NoticeFilterText(v1::ListNoticesRequest request) {
  request.clear_page_size();
  request.clear_page_token();
  request.clear_at_least_token();
  return request.SerializeAsString();
}

absl::StatusOr<NoticeList> ReadNoticeList(const v1::ListNoticesRequest& request) {
  rpc::Violations violations;
  NoticeList list;
  list.filter_text = NoticeFilterText(request);
  list.filter.state = request.state();
  if (!request.case_id().empty()) {
    list.filter.case_id = rpc::ReadUuid(request.case_id(), "case_id", violations);
  }
  if (request.page_size() < 0) violations.Add("page_size", "PAGE_SIZE_NEGATIVE", "0 or more", "不得为负数");
  list.page_size = request.page_size() <= 0 ? kDefaultNotices : std::min(request.page_size(), kMostNotices);
  if (!request.page_token().empty()) {
    const auto position = DecodePageToken(request.page_token(), list.filter_text, 1);
    if (position.has_value()) list.filter.before = Uuid::Parse((*position)[0]);
    if (!list.filter.before.has_value()) {
      violations.Add("page_token", "PAGE_TOKEN_INVALID", "the token is damaged or of another filter",
                     "翻页令牌无效或与筛选条件不符");
    }
  }
  ZHUQI_RETURN_IF_ERROR(violations.ToStatus());
  return list;
}

// As many of `notices` as the page holds; where more follow, with the token of the next one.
v1::ListNoticesResponse PageOfNotices(const NoticeList& list, std::vector<v1::Notice> notices) {
  v1::ListNoticesResponse response;
  if (CutToPage(notices, list.page_size))
    response.set_next_page_token(EncodePageToken(list.filter_text, {notices.back().notice_id()}));
  for (v1::Notice& notice : notices) *response.add_notices() = std::move(notice);
  return response;
}

// ---- Replay ----

struct Replaying {
  Uuid request_id;
  std::string digest;
  std::set<Uuid> notice_ids;  // in the order in which rows are locked
  bool all_dead = false;
};

absl::StatusOr<Replaying> ReadReplay(v1::ReplayNoticesRequest request) {
  rpc::Violations violations;
  Replaying replay;
  if (const auto id = rpc::ReadUuid(request.request_id(), "request_id", violations)) {
    replay.request_id = *id;
  }
  if (request.all_dead() != request.notice_ids().empty()) {
    violations.Add("notice_ids", "NOTICES_REQUIRED", "either name notices or set all_dead",
                   "须指定通知编号，或设置 all_dead，二者择一");
  }
  if (request.notice_ids_size() > kMostNotices) {
    violations.Add("notice_ids", "TOO_MANY", absl::StrCat("at most ", kMostNotices),
                   absl::StrCat("最多 ", kMostNotices, " 条"));
    return violations.ToStatus();
  }
  for (int i = 0; i < request.notice_ids_size(); ++i) {
    const auto id = rpc::ReadUuid(request.notice_ids(i), absl::StrCat("notice_ids[", i, "]"), violations);
    if (id.has_value()) replay.notice_ids.insert(*id);
  }
  ZHUQI_RETURN_IF_ERROR(violations.ToStatus());
  replay.all_dead = request.all_dead();
  request.clear_request_id();
  replay.digest = Sha256(request.SerializeAsString());
  return replay;
}

absl::Status ReplayInto(db::Connection& connection, const Replaying& replay, absl::Time now,
                        v1::ReplayNoticesResponse& response) {
  if (replay.all_dead) {
    ZHUQI_ASSIGN_OR_RETURN(const int64_t replayed, ReplayDead(connection, now, kMostReplayed));
    response.set_replayed(replayed);
    response.set_more(replayed == kMostReplayed);
    return absl::OkStatus();
  }
  ZHUQI_ASSIGN_OR_RETURN(const ReplayedNotices named,
                         ReplayNamed(connection, {replay.notice_ids.begin(), replay.notice_ids.end()}, now));
  response.set_replayed(named.replayed);
  for (const Uuid& unknown : named.unknown) response.add_unknown_notice_ids(unknown.ToString());
  return absl::OkStatus();
}

absl::StatusOr<v1::ReplayNoticesResponse> ReplayOnce(db::Transaction& transaction, const Replaying& replay,
                                                     absl::Time now) {
  ZHUQI_ASSIGN_OR_RETURN(feed::FirstAnswers answers,
                         feed::FirstAnswers::Load(transaction, {&replay.request_id, 1}));
  if (answers.IsNew(replay.request_id)) {
    v1::ReplayNoticesResponse response;
    ZHUQI_RETURN_IF_ERROR(ReplayInto(transaction.connection(), replay, now, response));
    // The outbox is no part of the feed, and is read where it is written: every reader sees it at once.
    response.set_consistency_token(feed::MakeToken({}));
    answers.Remember(replay.request_id, kReplayMethod, replay.digest, response.SerializeAsString(), now);
    ZHUQI_RETURN_IF_ERROR(answers.Store(transaction));
  }
  return answers.Answer<v1::ReplayNoticesResponse>(replay.request_id, replay.digest);
}

}  // namespace

Task<absl::StatusOr<v1::ListNoticesResponse>> NoticeServer::List(rpc::CallContext& call,
                                                                 const v1::ListNoticesRequest& request) {
  const absl::StatusOr<NoticeList> list = ReadNoticeList(request);
  if (!list.ok()) co_return list.status();
  using Notices = std::vector<v1::Notice>;
  // One more than the page holds says whether another follows.
  auto read = parts_.sql->Run<Notices>(call.deadline, [&list](db::Connection& connection) {
    return SelectNotices(connection, list->filter, list->page_size + 1);
  });
  absl::StatusOr<Notices> notices = co_await read;
  if (!notices.ok()) co_return notices.status();
  co_return PageOfNotices(*list, *std::move(notices));
}

Task<absl::StatusOr<v1::ReplayNoticesResponse>> NoticeServer::Replay(
    rpc::CallContext& call, const v1::ReplayNoticesRequest& request) {
  const absl::StatusOr<Replaying> replay = ReadReplay(request);
  if (!replay.ok()) co_return replay.status();
  if (parts_.outbox == Outbox::kOff) {
    co_return rpc::Error(absl::StatusCode::kFailedPrecondition, "NOTICES_OFF",
                         "no webhook is configured: nothing would be sent", "未配置通知接收地址，无法发送");
  }
  db::TransactionOptions options;
  options.body_is_idempotent = true;
  const absl::Time now = parts_.clock->Now();
  auto run = parts_.sql->RunInTransaction<v1::ReplayNoticesResponse>(
      call.deadline, options,
      [&replay, now](db::Transaction& transaction) { return ReplayOnce(transaction, *replay, now); });
  absl::StatusOr<v1::ReplayNoticesResponse> response = co_await run;
  co_return response;
}

}  // namespace zhuqi::routing
