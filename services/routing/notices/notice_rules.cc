#include "services/routing/notices/notice_rules.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/uuid.h"
#include "common/directory/date_message.h"
#include "common/encryption/primitives.h"
#include "google/protobuf/util/json_util.h"

namespace zhuqi::routing {
namespace {

v1::CaseNotice CaseNoticeOf(const v1::Case* before, const v1::Case& after) {
  v1::CaseNotice notice;
  notice.set_case_id(after.case_id());
  *notice.mutable_issue_key() = after.issue_key();
  notice.set_org_unit_id(after.org_unit_id());
  notice.set_owner_org_unit_id(after.owner_org_unit_id());
  notice.set_lead_department_id(after.lead_department_id());
  if (before != nullptr && before->owner_org_unit_id() != after.owner_org_unit_id()) {
    notice.set_former_owner_org_unit_id(before->owner_org_unit_id());
  }
  if (before != nullptr && before->lead_department_id() != after.lead_department_id()) {
    notice.set_former_lead_department_id(before->lead_department_id());
  }
  notice.set_state(after.state());
  notice.set_outcome(after.outcome());
  for (const v1::CaseClock& clock : after.clocks()) {
    if (!clock.has_deadline()) continue;
    v1::NoticedDeadline& deadline = *notice.add_deadlines();
    deadline.set_kind(clock.kind());
    *deadline.mutable_deadline() = clock.deadline();
    deadline.set_provisional(clock.deadline_provisional());
    if (clock.has_stopped_at()) *deadline.mutable_stopped_at() = clock.stopped_at();
  }
  return notice;
}

bool IsClosed(const v1::Case& body) { return body.state() == v1::PROCESS_STATE_CLOSED; }

// The type of what happened; empty: nobody is told.
absl::string_view TypeOf(const CaseRecord* before, const CaseRecord& after, const v1::CaseEvent& event) {
  if (event.late()) return "";
  if (before == nullptr) return kCaseRouted;
  if (IsClosed(before->body) != IsClosed(after.body)) {
    return IsClosed(after.body) ? kCaseClosed : kCaseReopened;
  }
  if (event.has_handed_over()) return kCaseHandedOver;
  if (event.escalated()) return kCaseEscalated;
  if (event.has_deadlines_moved() || !event.issue_revised().deadlines().empty()) return kCaseDeadlinesMoved;
  if (before->body.lead_department_id() != after.body.lead_department_id()) return kCaseRouted;
  return "";
}

}  // namespace

v1::NoticeEvent MakeNotice(absl::string_view type, const v1::Case* before, const v1::Case& after,
                           absl::Time occurred_at, absl::Time recorded_at) {
  v1::NoticeEvent event;
  event.set_specversion("1.0");
  event.set_id(
      Uuid::Derived("notice", absl::StrCat(after.case_id(), "/", after.sequence(), "/", type), recorded_at)
          .ToString());
  event.set_source("/zhuqi/routing");
  event.set_type(std::string(type));
  event.set_subject(after.case_id());
  *event.mutable_time() = TimestampMessage(occurred_at);
  event.set_datacontenttype("application/json");
  event.set_sequence(absl::StrCat(after.sequence()));
  *event.mutable_data() = CaseNoticeOf(before, after);
  return event;
}

std::optional<v1::NoticeEvent> NoticeOf(const CaseRecord* before, const CaseRecord& after,
                                        const v1::CaseEvent& event) {
  const absl::string_view type = TypeOf(before, after, event);
  if (type.empty()) return std::nullopt;
  return MakeNotice(type, before == nullptr ? nullptr : &before->body, after.body,
                    TimeFrom(event.occurred_at()), TimeFrom(event.recorded_at()));
}

std::string NoticeBody(const google::protobuf::Message& event) {
  std::string json;
  // Fails for text that is not UTF-8 alone, and identities are ASCII.
  const auto status = google::protobuf::util::MessageToJsonString(event, &json);
  return status.ok() ? json : std::string();
}

std::vector<std::pair<std::string, std::string>> NoticeHeaders(absl::string_view key_id,
                                                               absl::string_view key, absl::string_view body,
                                                               absl::Time now) {
  const std::string seconds = absl::StrCat(absl::ToUnixSeconds(now));
  const std::string mac = encryption::HmacSha256(key, absl::StrCat(seconds, ".", body));
  return {{"Content-Type", "application/cloudevents+json; charset=UTF-8"},
          {"Zhuqi-Key-Id", std::string(key_id)},
          {"Zhuqi-Timestamp", seconds},
          {"Zhuqi-Signature", absl::StrCat("v1=", absl::BytesToHexString(mac))}};
}

absl::Duration PauseAfter(int tries, absl::Duration first, absl::Duration most, double random) {
  // Beyond 40 doublings of a millisecond every pause is the longest.
  const absl::Duration whole =
      std::min(most, first * static_cast<double>(1LL << std::clamp(tries - 1, 0, 40)));
  return whole / 2 + whole / 2 * std::clamp(random, 0.0, 1.0);
}

}  // namespace zhuqi::routing
