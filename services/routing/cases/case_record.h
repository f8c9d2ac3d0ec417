#ifndef ZHUQI_SERVICES_ROUTING_CASES_CASE_RECORD_H_
#define ZHUQI_SERVICES_ROUTING_CASES_CASE_RECORD_H_

#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "zhuqi/feed/v1/facts.pb.h"
#include "zhuqi/routing/v1/case.pb.h"

namespace zhuqi::routing {

// The actor of what a rule did.
inline constexpr char kBySystem[] = "zhuqi";

// A case as it is kept.
struct CaseRecord {
  // Without history and allowed actions. Its clocks hold the deadlines that the feed was last told.
  v1::Case body;
  // What the feed was last told. The next event's `before` must be exactly this: figures are sums of
  // differences, and facts worked out anew with a later calendar would not cancel what was added.
  feed::v1::CaseFacts facts;
  // The occurred_at of the last event that moved it. What happened before is late.
  absl::Time latest_at;
  // When a department first accepted it. Absent: none has.
  std::optional<absl::Time> first_accepted_at;
  // Call-backs in a row that reached nobody since the lead last said that it is done.
  int unanswered_call_backs = 0;
  // The feed partition that it was first stored with, for ever.
  int32_t partition = 0;
};

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CASES_CASE_RECORD_H_
