#include "services/intake/summaries/summary_writer.h"

#include <set>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "common/feed/first_answers.h"
#include "common/feed/token.h"
#include "common/rpc/errors.h"

namespace zhuqi::intake {
namespace {

template <typename Request>
UnitMonth UnitMonthOf(const Request& request) {
  return {request.org_unit_id(), CivilMonthFrom(request.month()).value_or(absl::CivilMonth())};
}

UnitMonth UnitMonthOf(const SummaryItem& item) {
  return std::visit([](const auto& request) { return UnitMonthOf(request); }, item.request);
}

// What a batch does to the summaries that it read: in memory, before anything is written. Later items see
// what earlier ones did.
class SummaryPlan {
 public:
  SummaryPlan(Summaries summaries, std::shared_ptr<const Directory> directory, absl::Time now)
      : summaries_(std::move(summaries)), directory_(std::move(directory)), now_(now) {}

  // The summary after `item`, or why not.
  absl::StatusOr<StoredSummary> Take(const SummaryItem& item) {
    if (const auto* submission = std::get_if<v1::SubmitSummaryRequest>(&item.request)) {
      ZHUQI_ASSIGN_OR_RETURN(StoredSummary after,
                             PreviewSubmission(summaries_, *directory_, *submission, now_));
      if (Note(after)) revisions_.emplace_back(after, item.actor);
      return after;
    }
    const auto& review = std::get<v1::ReviewSummaryRequest>(item.request);
    ZHUQI_ASSIGN_OR_RETURN(const StoredSummary* current,
                           PickSummary(summaries_, UnitMonthOf(review), review.form_id(),
                                       absl::StatusCode::kFailedPrecondition));
    ZHUQI_ASSIGN_OR_RETURN(StoredSummary after, Review(*current, review, item.actor, now_));
    if (Note(after)) reviews_.push_back(after);
    return after;
  }

  // History first: its keys say so when another transaction was first.
  absl::Status Write(db::Transaction& transaction) {
    ZHUQI_RETURN_IF_ERROR(InsertRevisions(transaction, revisions_));
    ZHUQI_RETURN_IF_ERROR(InsertReviews(transaction, reviews_, now_));
    std::vector<const StoredSummary*> changed;
    for (const SummaryKey& key : changed_) changed.push_back(&summaries_.at(key));
    ZHUQI_RETURN_IF_ERROR(UpdateSummaries(transaction, changed, now_));
    return feed::Append(transaction, now_, events_);
  }

  std::vector<feed::OutgoingEvent>& events() { return events_; }

 private:
  // False when nothing changed.
  bool Note(const StoredSummary& after) {
    const SummaryKey key = KeyOf(after);
    StoredSummary& current = summaries_.at(key);
    if (current.sequence == after.sequence) return false;
    events_.push_back(EventOf(&current, after, directory_->sequence()));
    current = after;
    changed_.insert(key);
    return true;
  }

  Summaries summaries_;
  const std::shared_ptr<const Directory> directory_;
  const absl::Time now_;
  std::set<SummaryKey> changed_;
  std::vector<std::pair<StoredSummary, std::string>> revisions_;
  std::vector<StoredSummary> reviews_;
  std::vector<feed::OutgoingEvent> events_;
};

absl::string_view MethodOf(const SummaryItem& item) {
  return std::holds_alternative<v1::SubmitSummaryRequest>(item.request) ? "SummaryService.SubmitSummary"
                                                                        : "SummaryService.ReviewSummary";
}

std::string TokenOf(const std::vector<feed::OutgoingEvent>& events, size_t first, size_t end) {
  std::vector<common::v1::FeedPosition> positions;
  for (size_t i = first; i < end; ++i) {
    positions.push_back(feed::Position("intake", events[i].partition, events[i].event.sequence()));
  }
  return feed::MakeToken(positions);
}

}  // namespace

absl::StatusOr<const StoredSummary*> PickSummary(const Summaries& summaries, const UnitMonth& key,
                                                 const std::string& form_id, absl::StatusCode code) {
  const StoredSummary* picked = nullptr;
  for (auto found = summaries.lower_bound({key.first, key.second, form_id}); found != summaries.end();
       ++found) {
    const SummaryKey& at = found->first;
    if (at.org_unit_id != key.first || at.month != key.second) break;
    if (!form_id.empty() && at.form_id != form_id) break;
    if (picked != nullptr) {
      rpc::Violations violations;
      violations.Add("form_id", "FORM_AMBIGUOUS", "the unit owes several forms for the month; name one",
                     "该机构当月应报多种报表，须指明其一");
      return violations.ToStatus();
    }
    picked = &found->second;
  }
  if (picked == nullptr) {
    return rpc::Error(code, "NO_OBLIGATION", "the unit owes no such summary for the month",
                      "该机构当月没有应报的此类月报");
  }
  return picked;
}

absl::StatusOr<StoredSummary> PreviewSubmission(const Summaries& summaries, const Directory& directory,
                                                const v1::SubmitSummaryRequest& request, absl::Time now) {
  ZHUQI_ASSIGN_OR_RETURN(
      const StoredSummary* current,
      PickSummary(summaries, UnitMonthOf(request), request.form_id(), absl::StatusCode::kFailedPrecondition));
  const auto form = directory.forms().find(current->summary.form_id());
  if (form == directory.forms().end()) {
    // The obligation was made by a replica with a newer directory than this one has yet.
    return absl::UnavailableError("the form of this summary is not known here yet; try again");
  }
  return Submit(*current, form->second, request, now);
}

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
  std::vector<UnitMonth> keys;
  for (Writer::Entry* entry : entries) {
    if (!answers.IsNew(entry->item.request_id)) continue;
    new_entries.push_back(entry);
    keys.push_back(UnitMonthOf(entry->item));
  }
  ZHUQI_ASSIGN_OR_RETURN(Summaries summaries, LockSummaries(transaction, keys));
  const absl::Time now = options_.clock->Now();
  SummaryPlan plan(std::move(summaries), options_.directory->Get(), now);
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
    const absl::StatusOr<StoredSummary> after = plan.Take(entry->item);
    if (!after.ok()) {
      entry->outcome =
          after.status();  // it has written nothing, so nothing is remembered: it may be tried again
      continue;
    }
    v1::SubmitSummaryResponse response;
    *response.mutable_summary() = Shown(*after);
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
