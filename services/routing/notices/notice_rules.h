// What other systems are told of a case, and how a try to tell them is signed and tried again. Pure.
#ifndef ZHUQI_SERVICES_ROUTING_NOTICES_NOTICE_RULES_H_
#define ZHUQI_SERVICES_ROUTING_NOTICES_NOTICE_RULES_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "services/routing/cases/case_record.h"
#include "zhuqi/routing/v1/case.pb.h"
#include "zhuqi/routing/v1/notice.pb.h"

namespace zhuqi::routing {

inline constexpr char kCaseRouted[] = "zhuqi.case.routed.v1";
inline constexpr char kCaseEscalated[] = "zhuqi.case.escalated.v1";
inline constexpr char kCaseReopened[] = "zhuqi.case.reopened.v1";
inline constexpr char kCaseHandedOver[] = "zhuqi.case.handed_over.v1";
inline constexpr char kCaseOwnerChanged[] = "zhuqi.case.owner_changed.v1";
inline constexpr char kCaseDeadlinesMoved[] = "zhuqi.case.deadlines_moved.v1";
inline constexpr char kCaseExtensionGranted[] = "zhuqi.case.extension_granted.v1";
inline constexpr char kCaseExtensionRefused[] = "zhuqi.case.extension_refused.v1";
inline constexpr char kCasePaused[] = "zhuqi.case.paused.v1";
inline constexpr char kCaseResumed[] = "zhuqi.case.resumed.v1";
inline constexpr char kCaseClosed[] = "zhuqi.case.closed.v1";

// The event of `type` on the case as it is `after` what happened at `occurred_at`; null `before`: it is new.
// Its id follows from the case, its sequence, the type and `recorded_at`.
v1::NoticeEvent MakeNotice(absl::string_view type, const v1::Case* before, const v1::Case& after,
                           absl::Time occurred_at, absl::Time recorded_at);

// What an entry of a case's history is told as; nullopt for what nobody is told. What came late is history.
std::optional<v1::NoticeEvent> NoticeOf(const CaseRecord* before, const CaseRecord& after,
                                        const v1::CaseEvent& event);

// The JSON that is sent, of an event of any kind.
std::string NoticeBody(const google::protobuf::Message& event);

// The headers of one try at `now`: content type, key, time and signature, "v1=" and the HMAC-SHA-256, in
// hexadecimal, of "<seconds since 1970>.<body>".
std::vector<std::pair<std::string, std::string>> NoticeHeaders(absl::string_view key_id,
                                                               absl::string_view key, absl::string_view body,
                                                               absl::Time now);

// The pause after the `tries`-th failure in a row: doubled from `first` with each, at most `most`, of which
// at least half, and `random` (0 to 1) of the other half.
absl::Duration PauseAfter(int tries, absl::Duration first, absl::Duration most, double random);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_NOTICES_NOTICE_RULES_H_
