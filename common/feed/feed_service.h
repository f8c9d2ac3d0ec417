// Serves the service's own log to followers.
#ifndef ZHUQI_COMMON_FEED_FEED_SERVICE_H_
#define ZHUQI_COMMON_FEED_FEED_SERVICE_H_

#include <string>

#include "common/db/sql_executor.h"
#include "common/feed/tail.h"
#include "common/rpc/bound_service.h"
#include "zhuqi/feed/v1/feed_service.grpc.pb.h"

namespace zhuqi::feed {

class FeedServer final : public rpc::BoundService<feed::v1::FeedService> {
 public:
  // `source` is the service's name in positions. Everything must outlive this.
  FeedServer(std::string source, db::SqlExecutor& sql, FeedTail& tail, rpc::CallAdaptor& adaptor);

 private:
  Task<absl::StatusOr<feed::v1::DescribeFeedResponse>> HandleDescribe(
      rpc::CallContext& call, const feed::v1::DescribeFeedRequest& request);
  Task<absl::Status> HandleFollow(rpc::CallContext& call, const feed::v1::FollowRequest& request,
                                  rpc::ServerWriter<feed::v1::FollowResponse>& writer);
  // Whether the log still has what the follower has applied.
  Task<absl::Status> CheckPlaces(const feed::v1::FollowRequest& request);
  // Sends what the partition has after `sent` up to the snapshot's head, and moves `sent` along.
  Task<absl::Status> SendUpTo(const TailSnapshot& tail, int32_t partition, int limit, int64_t& sent,
                              rpc::ServerWriter<feed::v1::FollowResponse>& writer);

  const std::string source_;
  db::SqlExecutor& sql_;
  FeedTail& tail_;
};

}  // namespace zhuqi::feed

#endif  // ZHUQI_COMMON_FEED_FEED_SERVICE_H_
