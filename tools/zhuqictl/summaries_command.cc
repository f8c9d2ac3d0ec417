#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "tools/zhuqictl/commands.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/files.h"
#include "tools/zhuqictl/json_text.h"
#include "tools/zhuqictl/paging.h"
#include "tools/zhuqictl/request_ids.h"
#include "tools/zhuqictl/summary_play.h"
#include "tools/zhuqictl/text_values.h"
#include "zhuqi/intake/v1/summary_service.grpc.pb.h"

namespace zhuqi::ctl {
namespace {

using intake::v1::GetSummaryRequest;
using intake::v1::GetSummaryResponse;
using intake::v1::ListSummariesRequest;
using intake::v1::ListSummariesResponse;
using intake::v1::MonthlySummary;
using intake::v1::ReviewSummaryRequest;
using intake::v1::ReviewSummaryResponse;
using intake::v1::SubmitSummaryRequest;
using intake::v1::SubmitSummaryResponse;
using intake::v1::SummaryService;

struct NameOptions {
  std::string unit;
  std::string month;
  std::string form;
};

void AddNameOptions(CLI::App& command, NameOptions* options) {
  command.add_option("UNIT", options->unit, "whose summary")->required();
  command.add_option("MONTH", options->month, "2024-05")->required();
  command.add_option("--form", options->form, "without it: the one form that the unit owes");
}

absl::StatusOr<MonthlySummary> Get(Client& client, const NameOptions& options) {
  GetSummaryRequest request;
  request.set_org_unit_id(options.unit);
  request.set_form_id(options.form);
  ZHUQI_ASSIGN_OR_RETURN(*request.mutable_month(), ParseMonth(options.month));
  ZHUQI_ASSIGN_OR_RETURN(const std::string token, client.AtLeastToken());
  request.set_at_least_token(token);
  GetSummaryResponse response;
  ZHUQI_RETURN_IF_ERROR(
      client.Call<SummaryService>(Service::kIntake, &SummaryService::Stub::GetSummary, request, &response));
  return response.summary();
}

std::string Describe(const MonthlySummary& summary) {
  std::string text =
      absl::StrCat(summary.org_unit_id(), " ", MonthText(summary.month()), "  ", EnumText(summary.state()),
                   ", revision ", summary.revision(), "\ndue ", InstantText(summary.due_at()),
                   summary.due_provisional() ? " (provisional)" : "", ", first sent ",
                   InstantText(summary.first_submitted_at()), summary.late() ? " (late)" : "", "\n");
  Table cells({{"indicator"}, {"value", Align::kRight}, {"status"}, {"derivation"}, {"note"}});
  for (const auto& cell : summary.cells()) {
    cells.AddRow({cell.indicator_id(), absl::StrCat(cell.value()), EnumText(cell.status()),
                  EnumText(cell.derivation()), cell.note()});
  }
  if (cells.rows() > 0) absl::StrAppend(&text, cells.ToString());
  if (!summary.narrative().empty()) absl::StrAppend(&text, summary.narrative(), "\n");
  for (const auto& review : summary.reviews()) {
    absl::StrAppend(&text, "review of revision ", review.revision(), ": ", EnumText(review.decision()), " ",
                    InstantText(review.reviewed_at()), " by ", review.reviewer(),
                    review.voided() ? " (voided)" : "", " ", review.comment(), "\n");
  }
  return absl::StrCat(text, "digest ", summary.digest(), "\netag ", summary.etag(), "\n");
}

int ShowSummary(Client& client, const NameOptions& options) {
  const absl::StatusOr<MonthlySummary> summary = Get(client, options);
  if (!summary.ok()) return client.Fail(summary.status());
  client.Show(*summary, [&] { return Describe(*summary); });
  return kExitOk;
}

struct ListOptions {
  std::string unit;
  std::string months;
  std::string state;
  PageOptions page;
};

absl::StatusOr<ListSummariesRequest> RequestOf(const Client& client, const ListOptions& options) {
  ListSummariesRequest request;
  request.set_org_unit_id(options.unit);
  if (!options.months.empty()) {
    ZHUQI_ASSIGN_OR_RETURN(const std::vector<common::v1::YearMonth> months, ParseMonths(options.months));
    *request.mutable_first_month() = months.front();
    *request.mutable_last_month() = months.back();
  }
  ZHUQI_RETURN_IF_ERROR(
      SetEnum<intake::v1::SummaryState>(options.state, [&](auto state) { request.set_state(state); }));
  ZHUQI_ASSIGN_OR_RETURN(const std::string token, client.AtLeastToken());
  request.set_at_least_token(token);
  return request;
}

int List(Client& client, const ListOptions& options) {
  const absl::StatusOr<ListSummariesRequest> request = RequestOf(client, options);
  if (!request.ok()) return client.FailUsage(request.status());
  ListSummariesResponse merged;
  const absl::Status status = ReadPages<SummaryService>(
      client, Service::kIntake, &SummaryService::Stub::ListSummaries, *request, options.page, &merged,
      [](const ListSummariesResponse& page) { return page.summaries_size(); });
  if (!status.ok()) return client.Fail(status);
  client.Show(merged, [&] {
    Table table(
        {{"month"}, {"unit"}, {"state"}, {"revision", Align::kRight}, {"due"}, {"first sent"}, {"late"}});
    for (const MonthlySummary& s : merged.summaries()) {
      table.AddRow({MonthText(s.month()), s.org_unit_id(), EnumText(s.state()), absl::StrCat(s.revision()),
                    InstantText(s.due_at()), InstantText(s.first_submitted_at()), s.late() ? "late" : ""});
    }
    return table.ToString();
  });
  return kExitOk;
}

int Submit(Client& client, const std::string& file, bool validate_only) {
  const absl::StatusOr<std::string> text = ReadFile(file);
  if (!text.ok()) return client.FailUsage(text.status());
  SubmitSummaryRequest request;
  if (const absl::Status status = FromJson(*text, &request); !status.ok()) return client.FailUsage(status);
  if (request.request_id().empty()) request.set_request_id(NewRequestId());
  if (validate_only) request.set_validate_only(true);
  SubmitSummaryResponse response;
  const absl::Status status =
      client.Call<SummaryService>(Service::kIntake, &SummaryService::Stub::SubmitSummary, request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] {
    return absl::StrCat(Describe(response.summary()), "token: ", response.consistency_token(), "\n");
  });
  return kExitOk;
}

struct ReviewOptions {
  NameOptions name;
  std::string decision;
  std::string comment;
  int64_t revision = 0;
};

int Review(Client& client, const ReviewOptions& options) {
  const absl::StatusOr<MonthlySummary> summary = Get(client, options.name);
  if (!summary.ok()) return client.Fail(summary.status());
  ReviewSummaryRequest request;
  request.set_request_id(NewRequestId());
  request.set_org_unit_id(options.name.unit);
  *request.mutable_month() = summary->month();
  request.set_form_id(summary->form_id());
  // The digest comes from what is there now: a reviewer who read an earlier revision names it, and is
  // refused.
  request.set_revision(options.revision > 0 ? options.revision : summary->revision());
  request.set_digest(summary->digest());
  request.set_decision(options.decision == "accept" ? intake::v1::REVIEW_DECISION_ACCEPT
                                                    : intake::v1::REVIEW_DECISION_RETURN);
  request.set_comment(options.comment);
  ReviewSummaryResponse response;
  const absl::Status status =
      client.Call<SummaryService>(Service::kIntake, &SummaryService::Stub::ReviewSummary, request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] {
    return absl::StrCat(Describe(response.summary()), "token: ", response.consistency_token(), "\n");
  });
  return kExitOk;
}

void AddReview(CLI::App& summaries, Client& client) {
  const auto options = std::make_shared<ReviewOptions>();
  CLI::App* command = summaries.add_subcommand("review", "Accept or return the newest revision");
  AddNameOptions(*command, &options->name);
  command->add_option("DECISION", options->decision, "accept or return")
      ->required()
      ->check(CLI::IsMember({"accept", "return"}));
  command->add_option("--comment", options->comment, "needed to return it");
  command->add_option("--revision", options->revision,
                      "the revision that was read; refused if there is a newer one");
  command->callback(
      [&client, options] { client.action = [&client, options] { return Review(client, *options); }; });
}

void AddPlay(CLI::App& summaries, Client& client) {
  const auto file = std::make_shared<std::string>();
  CLI::App* command =
      summaries.add_subcommand("play", "Play a file of submissions and reviews, in its order");
  command->add_option("FILE", *file)->required()->check(CLI::ExistingFile);
  command->footer(
      "Each line is {\"submit\": SubmitSummaryRequest} or {\"review\": ReviewSummaryRequest}, without "
      "request_id,\n"
      "revision, digest and etag: those are taken from the newest revision. A line that happened already (by "
      "its\n"
      "occurred_at) is passed over, so the same file can be played again.");
  command->callback(
      [&client, file] { client.action = [&client, file] { return PlaySummaries(client, *file); }; });
}

}  // namespace

void AddSummariesCommand(CLI::App& app, Client& client) {
  CLI::App* summaries = app.add_subcommand("summaries", "Monthly summaries: read, send, review");
  summaries->require_subcommand(1);
  const auto list_options = std::make_shared<ListOptions>();
  CLI::App* list = summaries->add_subcommand("list", "Summaries sent and owed, newest month first");
  list->add_option("--unit", list_options->unit, "this unit and all below it");
  list->add_option("--months", list_options->months, "2024-05 or 2024-01..2024-06");
  list->add_option("--state", list_options->state, "owed, submitted, returned, accepted or waived");
  AddPageOptions(*list, &list_options->page);
  list->callback([&client, list_options] {
    client.action = [&client, list_options] { return List(client, *list_options); };
  });

  const auto show_options = std::make_shared<NameOptions>();
  CLI::App* show = summaries->add_subcommand("show", "One summary");
  AddNameOptions(*show, show_options.get());
  show->callback([&client, show_options] {
    client.action = [&client, show_options] { return ShowSummary(client, *show_options); };
  });

  const auto file = std::make_shared<std::string>();
  const auto validate_only = std::make_shared<bool>(false);
  CLI::App* submit = summaries->add_subcommand("submit", "Send a summary (SubmitSummaryRequest as JSON)");
  submit->add_option("FILE", *file)->required()->check(CLI::ExistingFile);
  submit->add_flag("--validate-only", *validate_only, "check and store nothing");
  submit->callback([&client, file, validate_only] {
    client.action = [&client, file, validate_only] { return Submit(client, *file, *validate_only); };
  });
  AddReview(*summaries, client);
  AddPlay(*summaries, client);
}

}  // namespace zhuqi::ctl
