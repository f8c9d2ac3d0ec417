// zhuqictl catalogue: the responsibility catalogue, from a draft to the version in force.
#include <CLI/CLI.hpp>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/config/config.h"
#include "tools/zhuqictl/catalogue_text.h"
#include "tools/zhuqictl/commands.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/filters.h"
#include "tools/zhuqictl/paging.h"
#include "tools/zhuqictl/patience.h"
#include "tools/zhuqictl/progress.h"
#include "tools/zhuqictl/request_ids.h"
#include "zhuqi/routing/v1/catalogue_service.grpc.pb.h"

namespace zhuqi::ctl {
namespace {

using routing::v1::CatalogueService;
using routing::v1::SimulateCatalogueRequest;
using routing::v1::SimulateCatalogueResponse;

struct CatalogueOptions {
  std::string file;
  int64_t version = 0;
  // Absent: that of the draft.
  std::optional<int64_t> expected_version;
  bool validate_only = false;
  int patience_seconds = 300;
  std::string received;
  PageOptions page;
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
  client.Show(response, [&] {
    std::string text = response.catalogue().Utf8DebugString();
    const int64_t highest = response.highest_version();
    // A change of this one replaces that one, too: who makes it should know.
    if (highest != response.catalogue().version())
      absl::StrAppend(&text, "# the highest version is ", highest, "\n");
    return text;
  });
  return kExitOk;
}

// The draft of FILE, and what it needs to have been applied.
template <class Request>
absl::StatusOr<Request> DraftRequest(const Client& client, const CatalogueOptions& options) {
  Request request;
  ZHUQI_ASSIGN_OR_RETURN(*request.mutable_catalogue(),
                         config::LoadTextproto<routing::v1::Catalogue>(options.file));
  ZHUQI_ASSIGN_OR_RETURN(const std::string token, client.AtLeastToken());
  request.set_at_least_token(token);
  return request;
}

int DiffDraft(Client& client, const CatalogueOptions& options) {
  auto request = DraftRequest<routing::v1::DiffCatalogueRequest>(client, options);
  if (!request.ok()) return client.FailUsage(request.status());
  request->set_version(options.version);
  routing::v1::DiffCatalogueResponse response;
  const absl::Status status = client.Call<CatalogueService>(
      Service::kRouting, &CatalogueService::Stub::DiffCatalogue, *request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] { return CatalogueDifferenceText(response, client.chinese()); });
  return kExitOk;
}

int ApplyDraft(Client& client, const CatalogueOptions& options) {
  auto request = DraftRequest<routing::v1::ApplyCatalogueRequest>(client, options);
  if (!request.ok()) return client.FailUsage(request.status());
  request->set_request_id(NewRequestId());
  request->set_validate_only(options.validate_only);
  // A draft that was made of what `show` gave says which version that was.
  const int64_t made_from = request->catalogue().version();
  if (options.expected_version.has_value()) {
    request->set_expected_version(*options.expected_version);
  } else if (made_from > 0) {
    request->set_expected_version(made_from);
  }
  routing::v1::ApplyCatalogueResponse response;
  const absl::Status status = client.Call<CatalogueService>(
      Service::kRouting, &CatalogueService::Stub::ApplyCatalogue, *request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] {
    std::string text =
        absl::StrCat(options.validate_only ? "good; " : "", "highest version: ", response.version(),
                     !response.changed()     ? " (unchanged)\n"
                     : options.validate_only ? " (would change)\n"
                                             : " (changed)\n");
    if (!response.consistency_token().empty())
      absl::StrAppend(&text, "token: ", response.consistency_token(), "\n");
    return text;
  });
  return kExitOk;
}

// Replays all pages; of the cases that would change, as many as are wanted are kept. A page that fails
// because the service is away or busy is asked for again: a replay of years is not begun anew.
absl::Status Replay(Client& client, SimulateCatalogueRequest request, const CatalogueOptions& options,
                    SimulateCatalogueResponse* all) {
  Progress progress("replaying", "cases", 0, client.options.quiet);
  Patience patience(absl::Seconds(options.patience_seconds),
                    [&progress](absl::string_view message) { progress.Say(message); });
  do {
    SimulateCatalogueResponse page;
    const absl::Status status = client.Call<CatalogueService>(
        Service::kRouting, &CatalogueService::Stub::SimulateCatalogue, request, &page);
    if (!status.ok()) {
      if (!patience.TryAgain(status)) return status;
      continue;
    }
    patience.Reset();
    all->set_version(page.version());
    AddSums(page.sums(), all->mutable_sums());
    for (routing::v1::SimulatedCase& one : *page.mutable_cases()) {
      if (options.page.all || all->cases_size() < options.page.limit) *all->add_cases() = std::move(one);
    }
    progress.Update(all->sums().replayed(), all->sums().replayed());
    if (page.next_page_token().empty()) return absl::OkStatus();
    request.set_page_token(page.next_page_token());
  } while (true);
}

int SimulateDraft(Client& client, const CatalogueOptions& options) {
  auto request = DraftRequest<SimulateCatalogueRequest>(client, options);
  if (!request.ok()) return client.FailUsage(request.status());
  if (!options.received.empty()) {
    if (absl::Status status = SetSpan(options.received, request->mutable_received()); !status.ok())
      return client.FailUsage(status);
  }
  request->set_page_size(500);
  SimulateCatalogueResponse response;
  const absl::Status status = Replay(client, *std::move(request), options, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] { return SimulationText(response, client.chinese()); });
  return kExitOk;
}

using Run = int (*)(Client&, const CatalogueOptions&);

CLI::App* AddDraftCommand(CLI::App& catalogue, Client& client, const char* name, const char* help,
                          const std::shared_ptr<CatalogueOptions>& options, Run run) {
  CLI::App* command = catalogue.add_subcommand(name, help);
  command->add_option("FILE", options->file, "a textproto of zhuqi.routing.v1.Catalogue")
      ->required()
      ->check(CLI::ExistingFile);
  command->callback(
      [&client, options, run] { client.action = [&client, options, run] { return run(client, *options); }; });
  return command;
}

void AddShow(CLI::App& catalogue, Client& client) {
  const auto options = std::make_shared<CatalogueOptions>();
  CLI::App* show = catalogue.add_subcommand("show", "The catalogue in force, as a textproto");
  show->add_option("--version", options->version, "another version");
  show->footer("  zhuqictl catalogue show > draft.textproto");
  show->callback(
      [&client, options] { client.action = [&client, options] { return ShowCatalogue(client, *options); }; });
}

void AddDiff(CLI::App& catalogue, Client& client) {
  const auto options = std::make_shared<CatalogueOptions>();
  CLI::App* diff =
      AddDraftCommand(catalogue, client, "diff", "How a draft differs, rule by rule", options, &DiffDraft);
  diff->add_option("--version", options->version, "compare with this version and not with the one in force");
  diff->footer(
      "  zhuqictl catalogue diff draft.textproto\n\n"
      "+ is new, - is gone, ~ says something else, > is tried earlier or later than before. Rules are\n"
      "matched by rule_id. The first rule that matches decides, so their order is part of what they say.");
}

void AddApply(CLI::App& catalogue, Client& client) {
  const auto options = std::make_shared<CatalogueOptions>();
  CLI::App* apply =
      AddDraftCommand(catalogue, client, "apply", "Put a catalogue in force", options, &ApplyDraft);
  apply->add_flag("--validate-only", options->validate_only, "check it, and store nothing");
  apply->add_option(
      "--expected-version", options->expected_version,
      "the highest version that the draft was made from (0: none); without it: the draft's own");
  apply->footer(
      "  zhuqictl catalogue apply draft.textproto --validate-only\n"
      "  zhuqictl catalogue apply deploy/packs/catalogue/default.textproto\n\n"
      "A catalogue with a hole (a category and a unit whose cases nobody would own) is refused, and the "
      "holes\n"
      "are named. With valid_from or valid_to it decides on those days alone; after its last day the "
      "version\n"
      "before it does again. Cases that are routed already stay where they are.\n\n"
      "A draft that bears a version (`catalogue show` writes it) is refused when another version was "
      "applied\n"
      "since: take over what changed (`catalogue diff draft.textproto`), and set the version. One without a\n"
      "version replaces whatever is highest.");
}

void AddSimulate(CLI::App& catalogue, Client& client) {
  const auto options = std::make_shared<CatalogueOptions>();
  CLI::App* simulate = AddDraftCommand(catalogue, client, "simulate", "What a draft would make of past cases",
                                       options, &SimulateDraft);
  simulate->add_option("--received", options->received,
                       "2024-05, 2024-05-01..2024-05-31; without it: all cases");
  simulate->add_option("--patience", options->patience_seconds, "seconds to wait for a service that is away")
      ->check(CLI::Range(0, 86400))
      ->capture_default_str();
  AddPageOptions(*simulate, &options->page);
  simulate->footer(
      "  zhuqictl catalogue simulate draft.textproto --received 2024-05\n"
      "  zhuqictl catalogue simulate draft.textproto --received 2024-01-01.. --all --output json\n\n"
      "Each case is decided twice with what it was last routed by: by the catalogue in force and by the\n"
      "draft. Shown are sums of all that would change, then the cases, newest first. Nothing is stored.");
}

}  // namespace

void AddCatalogueCommand(CLI::App& app, Client& client) {
  CLI::App* catalogue =
      app.add_subcommand("catalogue", "Who handles what, by when: the responsibility catalogue (责任清单)");
  catalogue->require_subcommand(1);
  catalogue->footer(
      "From a draft to the version in force:\n"
      "  zhuqictl catalogue show > draft.textproto         # take what is in force, and change it\n"
      "  zhuqictl catalogue diff draft.textproto           # what was changed\n"
      "  zhuqictl catalogue simulate draft.textproto       # what it would have made of past cases\n"
      "  zhuqictl catalogue apply draft.textproto\n"
      "  zhuqictl explain route --help                     # what it decides for one issue, and why\n"
      "deploy/packs/catalogue has catalogues of several cities to begin with.");
  AddShow(*catalogue, client);
  AddDiff(*catalogue, client);
  AddApply(*catalogue, client);
  AddSimulate(*catalogue, client);
}

}  // namespace zhuqi::ctl
