#include <iostream>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "tools/zhuqictl/case_text.h"
#include "tools/zhuqictl/commands.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/failure.h"
#include "tools/zhuqictl/json_text.h"
#include "tools/zhuqictl/text_values.h"
#include "zhuqi/feed/v1/feed_service.grpc.pb.h"

namespace zhuqi::ctl {
namespace {

using feed::v1::DescribeFeedRequest;
using feed::v1::DescribeFeedResponse;
using feed::v1::Event;
using feed::v1::FeedService;
using feed::v1::FollowRequest;
using feed::v1::FollowResponse;

struct TailOptions {
  std::string service = "intake";
  bool from_beginning = false;
  int64_t last = 10;
  bool once = false;
  int partition = -1;
};

Service ServiceOf(const std::string& name) {
  return name == "routing" ? Service::kRouting : Service::kIntake;
}

std::string EventText(const Event& event) {
  switch (event.payload_case()) {
    case Event::kDirectory:
      return absl::StrCat("directory: ", event.directory().org_units_size(), " units, ",
                          event.directory().departments_size(), " departments");
    case Event::kRecord:
      return absl::StrCat("record ", event.record().after().record_id(), " of ",
                          event.record().after().org_unit_id(), ", ", EnumText(event.record().after().kind()),
                          ", revision ", event.record().after().revision());
    case Event::kSummary:
      return absl::StrCat("summary ", event.summary().after().org_unit_id(), " ",
                          MonthText(event.summary().after().month()), ", ",
                          EnumText(event.summary().after().state()));
    case Event::kCaseChanged:
      return absl::StrCat("case ", event.case_changed().after().case_id(), " of ",
                          event.case_changed().after().org_unit_id(), ", ",
                          EnumText(event.case_changed().after().state()));
    case Event::kEnterprise:
      return absl::StrCat("enterprise ", event.enterprise().after().uscc(), " of ",
                          event.enterprise().after().org_unit_id(), ", ",
                          event.enterprise().has_before() ? "changed" : "new");
    case Event::kObligationReminded:
      return absl::StrCat("reminder ", event.obligation_reminded().org_unit_id(), " ",
                          MonthText(event.obligation_reminded().month()), ", ",
                          EnumText(event.obligation_reminded().reminder().kind()));
    default:
      return "";
  }
}

void Print(const Client& client, int32_t partition, const Event& event) {
  if (client.json()) {
    std::cout << "{\"partition\":" << partition << ",\"event\":" << ToJsonLine(event) << "}\n";
  } else {
    std::cout << InstantText(event.recorded_at()) << "  " << partition << ":" << event.sequence() << "  "
              << EventText(event) << "\n";
  }
  std::cout << std::flush;
}

int Tail(Client& client, const TailOptions& options) {
  const Service service = ServiceOf(options.service);
  DescribeFeedResponse description;
  const absl::Status described = client.Call<FeedService>(service, &FeedService::Stub::DescribeFeed,
                                                          DescribeFeedRequest(), &description);
  if (!described.ok()) return client.Fail(described);
  FollowRequest request;
  std::map<int32_t, int64_t> heads;
  for (const auto& head : description.heads()) {
    if (options.partition >= 0 && head.partition() != options.partition) continue;
    auto* after = request.add_after();
    after->set_partition(head.partition());
    after->set_sequence(options.from_beginning ? 0 : std::max<int64_t>(0, head.sequence() - options.last));
    if (head.sequence() > after->sequence()) heads[head.partition()] = head.sequence();
  }
  if (options.once && heads.empty()) return kExitOk;
  const auto channel = client.Channel(service);
  if (!channel.ok()) return client.Fail(channel.status());
  FeedService::Stub stub(*channel);
  grpc::ClientContext context;
  rpc::PrepareContext(context, absl::InfiniteFuture());
  const auto stream = stub.Follow(&context, request);
  FollowResponse response;
  while (stream->Read(&response)) {
    for (const Event& event : response.events()) {
      Print(client, response.partition(), event);
      const auto head = heads.find(response.partition());
      if (head != heads.end() && event.sequence() >= head->second) heads.erase(head);
    }
    if (options.once && heads.empty()) {
      context.TryCancel();
      (void)stream->Finish();
      return kExitOk;
    }
  }
  const absl::Status status = rpc::FromGrpcStatus(stream->Finish());
  return status.ok() ? kExitOk : client.Fail(status);
}

}  // namespace

void AddFeedCommand(CLI::App& app, Client& client) {
  CLI::App* feed = app.add_subcommand("feed", "What a service tells the others");
  feed->require_subcommand(1);
  const auto options = std::make_shared<TailOptions>();
  CLI::App* tail = feed->add_subcommand("tail", "Events as they are committed, until Ctrl-C");
  tail->add_option("SERVICE", options->service, "intake or routing")
      ->check(CLI::IsMember({"intake", "routing"}))
      ->capture_default_str();
  tail->add_option("--last", options->last, "begin so many events back in each partition")
      ->check(CLI::Range(0, 1000000000))
      ->capture_default_str();
  tail->add_flag("--from-beginning", options->from_beginning);
  tail->add_option("--partition", options->partition, "only this one; 0 is the directory's");
  tail->add_flag("--once", options->once, "stop at what is there now");
  tail->callback(
      [&client, options] { client.action = [&client, options] { return Tail(client, *options); }; });
}

}  // namespace zhuqi::ctl
