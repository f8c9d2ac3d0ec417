// What other systems are told when a unit is reminded of a monthly summary that it owes. Pure.
#ifndef ZHUQI_SERVICES_ROUTING_NOTICES_OBLIGATION_NOTICE_H_
#define ZHUQI_SERVICES_ROUTING_NOTICES_OBLIGATION_NOTICE_H_

#include <optional>

#include "common/base/uuid.h"
#include "zhuqi/feed/v1/event.pb.h"
#include "zhuqi/routing/v1/obligation_notice.pb.h"

namespace zhuqi::routing {

inline constexpr char kObligationDueSoon[] = "zhuqi.obligation.due_soon.v1";
inline constexpr char kObligationOverdue[] = "zhuqi.obligation.overdue.v1";

// The event of a reminder, for the unit that has to act; nullopt for a kind that is not known here. Its id
// follows from the obligation and its sequence.
std::optional<v1::ObligationNoticeEvent> MakeObligationNotice(const feed::v1::ObligationReminded& reminded);

// Stands for the obligation where cases have an identity: what is sent of one is sent in its order.
Uuid SubjectId(const v1::ObligationNoticeEvent& event);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_NOTICES_OBLIGATION_NOTICE_H_
