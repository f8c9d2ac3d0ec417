#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "tools/zhuqictl/case_text.h"
#include "tools/zhuqictl/commands.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/filters.h"
#include "zhuqi/routing/v1/knowledge_service.grpc.pb.h"

namespace zhuqi::ctl {
namespace {

using routing::v1::FindSimilarCasesRequest;
using routing::v1::FindSimilarCasesResponse;
using routing::v1::KnowledgeService;

struct SimilarOptions {
  std::string target;
  std::string title;
  std::string text;
  std::string like_category;
  std::string unit;
  std::string category;
  std::string outcome;
  std::string received;
  int limit = 10;
};

absl::Status SetLike(const SimilarOptions& options, FindSimilarCasesRequest* request) {
  if (options.target.empty()) {
    if (options.title.empty() && options.text.empty()) {
      return absl::InvalidArgumentError("like what? Name a case, or give --title or --text");
    }
    request->mutable_text()->set_title(options.title);
    request->mutable_text()->set_text(options.text);
    request->mutable_text()->set_category_id(options.like_category);
    return absl::OkStatus();
  }
  if (!options.title.empty() || !options.text.empty() || !options.like_category.empty()) {
    return absl::InvalidArgumentError("either a case, or --title, --text and --like-category");
  }
  ZHUQI_ASSIGN_OR_RETURN(const Target target, ParseTarget(options.target));
  if (target.id.empty()) {
    *request->mutable_issue_key() = target.key;
  } else {
    request->set_case_id(target.id);
  }
  return absl::OkStatus();
}

absl::StatusOr<FindSimilarCasesRequest> SimilarRequest(const Client& client, const SimilarOptions& options) {
  FindSimilarCasesRequest request;
  ZHUQI_RETURN_IF_ERROR(SetLike(options, &request));
  request.set_org_unit_id(options.unit);
  request.set_category_id(options.category);
  ZHUQI_RETURN_IF_ERROR(
      SetEnum<routing::v1::Outcome>(options.outcome, [&](auto outcome) { request.set_outcome(outcome); }));
  if (!options.received.empty()) ZHUQI_RETURN_IF_ERROR(SetSpan(options.received, request.mutable_received()));
  request.set_limit(options.limit);
  ZHUQI_ASSIGN_OR_RETURN(const std::string token, client.AtLeastToken());
  request.set_at_least_token(token);
  return request;
}

// The words that it has in common with what was asked, those of the title first.
std::string WhyFound(const routing::v1::SimilarCase& found) {
  std::vector<std::string> words;
  for (const routing::v1::MatchedText& matched : found.matched()) {
    for (const std::string& word : matched.words()) {
      if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
    }
  }
  return absl::StrJoin(words, " ");
}

// The one cause that somebody or the service saw in it and others.
std::string ThemesOf(const routing::v1::SimilarCase& found) {
  std::vector<std::string> titles;
  for (const routing::v1::ThemeReference& theme : found.themes())
    titles.push_back(absl::StrCat(theme.title(), " (", EnumText(theme.state()), ")"));
  return absl::StrJoin(titles, "; ");
}

std::string SimilarText(const FindSimilarCasesResponse& response) {
  Table table({{"score", Align::kRight},
               {"received"},
               {"unit"},
               {"key"},
               {"outcome"},
               {"title", Align::kLeft, 44},
               {"found by", Align::kLeft, 32},
               {"what solved it", Align::kLeft, 44},
               {"themes", Align::kLeft, 44}});
  for (const routing::v1::SimilarCase& found : response.cases()) {
    table.AddRow({absl::StrFormat("%.2f", found.score()), InstantText(found.received_at()).substr(0, 10),
                  found.org_unit_id(), KeyText(found.issue_key()), EnumText(found.outcome()), found.title(),
                  WhyFound(found), found.solution(), ThemesOf(found)});
  }
  return absl::StrCat(table.ToString(), response.cases_size(), " cases, the most alike first\n");
}

int FindSimilarCases(Client& client, const SimilarOptions& options) {
  const absl::StatusOr<FindSimilarCasesRequest> request = SimilarRequest(client, options);
  if (!request.ok()) return client.FailUsage(request.status());
  FindSimilarCasesResponse response;
  const absl::Status status = client.Call<KnowledgeService>(
      Service::kRouting, &KnowledgeService::Stub::FindSimilarCases, *request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] { return SimilarText(response); });
  return kExitOk;
}

}  // namespace

void AddSimilarCommand(CLI::App& app, Client& client) {
  const auto options = std::make_shared<SimilarOptions>();
  CLI::App* similar =
      app.add_subcommand("similar", "相似工单: cases like a case or a text, and what solved them");
  similar->add_option("CASE", options->target, "UUID, or the issue's SOURCE-SYSTEM/EXTERNAL-ID");
  similar->add_option("--title", options->title, "before there is a case: the issue in one line");
  similar->add_option("--text", options->text, "… and the enterprise's words");
  similar->add_option("--like-category", options->like_category,
                      "… and its category, which counts for the order");
  similar->add_option("--unit", options->unit, "only those raised in this unit or below it");
  similar->add_option("--category", options->category, "only this category and below it");
  similar->add_option("--outcome", options->outcome,
                      "only resolved, not_resolved, explained, unconfirmed or withdrawn");
  similar->add_option("--received", options->received, "only 2024-05, 2024-05-09 or 2024-05-01..2024-06-15");
  similar->add_option("--limit", options->limit, "cases at most")
      ->check(CLI::Range(1, 50))
      ->capture_default_str();
  similar->footer(
      R"(A score of 1 would have every word that was asked; rare words weigh more. It finds words, not causes: read the
cases before you copy a solution.

Examples:
  zhuqictl similar zhengzhou-practice-2024/issue-lanbaowan
  zhuqictl similar --title "地下车库规划条件调整，手续办不下来" --outcome resolved
  zhuqictl similar jinshui-oa/I-17 --unit zhongyuan --received 2024-01-01..)");
  similar->callback([&client, options] {
    client.action = [&client, options] { return FindSimilarCases(client, *options); };
  });
}

}  // namespace zhuqi::ctl
