// Things by identity that many snapshots share.
#ifndef ZHUQI_COMMON_DIRECTORY_IDENTITY_MAP_H_
#define ZHUQI_COMMON_DIRECTORY_IDENTITY_MAP_H_

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace zhuqi {

// An immutable map from identity to message, in the order of identities. A copy costs nothing, and a map with
// some entries more shares all the others with the one that it came from: what does not change is never
// copied, however large the directory is. `id_of` reads a message's identity and must give the same text for
// as long as the message lives.
template <typename Message, const std::string& (*id_of)(const Message&)>
class IdentityMap {
 public:
  using mapped_type = Message;
  using Shared = std::shared_ptr<const Message>;

  struct Entry {
    const std::string& first;
    const Message& second;
  };

  class const_iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Entry;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = Entry;

    // Keeps the entry that operator-> points to.
    struct Arrow {
      Entry entry;
      const Entry* operator->() const { return &entry; }
    };

    explicit const_iterator(typename std::vector<Shared>::const_iterator at) : at_(at) {}
    Entry operator*() const { return {id_of(**at_), **at_}; }
    Arrow operator->() const { return {**this}; }
    const_iterator& operator++() {
      ++at_;
      return *this;
    }
    friend bool operator==(const const_iterator& left, const const_iterator& right) {
      return left.at_ == right.at_;
    }

   private:
    typename std::vector<Shared>::const_iterator at_;
  };

  IdentityMap() : entries_(std::make_shared<const std::vector<Shared>>()) {}

  // This map with each of `changed` added, or in the place of the one with its identity; of several with one
  // identity the last counts.
  IdentityMap With(const std::vector<const Message*>& changed) const {
    if (changed.empty()) return *this;
    std::map<absl::string_view, const Message*> sorted;
    for (const Message* message : changed) sorted.insert_or_assign(id_of(*message), message);
    auto merged = std::make_shared<std::vector<Shared>>();
    merged->reserve(entries_->size() + sorted.size());
    auto old = entries_->begin();
    for (const auto& [id, message] : sorted) {
      while (old != entries_->end() && id_of(**old) < id) merged->push_back(*old++);
      if (old != entries_->end() && id_of(**old) == id) ++old;
      merged->push_back(std::make_shared<const Message>(*message));
    }
    merged->insert(merged->end(), old, entries_->end());
    IdentityMap next;
    next.entries_ = std::move(merged);
    return next;
  }

  const_iterator begin() const { return const_iterator(entries_->begin()); }
  const_iterator end() const { return const_iterator(entries_->end()); }
  std::size_t size() const { return entries_->size(); }
  bool empty() const { return entries_->empty(); }
  // The first entry whose identity comes after `id`.
  const_iterator upper_bound(absl::string_view id) const {
    return const_iterator(
        std::upper_bound(entries_->begin(), entries_->end(), id,
                         [](absl::string_view key, const Shared& entry) { return key < id_of(*entry); }));
  }
  // Null when there is none. It lives as long as any map that has it.
  const Message* Find(absl::string_view id) const {
    const auto found =
        std::lower_bound(entries_->begin(), entries_->end(), id,
                         [](const Shared& entry, absl::string_view key) { return id_of(*entry) < key; });
    return found == entries_->end() || id_of(**found) != id ? nullptr : found->get();
  }
  bool contains(absl::string_view id) const { return Find(id) != nullptr; }

 private:
  std::shared_ptr<const std::vector<Shared>> entries_;
};

}  // namespace zhuqi

#endif  // ZHUQI_COMMON_DIRECTORY_IDENTITY_MAP_H_
