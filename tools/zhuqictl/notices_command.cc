#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/uuid.h"
#include "tools/zhuqictl/commands.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/filters.h"
#include "tools/zhuqictl/paging.h"
#include "zhuqi/routing/v1/notice_service.grpc.pb.h"

namespace zhuqi::ctl {
namespace {

using routing::v1::ListNoticesRequest;
using routing::v1::ListNoticesResponse;
using routing::v1::NoticeService;
using routing::v1::ReplayNoticesRequest;
using routing::v1::ReplayNoticesResponse;

struct NoticeListOptions {
  std::string state;
  std::string case_id;
  PageOptions page;
};

absl::StatusOr<ListNoticesRequest> RequestOf(const NoticeListOptions& options) {
  ListNoticesRequest request;
  ZHUQI_RETURN_IF_ERROR(
      SetEnum<routing::v1::NoticeState>(options.state, [&](auto state) { request.set_state(state); }));
  request.set_case_id(options.case_id);
  return request;
}

int ListOutbox(Client& client, const NoticeListOptions& options) {
  const absl::StatusOr<ListNoticesRequest> request = RequestOf(options);
  if (!request.ok()) return client.FailUsage(request.status());
  ListNoticesResponse merged;
  const absl::Status status = ReadPages<NoticeService>(
      client, Service::kRouting, &NoticeService::Stub::ListNotices, *request, options.page, &merged,
      [](const ListNoticesResponse& page) { return page.notices_size(); });
  if (!status.ok()) return client.Fail(status);
  client.Show(merged, [&] {
    Table table({{"recorded"},
                 {"notice"},
                 {"type"},
                 {"case"},
                 {"seq", Align::kRight},
                 {"state"},
                 {"tries", Align::kRight},
                 {"sent, or next try"},
                 {"last error", Align::kLeft, 40}});
    for (const routing::v1::Notice& notice : merged.notices()) {
      table.AddRow(
          {InstantText(notice.recorded_at()), notice.notice_id(), notice.type(), notice.case_id(),
           absl::StrCat(notice.sequence()), EnumText(notice.state()), absl::StrCat(notice.attempts()),
           InstantText(notice.has_sent_at() ? notice.sent_at() : notice.due_at()), notice.last_error()});
    }
    return absl::StrCat(table.ToString(), merged.notices_size(),
                        merged.next_page_token().empty() ? "\n" : ", and more: raise --limit, or --all\n");
  });
  return kExitOk;
}

struct ReplayOptions {
  std::vector<std::string> notices;
  bool dead = false;
};

int ReplayOutbox(Client& client, const ReplayOptions& options) {
  if (options.dead == !options.notices.empty()) {
    return client.FailUsage(
        absl::InvalidArgumentError("name notices, or say --dead for all that were given up"));
  }
  ReplayNoticesResponse whole;
  ReplayNoticesResponse part;
  do {
    ReplayNoticesRequest request;
    request.set_request_id(Uuid::NewV7(Clock::System().Now()).ToString());
    for (const std::string& notice : options.notices) request.add_notice_ids(notice);
    request.set_all_dead(options.dead);
    const absl::Status status =
        client.Call<NoticeService>(Service::kRouting, &NoticeService::Stub::ReplayNotices, request, &part);
    if (!status.ok()) return client.Fail(status);
    whole.set_replayed(whole.replayed() + part.replayed());
    *whole.mutable_unknown_notice_ids() = part.unknown_notice_ids();
  } while (part.more());
  client.Show(whole, [&] {
    std::string text = absl::StrCat(whole.replayed(), " to be sent again\n");
    for (const std::string& unknown : whole.unknown_notice_ids())
      absl::StrAppend(&text, "there is no notice ", unknown, " / 没有该通知\n");
    return text;
  });
  if (whole.unknown_notice_ids().empty()) return kExitOk;
  return whole.replayed() > 0 ? kExitPartlyRejected : kExitRefused;
}

}  // namespace

void AddNoticesCommand(CLI::App& app, Client& client) {
  CLI::App* notices = app.add_subcommand("notices", "The outbox: what other systems are told");
  notices->require_subcommand(1);
  const auto options = std::make_shared<NoticeListOptions>();
  CLI::App* list = notices->add_subcommand("list", "Notices, newest first");
  list->add_option("--state", options->state, "pending, sent or dead");
  list->add_option("--case", options->case_id, "a case's UUID");
  AddPageOptions(*list, &options->page);
  list->footer("  zhuqictl notices list --state dead");
  list->callback(
      [&client, options] { client.action = [&client, options] { return ListOutbox(client, *options); }; });

  const auto replay_options = std::make_shared<ReplayOptions>();
  CLI::App* replay = notices->add_subcommand("replay", "Sends again what was given up, or is named");
  replay->add_option("NOTICE", replay_options->notices, "UUIDs of notices that were given up or sent");
  replay->add_flag("--dead", replay_options->dead, "all that were given up");
  replay->footer(
      "  zhuqictl notices replay --dead\n\n"
      "Those that wait to be sent already are left as they are. A notice that is not known is named, and "
      "the\n"
      "exit code is 1, or 4 when others were taken.");
  replay->callback([&client, replay_options] {
    client.action = [&client, replay_options] { return ReplayOutbox(client, *replay_options); };
  });
}

}  // namespace zhuqi::ctl
