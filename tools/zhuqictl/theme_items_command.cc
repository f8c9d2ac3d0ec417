#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "tools/zhuqictl/commands.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/filters.h"
#include "tools/zhuqictl/paging.h"
#include "tools/zhuqictl/request_ids.h"
#include "tools/zhuqictl/theme_target.h"
#include "tools/zhuqictl/theme_text.h"
#include "zhuqi/routing/v1/theme_service.grpc.pb.h"

namespace zhuqi::ctl {
namespace {

using routing::v1::ActOnPreventiveItemRequest;
using routing::v1::ActOnPreventiveItemResponse;
using routing::v1::ListPreventiveItemsRequest;
using routing::v1::ListPreventiveItemsResponse;
using routing::v1::PreventiveItemAction;
using routing::v1::ThemeService;

struct ItemListOptions {
  std::string state;
  std::string unit;
  std::string theme;
  bool overdue = false;
  PageOptions page;
};

int ListItems(Client& client, const ItemListOptions& options) {
  ListPreventiveItemsRequest request;
  request.set_org_unit_id(options.unit);
  request.set_theme_id(options.theme);
  request.set_overdue(options.overdue);
  const absl::Status state = SetEnum<routing::v1::PreventiveItemState>(
      options.state, [&](auto wanted) { request.set_state(wanted); });
  if (!state.ok()) return client.FailUsage(state);
  ListPreventiveItemsResponse merged;
  const absl::Status status = ReadPages<ThemeService>(
      client, Service::kRouting, &ThemeService::Stub::ListPreventiveItems, request, options.page, &merged,
      [](const ListPreventiveItemsResponse& page) { return page.items_size(); });
  if (!status.ok()) return client.Fail(status);
  client.Show(merged, [&] { return PreventiveItemList(merged, client.chinese()); });
  return kExitOk;
}

struct ItemActionOptions {
  std::string theme_id;
  std::string unit;
  std::string etag;
  std::string note;
  std::string due;
};

int ActOnItem(Client& client, const ItemActionOptions& options, const PreventiveItemAction& action) {
  ActOnPreventiveItemRequest request;
  const absl::StatusOr<std::string> token = client.AtLeastToken();
  if (!token.ok()) return client.FailUsage(token.status());
  request.set_at_least_token(*token);
  request.set_request_id(NewRequestId());
  request.set_theme_id(options.theme_id);
  request.set_org_unit_id(options.unit);
  request.set_etag(options.etag);
  *request.mutable_action() = action;
  ActOnPreventiveItemResponse response;
  const absl::Status status = client.Call<ThemeService>(
      Service::kRouting, &ThemeService::Stub::ActOnPreventiveItem, request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] {
    return absl::StrCat(DescribePreventiveItem(response.item(), client.chinese()),
                        "token: ", response.consistency_token(), "\n");
  });
  return kExitOk;
}

// `with_due`: the action gives another due day.
void AddItemAction(CLI::App& item, Client& client, const char* name, const char* help, bool with_due,
                   std::function<absl::Status(const ItemActionOptions&, PreventiveItemAction&)> fill) {
  const auto options = std::make_shared<ItemActionOptions>();
  CLI::App* command = item.add_subcommand(name, help);
  command->add_option("THEME", options->theme_id, "the theme's UUID")->required();
  command->add_option("DISTRICT", options->unit, "the district that was asked")->required();
  command->add_option("NOTE", options->note, "what was found or done, or why")->required();
  if (with_due) command->add_option("--due", options->due, "by when: 2026-12-31")->required();
  command->add_option("--etag", options->etag, "of what you saw: refused when it has changed since");
  command->callback([&client, options, fill = std::move(fill)] {
    client.action = [&client, options, fill] {
      PreventiveItemAction action;
      if (const absl::Status status = fill(*options, action); !status.ok()) return client.FailUsage(status);
      return ActOnItem(client, *options, action);
    };
  });
}

void AddItemActions(CLI::App& item, Client& client) {
  AddItemAction(item, client, "report", "what was done so far", false,
                [](const ItemActionOptions& given, PreventiveItemAction& action) {
                  action.mutable_report()->set_note(given.note);
                  return absl::OkStatus();
                });
  AddItemAction(item, client, "complete", "已办: the district looked into it", false,
                [](const ItemActionOptions& given, PreventiveItemAction& action) {
                  action.mutable_complete()->set_note(given.note);
                  return absl::OkStatus();
                });
  AddItemAction(item, client, "decline", "不需办理: the theme does not concern the district", false,
                [](const ItemActionOptions& given, PreventiveItemAction& action) {
                  action.mutable_decline()->set_note(given.note);
                  return absl::OkStatus();
                });
  AddItemAction(item, client, "reopen", "it is taken up again", true,
                [](const ItemActionOptions& given, PreventiveItemAction& action) {
                  action.mutable_reopen()->set_note(given.note);
                  return SetDay(given.due, &routing::v1::ReopenPrevention::mutable_due_on,
                                action.mutable_reopen());
                });
  AddItemAction(item, client, "postpone", "another due day", true,
                [](const ItemActionOptions& given, PreventiveItemAction& action) {
                  action.mutable_postpone()->set_note(given.note);
                  return SetDay(given.due, &routing::v1::PostponePrevention::mutable_due_on,
                                action.mutable_postpone());
                });
}

}  // namespace

void AddThemeItems(CLI::App& themes, Client& client) {
  const auto options = std::make_shared<ItemListOptions>();
  CLI::App* items = themes.add_subcommand(
      "items", "未诉先办: what themes ask of districts that have not complained yet, the first due first");
  items->add_option("--state", options->state, "only open, done or not_needed");
  items->add_option("--unit", options->unit, "only of this unit and below it");
  items->add_option("--theme", options->theme, "only of this theme");
  items->add_flag("--overdue", options->overdue, "only open ones past their due day");
  AddPageOptions(*items, &options->page);
  items->callback(
      [&client, options] { client.action = [&client, options] { return ListItems(client, *options); }; });
  CLI::App* item = themes.add_subcommand("item", "Work on what a theme asks of a district");
  item->require_subcommand(1);
  item->footer(
      "The district, or whoever acts for it, reports and completes; `themes items --unit DISTRICT` is its "
      "list.\n"
      "  zhuqictl themes item complete THEME jinshui \"已走访三个项目，均已告知\"");
  AddItemActions(*item, client);
}

}  // namespace zhuqi::ctl
