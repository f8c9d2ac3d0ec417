// Reads lists page by page.
#ifndef ZHUQI_TOOLS_ZHUQICTL_PAGING_H_
#define ZHUQI_TOOLS_ZHUQICTL_PAGING_H_

#include <CLI/CLI.hpp>
#include <algorithm>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "tools/zhuqictl/client.h"
#include "tools/zhuqictl/filters.h"

namespace zhuqi::ctl {

inline void AddPageOptions(CLI::App& command, PageOptions* options) {
  command.add_option("--limit", options->limit, "rows at most")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  command.add_flag("--all", options->all, "all rows");
}

// Puts the rows of as many pages as are wanted into `merged`; `rows` counts those of an answer. The next
// page's token stays in `merged` when rows were left. Each page includes what --at-least-token stands for.
template <class Rpc, class Request, class Response, class Rows>
absl::Status ReadPages(Client& client, Service service,
                       grpc::Status (Rpc::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                       Request request, const PageOptions& options, Response* merged, Rows rows) {
  constexpr int kLargestPage = 500;
  ZHUQI_ASSIGN_OR_RETURN(const std::string token, client.AtLeastToken());
  request.set_at_least_token(token);
  int left = options.all ? kLargestPage : options.limit;
  while (true) {
    request.set_page_size(std::min(left, kLargestPage));
    Response page;
    if (absl::Status status = client.Call<Rpc>(service, method, request, &page); !status.ok()) return status;
    const int count = rows(page);
    merged->clear_next_page_token();
    merged->MergeFrom(page);
    if (!options.all) left -= count;
    if (page.next_page_token().empty() || left <= 0) return absl::OkStatus();
    request.set_page_token(page.next_page_token());
    // The pages are of one list, which is counted with the first of them; counting costs as much as all
    // pages.
    if constexpr (requires { request.clear_include_total(); }) request.clear_include_total();
  }
}

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_PAGING_H_
