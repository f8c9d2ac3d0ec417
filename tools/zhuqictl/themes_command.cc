#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
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

using routing::v1::GetThemeRequest;
using routing::v1::GetThemeResponse;
using routing::v1::ListThemesRequest;
using routing::v1::ListThemesResponse;
using routing::v1::ThemeContent;
using routing::v1::ThemeService;

struct ThemeListOptions {
  std::string state;
  std::string category;
  std::string unit;
  std::string owner;
  bool overdue = false;
  PageOptions page;
};

int ListThemes(Client& client, const ThemeListOptions& options) {
  ListThemesRequest request;
  request.set_category_id(options.category);
  request.set_org_unit_id(options.unit);
  request.set_owner_department_id(options.owner);
  request.set_overdue(options.overdue);
  const absl::Status state =
      SetEnum<routing::v1::ThemeState>(options.state, [&](auto wanted) { request.set_state(wanted); });
  if (!state.ok()) return client.FailUsage(state);
  ListThemesResponse merged;
  const absl::Status status = ReadPages<ThemeService>(
      client, Service::kRouting, &ThemeService::Stub::ListThemes, request, options.page, &merged,
      [](const ListThemesResponse& page) { return page.themes_size(); });
  if (!status.ok()) return client.Fail(status);
  client.Show(merged, [&] { return ThemeTable(merged, client.chinese()); });
  return kExitOk;
}

absl::Status ReadTheme(Client& client, const std::string& theme_id, GetThemeResponse* response) {
  GetThemeRequest request;
  request.set_theme_id(theme_id);
  const absl::StatusOr<std::string> token = client.AtLeastToken();
  if (!token.ok()) return token.status();
  request.set_at_least_token(*token);
  return client.Call<ThemeService>(Service::kRouting, &ThemeService::Stub::GetTheme, request, response);
}

int ShowTheme(Client& client, const std::string& theme_id) {
  GetThemeResponse response;
  const absl::Status status = ReadTheme(client, theme_id, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] { return DescribeWholeTheme(response, client.chinese()); });
  return kExitOk;
}

struct ThemeContentOptions {
  std::string title;
  std::string category;
  std::string cause;
  std::string fix;

  // With those that are `required` to make a theme.
  void AddTo(CLI::App& command, bool required) {
    command.add_option("--title", title, "one line")->required(required);
    command.add_option("--category", category, "the category that its cases have in common")
        ->required(required);
    command.add_option("--cause", cause, "成因: the one cause");
    command.add_option("--fix", fix, "整改措施: what is done about it");
  }
  // What is not given stays.
  void Set(ThemeContent* content) const {
    if (!title.empty()) content->set_title(title);
    if (!category.empty()) content->set_category_id(category);
    if (!cause.empty()) content->set_cause(cause);
    if (!fix.empty()) content->set_fix(fix);
  }
};

int ProposeTheme(Client& client, const ThemeContentOptions& content, const std::vector<std::string>& cases) {
  routing::v1::ProposeThemeRequest request;
  request.set_request_id(NewRequestId());
  content.Set(request.mutable_content());
  if (const absl::Status status = SetThemeCases(cases, request.mutable_cases()); !status.ok()) {
    return client.FailUsage(status);
  }
  const absl::StatusOr<std::string> token = client.AtLeastToken();
  if (!token.ok()) return client.FailUsage(token.status());
  request.set_at_least_token(*token);
  routing::v1::ProposeThemeResponse response;
  const absl::Status status =
      client.Call<ThemeService>(Service::kRouting, &ThemeService::Stub::ProposeTheme, request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] {
    return absl::StrCat(DescribeTheme(response.theme(), client.chinese()),
                        "token: ", response.consistency_token(), "\n");
  });
  return kExitOk;
}

// Replaces only what is given: the rest, and the etag, are those of the theme as it is now.
int ReviseTheme(Client& client, const std::string& theme_id, const ThemeContentOptions& content) {
  GetThemeResponse known;
  if (const absl::Status status = ReadTheme(client, theme_id, &known); !status.ok())
    return client.Fail(status);
  ThemeToActOn target{theme_id, known.theme().etag()};
  routing::v1::ThemeAction action;
  *action.mutable_revise()->mutable_content() = known.theme().content();
  content.Set(action.mutable_revise()->mutable_content());
  return ActOnTheme(client, target, action);
}

void AddThemeListAndShow(CLI::App& themes, Client& client) {
  const auto options = std::make_shared<ThemeListOptions>();
  CLI::App* list = themes.add_subcommand("list", "Themes, the last proposed first");
  list->add_option("--state", options->state,
                   "only proposed, confirmed, fix_under_way, fixed, rejected or merged");
  list->add_option("--category", options->category, "only this category and below it");
  list->add_option("--unit", options->unit, "only with a case or a preventive item in this unit or below it");
  list->add_option("--owner", options->owner, "only those whose fix this department owns");
  list->add_flag("--overdue", options->overdue, "only those whose fix is past its due day");
  AddPageOptions(*list, &options->page);
  list->callback(
      [&client, options] { client.action = [&client, options] { return ListThemes(client, *options); }; });
  const auto shown = std::make_shared<std::string>();
  CLI::App* show = themes.add_subcommand(
      "show", "One theme: its cases, recurrence after the fix, preventive items and history");
  show->add_option("THEME", *shown, "its UUID")->required();
  show->callback(
      [&client, shown] { client.action = [&client, shown] { return ShowTheme(client, *shown); }; });
}

void AddProposeAndRevise(CLI::App& themes, Client& client) {
  struct Options {
    std::string theme_id;
    std::vector<std::string> cases;
    ThemeContentOptions content;
  };
  const auto made = std::make_shared<Options>();
  CLI::App* propose = themes.add_subcommand("propose", "提出: makes a theme of cases by hand");
  propose->add_option("CASES", made->cases, "UUIDs, or the issues' SOURCE-SYSTEM/EXTERNAL-ID")->required();
  made->content.AddTo(*propose, true);
  propose->callback([&client, made] {
    client.action = [&client, made] { return ProposeTheme(client, made->content, made->cases); };
  });
  const auto changed = std::make_shared<Options>();
  CLI::App* revise = themes.add_subcommand("revise", "Other words: what is not given stays");
  revise->add_option("THEME", changed->theme_id, "its UUID")->required();
  changed->content.AddTo(*revise, false);
  revise->callback([&client, changed] {
    client.action = [&client, changed] { return ReviseTheme(client, changed->theme_id, changed->content); };
  });
}

}  // namespace

int ActOnTheme(Client& client, const ThemeToActOn& target, const routing::v1::ThemeAction& action) {
  routing::v1::ActOnThemeRequest request;
  const absl::StatusOr<std::string> token = client.AtLeastToken();
  if (!token.ok()) return client.FailUsage(token.status());
  request.set_at_least_token(*token);
  request.set_request_id(NewRequestId());
  request.set_theme_id(target.theme_id);
  request.set_etag(target.etag);
  *request.mutable_action() = action;
  routing::v1::ActOnThemeResponse response;
  const absl::Status status =
      client.Call<ThemeService>(Service::kRouting, &ThemeService::Stub::ActOnTheme, request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] {
    std::string text = DescribeTheme(response.theme(), client.chinese());
    if (!response.prevented_org_unit_ids().empty()) {
      absl::StrAppend(&text, "asked: ", absl::StrJoin(response.prevented_org_unit_ids(), ", "), "\n");
    }
    return absl::StrCat(text, "token: ", response.consistency_token(), "\n");
  });
  return kExitOk;
}

void AddThemesCommand(CLI::App& app, Client& client) {
  CLI::App* themes = app.add_subcommand(
      "themes", "一类问题: cases with one cause, what is done about it, and whether that helped");
  themes->require_subcommand(1);
  themes->footer(
      R"(The service proposes a theme where similar cases grow across districts or enterprises; you judge. Confirm it with the
cause, the department that owns the fix and a due day; complete the fix when it is in force. Members that are received after
that are recurrence, and stay so when a fix that did not hold is reopened. New cases that read alike are only suggested: `add` or
`remove` them, for nothing else counts them. A divided case (分办) is named by its parent, for its issue counts once.

Examples:
  zhuqictl themes list --state proposed
  zhuqictl themes propose jinshui-oa/I-17 zhongyuan-oa/I-4 --title "地下空间变更用途" --category land
  zhuqictl themes confirm THEME --cause "规划条件调整" --owner zhengzhou.planning --due 2026-12-31 --prevent-by 2026-12-15
  zhuqictl themes complete-fix THEME --fix "历史项目容缺受理" --on 2026-12-20
  zhuqictl themes items --unit jinshui --overdue)");
  AddThemeListAndShow(*themes, client);
  AddProposeAndRevise(*themes, client);
  AddThemeActions(*themes, client);
  AddThemeItems(*themes, client);
}

}  // namespace zhuqi::ctl
