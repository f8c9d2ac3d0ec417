#include <iostream>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "tools/zhuqictl/case_text.h"
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
  bool legacy = false;
};

absl::StatusOr<ExplainRouteRequest> RequestOf(const Client& client, const RouteOptions& options) {
  ExplainRouteRequest request;
  routing::v1::RouteInputs* inputs = request.mutable_inputs();
  ZHUQI_RETURN_IF_ERROR(
      SetEnum<intake::v1::IssueKind>(options.kind, [&](auto kind) { inputs->set_kind(kind); }));
  inputs->set_category_id(options.category);
  inputs->set_org_unit_id(options.unit);
  for (const std::string& function : options.functions) inputs->add_department_functions(function);
  inputs->set_legacy(options.legacy);
  ZHUQI_ASSIGN_OR_RETURN(const std::string token, client.AtLeastToken());
  request.set_at_least_token(token);
  return request;
}

int Explain(Client& client, const RouteOptions& options) {
  const absl::StatusOr<ExplainRouteRequest> request = RequestOf(client, options);
  if (!request.ok()) return client.FailUsage(request.status());
  ExplainRouteResponse response;
  const absl::Status status = client.Call<CatalogueService>(
      Service::kRouting, &CatalogueService::Stub::ExplainRoute, *request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] { return DescribeDecision(response.decision()); });
  return kExitOk;
}

struct CatalogueOptions {
  int64_t version = 0;
};

int ShowCatalogue(Client& client, const CatalogueOptions& options) {
  const absl::StatusOr<std::string> token = client.AtLeastToken();
  if (!token.ok()) return client.FailUsage(token.status());
  routing::v1::GetCatalogueRequest request;
  request.set_version(options.version);
  request.set_at_least_token(*token);
  routing::v1::GetCatalogueResponse response;
  const absl::Status status = client.Call<CatalogueService>(
      Service::kRouting, &CatalogueService::Stub::GetCatalogue, request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] { return response.catalogue().Utf8DebugString(); });
  return kExitOk;
}

}  // namespace

void AddRouteCommand(CLI::App& app, Client& client) {
  CLI::App* route = app.add_subcommand("route", "Who handles what: ask the responsibility catalogue");
  route->require_subcommand(1);
  const auto options = std::make_shared<RouteOptions>();
  CLI::App* explain =
      route->add_subcommand("explain", "What the catalogue would decide, and why; makes no case");
  explain->add_option("--kind", options->kind, "problem, need or suggestion")->required();
  explain->add_option("--category", options->category)->required();
  explain->add_option("--unit", options->unit, "where the issue is raised")->required();
  explain->add_option("--functions", options->functions, "departments that it names, separated by ','")
      ->delimiter(',');
  explain->add_flag("--legacy", options->legacy, "历史遗留");
  explain->footer(
      "  zhuqictl route explain --kind problem --category land.change-of-use --unit jinshui \\\n"
      "    --functions planning,fire --legacy");
  explain->callback(
      [&client, options] { client.action = [&client, options] { return Explain(client, *options); }; });

  const auto catalogue_options = std::make_shared<CatalogueOptions>();
  CLI::App* show = route->add_subcommand("catalogue", "The catalogue in force, as a textproto");
  show->add_option("--version", catalogue_options->version, "an earlier version");
  show->callback([&client, catalogue_options] {
    client.action = [&client, catalogue_options] { return ShowCatalogue(client, *catalogue_options); };
  });
}

}  // namespace zhuqi::ctl
