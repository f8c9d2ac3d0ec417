#include "services/intake/summaries/summary_writer.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "common/feed/first_answers.h"
#include "common/feed/token.h"

namespace zhuqi::intake {
namespace {

const char* MethodOf(const SummaryItem& item) {
  if (std::holds_alternative<Submission>(item.request)) return "SummaryService.SubmitSummary";
  if (std::holds_alternative<v1::ReviewSummaryRequest>(item.request)) return "SummaryService.ReviewSummary";
  return "SummaryService.DecideObligation";
}

std::string TokenOf(const std::vector<feed::OutgoingEvent>& events, size_t first, size_t end) {
  std::vector<common::v1::FeedPosition> positions;
  for (size_t i = first; i < end; ++i) {
    positions.push_back(feed::Position("intake", events[i].partition, events[i].event.sequence()));
  }
  return feed::MakeToken(positions);
}

// `named` and all that was made from them, up the chain.
absl::StatusOr<std::set<UnitMonth>> WithAllAbove(db::Connection& connection, std::set<UnitMonth> named) {
  std::set<UnitMonth> newest = named;
  while (!newest.empty()) {
    ZHUQI_ASSIGN_OR_RETURN(const std::set<UnitMonth> above, ReadMadeFrom(connection, newest));
    newest.clear();
    for (const UnitMonth& key : above) {
      if (named.insert(key).second) newest.insert(key);
    }
  }
  return named;
}

// Locks everything that the requests may change or rest on. Whoever makes a summary from another one locks
// both, so what stands above does not change once it is locked; what came in between is found by looking
// again.
absl::StatusOr<Summaries> LockChain(db::Transaction& transaction, const std::set<UnitMonth>& named) {
  ZHUQI_ASSIGN_OR_RETURN(const std::set<UnitMonth> chain, WithAllAbove(transaction.connection(), named));
  ZHUQI_ASSIGN_OR_RETURN(Summaries summaries, LockSummaries(transaction, {chain.begin(), chain.end()}));
  ZHUQI_ASSIGN_OR_RETURN(const std::set<UnitMonth> again, WithAllAbove(transaction.connection(), named));
  if (!std::includes(chain.begin(), chain.end(), again.begin(), again.end())) {
    return absl::AbortedError("a summary was made from these in between");
  }
  return summaries;
}

absl::StatusOr<Periods> LockPeriodsOf(db::Transaction& transaction, const Summaries& summaries) {
  std::set<PeriodKey> keys;
  for (const auto& [key, stored] : summaries) keys.emplace(key.form_id, key.month);
  return LockPeriods(transaction, keys);
}

}  // namespace

SummaryWriter::SummaryWriter(SummaryWriterOptions options)
    : options_(options),
      writer_(
          options.group_commit,
          [this](db::Transaction& transaction, absl::Span<Writer::Entry* const> entries) {
            return Apply(transaction, entries);
          },
          [this] { options_.tail->NotifyCommitted(); }) {}

absl::Status SummaryWriter::Apply(db::Transaction& transaction, absl::Span<Writer::Entry* const> entries) {
  std::vector<Uuid> request_ids;
  for (const Writer::Entry* entry : entries) request_ids.push_back(entry->item.request_id);
  ZHUQI_ASSIGN_OR_RETURN(feed::FirstAnswers answers, feed::FirstAnswers::Load(transaction, request_ids));
  std::vector<Writer::Entry*> new_entries;
  std::set<UnitMonth> named;
  for (Writer::Entry* entry : entries) {
    if (!answers.IsNew(entry->item.request_id)) continue;
    new_entries.push_back(entry);
    named.insert(UnitMonthOf(entry->item.request));
    for (UnitMonth& basis : BasisUnitsOf(entry->item.request)) named.insert(std::move(basis));
  }
  ZHUQI_ASSIGN_OR_RETURN(Summaries summaries, LockChain(transaction, named));
  ZHUQI_ASSIGN_OR_RETURN(Periods periods, LockPeriodsOf(transaction, summaries));
  const absl::Time now = options_.clock->Now();
  SummaryPlan plan(std::move(summaries), std::move(periods), options_.directory->Get(), now);
  struct Taken {
    const Writer::Entry* entry;
    v1::SubmitSummaryResponse response;
    size_t first_event;
    size_t end_event;
  };
  std::vector<Taken> taken;
  taken.reserve(new_entries.size());
  for (Writer::Entry* entry : new_entries) {
    const size_t first_event = plan.events().size();
    absl::StatusOr<v1::MonthlySummary> after = plan.Take(entry->item.request, entry->item.actor);
    if (!after.ok()) {
      entry->outcome =
          after.status();  // it has written nothing, so nothing is remembered: it may be tried again
      continue;
    }
    v1::SubmitSummaryResponse response;
    *response.mutable_summary() = *std::move(after);
    taken.push_back({entry, std::move(response), first_event, plan.events().size()});
  }
  ZHUQI_RETURN_IF_ERROR(plan.Write(transaction));
  for (Taken& one : taken) {
    one.response.set_consistency_token(TokenOf(plan.events(), one.first_event, one.end_event));
    const SummaryItem& item = one.entry->item;
    answers.Remember(item.request_id, MethodOf(item), item.digest, one.response.SerializeAsString(), now);
  }
  ZHUQI_RETURN_IF_ERROR(answers.Store(transaction));
  for (Writer::Entry* entry : entries) {
    if (entry->outcome.has_value()) continue;
    entry->outcome = answers.Answer<v1::SubmitSummaryResponse>(entry->item.request_id, entry->item.digest);
  }
  return absl::OkStatus();
}

}  // namespace zhuqi::intake
