#include <functional>
#include <iostream>
#include <limits>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/config/config.h"
#include "tools/zhuqictl/commands.h"
#include "tools/zhuqictl/directory_file.h"
#include "tools/zhuqictl/directory_parts.h"
#include "tools/zhuqictl/directory_text.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/paging.h"
#include "tools/zhuqictl/progress.h"
#include "tools/zhuqictl/request_ids.h"
#include "tools/zhuqictl/text_values.h"
#include "zhuqi/directory/v1/directory_service.grpc.pb.h"

namespace zhuqi::ctl {
namespace {

using namespace directory::v1;  // NOLINT: it is all about this service

// ---- diff, apply, reorganize ----

struct FileOptions {
  std::string file;
  std::string format;
  std::vector<std::string> columns;
  std::vector<std::string> defaults;
  std::string id_prefix;
  bool complete = false;
  int64_t category_version = 0;
  int limit = 200;
};

// "name=value" of each.
absl::StatusOr<std::map<std::string, std::string>> Pairs(const std::vector<std::string>& texts,
                                                         const char* option) {
  std::map<std::string, std::string> pairs;
  for (const std::string& text : texts) {
    const std::vector<std::string> parts = absl::StrSplit(text, absl::MaxSplits('=', 1));
    if (parts.size() != 2)
      return absl::InvalidArgumentError(absl::StrCat(option, " ", text, ": expected NAME=VALUE"));
    pairs[parts[0]] = parts[1];
  }
  return pairs;
}

absl::StatusOr<ApplyDirectoryRequest> Load(const FileOptions& options) {
  DirectoryFileOptions file;
  file.format = options.format;
  ZHUQI_ASSIGN_OR_RETURN(file.columns, Pairs(options.columns, "--map"));
  ZHUQI_ASSIGN_OR_RETURN(file.defaults, Pairs(options.defaults, "--set"));
  file.id_prefix = options.id_prefix;
  ZHUQI_ASSIGN_OR_RETURN(ApplyDirectoryRequest request, LoadDirectoryFile(options.file, file));
  if (options.complete) request.set_complete(true);
  if (options.category_version > 0) request.mutable_category_tree()->set_version(options.category_version);
  return request;
}

int Send(Client& client, const FileOptions& options, bool validate_only) {
  const absl::StatusOr<ApplyDirectoryRequest> whole = Load(options);
  if (!whole.ok()) return client.FailUsage(whole.status());
  std::vector<ApplyDirectoryRequest> parts = DirectoryParts(*whole);
  if (whole->complete() && parts.size() > 1) {
    return client.FailUsage(absl::InvalidArgumentError(
        absl::StrCat("a complete directory must fit one call: at most ", kMaxDirectoryEntries, " entries")));
  }
  std::vector<ApplyDirectoryResponse> answers;
  Progress progress(validate_only ? "comparing" : "applying", "parts", static_cast<int64_t>(parts.size()),
                    client.options.quiet || parts.size() == 1);
  for (ApplyDirectoryRequest& part : parts) {
    part.set_request_id(NewRequestId());
    part.set_validate_only(validate_only);
    const absl::Status status = client.Call<DirectoryService>(
        Service::kIntake, &DirectoryService::Stub::ApplyDirectory, part, &answers.emplace_back());
    if (!status.ok()) {
      progress.Finish();
      if (!validate_only && answers.size() > 1) {
        std::cerr << answers.size() - 1 << " of " << parts.size()
                  << " parts are applied; the same command goes on\n";
      }
      return client.Fail(status);
    }
    progress.Update(static_cast<int64_t>(answers.size()), static_cast<int64_t>(answers.size()));
  }
  progress.Finish();
  const ApplyDirectoryResponse merged = MergedAnswer(*whole, answers);
  client.Show(merged, [&] {
    return absl::StrCat(DifferenceText(merged.changes(), options.limit),
                        validate_only ? "would change " : "changed ", merged.changes_size(), ", unchanged ",
                        merged.unchanged(), "\n",
                        merged.consistency_token().empty() ? "" : "token: ", merged.consistency_token(),
                        merged.consistency_token().empty() ? "" : "\n");
  });
  return kExitOk;
}

int Reorganize(Client& client, const std::string& file, bool validate_only) {
  absl::StatusOr<ReorganizeOrgUnitsRequest> request = config::LoadTextproto<ReorganizeOrgUnitsRequest>(file);
  if (!request.ok()) return client.FailUsage(request.status());
  if (request->request_id().empty()) request->set_request_id(NewRequestId());
  if (validate_only) request->set_validate_only(true);
  ReorganizeOrgUnitsResponse response;
  const absl::Status status = client.Call<DirectoryService>(
      Service::kIntake, &DirectoryService::Stub::ReorganizeOrgUnits, *request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] {
    std::string text = DifferenceText(response.changes(), response.changes_size());
    if (request->validate_only()) return absl::StrCat(text, "would change ", response.changes_size(), "\n");
    return absl::StrCat(text, "changed ", response.changes_size(), "\nreorganization ",
                        response.reorganization_id(), "\ntoken: ", response.consistency_token(), "\n");
  });
  return kExitOk;
}

void AddFileOptions(CLI::App& command, FileOptions* options) {
  command
      .add_option("FILE", options->file, "textproto of ApplyDirectoryRequest, or CSV; - is standard input")
      ->required();
  command.add_option("--format", options->format, "textproto or csv; without it the file's name decides")
      ->check(CLI::IsMember({"textproto", "csv"}));
  command
      .add_option("--map", options->columns,
                  "COLUMN=NAME: a column of the CSV and what it stands for; may be repeated")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command
      .add_option("--set", options->defaults,
                  "NAME=VALUE: for every row that has no value there; may be repeated")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command.add_option("--id-prefix", options->id_prefix,
                     "identities of units without one: the prefix and the code");
  command.add_flag(
      "--complete", options->complete,
      "the file is the whole of each kind that it names: what it leaves out is closed, retired or ended");
  command
      .add_option("--category-version", options->category_version,
                  "the version that the tree of categories has by this file, above the one in force")
      ->check(CLI::Range(int64_t{1}, std::numeric_limits<int64_t>::max()));
  command.add_option("--limit", options->limit, "things told one by one")
      ->check(CLI::Range(0, 1000000))
      ->capture_default_str();
}

void AddChanging(CLI::App& directory, Client& client) {
  const auto add = [&](const char* name, const char* help, const char* footer, bool validate_only) {
    const auto options = std::make_shared<FileOptions>();
    CLI::App* command = directory.add_subcommand(name, help);
    AddFileOptions(*command, options.get());
    command->footer(absl::StrCat(footer, "\n", DirectoryColumnsHelp()));
    command->callback([&client, options, validate_only] {
      client.action = [&client, options, validate_only] { return Send(client, *options, validate_only); };
    });
  };
  add("diff", "What applying a file would change; stores nothing",
      "  zhuqictl directory diff directory.textproto\n"
      "  zhuqictl directory diff departments.csv --complete\n"
      "+ is new, ~ differs, - ends.\n",
      true);
  add("apply", "Bring the directory to the state of a file",
      "What the file does not name stays as it is. A file larger than one call may be is applied in parts, "
      "each of them\n"
      "whole; after a stop the same command goes on.\n"
      "  zhuqictl directory apply directory.textproto\n"
      "  gzip -dc deploy/packs/nation/divisions-2023.csv.gz | zhuqictl directory apply - --format csv \\\n"
      "    --map parent=parent_code --set code_system=nbs --set code_edition=2023 --id-prefix cn-\n",
      false);
  const auto file = std::make_shared<std::string>();
  const auto validate_only = std::make_shared<bool>(false);
  CLI::App* reorganize =
      directory.add_subcommand("reorganize", "Rename, recode, move, merge, split or close units on a day");
  reorganize->add_option("FILE", *file, "textproto of ReorganizeOrgUnitsRequest")
      ->required()
      ->check(CLI::ExistingFile);
  reorganize->add_flag("--validate-only", *validate_only, "show what would change, and store nothing");
  reorganize->footer(
      "Names, codes and parents that were stay, with their last day. A file says:\n"
      "  effective_on { year: 2026 month: 1 day: 1 }\n"
      "  reason: \"豫政〔2025〕12号\"\n"
      "  operations { rename { org_unit_id: \"jinshui\" name: \"金水新区\" } }\n"
      "  operations { move { org_unit_id: \"huayuanlu\" parent_id: \"erqi\" } }\n"
      "  operations { merge { org_unit_ids: \"shangjie\" successor_id: \"zhongyuan\" } }\n\n"
      "  zhuqictl directory reorganize reform.textproto --validate-only\n"
      "  zhuqictl directory reorganize reform.textproto");
  reorganize->callback([&client, file, validate_only] {
    client.action = [&client, file, validate_only] { return Reorganize(client, *file, *validate_only); };
  });
}

// ---- Questions ----

// What the questions have between them; each uses its own.
struct AskOptions {
  std::string unit;
  std::string level;
  std::string function;
  std::string text;
  std::string day;
  std::string code;
  std::string system = "gb_t_2260";
  int64_t version = 0;
  int year = 0;
  PageOptions page;
};
using Ask = int (*)(Client&, const AskOptions&);

// Sets a day of a request when one is given.
template <class Set>
absl::Status SetDay(const std::string& text, Set set) {
  if (text.empty()) return absl::OkStatus();
  ZHUQI_ASSIGN_OR_RETURN(*set(), ParseDate(text));
  return absl::OkStatus();
}

// Asks for a list and shows it. `prepared`: what became of reading the options.
template <class Request, class Response, class Rows, class Text>
int ShowList(Client& client, const AskOptions& options, const absl::Status& prepared, Request request,
             grpc::Status (DirectoryService::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
             Rows rows, Text text) {
  if (!prepared.ok()) return client.FailUsage(prepared);
  Response merged;
  const absl::Status status =
      ReadPages<DirectoryService>(client, Service::kIntake, method, request, options.page, &merged, rows);
  if (!status.ok()) return client.Fail(status);
  client.Show(merged, [&] {
    return absl::StrCat(text(merged),
                        merged.next_page_token().empty() ? "" : "there are more: --all or --limit\n");
  });
  return kExitOk;
}

int List(Client& client, const AskOptions& options) {
  ListOrgUnitsRequest request;
  request.set_below(options.unit);
  request.set_text(options.text);
  absl::Status prepared = SetEnum<OrgUnitLevel>(options.level, [&](auto value) { request.set_level(value); });
  if (prepared.ok()) prepared = SetDay(options.day, [&] { return request.mutable_as_of(); });
  return ShowList(
      client, options, prepared, request, &DirectoryService::Stub::ListOrgUnits,
      [](const ListOrgUnitsResponse& page) { return page.org_units_size(); }, &UnitsTable);
}

int Departments(Client& client, const AskOptions& options) {
  ListDepartmentsRequest request;
  request.set_org_unit_id(options.unit);
  request.set_function(options.function);
  return ShowList(
      client, options, absl::OkStatus(), request, &DirectoryService::Stub::ListDepartments,
      [](const ListDepartmentsResponse& page) { return page.departments_size(); }, &DepartmentsTable);
}

int Teams(Client& client, const AskOptions& options) {
  ListTeamsRequest request;
  request.set_org_unit_id(options.unit);
  return ShowList(
      client, options, absl::OkStatus(), request, &DirectoryService::Stub::ListTeams,
      [](const ListTeamsResponse& page) { return page.teams_size(); }, &TeamsTable);
}

int Policies(Client& client, const AskOptions& options) {
  ListPoliciesRequest request;
  request.set_org_unit_id(options.unit);
  const absl::Status prepared = SetDay(options.day, [&] { return request.mutable_in_force_on(); });
  return ShowList(
      client, options, prepared, request, &DirectoryService::Stub::ListPolicies,
      [](const ListPoliciesResponse& page) { return page.policies_size(); }, &PoliciesTable);
}

int Categories(Client& client, const AskOptions& options) {
  ListCategoriesRequest request;
  request.set_below(options.text);
  return ShowList(
      client, options, absl::OkStatus(), request, &DirectoryService::Stub::ListCategories,
      [](const ListCategoriesResponse& page) { return page.categories_size(); }, &CategoriesTable);
}

int History(Client& client, const AskOptions& options) {
  ListReorganizationsRequest request;
  request.set_org_unit_id(options.unit);
  return ShowList(
      client, options, absl::OkStatus(), request, &DirectoryService::Stub::ListReorganizations,
      [](const ListReorganizationsResponse& page) { return page.reorganizations_size(); },
      &ReorganizationsText);
}

int Show(Client& client, const AskOptions& options) {
  GetOrgUnitRequest request;
  absl::Status prepared = SetDay(options.day, [&] { return request.mutable_as_of(); });
  if (options.code.empty()) {
    request.set_org_unit_id(options.unit);
  } else {
    request.mutable_code()->set_code(options.code);
    const absl::Status system =
        SetEnum<CodeSystem>(options.system, [&](auto value) { request.mutable_code()->set_system(value); });
    if (prepared.ok()) prepared = system;
  }
  const absl::StatusOr<std::string> token = client.AtLeastToken();
  if (prepared.ok()) prepared = token.status();
  if (!prepared.ok()) return client.FailUsage(prepared);
  request.set_at_least_token(*token);
  GetOrgUnitResponse unit;
  absl::Status status =
      client.Call<DirectoryService>(Service::kIntake, &DirectoryService::Stub::GetOrgUnit, request, &unit);
  ListDepartmentsResponse departments;
  if (status.ok() && !client.json()) {
    ListDepartmentsRequest its;
    its.set_org_unit_id(unit.org_unit().org_unit_id());
    status = ReadPages<DirectoryService>(
        client, Service::kIntake, &DirectoryService::Stub::ListDepartments, its, PageOptions{0, true},
        &departments, [](const ListDepartmentsResponse& page) { return page.departments_size(); });
  }
  if (!status.ok()) return client.Fail(status);
  client.Show(unit, [&] { return UnitText(unit, departments); });
  return kExitOk;
}

int Calendar(Client& client, const AskOptions& options) {
  GetCalendarRequest request;
  request.set_version(options.version);
  const absl::StatusOr<std::string> token = client.AtLeastToken();
  if (!token.ok()) return client.FailUsage(token.status());
  request.set_at_least_token(*token);
  GetCalendarResponse response;
  const absl::Status status = client.Call<DirectoryService>(
      Service::kIntake, &DirectoryService::Stub::GetCalendar, request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] { return CalendarText(response, options.year); });
  return kExitOk;
}

int Forms(Client& client, const AskOptions& options) {
  ListFormsRequest request;
  request.set_form_id(options.text);
  const absl::StatusOr<std::string> token = client.AtLeastToken();
  if (!token.ok()) return client.FailUsage(token.status());
  request.set_at_least_token(*token);
  ListFormsResponse response;
  const absl::Status status =
      client.Call<DirectoryService>(Service::kIntake, &DirectoryService::Stub::ListForms, request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] { return FormsTable(response); });
  return kExitOk;
}

// A subcommand that asks; `options` are bound to it by the caller.
CLI::App* AddAsking(CLI::App& directory, Client& client, const char* name, const char* help,
                    const std::shared_ptr<AskOptions>& options, Ask ask, bool pages) {
  CLI::App* command = directory.add_subcommand(name, help);
  if (pages) AddPageOptions(*command, &options->page);
  command->callback(
      [&client, options, ask] { client.action = [&client, options, ask] { return ask(client, *options); }; });
  return command;
}

void AddUnitQuestions(CLI::App& directory, Client& client) {
  auto options = std::make_shared<AskOptions>();
  CLI::App* show =
      AddAsking(directory, client, "show", "One unit: codes, names, what it was and what became of it",
                options, &Show, false);
  auto* unit = show->add_option("UNIT", options->unit, "by identity");
  show->add_option("--code", options->code, "by any code that it has or had")->excludes(unit);
  show->add_option("--system", options->system, "of the code: gb_t_2260, nbs or local")
      ->capture_default_str();
  show->add_option("--as-of", options->day, "2023-12-31: as it was on that day");
  show->footer(
      "  zhuqictl directory show jinshui\n  zhuqictl directory show --code 410105 --as-of 2023-12-31");

  options = std::make_shared<AskOptions>();
  CLI::App* list =
      AddAsking(directory, client, "list", "The tree of units, with their codes", options, &List, true);
  list->add_option("--below", options->unit, "this unit and all below it");
  list->add_option("--level", options->level, "nation, province, city, district, township or site");
  list->add_option("--text", options->text, "part of the name, or the beginning of a code");
  list->add_option("--as-of", options->day, "2023-12-31: the tree of that day");
  list->footer(
      "  zhuqictl directory list --below zhengzhou --level district\n  zhuqictl directory list --text 4101 "
      "--all");

  options = std::make_shared<AskOptions>();
  CLI::App* history =
      AddAsking(directory, client, "history", "Reorganizations, newest first", options, &History, true);
  history->add_option("--unit", options->unit, "only those that name this unit");
}

void AddOtherQuestions(CLI::App& directory, Client& client) {
  auto options = std::make_shared<AskOptions>();
  CLI::App* departments = AddAsking(directory, client, "departments", "Departments and their functions",
                                    options, &Departments, true);
  departments->add_option("--unit", options->unit, "only those of this unit");
  departments->add_option("--function", options->function, "only those with this function");

  options = std::make_shared<AskOptions>();
  CLI::App* teams =
      AddAsking(directory, client, "teams", "Who goes out to enterprises", options, &Teams, true);
  teams->add_option("--unit", options->unit, "this unit and all below it");

  options = std::make_shared<AskOptions>();
  CLI::App* policies = AddAsking(directory, client, "policies", "Policies that enterprises may claim",
                                 options, &Policies, true);
  policies->add_option("--unit", options->unit, "only those that hold for this unit");
  policies->add_option("--on", options->day, "2026-01-31: only those in force on that day");

  options = std::make_shared<AskOptions>();
  CLI::App* categories =
      AddAsking(directory, client, "categories", "What issues are about", options, &Categories, true);
  categories->add_option("CATEGORY", options->text, "this one and those below it");

  options = std::make_shared<AskOptions>();
  CLI::App* calendar =
      AddAsking(directory, client, "calendar", "Holidays, make-up workdays and the notices that name them",
                options, &Calendar, false);
  calendar->add_option("--version", options->version, "an earlier version; without it the one in force");
  calendar->add_option("--year", options->year, "only days of this year");

  options = std::make_shared<AskOptions>();
  CLI::App* forms =
      AddAsking(directory, client, "forms", "Monthly forms with their versions", options, &Forms, false);
  forms->add_option("FORM", options->text, "only this one");
}

}  // namespace

void AddDirectoryCommands(CLI::App& app, Client& client) {
  CLI::App* directory = app.add_subcommand(
      "directory", "Units, departments, teams, policies, calendar: compare, apply, reorganize, read");
  directory->require_subcommand(1);
  AddChanging(*directory, client);
  AddUnitQuestions(*directory, client);
  AddOtherQuestions(*directory, client);
}

}  // namespace zhuqi::ctl
