#include "tools/zhuqictl/case_follow.h"

#include <cstdio>
#include <fstream>
#include <iostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "tools/zhuqictl/case_list_text.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/json_text.h"
#include "tools/zhuqictl/patience.h"
#include "tools/zhuqictl/terminal.h"
#include "zhuqi/routing/v1/case_service.grpc.pb.h"

namespace zhuqi::ctl {
namespace {

using routing::v1::CaseService;
using routing::v1::CaseUpdate;
using routing::v1::WatchCasesResponse;

// Replaces the file as a whole: a cursor that is half written would be worth nothing.
absl::Status KeepCursor(const std::string& path, const std::string& cursor) {
  if (path.empty()) return absl::OkStatus();
  const std::string draft = path + ".new";
  std::ofstream file(draft);
  file << cursor << "\n";
  file.close();
  if (!file || std::rename(draft.c_str(), path.c_str()) != 0) {
    return absl::FailedPreconditionError(absl::StrCat("can not write ", path, " / 无法写入游标文件"));
  }
  return absl::OkStatus();
}

class Following {
 public:
  Following(Client& client, CaseFollowOptions options) : client_(client), options_(std::move(options)) {}

  int Run() {
    Patience patience(options_.patience, [this](absl::string_view text) {
      if (!client_.options.quiet) std::cerr << text << "\n";
    });
    while (true) {
      const absl::Status status = Stream(patience);
      if (done_) return status.ok() ? kExitOk : client_.Fail(status);
      if (!patience.TryAgain(status)) return client_.Fail(status);
    }
  }

 private:
  // One stream, from the cursor on to its end.
  absl::Status Stream(Patience& patience) {
    ZHUQI_ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel, client_.Channel(Service::kRouting));
    CaseService::Stub stub(channel);
    grpc::ClientContext context;
    rpc::PrepareContext(context, absl::InfiniteFuture());
    const auto stream = stub.WatchCases(&context, options_.request);
    WatchCasesResponse message;
    while (stream->Read(&message)) {
      patience.Reset();
      const absl::Status taken = Take(message);
      if (!taken.ok() || done_) {
        done_ = true;
        context.TryCancel();
        (void)stream->Finish();
        return taken;
      }
    }
    return rpc::FromGrpcStatus(stream->Finish());
  }

  absl::Status Take(WatchCasesResponse& message) {
    if (!begun_) {
      begun_ = true;
      ZHUQI_RETURN_IF_ERROR(options_.begin());
    }
    for (const CaseUpdate& update : message.updates()) {
      if (!options_.wanted(update)) continue;
      Show(update);
      done_ = done_ || (options_.limit > 0 && ++shown_ >= options_.limit);
    }
    std::cout << std::flush;
    options_.request.set_cursor(message.cursor());
    return KeepCursor(options_.cursor_file, message.cursor());
  }

  void Show(const CaseUpdate& update) const {
    if (client_.json()) {
      std::cout << ToJsonLine(update) << "\n";
      return;
    }
    std::cout << UpdateLine(update, {client_.chinese(), WantsColour(), Clock::System().Now()});
  }

  Client& client_;
  CaseFollowOptions options_;
  bool begun_ = false;
  bool done_ = false;
  int64_t shown_ = 0;
};

}  // namespace

int FollowCases(Client& client, CaseFollowOptions options) {
  return Following(client, std::move(options)).Run();
}

}  // namespace zhuqi::ctl
