// The keywords of a catalogue, looked for all at once. Pure.
#ifndef ZHUQI_SERVICES_ROUTING_CATALOGUE_CATALOGUE_KEYWORDS_H_
#define ZHUQI_SERVICES_ROUTING_CATALOGUE_CATALOGUE_KEYWORDS_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "re2/set.h"
#include "zhuqi/routing/v1/catalogue.pb.h"

namespace zhuqi::routing {

inline constexpr size_t kMaximumKeywordLength = 200;  // characters
inline constexpr size_t kMaximumKeywords = 1000;      // different ones in a catalogue

// Each pattern of the catalogue's rules once, in their order.
std::vector<std::string> KeywordsOf(const v1::Catalogue& catalogue);

enum class KeywordProblem { kLength, kSyntax, kMatchesEmptyText };
// What keeps `pattern` from being a keyword.
std::optional<KeywordProblem> CheckKeyword(const std::string& pattern);

// Compiled once, asked for every issue; const calls may run at the same time. As a rule one pass over a text.
// Where the set runs out of memory, each pattern by itself, compiled for it: at most its compiled size
// (kPatternMemory) times the text's length, each.
class KeywordSet {
 public:
  explicit KeywordSet(std::vector<std::string> patterns);

  // False: together they are too large for the memory that a set may take. They are then tried one by one.
  bool compiled() const { return set_ != nullptr || patterns_.empty(); }

  // The patterns that title or text contain, in the set's order.
  std::vector<std::string> FindIn(absl::string_view title, absl::string_view text) const;

 private:
  void Mark(const std::string& text, std::vector<bool>& found) const;
  void MarkOneByOne(const std::string& text, std::vector<bool>& found) const;

  std::vector<std::string> patterns_;
  std::unique_ptr<RE2::Set> set_;
};

// The inputs with the keywords that title and text contain.
v1::RouteInputs WithKeywords(v1::RouteInputs inputs, absl::string_view title, absl::string_view text,
                             const KeywordSet& keywords);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CATALOGUE_CATALOGUE_KEYWORDS_H_
