#include "services/routing/catalogue/catalogue_keywords.h"

#include <utility>

#include "absl/container/flat_hash_set.h"
#include "common/vocabulary/text.h"

namespace zhuqi::routing {
namespace {

// One pattern may not be so large that a thousand of them can not be a set; a set may not take a process's
// memory.
constexpr int64_t kPatternMemory = int64_t{256} << 10;
constexpr int64_t kSetMemory = int64_t{64} << 20;

RE2::Options KeywordOptions(int64_t memory) {
  RE2::Options options;
  options.set_case_sensitive(false);
  options.set_log_errors(false);
  options.set_max_mem(memory);
  return options;
}

}  // namespace

std::vector<std::string> KeywordsOf(const v1::Catalogue& catalogue) {
  std::vector<std::string> patterns;
  absl::flat_hash_set<absl::string_view> seen;
  for (const v1::RoutingRule& rule : catalogue.rules()) {
    for (const std::string& pattern : rule.conditions().keywords()) {
      if (seen.insert(pattern).second) patterns.push_back(pattern);
    }
  }
  return patterns;
}

std::optional<KeywordProblem> CheckKeyword(const std::string& pattern) {
  if (pattern.empty() || vocabulary::CharacterCount(pattern) > kMaximumKeywordLength)
    return KeywordProblem::kLength;
  const RE2 expression(pattern, KeywordOptions(kPatternMemory));
  if (!expression.ok()) return KeywordProblem::kSyntax;
  if (RE2::PartialMatch("", expression)) return KeywordProblem::kMatchesEmptyText;
  return std::nullopt;
}

KeywordSet::KeywordSet(std::vector<std::string> patterns) : patterns_(std::move(patterns)) {
  if (patterns_.empty()) return;
  auto set = std::make_unique<RE2::Set>(KeywordOptions(kSetMemory), RE2::UNANCHORED);
  for (const std::string& pattern : patterns_) {
    if (set->Add(pattern, nullptr) < 0) return;
  }
  if (set->Compile()) set_ = std::move(set);
}

std::vector<std::string> KeywordSet::FindIn(absl::string_view title, absl::string_view text) const {
  std::vector<std::string> result;
  if (patterns_.empty()) return result;
  std::vector<bool> found(patterns_.size(), false);
  for (const absl::string_view part : {title, text}) {
    const std::string written(part);
    Mark(written, found);
    const std::optional<std::string> folded = vocabulary::FoldForSearch(part);
    if (folded.has_value() && *folded != written) Mark(*folded, found);
  }
  for (size_t i = 0; i < patterns_.size(); ++i) {
    if (found[i]) result.push_back(patterns_[i]);
  }
  return result;
}

v1::RouteInputs WithKeywords(v1::RouteInputs inputs, absl::string_view title, absl::string_view text,
                             const KeywordSet& keywords) {
  inputs.clear_keywords();
  for (std::string& keyword : keywords.FindIn(title, text)) inputs.add_keywords(std::move(keyword));
  return inputs;
}

void KeywordSet::Mark(const std::string& text, std::vector<bool>& found) const {
  if (set_ == nullptr) return MarkOneByOne(text, found);
  std::vector<int> indices;
  RE2::Set::ErrorInfo error{RE2::Set::kNoError};
  const bool any = set_->Match(text, &indices, &error);
  // A text can need more states at once than fit into memory: an answer that takes longer, and not none.
  if (!any && error.kind != RE2::Set::kNoError) return MarkOneByOne(text, found);
  for (const int index : indices) found[static_cast<size_t>(index)] = true;
}

void KeywordSet::MarkOneByOne(const std::string& text, std::vector<bool>& found) const {
  for (size_t i = 0; i < patterns_.size(); ++i) {
    const RE2 expression(patterns_[i], KeywordOptions(kPatternMemory));
    if (expression.ok() && RE2::PartialMatch(text, expression)) found[i] = true;
  }
}

}  // namespace zhuqi::routing
