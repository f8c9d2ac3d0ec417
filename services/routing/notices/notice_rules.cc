#include "services/routing/notices/notice_rules.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/civil_time.h"
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

// What happened, in the words that everybody may read.
struct NoticeWords {
  absl::string_view type;
  absl::string_view chinese;
  absl::string_view english;
};
constexpr NoticeWords kWords[] = {
    {kCaseRouted, "收到诉求，已派单", "received and routed"},
    {kCaseEscalated, "已提级", "escalated"},
    {kCaseReopened, "重新办理", "reopened"},
    {kCaseHandedOver, "机构调整，已移交", "reorganized, handed over"},
    {kCaseOwnerChanged, "已转办", "given to another unit or department"},
    {kCaseDeadlinesMoved, "期限已变更", "deadlines moved"},
    {kCaseExtensionGranted, "已同意延期", "more time was granted"},
    {kCaseExtensionRefused, "不同意延期", "more time was refused"},
    {kCasePaused, "已暂停计时", "paused"},
    {kCaseResumed, "已恢复计时", "resumed"},
    {kCaseClosed, "已办结", "closed"},
};

// From whom to whom, where that changed.
void TellChange(const char* chinese, const char* english, const std::string& before, const std::string& after,
                v1::CaseNotice& notice) {
  if (before.empty()) return;
  absl::StrAppend(notice.mutable_text_zh(), "；", chinese, " ", before, " → ", after);
  absl::StrAppend(notice.mutable_text_en(), "; ", english, " ", before, " → ", after);
}

// Identities and instants alone beside fixed words.
void Tell(absl::string_view type, v1::CaseNotice& notice) {
  for (const NoticeWords& words : kWords) {
    if (words.type != type) continue;
    notice.set_text_zh(std::string(words.chinese));
    notice.set_text_en(std::string(words.english));
  }
  TellChange("责任单位", "accountable", notice.former_owner_org_unit_id(), notice.owner_org_unit_id(),
             notice);
  TellChange("主办", "led by", notice.former_lead_department_id(), notice.lead_department_id(), notice);
  for (const v1::NoticedDeadline& deadline : notice.deadlines()) {
    if (deadline.kind() != v1::CLOCK_KIND_HANDLING || deadline.has_stopped_at()) continue;
    const std::string due = absl::FormatTime("%Y-%m-%d %H:%M", TimeFrom(deadline.deadline()), CityTimeZone());
    absl::StrAppend(notice.mutable_text_zh(), "；办理期限 ", due);
    absl::StrAppend(notice.mutable_text_en(), "; handling due ", due);
  }
}

bool IsClosed(const v1::Case& body) { return body.state() == v1::PROCESS_STATE_CLOSED; }

// Of what somebody did that moved neither the case nor its owner.
absl::string_view TypeOfAction(const v1::CaseAction& action) {
  switch (action.action_case()) {
    case v1::CaseAction::kDecideExtension:
      return action.decide_extension().granted() ? kCaseExtensionGranted : kCaseExtensionRefused;
    case v1::CaseAction::kPause:
      return kCasePaused;
    case v1::CaseAction::kResume:
      return kCaseResumed;
    default:
      return "";
  }
}

// The type of what happened; empty: nobody is told.
absl::string_view TypeOf(const CaseRecord* before, const CaseRecord& after, const v1::CaseEvent& event) {
  if (event.late()) return "";
  if (before == nullptr) return kCaseRouted;
  if (IsClosed(before->body) != IsClosed(after.body)) {
    return IsClosed(after.body) ? kCaseClosed : kCaseReopened;
  }
  const bool went_over =
      event.has_handed_over() && event.handed_over().cause() != v1::HandedOver::CAUSE_PART_ENDED;
  if (went_over) return kCaseHandedOver;
  if (event.escalated()) return kCaseEscalated;
  if (before->body.owner_org_unit_id() != after.body.owner_org_unit_id() ||
      before->body.lead_department_id() != after.body.lead_department_id()) {
    return kCaseOwnerChanged;
  }
  const bool deadlines_moved = event.has_deadlines_moved() || !event.issue_revised().deadlines().empty() ||
                               !event.parent_changed().deadlines().empty();
  if (deadlines_moved) return kCaseDeadlinesMoved;
  return TypeOfAction(event.action());
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
  Tell(type, *event.mutable_data());
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
