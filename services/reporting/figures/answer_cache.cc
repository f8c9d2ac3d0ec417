#include "services/reporting/figures/answer_cache.h"

#include <iterator>

namespace zhuqi::reporting {
namespace {

// What an entry takes beside its bytes, about.
constexpr std::size_t kOverhead = 256;

std::size_t WeightOf(const std::string& request, const grpc::Slice& answer) {
  return request.size() + answer.size() + kOverhead;
}

}  // namespace

std::optional<grpc::Slice> AnswerCache::Find(const std::string& request, uint64_t version, DayNumber today) {
  absl::MutexLock lock(&mutex_);
  const auto found = by_request_.find(request);
  if (found == by_request_.end()) return std::nullopt;
  const Entries::iterator entry = found->second;
  if (entry->version != version || entry->today != today) return std::nullopt;
  entries_.splice(entries_.begin(), entries_, entry);
  return entry->answer;
}

void AnswerCache::Put(const std::string& request, uint64_t version, DayNumber today,
                      const grpc::Slice& answer) {
  const std::size_t weight = WeightOf(request, answer);
  if (weight > max_bytes_ / 4) return;  // one large answer must not drive out all the others
  absl::MutexLock lock(&mutex_);
  if (const auto found = by_request_.find(request); found != by_request_.end()) Remove(found->second);
  while (!entries_.empty() && bytes_ + weight > max_bytes_) Remove(std::prev(entries_.end()));
  entries_.push_front({request, version, today, answer});
  by_request_[entries_.front().request] = entries_.begin();
  bytes_ += weight;
}

void AnswerCache::Remove(Entries::iterator entry) {
  bytes_ -= WeightOf(entry->request, entry->answer);
  by_request_.erase(entry->request);
  entries_.erase(entry);
}

}  // namespace zhuqi::reporting
