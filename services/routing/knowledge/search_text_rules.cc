#include "services/routing/knowledge/search_text_rules.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "common/directory/date_message.h"
#include "common/vocabulary/text.h"
#include "re2/re2.h"

namespace zhuqi::routing {
namespace {

// Where each character of valid UTF-8 begins, and at the end where the last one ends.
std::vector<size_t> Beginnings(absl::string_view text) {
  std::vector<size_t> beginnings;
  for (size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) beginnings.push_back(i);
  }
  beginnings.push_back(text.size());
  return beginnings;
}

bool IsAddressCharacter(char c) { return absl::ascii_isgraph(static_cast<unsigned char>(c)); }

// An e-mail address is the run of ASCII around its '@'.
void BlankAddresses(std::string& text) {
  for (size_t at = text.find('@'); at != std::string::npos; at = text.find('@', at + 1)) {
    size_t first = at;
    size_t last = at;
    while (first > 0 && IsAddressCharacter(text[first - 1])) --first;
    while (last < text.size() && IsAddressCharacter(text[last])) ++last;
    std::fill(text.begin() + static_cast<std::ptrdiff_t>(first),
              text.begin() + static_cast<std::ptrdiff_t>(last), ' ');
  }
}

// White space and punctuation divide words: a common word holds neither.
bool Divides(absl::string_view character) {
  if (character.size() == 1) return !absl::ascii_isalnum(static_cast<unsigned char>(character[0]));
  // General punctuation (U+2000 to U+206F) and that of Chinese (U+3000 to U+303F); full-width forms were
  // folded.
  return character.size() == 3 &&
         (character.substr(0, 2) == "\xE2\x80" || character.substr(0, 2) == "\xE2\x81" ||
          character.substr(0, 2) == "\xE3\x80");
}

}  // namespace

std::string SearchableText(absl::string_view text) {
  std::string folded = vocabulary::FoldForSearch(text).value_or("");
  BlankAddresses(folded);
  std::replace_if(
      folded.begin(), folded.end(), [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); },
      ' ');
  return folded;
}

std::string WithoutPersonalNumbers(std::string text) {
  // Seven digits or more in a row; mobile and landline numbers with gaps; addresses. In either width.
  static const RE2& personal = *new RE2(
      "[0-9０-９]{7,}[XxＸｘ]?"
      "|[1１][3-9３-９][0-9０-９][-－ 　]?[0-9０-９]{4}[-－ 　]?[0-9０-９]{4}"
      "|[0０][0-9０-９]{2,3}[-－ 　]?[0-9０-９]{7,8}"
      "|[!-?A-~]+@[!-?A-~]+");
  RE2::GlobalReplace(&text, personal, "***");
  return text;
}

SearchEntry SearchEntryOf(const v1::Case& body, absl::string_view solution) {
  SearchEntry entry;
  entry.case_id = Uuid::Parse(body.case_id()).value_or(Uuid());
  entry.org_unit_id = body.org_unit_id();
  entry.category_id = body.issue().category_id();
  entry.outcome = body.outcome();
  entry.received_at = TimeFrom(body.received_at());
  entry.title = SearchableText(body.issue().title());
  entry.text = SearchableText(body.issue().text());
  entry.solution = SearchableText(solution);
  return entry;
}

absl::string_view FirstCharacters(absl::string_view text, size_t characters) {
  for (size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) == 0x80) continue;
    if (characters-- == 0) return text.substr(0, i);
  }
  return text;
}

std::vector<std::string> CommonWords(absl::string_view asked, absl::string_view text, size_t limit) {
  const std::vector<size_t> in_asked = Beginnings(asked);
  absl::flat_hash_set<absl::string_view> pairs;
  for (size_t i = 0; i + 2 < in_asked.size(); ++i) {
    pairs.insert(asked.substr(in_asked[i], in_asked[i + 2] - in_asked[i]));
  }
  const std::vector<size_t> in_text = Beginnings(text);
  const auto character = [&](size_t i) { return text.substr(in_text[i], in_text[i + 1] - in_text[i]); };
  const auto piece = [&](size_t from, size_t to) {
    return text.substr(in_text[from], in_text[to] - in_text[from]);
  };
  const size_t characters = in_text.size() - 1;
  std::vector<absl::string_view> words;
  size_t from = 0;
  while (from + 1 < characters) {
    // The longest piece from here that stands in `asked` as it is: pairs say cheaply where that is hopeless.
    size_t to = from;
    if (!Divides(character(from)) && pairs.contains(piece(from, from + 2)) && !Divides(character(from + 1))) {
      to = from + 2;
      while (to < characters && !Divides(character(to)) && pairs.contains(piece(to - 1, to + 1)) &&
             asked.find(piece(from, to + 1)) != absl::string_view::npos) {
        ++to;
      }
      words.push_back(piece(from, to));
    }
    from = to > from ? to : from + 1;
  }
  std::stable_sort(words.begin(), words.end(), [](absl::string_view left, absl::string_view right) {
    return left.size() > right.size();
  });
  std::vector<std::string> chosen;
  for (const absl::string_view word : words) {
    if (chosen.size() == limit) break;
    const bool named = std::any_of(chosen.begin(), chosen.end(), [word](const std::string& longer) {
      return absl::string_view(longer).find(word) != absl::string_view::npos;
    });
    if (!named) chosen.emplace_back(word);
  }
  return chosen;
}

}  // namespace zhuqi::routing
