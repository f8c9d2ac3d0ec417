// What of a case can be searched, and what two texts have in common. Pure.
#ifndef ZHUQI_SERVICES_ROUTING_KNOWLEDGE_SEARCH_TEXT_RULES_H_
#define ZHUQI_SERVICES_ROUTING_KNOWLEDGE_SEARCH_TEXT_RULES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "zhuqi/routing/v1/case.pb.h"

namespace zhuqi::routing {

// What the index is told of a case.
struct SearchEntry {
  Uuid case_id;
  std::string org_unit_id;
  std::string category_id;
  int outcome = 0;
  absl::Time received_at;
  // As SearchableText gives them.
  std::string title;
  std::string text;
  std::string solution;
};

// `text` as it may be indexed: folded as for every search, without digits and without addresses. Free text
// may hold a telephone number, an identity number or an e-mail address of a person, and none may be in the
// index; amounts and counts say nothing about a cause. Empty for what is not UTF-8.
std::string SearchableText(absl::string_view text);

// `text` as it may be shown to everybody: what reads like a telephone number, an identity number or an e-mail
// address is "***"; dates and small amounts stay.
std::string WithoutPersonalNumbers(std::string text);

SearchEntry SearchEntryOf(const v1::Case& body, absl::string_view solution);

// The first `characters` of `text`.
absl::string_view FirstCharacters(absl::string_view text, size_t characters);

// The words of at least two characters that stand in both texts (as SearchableText gives them), longest first
// and then as they stand in `text`, at most `limit`; none lies within another one that is named.
std::vector<std::string> CommonWords(absl::string_view asked, absl::string_view text, size_t limit);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_KNOWLEDGE_SEARCH_TEXT_RULES_H_
