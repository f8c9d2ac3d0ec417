#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "tools/zhuqictl/case_text.h"
#include "tools/zhuqictl/commands.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/filters.h"
#include "tools/zhuqictl/paging.h"
#include "tools/zhuqictl/request_ids.h"
#include "zhuqi/routing/v1/knowledge_service.grpc.pb.h"

namespace zhuqi::ctl {
namespace {

using routing::v1::ActOnPracticeRequest;
using routing::v1::ActOnPracticeResponse;
using routing::v1::KnowledgeService;
using routing::v1::ListPracticesRequest;
using routing::v1::ListPracticesResponse;
using routing::v1::Practice;
using routing::v1::PracticeAction;
using routing::v1::PracticeContent;

std::string StarsText(const Practice& practice) {
  if (practice.rating_count() == 0) return "";
  return absl::StrFormat("%.1f (%d)", static_cast<double>(practice.rating_stars()) / practice.rating_count(),
                         practice.rating_count());
}

std::string DescribePractice(const Practice& practice) {
  std::string text = absl::StrCat(practice.content().title(), "\n");
  const auto line = [&text](absl::string_view name, absl::string_view value) {
    if (!value.empty())
      absl::StrAppend(&text, "  ", name, std::string(name.size() < 12 ? 12 - name.size() : 1, ' '), value,
                      "\n");
  };
  line("practice", practice.practice_id());
  line("case", KeyText(practice.issue_key()));
  line("unit", practice.org_unit_id());
  line("category", practice.category_id());
  line("state", EnumText(practice.state()));
  line("written", absl::StrCat(InstantText(practice.written_at()), " by ", practice.written_by()));
  line("published", InstantText(practice.published_at()));
  line("retired", practice.retirement_reason());
  line("problem", practice.content().problem());
  line("solution", practice.content().solution());
  line("conditions", practice.content().conditions());
  line("solved in", absl::StrJoin(practice.solved_in_district_ids(), ", "));
  line("adopted by", absl::StrCat(practice.adoption_count(), " units"));
  line("stars", StarsText(practice));
  line("etag", practice.etag());
  line("can be done", absl::StrJoin(practice.allowed_actions(), ", "));
  return text;
}

struct ContentOptions {
  PracticeContent content;
  void AddTo(CLI::App& command) {
    const auto add = [&command](const char* name, const char* help, auto set) {
      command.add_option_function<std::string>(name, set, help);
    };
    add("--title", "one line", [this](const std::string& text) { content.set_title(text); });
    add("--problem", "what the problem was", [this](const std::string& text) { content.set_problem(text); });
    add("--solution", "how it was solved", [this](const std::string& text) { content.set_solution(text); });
    add("--conditions", "where it holds and where not",
        [this](const std::string& text) { content.set_conditions(text); });
  }
};

int ShowChanged(Client& client, const google::protobuf::Message& response, const Practice& practice,
                const std::string& token) {
  client.Show(response, [&] { return absl::StrCat(DescribePractice(practice), "token: ", token, "\n"); });
  return kExitOk;
}

int WritePractice(Client& client, const std::string& text, const PracticeContent& content) {
  routing::v1::WritePracticeRequest request;
  const absl::StatusOr<Target> target = ParseTarget(text);
  if (!target.ok()) return client.FailUsage(target.status());
  if (target->id.empty()) {
    *request.mutable_issue_key() = target->key;
  } else {
    request.set_case_id(target->id);
  }
  const absl::StatusOr<std::string> token = client.AtLeastToken();
  if (!token.ok()) return client.FailUsage(token.status());
  request.set_at_least_token(*token);
  request.set_request_id(NewRequestId());
  *request.mutable_content() = content;
  routing::v1::WritePracticeResponse response;
  const absl::Status status = client.Call<KnowledgeService>(
      Service::kRouting, &KnowledgeService::Stub::WritePractice, request, &response);
  if (!status.ok()) return client.Fail(status);
  return ShowChanged(client, response, response.practice(), response.consistency_token());
}

struct PracticeTarget {
  std::string practice_id;
  std::string etag;
};

int ActOnPractice(Client& client, const PracticeTarget& target, const PracticeAction& action) {
  ActOnPracticeRequest request;
  const absl::StatusOr<std::string> token = client.AtLeastToken();
  if (!token.ok()) return client.FailUsage(token.status());
  request.set_at_least_token(*token);
  request.set_request_id(NewRequestId());
  request.set_practice_id(target.practice_id);
  request.set_etag(target.etag);
  *request.mutable_action() = action;
  ActOnPracticeResponse response;
  const absl::Status status = client.Call<KnowledgeService>(
      Service::kRouting, &KnowledgeService::Stub::ActOnPractice, request, &response);
  if (!status.ok()) return client.Fail(status);
  return ShowChanged(client, response, response.practice(), response.consistency_token());
}

struct PracticeListOptions {
  std::string state;
  std::string unit;
  std::string category;
  std::string adopted_by;
  PageOptions page;
};

int ListPractices(Client& client, const PracticeListOptions& options) {
  ListPracticesRequest request;
  request.set_org_unit_id(options.unit);
  request.set_category_id(options.category);
  request.set_adopted_by_org_unit_id(options.adopted_by);
  const absl::Status state =
      SetEnum<routing::v1::PracticeState>(options.state, [&](auto wanted) { request.set_state(wanted); });
  if (!state.ok()) return client.FailUsage(state);
  ListPracticesResponse merged;
  const absl::Status status = ReadPages<KnowledgeService>(
      client, Service::kRouting, &KnowledgeService::Stub::ListPractices, request, options.page, &merged,
      [](const ListPracticesResponse& page) { return page.practices_size(); });
  if (!status.ok()) return client.Fail(status);
  client.Show(merged, [&] {
    Table table({{"practice"},
                 {"written"},
                 {"unit"},
                 {"state"},
                 {"adopted", Align::kRight},
                 {"stars"},
                 {"title", Align::kLeft, 44},
                 {"districts that solved this", Align::kLeft, 40}});
    for (const Practice& practice : merged.practices()) {
      table.AddRow({practice.practice_id(), InstantText(practice.written_at()).substr(0, 10),
                    practice.org_unit_id(), EnumText(practice.state()),
                    absl::StrCat(practice.adoption_count()), StarsText(practice), practice.content().title(),
                    absl::StrJoin(practice.solved_in_district_ids(), " ")});
    }
    return absl::StrCat(table.ToString(), merged.practices_size(),
                        merged.next_page_token().empty() ? " practices\n" : " practices, and more: --all\n");
  });
  return kExitOk;
}

int ShowPractice(Client& client, const std::string& practice_id) {
  routing::v1::GetPracticeRequest request;
  request.set_practice_id(practice_id);
  const absl::StatusOr<std::string> token = client.AtLeastToken();
  if (!token.ok()) return client.FailUsage(token.status());
  request.set_at_least_token(*token);
  routing::v1::GetPracticeResponse response;
  const absl::Status status = client.Call<KnowledgeService>(
      Service::kRouting, &KnowledgeService::Stub::GetPractice, request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] {
    std::string text = DescribePractice(response.practice());
    if (response.adoptions().empty()) return text;
    Table table({{"adopted by"}, {"since"}, {"case resolved by it"}, {"note", Align::kLeft, 60}});
    for (const routing::v1::PracticeAdoption& adoption : response.adoptions()) {
      table.AddRow({adoption.org_unit_id(), InstantText(adoption.adopted_at()).substr(0, 10),
                    adoption.case_id(), adoption.note()});
    }
    return text + table.ToString();
  });
  return kExitOk;
}

void AddListAndShow(CLI::App& practices, Client& client) {
  const auto options = std::make_shared<PracticeListOptions>();
  CLI::App* list = practices.add_subcommand("list", "Practices, the last written first");
  list->add_option("--state", options->state, "draft, published (when none is given) or retired");
  list->add_option("--unit", options->unit, "written up in this unit or below it");
  list->add_option("--category", options->category, "this category and below it");
  list->add_option("--adopted-by", options->adopted_by, "this unit adopted it");
  AddPageOptions(*list, &options->page);
  list->callback(
      [&client, options] { client.action = [&client, options] { return ListPractices(client, *options); }; });
  const auto shown = std::make_shared<std::string>();
  CLI::App* show = practices.add_subcommand("show", "One practice, and who adopted it");
  show->add_option("PRACTICE", *shown, "its UUID")->required();
  show->callback(
      [&client, shown] { client.action = [&client, shown] { return ShowPractice(client, *shown); }; });
}

void AddWrite(CLI::App& practices, Client& client) {
  struct Options {
    std::string target;
    ContentOptions content;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* write = practices.add_subcommand(
      "write", "总结: writes up a solved case as a draft; what is not given is taken from the case");
  write->add_option("CASE", options->target, "UUID, or the issue's SOURCE-SYSTEM/EXTERNAL-ID")->required();
  options->content.AddTo(*write);
  write->callback([&client, options] {
    client.action = [&client, options] {
      return WritePractice(client, options->target, options->content.content);
    };
  });
}

// One action on a practice; the caller adds its options.
CLI::App* AddPracticeAction(CLI::App& practices, Client& client, const char* name, const char* help,
                            const std::shared_ptr<PracticeAction>& action) {
  const auto target = std::make_shared<PracticeTarget>();
  CLI::App* command = practices.add_subcommand(name, help);
  command->add_option("PRACTICE", target->practice_id, "its UUID")->required();
  command->add_option("--etag", target->etag, "of what you saw: refused when it has changed since");
  command->callback([&client, target, action] {
    client.action = [&client, target, action] { return ActOnPractice(client, *target, *action); };
  });
  return command;
}

void AddPracticeActions(CLI::App& practices, Client& client) {
  const auto revised = std::make_shared<PracticeAction>();
  const auto content = std::make_shared<ContentOptions>();
  CLI::App* revise =
      AddPracticeAction(practices, client, "revise", "other content: all of it is replaced", revised);
  content->AddTo(*revise);
  // Keeps what the options write to, and takes it over before the call is made.
  revise->final_callback(
      [revised, content] { *revised->mutable_revise()->mutable_content() = content->content; });

  const auto published = std::make_shared<PracticeAction>();
  published->mutable_publish();
  AddPracticeAction(practices, client, "publish", "发布: for all units", published);

  const auto retired = std::make_shared<PracticeAction>();
  AddPracticeAction(practices, client, "retire", "停用: it is no longer right", retired)
      ->add_option("REASON", *retired->mutable_retire()->mutable_reason(), "why")
      ->required();

  const auto adopted = std::make_shared<PracticeAction>();
  routing::v1::AdoptPractice& adoption = *adopted->mutable_adopt();
  CLI::App* adopt = AddPracticeAction(practices, client, "adopt", "采用: a unit does so too", adopted);
  adopt->add_option("--unit", *adoption.mutable_org_unit_id(), "which unit")->required();
  adopt->add_option("--case", *adoption.mutable_case_id(), "the UUID of a case that it resolved so");
  adopt->add_option("--note", *adoption.mutable_note(), "what was done differently");

  const auto rated = std::make_shared<PracticeAction>();
  AddPracticeAction(practices, client, "rate", "评分: how good it is; again replaces", rated)
      ->add_option_function<int>(
          "STARS", [rated](int stars) { rated->mutable_rate()->set_stars(stars); }, "1 to 5")
      ->required();
}

}  // namespace

void AddPracticesCommand(CLI::App& app, Client& client) {
  CLI::App* practices = app.add_subcommand(
      "practices", "经验: solved cases written up for others, who adopted them, where they worked");
  practices->require_subcommand(1);
  practices->footer(
      R"(A practice is written up from a case that was resolved or explained, published, and then adopted by other units. Say
with --case which case a unit resolved by it, and its district stands among those that solved this.

Examples:
  zhuqictl practices write zhengzhou-practice-2024/issue-lanbaowan --conditions "限2019年前开工项目"
  zhuqictl practices publish 0190163d-8694-739b-aea5-966c26f8ad91
  zhuqictl practices adopt 0190163d-8694-739b-aea5-966c26f8ad91 --unit zhongyuan --note "加做一次联合踏勘"
  zhuqictl practices list --category land)");
  AddListAndShow(*practices, client);
  AddWrite(*practices, client);
  AddPracticeActions(*practices, client);
}

}  // namespace zhuqi::ctl
