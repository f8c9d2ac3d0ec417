#include <fstream>
#include <iostream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/config/config.h"
#include "tools/zhuqictl/commands.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/files.h"
#include "tools/zhuqictl/json_text.h"
#include "tools/zhuqictl/paging.h"
#include "tools/zhuqictl/request_ids.h"
#include "tools/zhuqictl/summary_play.h"
#include "tools/zhuqictl/summary_text.h"
#include "tools/zhuqictl/text_values.h"
#include "zhuqi/directory/v1/directory_service.grpc.pb.h"
#include "zhuqi/intake/v1/summary_service.grpc.pb.h"

namespace zhuqi::ctl {
namespace {

using directory::v1::DirectoryService;
using directory::v1::ListFormsRequest;
using directory::v1::ListFormsResponse;
using intake::v1::CellRemark;
using intake::v1::CompareRevisionsRequest;
using intake::v1::CompareRevisionsResponse;
using intake::v1::DraftSummaryRequest;
using intake::v1::DraftSummaryResponse;
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

// Unit, month, form and, where the request has one, the token to wait for.
template <class Request>
absl::Status SetName(Client& client, const NameOptions& options, Request& request) {
  request.set_org_unit_id(options.unit);
  request.set_form_id(options.form);
  ZHUQI_ASSIGN_OR_RETURN(*request.mutable_month(), ParseMonth(options.month));
  if constexpr (requires { request.set_at_least_token(""); }) {
    ZHUQI_ASSIGN_OR_RETURN(const std::string token, client.AtLeastToken());
    request.set_at_least_token(token);
  }
  return absl::OkStatus();
}

absl::StatusOr<MonthlySummary> Get(Client& client, const NameOptions& options) {
  GetSummaryRequest request;
  ZHUQI_RETURN_IF_ERROR(SetName(client, options, request));
  GetSummaryResponse response;
  ZHUQI_RETURN_IF_ERROR(
      client.Call<SummaryService>(Service::kIntake, &SummaryService::Stub::GetSummary, request, &response));
  return response.summary();
}

// The version of the form that the summary is owed by; empty when it can not be read, for it is only for
// names.
directory::v1::SummaryForm FormOf(Client& client, const std::string& form_id, int32_t version) {
  ListFormsRequest request;
  request.set_form_id(form_id);
  ListFormsResponse response;
  const absl::Status status =
      client.Call<DirectoryService>(Service::kIntake, &DirectoryService::Stub::ListForms, request, &response);
  if (status.ok()) {
    for (const auto& form : response.forms()) {
      if (form.version() == version) return form;
    }
  }
  return {};
}

std::string Describe(Client& client, const MonthlySummary& summary) {
  return SummaryText(summary, FormOf(client, summary.form_id(), summary.form_version()), client.chinese());
}

struct ShowOptions {
  NameOptions name;
  std::string as_of;
};

int ShowSummary(Client& client, const ShowOptions& options) {
  GetSummaryRequest request;
  if (const absl::Status status = SetName(client, options.name, request); !status.ok())
    return client.FailUsage(status);
  if (!options.as_of.empty()) {
    const auto as_of = ParseInstant(options.as_of);
    if (!as_of.ok()) return client.FailUsage(as_of.status());
    *request.mutable_as_of() = *as_of;
  }
  GetSummaryResponse response;
  const absl::Status status =
      client.Call<SummaryService>(Service::kIntake, &SummaryService::Stub::GetSummary, request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response.summary(), [&] { return Describe(client, response.summary()); });
  return kExitOk;
}

struct DraftOptions {
  NameOptions name;
  std::string output;
};

int WriteDraft(Client& client, const DraftOptions& options) {
  const absl::StatusOr<MonthlySummary> summary = Get(client, options.name);
  if (!summary.ok()) return client.Fail(summary.status());
  DraftSummaryRequest request;
  if (const absl::Status status = SetName(client, options.name, request); !status.ok())
    return client.FailUsage(status);
  DraftSummaryResponse draft;
  const absl::Status status =
      client.Call<SummaryService>(Service::kIntake, &SummaryService::Stub::DraftSummary, request, &draft);
  if (!status.ok()) return client.Fail(status);
  const auto form = FormOf(client, summary->form_id(), draft.form_version());
  if (form.indicators_size() != draft.cells_size()) {
    return client.Fail(absl::UnavailableError("the form can not be read; try again"));
  }
  if (client.json()) {
    client.Show(draft, [] { return std::string(); });
    return kExitOk;
  }
  const std::string text = DraftFile(draft, *summary, form, options.name.unit);
  if (options.output.empty()) {
    std::cout << text;
    return kExitOk;
  }
  std::ofstream file(options.output, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file)
    return client.FailUsage(absl::InvalidArgumentError(absl::StrCat("can not write ", options.output)));
  std::cout << FindingsText(draft.findings(), client.chinese()) << "draft of " << draft.cells_size()
            << " indicators: " << options.output << "\n";
  return kExitOk;
}

struct SummaryListOptions {
  std::string unit;
  std::string months;
  std::string state;
  PageOptions page;
};

absl::StatusOr<ListSummariesRequest> RequestOf(const SummaryListOptions& options) {
  ListSummariesRequest request;
  request.set_org_unit_id(options.unit);
  if (!options.months.empty()) {
    ZHUQI_ASSIGN_OR_RETURN(const std::vector<common::v1::YearMonth> months, ParseMonths(options.months));
    *request.mutable_first_month() = months.front();
    *request.mutable_last_month() = months.back();
  }
  ZHUQI_RETURN_IF_ERROR(
      SetEnum<intake::v1::SummaryState>(options.state, [&](auto state) { request.set_state(state); }));
  return request;
}

int List(Client& client, const SummaryListOptions& options) {
  const absl::StatusOr<ListSummariesRequest> request = RequestOf(options);
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

struct SummarySubmitOptions {
  std::string file;
  std::string reason;
  bool validate_only = false;
};

// The file is a draft as `summary draft` writes it (textproto), or JSON.
absl::StatusOr<SubmitSummaryRequest> LoadSubmission(const SummarySubmitOptions& options) {
  ZHUQI_ASSIGN_OR_RETURN(const std::string text, ReadFile(options.file));
  SubmitSummaryRequest request;
  if (absl::StartsWith(absl::StripLeadingAsciiWhitespace(text), "{")) {
    ZHUQI_RETURN_IF_ERROR(FromJson(text, &request));
  } else {
    ZHUQI_ASSIGN_OR_RETURN(request, config::LoadTextproto<SubmitSummaryRequest>(options.file));
  }
  if (request.request_id().empty()) request.set_request_id(NewRequestId());
  if (!options.reason.empty()) request.set_correction_reason(options.reason);
  if (options.validate_only) request.set_validate_only(true);
  return request;
}

int Submit(Client& client, const SummarySubmitOptions& options) {
  const absl::StatusOr<SubmitSummaryRequest> request = LoadSubmission(options);
  if (!request.ok()) return client.FailUsage(request.status());
  SubmitSummaryResponse response;
  const absl::Status status = client.Call<SummaryService>(
      Service::kIntake, &SummaryService::Stub::SubmitSummary, *request, &response);
  if (!status.ok()) return client.Fail(status);
  const MonthlySummary& summary = response.summary();
  if (request->validate_only()) {
    client.Show(response, [&] {
      const std::string findings = FindingsText(summary.findings(), client.chinese());
      return absl::StrCat(findings.empty() ? "nothing found\n" : findings,
                          HasErrors(summary.findings()) ? "it would be refused\n" : "it would be taken\n");
    });
    return HasErrors(summary.findings()) ? kExitRefused : kExitOk;
  }
  client.Show(response, [&] {
    return absl::StrCat(Describe(client, summary), "token: ", response.consistency_token(), "\n");
  });
  return kExitOk;
}

struct ReviewOptions {
  NameOptions name;
  std::string decision;
  std::string comment;
  int64_t revision = 0;
  std::string digest;
  std::vector<std::string> remarks;
};

// "visits=DOES_NOT_MATCH_RECORDS" or "visits=DOES_NOT_MATCH_RECORDS: 少三次".
absl::StatusOr<CellRemark> ParseRemark(absl::string_view text) {
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(text, absl::MaxSplits('=', 1));
  const std::pair<absl::string_view, absl::string_view> words =
      absl::StrSplit(parts.second, absl::MaxSplits(':', 1));
  if (parts.first.empty() || words.first.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("a remark is INDICATOR=REASON or INDICATOR=REASON:COMMENT, not \"", text, "\""));
  }
  CellRemark remark;
  remark.set_indicator_id(std::string(parts.first));
  remark.set_reason(std::string(words.first));
  remark.set_comment(std::string(absl::StripAsciiWhitespace(words.second)));
  return remark;
}

int Review(Client& client, const ReviewOptions& options) {
  if (options.revision == 0 && options.digest.empty()) {
    return client.FailUsage(absl::InvalidArgumentError(
        "name what was read: --revision or --digest, as `summary show` gives them"));
  }
  const absl::StatusOr<MonthlySummary> summary = Get(client, options.name);
  if (!summary.ok()) return client.Fail(summary.status());
  ReviewSummaryRequest request;
  request.set_request_id(NewRequestId());
  request.set_org_unit_id(options.name.unit);
  *request.mutable_month() = summary->month();
  request.set_form_id(summary->form_id());
  // One names the other, for a revision never changes. Whoever read another one than what is there now is
  // refused.
  request.set_revision(options.revision > 0 ? options.revision : summary->revision());
  request.set_digest(options.digest.empty() ? summary->digest() : options.digest);
  for (const std::string& text : options.remarks) {
    const absl::StatusOr<CellRemark> remark = ParseRemark(text);
    if (!remark.ok()) return client.FailUsage(remark.status());
    *request.add_remarks() = *remark;
  }
  const absl::Status decided = SetEnum<intake::v1::ReviewDecision>(
      options.decision, [&](auto decision) { request.set_decision(decision); });
  if (!decided.ok()) return client.FailUsage(decided);
  request.set_comment(options.comment);
  ReviewSummaryResponse response;
  const absl::Status status =
      client.Call<SummaryService>(Service::kIntake, &SummaryService::Stub::ReviewSummary, request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] {
    return absl::StrCat(Describe(client, response.summary()), "token: ", response.consistency_token(), "\n");
  });
  return kExitOk;
}

void AddReview(CLI::App& summaries, Client& client) {
  const auto options = std::make_shared<ReviewOptions>();
  CLI::App* command =
      summaries.add_subcommand("review", "Accept, return or comment on the revision that was read");
  AddNameOptions(*command, &options->name);
  command->add_option("DECISION", options->decision, "accept, return or comment, which decides nothing")
      ->required()
      ->check(CLI::IsMember({"accept", "return", "comment"}));
  command->add_option("--comment", options->comment, "needed to return it and to comment on it");
  command
      ->add_option("--revision", options->revision,
                   "the revision that was read; refused if there is a newer one. This or --digest is needed")
      ->check(CLI::PositiveNumber);
  command->add_option("--digest", options->digest, "the digest that was read; refused if it is another one");
  command
      ->add_option("--remark", options->remarks,
                   "INDICATOR=REASON or INDICATOR=REASON:COMMENT; may be repeated")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->footer(
      "  zhuqictl summary show jinshui 2026-01\n"
      "  zhuqictl summary review jinshui 2026-01 accept --revision 2\n"
      "  zhuqictl summary review jinshui 2026-01 return --revision 2 --comment 请核对 \\\n"
      "      --remark 'visits=DOES_NOT_MATCH_RECORDS: 系统记录为 12 次'\n"
      "  zhuqictl summary review jinshui 2026-01 comment --revision 2 --comment 请附台账");
  command->callback(
      [&client, options] { client.action = [&client, options] { return Review(client, *options); }; });
}

struct CompareOptions {
  NameOptions name;
  int64_t left = 0;
  int64_t right = 0;
};

int Compare(Client& client, const CompareOptions& options) {
  CompareRevisionsRequest request;
  if (const absl::Status status = SetName(client, options.name, request); !status.ok())
    return client.FailUsage(status);
  request.set_left(options.left);
  request.set_right(options.right);
  CompareRevisionsResponse response;
  const absl::Status status = client.Call<SummaryService>(
      Service::kIntake, &SummaryService::Stub::CompareRevisions, request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] {
    const absl::StatusOr<MonthlySummary> summary = Get(client, options.name);
    return ComparisonText(response,
                          summary.ok() ? FormOf(client, summary->form_id(), summary->form_version())
                                       : directory::v1::SummaryForm(),
                          client.chinese());
  });
  return kExitOk;
}

void AddCompare(CLI::App& summaries, Client& client) {
  const auto options = std::make_shared<CompareOptions>();
  CLI::App* command = summaries.add_subcommand("compare", "What differs between two revisions");
  AddNameOptions(*command, &options->name);
  command->add_option("--left", options->left, "the earlier one; without it: the one before the later one");
  command->add_option("--right", options->right, "the later one; without it: the newest");
  command->callback(
      [&client, options] { client.action = [&client, options] { return Compare(client, *options); }; });
}

void AddDraft(CLI::App& summaries, Client& client) {
  const auto options = std::make_shared<DraftOptions>();
  CLI::App* command = summaries.add_subcommand(
      "draft", "Write what records and the summaries below give into a file to be edited");
  AddNameOptions(*command, &options->name);
  command->add_option("-o,--to", options->output, "the file; without it: standard output");
  command->footer(
      "  zhuqictl summary draft jinshui 2026-01 --to jinshui.textproto\n"
      "  $EDITOR jinshui.textproto\n"
      "  zhuqictl summary check jinshui.textproto\n"
      "  zhuqictl summary submit jinshui.textproto");
  command->callback(
      [&client, options] { client.action = [&client, options] { return WriteDraft(client, *options); }; });
}

void AddSubmit(CLI::App& summaries, Client& client) {
  const auto add = [&](const char* name, const char* help, bool only_check) {
    const auto options = std::make_shared<SummarySubmitOptions>();
    CLI::App* command = summaries.add_subcommand(name, help);
    command
        ->add_option("FILE", options->file, "as `summary draft` writes it, or a SubmitSummaryRequest as JSON")
        ->required()
        ->check(CLI::ExistingFile);
    command->add_option("--reason", options->reason, "why it is corrected; needed once the period is locked");
    if (!only_check) command->add_flag("--validate-only", options->validate_only, "check and store nothing");
    options->validate_only = only_check;
    command->callback(
        [&client, options] { client.action = [&client, options] { return Submit(client, *options); }; });
    return command;
  };
  add("check", "All that a check of a file finds; stores nothing", true)
      ->footer("Exit code 1 when it would be refused.");
  add("submit", "Send a summary, or a new revision of one", false);
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

void AddSummaryCommand(CLI::App& app, Client& client) {
  CLI::App* summaries =
      app.add_subcommand("summary", "Monthly summaries: draft, check, send, review, compare");
  summaries->alias("summaries");
  summaries->require_subcommand(1);
  AddDraft(*summaries, client);
  AddSubmit(*summaries, client);
  AddReview(*summaries, client);
  AddCompare(*summaries, client);
  const auto show_options = std::make_shared<ShowOptions>();
  CLI::App* show = summaries->add_subcommand("show", "One summary, with its reviews and decisions");
  AddNameOptions(*show, &show_options->name);
  show->add_option("--as-of", show_options->as_of, "what was known then: 2026-02-10 09:00");
  show->callback([&client, show_options] {
    client.action = [&client, show_options] { return ShowSummary(client, *show_options); };
  });
  const auto list_options = std::make_shared<SummaryListOptions>();
  CLI::App* list = summaries->add_subcommand("list", "Summaries sent and owed, newest month first");
  list->add_option("--unit", list_options->unit, "this unit and all below it");
  list->add_option("--months", list_options->months, "2024-05 or 2024-01..2024-06");
  list->add_option("--state", list_options->state, "owed, submitted, returned, accepted or waived");
  AddPageOptions(*list, &list_options->page);
  list->callback([&client, list_options] {
    client.action = [&client, list_options] { return List(client, *list_options); };
  });
  AddPlay(*summaries, client);
}

}  // namespace zhuqi::ctl
