#ifndef ZHUQI_SERVICES_REPORTING_TESTING_MESSAGE_H_
#define ZHUQI_SERVICES_REPORTING_TESTING_MESSAGE_H_

#include <cstdint>
#include <vector>

#include "common/directory/date_message.h"
#include "common/feed/token.h"
#include "services/reporting/cube/aggregate.h"
#include "services/reporting/testing/facts.h"
#include "zhuqi/feed/v1/feed_service.pb.h"

namespace zhuqi::reporting::testing {

inline feed::v1::Event DirectoryEvent(const feed::v1::DirectoryChanged& change) {
  feed::v1::Event event;
  *event.mutable_directory() = change;
  return event;
}

// A message of a partition that brings `events` after the place `after`, made with the directory at
// `directory`.
inline feed::v1::FollowResponse Message(int32_t partition, int64_t after, std::vector<feed::v1::Event> events,
                                        int64_t directory = 1) {
  feed::v1::FollowResponse message;
  message.set_partition(partition);
  for (feed::v1::Event& event : events) {
    event.set_sequence(++after);
    if (!event.has_directory()) event.set_directory_sequence(directory);
    *event.mutable_recorded_at() = At(2024, 6, 1, 12, static_cast<int>(after % 60));
    *message.add_events() = std::move(event);
  }
  message.set_head(after);
  return message;
}

// The small city at sequence 1 of intake's directory partition.
inline feed::v1::FollowResponse CityMessage() { return Message(0, 0, {DirectoryEvent(SmallCity())}); }

}  // namespace zhuqi::reporting::testing

#endif  // ZHUQI_SERVICES_REPORTING_TESTING_MESSAGE_H_
