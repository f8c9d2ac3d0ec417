#include "services/reporting/figures/answer_cache.h"

#include <utility>

namespace zhuqi::reporting {
namespace {
// An answer without figures takes room too.
std::size_t WeightOf(const AnswerCache::Bytes& answer) { return answer.figures + 1; }
}  // namespace

AnswerCache::Answer AnswerCache::Find(const std::string& request, uint64_t version, DayNumber today) {
  absl::MutexLock lock(&mutex_);
  const auto found = by_request_.find(request);
  if (found == by_request_.end()) return nullptr;
  const Entries::iterator entry = found->second;
  if (entry->version != version || entry->today != today) return nullptr;
  entries_.splice(entries_.begin(), entries_, entry);
  return entry->answer;
}

void AnswerCache::Put(const std::string& request, uint64_t version, DayNumber today, Answer answer) {
  const std::size_t weight = WeightOf(*answer);
  if (weight > max_figures_ / 4) return;  // one large answer must not drive out all the others
  absl::MutexLock lock(&mutex_);
  if (const auto found = by_request_.find(request); found != by_request_.end()) Remove(found->second);
  while (!entries_.empty() && figures_ + weight > max_figures_) Remove(std::prev(entries_.end()));
  entries_.push_front({request, version, today, std::move(answer)});
  by_request_[entries_.front().request] = entries_.begin();
  figures_ += weight;
}

void AnswerCache::Remove(Entries::iterator entry) {
  figures_ -= WeightOf(*entry->answer);
  by_request_.erase(entry->request);
  entries_.erase(entry);
}

}  // namespace zhuqi::reporting
