#include "services/routing/cases/case_batch.h"

#include "common/base/status_macros.h"
#include "services/routing/cases/assistant_store.h"
#include "services/routing/ladders/ladder_rules.h"
#include "services/routing/ladders/ladder_store.h"
#include "services/routing/notices/notice_rules.h"
#include "services/routing/special/special_rules.h"

namespace zhuqi::routing {

const CaseRecord* CaseBatch::Find(const Uuid& case_id) const {
  if (const auto changed = changed_.find(case_id); changed != changed_.end()) return &changed->second;
  const auto known = known_.find(case_id);
  return known == known_.end() ? nullptr : &known->second;
}

const CaseRecord* CaseBatch::FindForChange(const Uuid& case_id) {
  const CaseRecord* record = Find(case_id);
  if (record == nullptr) return nullptr;
  std::optional<CaseChange> followed = FollowCalendar(*record, recorded_at_, *directory_);
  if (followed.has_value()) Take(*std::move(followed));
  HandOver(case_id);
  return Find(case_id);
}

void CaseBatch::HandOver(const Uuid& case_id) {
  const std::string function = catalogue_ == nullptr ? "" : catalogue_->default_target().lead_function();
  std::optional<CaseChange> followed = FollowSuccession(*Find(case_id), recorded_at_, *directory_, function);
  if (!followed.has_value()) return;
  absl::Status refusal;  // of actions alone
  if (connection_ != nullptr) {
    failure_.Update(GiveWantedAssistant(*connection_, *this, *directory_, *followed, refusal));
  }
  Take(*std::move(followed));
}

void CaseBatch::AddLoads(AssistantLoads& loads) const {
  const auto add = [&](const v1::Case& body, int64_t cases) {
    if (body.state() == v1::PROCESS_STATE_CLOSED) return;
    for (const v1::Assignment& part : body.assignments()) {
      if (part.role() != v1::ASSIGNMENT_ROLE_ASSISTANT || part.has_until()) continue;
      loads[{part.department_id(), part.team_id()}] += cases;
    }
  };
  for (const auto& [case_id, record] : changed_) {
    const auto stored = known_.find(case_id);
    if (stored != known_.end()) add(stored->second.body, -1);
    add(record.body, 1);
  }
}

size_t CaseBatch::Take(CaseChange change) {
  const Uuid case_id = Uuid::Parse(change.record.body.case_id()).value_or(Uuid());
  feed::OutgoingEvent outgoing;
  outgoing.partition = change.record.partition;
  outgoing.event.set_directory_sequence(directory_->sequence());
  feed::v1::CaseChanged& told = *outgoing.event.mutable_case_changed();
  const CaseRecord* before = Find(case_id);
  const Consequences consequences =
      ConsequencesOf(before == nullptr ? nullptr : &before->body, change.record.body);
  const bool opened =
      before != nullptr && before->body.has_closed_at() && !change.record.body.has_closed_at();
  if (before != nullptr) *told.mutable_before() = before->facts;
  *told.mutable_after() = change.record.facts;
  if (outbox_ == Outbox::kOn) {
    std::optional<v1::NoticeEvent> notice = NoticeOf(before, change.record, change.event);
    if (notice.has_value()) notices_.push_back(*std::move(notice));
  }
  if (change.record.body.has_special()) {
    TimeSpecial(*change.record.body.mutable_special(), directory_->calendar());
  }
  outgoing_.push_back(std::move(outgoing));
  const size_t index = outgoing_.size() - 1;
  const v1::CaseEvent event = change.event;
  history_.emplace_back(case_id, std::move(change.event));
  changed_.insert_or_assign(case_id, std::move(change.record));
  if (opened) FindForChange(case_id);
  FollowUp(case_id, consequences, event);
  return index;
}

absl::Status CaseBatch::WriteSteps(db::Transaction& transaction) const {
  NextSteps next_steps;
  const auto add = [&](const Uuid& case_id, const CaseRecord& record) {
    if (!record.body.has_ladder()) return;
    const std::optional<NextStep> next = NextStepOf(record.body, directory_->calendar());
    next_steps[case_id] = next.has_value() ? std::optional<absl::Time>(next->at) : std::nullopt;
  };
  for (const auto& [case_id, record] : changed_) add(case_id, record);
  for (const Uuid& case_id : timed_) {
    if (const CaseRecord* record = Find(case_id)) add(case_id, *record);
  }
  return WriteNextSteps(transaction.connection(), next_steps);
}

absl::Status CaseBatch::Write(db::Transaction& transaction) {
  ZHUQI_RETURN_IF_ERROR(failure_);
  // First: whoever fires steps locks this row before the case's others.
  ZHUQI_RETURN_IF_ERROR(WriteSteps(transaction));
  ZHUQI_RETURN_IF_ERROR(WriteCases(transaction.connection(), known_, changed_, history_));
  ZHUQI_RETURN_IF_ERROR(AppendNotices(transaction.connection(), recorded_at_, notices_));
  return feed::Append(transaction, recorded_at_, outgoing_);
}

}  // namespace zhuqi::routing
