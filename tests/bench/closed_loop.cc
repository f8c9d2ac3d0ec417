#include "tests/bench/closed_loop.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/channel.h"
#include "common/rpc/grpc_status.h"

namespace zhuqi::bench {

std::vector<std::shared_ptr<grpc::Channel>> Connect(const Target& target) {
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (int i = 0; i < target.connections; ++i) {
    rpc::ChannelOptions options;
    options.address = target.address;
    // A retried call would count twice in its latency.
    options.max_attempts = 1;
    // Channels with equal arguments share one connection.
    options.keepalive_time = absl::Seconds(30 + i);
    channels.push_back(rpc::MakeChannel(options));
  }
  return channels;
}

void Prepare(grpc::ClientContext& context, const Target& target) {
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(30)));
  // Not the channel's token: its interceptor costs the client more than the metadata itself.
  if (!target.token.empty()) context.AddMetadata("authorization", absl::StrCat("Bearer ", target.token));
}

void Caller::Next() {
  context_ = std::make_unique<grpc::ClientContext>();
  Prepare(*context_, *target_);
  started_ = absl::Now();
  Start(context_.get());
}

void Caller::Done(const grpc::Status& status) {
  const absl::Time now = absl::Now();
  const absl::Status outcome = status.ok() ? Check() : rpc::FromGrpcStatus(status);
  if (outcome.ok()) {
    samples_.Add(started_, now, 1);
  } else {
    report_->Fail(outcome);
  }
  if (now < report_->window().end && !report_->failed()) {
    Next();
    return;
  }
  report_->Take(samples_);
  ended_->DecrementCount();
}

void RunCallers(const Target& target, const CallerFactory& make) {
  const std::vector<std::shared_ptr<grpc::Channel>> channels = Connect(target);
  std::vector<std::unique_ptr<Caller>> callers;
  for (int i = 0; i < target.in_flight; ++i) {
    callers.push_back(make(channels[static_cast<size_t>(i) % channels.size()]));
  }
  absl::BlockingCounter ended(target.in_flight);
  for (const auto& caller : callers) caller->Run(&ended);
  ended.Wait();
}

}  // namespace zhuqi::bench
