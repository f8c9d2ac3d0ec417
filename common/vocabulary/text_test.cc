#include "common/vocabulary/text.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>
#include <utf8proc.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "common/vocabulary/width.h"

namespace zhuqi::vocabulary {
namespace {

// Pieces that meet in awkward ways: composition, white space of all kinds, wide forms, line ends, case.
rc::Gen<std::string> AnyText() {
  return rc::gen::map(
      rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
          "a", "Z", "e", "\u0301", "\u0327", "é", "ß", "İ", "ﬁ", "Å", "中", "文", "Ａ", "１", "，", "　",
          "\u00A0", " ", "\t", "\n", "\r", "\r\n", "\u200B", "가", "\u1100", "\u1161", "𠮷", "㎡", "①")),
      [](const std::vector<std::string>& pieces) {
        std::string text;
        for (const std::string& piece : pieces) text += piece;
        return text;
      });
}

TEST(Text, ComposedAndDecomposedFormsBecomeOne) {
  EXPECT_EQ(NormalizeText("cafe\u0301"), "café");
  EXPECT_EQ(NormalizeText("café"), "café");
}

TEST(Text, WhiteSpaceAtTheEndsGoesAndInsideStays) {
  EXPECT_EQ(NormalizeText(" 　\u00A0\t 郑州　金水 \n　 "), "郑州　金水");
  EXPECT_EQ(NormalizeText(" 　\n"), "");
  EXPECT_EQ(NormalizeText(""), "");
}

TEST(Text, FullWidthPunctuationOfProseIsKept) { EXPECT_EQ(NormalizeText("缺电，急！"), "缺电，急！"); }

TEST(Text, LineEndsOfWindowsAreNotControlCharacters) {
  EXPECT_EQ(NormalizeText("a\r\nb\rc\n\td"), "a\nb\nc\n\td");
}

TEST(Text, ControlCharactersAreRefusedWithAReasonOfTheirOwn) {
  for (const std::string& text : {std::string("a\0b", 3), std::string("a\x1b[0m"), std::string("a\x7f"),
                                  std::string("a\u0085b"), std::string("a\bb")}) {
    EXPECT_EQ(CheckText(text).problem, TextProblem::kControlCharacter);
    EXPECT_EQ(NormalizeText(text), std::nullopt);
  }
  EXPECT_EQ(ReasonName(TextProblem::kControlCharacter), "TEXT_CONTROL_CHARACTER");
}

TEST(Text, InvalidUtf8IsRefused) {
  for (const std::string text :
       {"\xFF", "a\xC3", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE4\xB8"}) {
    EXPECT_FALSE(IsValidUtf8(text));
    EXPECT_EQ(CheckText(text).problem, TextProblem::kInvalidUtf8);
    EXPECT_EQ(FoldForSearch(text), std::nullopt);
  }
  EXPECT_EQ(ReasonName(TextProblem::kInvalidUtf8), "TEXT_INVALID_UTF8");
}

TEST(Text, CharactersAreCodePointsAndNotBytes) {
  EXPECT_EQ(CharacterCount(""), 0U);
  EXPECT_EQ(CharacterCount("助企 a"), 4U);
  EXPECT_EQ(CharacterCount("𠮷"), 1U);
  EXPECT_EQ(CharacterCount("\xFF\xFE"), 2U);
}

TEST(Text, FoldedTextMeetsAcrossWidthAndCase) {
  EXPECT_EQ(FoldForSearch("ＡＢＣ公司"), FoldForSearch("abc公司"));
  EXPECT_EQ(FoldForSearch("STRASSE"), FoldForSearch("straße"));
  EXPECT_EQ(FoldForSearch("５０㎡"), "50m2");
  EXPECT_EQ(FoldForSearch("郑\u200B州"), "郑州");
}

TEST(Width, OnlyFullWidthFormsChange) {
  EXPECT_EQ(ToHalfWidth("Ａ～！　中é𠮷"), "A~! 中é𠮷");
  EXPECT_EQ(ToHalfWidth("\xEF\xBC"), "\xEF\xBC");
  EXPECT_EQ(ToHalfWidth("\uFF00\uFF5F"), "\uFF00\uFF5F");
}

RC_GTEST_PROP(TextProperty, NormalisingTwiceChangesNothing, ()) {
  const std::string text = *AnyText();
  const std::optional<std::string> once = NormalizeText(text);
  RC_ASSERT(once.has_value());
  RC_ASSERT(NormalizeText(*once) == once);
  RC_ASSERT(IsValidUtf8(*once));
}

RC_GTEST_PROP(TextProperty, FoldingTwiceChangesNothing, ()) {
  const std::optional<std::string> once = FoldForSearch(*AnyText());
  RC_ASSERT(once.has_value());
  RC_ASSERT(FoldForSearch(*once) == once);
}

RC_GTEST_PROP(TextProperty, AnyBytesAreAnsweredAndInvalidOnesNeverStored, (const std::string& bytes)) {
  const std::optional<std::string> normalized = NormalizeText(bytes);
  if (!IsValidUtf8(bytes)) RC_ASSERT(!normalized.has_value());
  RC_ASSERT(CharacterCount(bytes) <= bytes.size());
}

// CheckText passes text of these characters on as it is; the library must agree, whatever stands beside what.
TEST(Text, PlainCharactersAreTheirOwnNormalFormBesideEachOther) {
  std::vector<std::int32_t> plain = {'\n', '\t'};
  const std::pair<std::int32_t, std::int32_t> ranges[] = {
      {0x20, 0x7E}, {0x2010, 0x2027}, {0x3000, 0x3029}, {0x4E00, 0x9FFF}, {0xFF01, 0xFF5E}};
  for (const auto& [first, last] : ranges) {
    for (std::int32_t code_point = first; code_point <= last; ++code_point) plain.push_back(code_point);
  }
  std::mt19937 random(1);
  for (int round = 0; round < 20; ++round) {
    std::string text = "x";
    for (const std::int32_t code_point : plain) {
      utf8proc_uint8_t bytes[4];
      const utf8proc_ssize_t length = utf8proc_encode_char(code_point, bytes);
      text.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
    }
    text += 'x';
    utf8proc_uint8_t* const composed = utf8proc_NFC(reinterpret_cast<const utf8proc_uint8_t*>(text.c_str()));
    EXPECT_EQ(reinterpret_cast<const char*>(composed), text);
    std::free(composed);
    EXPECT_EQ(CheckText(text).normalized, text);
    std::shuffle(plain.begin(), plain.end(), random);
  }
}

TEST(Text, CharactersBesideThePlainOnesStillCompose) {
  EXPECT_EQ(CheckText("郑州e\xCC\x81").normalized, "郑州\xC3\xA9");
  EXPECT_EQ(CheckText("か\xE3\x82\x99").normalized, "が");
  EXPECT_EQ(CheckText("\xE3\x80\x80 郑州\r\n ").normalized, "郑州");
  EXPECT_EQ(CheckText("郑\xE5\xB7").problem, TextProblem::kInvalidUtf8);
  EXPECT_EQ(CheckText("\xE5\x41\x9E").problem, TextProblem::kInvalidUtf8);
  EXPECT_EQ(CheckText("\xE0\x80\x80").problem, TextProblem::kInvalidUtf8);  // overlong
  EXPECT_EQ(CheckText("\xED\xA0\x80").problem, TextProblem::kInvalidUtf8);  // a surrogate
}

}  // namespace
}  // namespace zhuqi::vocabulary
