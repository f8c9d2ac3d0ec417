// zhuqictl explain route: what the catalogue in force would decide for an issue, and why.
#include <CLI/CLI.hpp>

#include "common/base/status_macros.h"
#include "tools/zhuqictl/catalogue_text.h"
#include "tools/zhuqictl/commands.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/filters.h"
#include "zhuqi/routing/v1/catalogue_service.grpc.pb.h"

namespace zhuqi::ctl {
namespace {

using routing::v1::CatalogueService;
using routing::v1::ExplainRouteRequest;
using routing::v1::ExplainRouteResponse;

struct RouteOptions {
  std::string kind;
  std::string category;
  std::string unit;
  std::vector<std::string> functions;
  std::vector<std::string> tags;
  std::string amount;
  std::string title;
  std::string text;
  int32_t age_days = 0;
  int32_t hand_outs = 0;
  bool legacy = false;
};

absl::StatusOr<ExplainRouteRequest> RouteRequestOf(const Client& client, const RouteOptions& options) {
  ExplainRouteRequest request;
  routing::v1::RouteInputs* inputs = request.mutable_inputs();
  ZHUQI_RETURN_IF_ERROR(
      SetEnum<intake::v1::IssueKind>(options.kind, [&](auto kind) { inputs->set_kind(kind); }));
  inputs->set_category_id(options.category);
  inputs->set_org_unit_id(options.unit);
  for (const std::string& function : options.functions) inputs->add_department_functions(function);
  for (const std::string& tag : options.tags) inputs->add_enterprise_tags(tag);
  inputs->set_legacy(options.legacy);
  if (!options.amount.empty()) {
    ZHUQI_ASSIGN_OR_RETURN(const int64_t fen, ParseYuan(options.amount));
    inputs->set_amount_fen(fen);
  }
  inputs->set_age_days(options.age_days);
  inputs->set_hand_outs(options.hand_outs);
  request.set_title(options.title);
  request.set_text(options.text);
  ZHUQI_ASSIGN_OR_RETURN(const std::string token, client.AtLeastToken());
  request.set_at_least_token(token);
  return request;
}

int RunExplainRoute(Client& client, const RouteOptions& options) {
  const absl::StatusOr<ExplainRouteRequest> request = RouteRequestOf(client, options);
  if (!request.ok()) return client.FailUsage(request.status());
  ExplainRouteResponse response;
  const absl::Status status = client.Call<CatalogueService>(
      Service::kRouting, &CatalogueService::Stub::ExplainRoute, *request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] { return RouteText(response.decision(), client.chinese()); });
  return kExitOk;
}

}  // namespace

void AddExplainRoute(CLI::App& explain, Client& client) {
  const auto options = std::make_shared<RouteOptions>();
  CLI::App* route = explain.add_subcommand(
      "route", "Who would handle an issue, by which rule, and which rules nearly matched");
  route->add_option("--kind", options->kind, "problem, need or suggestion")->required();
  route->add_option("--category", options->category)->required();
  route->add_option("--unit", options->unit, "where the issue is raised")->required();
  route->add_option("--functions", options->functions, "departments that it names, separated by ','")
      ->delimiter(',');
  route->add_option("--tags", options->tags, "what the enterprise is marked with, separated by ','")
      ->delimiter(',');
  route->add_option("--amount", options->amount, "the money that it is about, in yuan: 1200000 or 12.50");
  route->add_option("--title", options->title, "keywords are looked for here …");
  route->add_option("--text", options->text, "… and here");
  route->add_option("--age-days", options->age_days, "days since it was raised");
  route->add_option("--hand-outs", options->hand_outs, "how often it was handed out before");
  route->add_flag("--legacy", options->legacy, "历史遗留");
  route->footer(
      "  zhuqictl explain route --kind problem --category land.change-of-use --unit jinshui \\\n"
      "    --functions planning,fire --legacy\n"
      "  zhuqictl explain route --kind 问题 --category utilities --unit jinshui --title 车间停电 --amount "
      "50000\n\n"
      "The first rule decides whose conditions all hold; without one, the default of the unit or of the "
      "nearest\n"
      "above it, and at last that of the catalogue. A rule that fails on one condition alone is shown with "
      "it.\n"
      "No case is made. `zhuqictl catalogue simulate` asks the same of a draft and of many cases.");
  route->callback([&client, options] {
    client.action = [&client, options] { return RunExplainRoute(client, *options); };
  });
}

}  // namespace zhuqi::ctl
