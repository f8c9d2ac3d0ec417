#include <iostream>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "tools/zhuqictl/commands.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/filters.h"
#include "tools/zhuqictl/paging.h"
#include "tools/zhuqictl/policy_text.h"
#include "tools/zhuqictl/text_values.h"
#include "zhuqi/directory/v1/directory_service.grpc.pb.h"
#include "zhuqi/intake/v1/enterprise_service.grpc.pb.h"

namespace zhuqi::ctl {
namespace {

using directory::v1::DirectoryService;
using directory::v1::ListPoliciesRequest;
using directory::v1::ListPoliciesResponse;
using intake::v1::EnterpriseService;
using intake::v1::ListPolicyMatchesRequest;
using intake::v1::ListPolicyMatchesResponse;
using intake::v1::PolicyMatch;

struct PolicyListOptions {
  std::string unit;
  std::string on;
  PageOptions page;
};

absl::StatusOr<ListPoliciesRequest> RequestOf(const PolicyListOptions& options) {
  ListPoliciesRequest request;
  request.set_org_unit_id(options.unit);
  if (!options.on.empty()) {
    ZHUQI_ASSIGN_OR_RETURN(*request.mutable_in_force_on(), ParseDate(options.on));
  }
  return request;
}

int List(Client& client, const PolicyListOptions& options) {
  const absl::StatusOr<ListPoliciesRequest> request = RequestOf(options);
  if (!request.ok()) return client.FailUsage(request.status());
  ListPoliciesResponse merged;
  const absl::Status status = ReadPages<DirectoryService>(
      client, Service::kIntake, &DirectoryService::Stub::ListPolicies, *request, options.page, &merged,
      [](const ListPoliciesResponse& page) { return page.policies_size(); });
  if (!status.ok()) return client.Fail(status);
  client.Show(merged, [&] {
    Table table(
        {{"policy"}, {"title", Align::kLeft, 40}, {"issued by"}, {"in force"}, {"who", Align::kLeft, 60}});
    for (const directory::v1::Policy& policy : merged.policies()) {
      table.AddRow({policy.policy_id(), policy.title(), policy.org_unit_id(),
                    absl::StrCat(DateText(policy.valid_from()), "..", DateText(policy.valid_to())),
                    EligibilityText(policy)});
    }
    return table.ToString();
  });
  return kExitOk;
}

struct MatchOptions {
  std::string policy;
  std::string unit;
  std::string verdict;
  std::string on;
  bool not_brought = false;
  bool not_claimed = false;
  PageOptions page;
};

absl::StatusOr<ListPolicyMatchesRequest> RequestOf(const MatchOptions& options) {
  ListPolicyMatchesRequest request;
  request.set_policy_id(options.policy);
  request.set_org_unit_id(options.unit);
  request.set_not_brought(options.not_brought);
  request.set_not_claimed(options.not_claimed);
  ZHUQI_RETURN_IF_ERROR(
      SetEnum<PolicyMatch::Verdict>(options.verdict, [&](auto verdict) { request.set_verdict(verdict); }));
  if (!options.on.empty()) {
    ZHUQI_ASSIGN_OR_RETURN(*request.mutable_on(), ParseDate(options.on));
  }
  return request;
}

int Matches(Client& client, const MatchOptions& options) {
  const absl::StatusOr<ListPolicyMatchesRequest> request = RequestOf(options);
  if (!request.ok()) return client.FailUsage(request.status());
  ListPolicyMatchesResponse merged;
  const absl::Status status = ReadPages<EnterpriseService>(
      client, Service::kIntake, &EnterpriseService::Stub::ListPolicyMatches, *request, options.page, &merged,
      [](const ListPolicyMatchesResponse& page) { return page.matches_size(); });
  if (!status.ok()) return client.Fail(status);
  client.Show(merged, [&] {
    return absl::StrCat(MatchTable(merged.matches(), /*by_enterprise=*/true), merged.matches_size(),
                        " enterprises",
                        merged.next_page_token().empty() ? "\n" : " … and more: --limit or --all\n");
  });
  return kExitOk;
}

void AddMatches(CLI::App& policies, Client& client) {
  const auto options = std::make_shared<MatchOptions>();
  CLI::App* command =
      policies.add_subcommand("matches", "Which enterprises may claim a policy, and what came of it");
  command->add_option("POLICY", options->policy, "the policy's identity")->required();
  command->add_option("--unit", options->unit,
                      "enterprises of this unit and below; without it: where it holds");
  command->add_option("--verdict", options->verdict,
                      "eligible, not_eligible or unknown; without it: eligible and unknown ones");
  command->add_flag("--not-brought", options->not_brought, "only those to whom it was not brought yet");
  command->add_flag("--not-claimed", options->not_claimed, "only those that did not apply yet");
  command->add_option("--on", options->on, "seen from this day, 2024-05-09; without it: today");
  AddPageOptions(*command, &options->page);
  command->footer(
      "  zhuqictl policies matches research-subsidy --unit jinshui --not-brought\n"
      "  zhuqictl policies matches research-subsidy --verdict eligible --not-claimed --all --output json");
  command->callback(
      [&client, options] { client.action = [&client, options] { return Matches(client, *options); }; });
}

}  // namespace

void AddPoliciesCommand(CLI::App& app, Client& client) {
  CLI::App* policies = app.add_subcommand("policies", "Policies, and which enterprises may claim them");
  policies->require_subcommand(1);
  const auto options = std::make_shared<PolicyListOptions>();
  CLI::App* list = policies->add_subcommand("list", "Policies and who may claim them");
  list->add_option("--unit", options->unit, "only those that hold for this unit");
  list->add_option("--on", options->on, "only those in force on this day, 2024-05-09");
  AddPageOptions(*list, &options->page);
  list->callback(
      [&client, options] { client.action = [&client, options] { return List(client, *options); }; });
  AddMatches(*policies, client);
}

}  // namespace zhuqi::ctl
