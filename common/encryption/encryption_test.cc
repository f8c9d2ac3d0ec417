#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/encryption/key_ring.h"
#include "common/encryption/primitives.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace zhuqi::encryption {
namespace {

std::string Bytes(absl::string_view hex) { return absl::HexStringToBytes(hex); }

KeyRing Ring(const std::vector<std::string>& ids) {
  std::vector<SecretKey> keys;
  for (const std::string& id : ids) keys.push_back({id, std::string(31, 's') + id.front()});
  return *KeyRing::Create(keys);
}

// The GCM specification's test case 16 (McGrew and Viega), which NIST took over.
constexpr char kKey[] = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
constexpr char kNonce[] = "cafebabefacedbaddecaf888";
constexpr char kAssociated[] = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
constexpr char kPlain[] =
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
    "b16aedf5aa0de657ba637b39";
constexpr char kCipher[] =
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
    "c5f61e6393ba7a0abcc9f662";
constexpr char kTag[] = "76fc6ece0f4e1768cddf8853bb2d551b";

TEST(AesGcmTest, GivesThePublishedVector) {
  const auto sealed = AesGcmSeal(Bytes(kKey), Bytes(kNonce), Bytes(kAssociated), Bytes(kPlain));
  ASSERT_TRUE(sealed.ok()) << sealed.status();
  EXPECT_EQ(absl::BytesToHexString(*sealed), std::string(kCipher) + kTag);
  EXPECT_EQ(AesGcmOpen(Bytes(kKey), Bytes(kNonce), Bytes(kAssociated), *sealed).value(), Bytes(kPlain));
}

TEST(AesGcmTest, EmptyTextIsItsTagAlone) {
  // Test case 13: everything zero and empty.
  const std::string key(32, '\0');
  const std::string nonce(12, '\0');
  const auto sealed = AesGcmSeal(key, nonce, "", "");
  ASSERT_TRUE(sealed.ok()) << sealed.status();
  EXPECT_EQ(absl::BytesToHexString(*sealed), "530f8afbc74536b9a963b4f1c4cb738b");
  EXPECT_EQ(AesGcmOpen(key, nonce, "", *sealed).value(), "");
}

TEST(AesGcmTest, OneBitAnywhereIsFoundOut) {
  const std::string sealed = *AesGcmSeal(Bytes(kKey), Bytes(kNonce), Bytes(kAssociated), Bytes(kPlain));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string damaged = sealed;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_TRUE(
        absl::IsDataLoss(AesGcmOpen(Bytes(kKey), Bytes(kNonce), Bytes(kAssociated), damaged).status()))
        << i;
  }
  EXPECT_TRUE(absl::IsDataLoss(AesGcmOpen(Bytes(kKey), Bytes(kNonce), "", sealed).status()));
  EXPECT_TRUE(absl::IsDataLoss(AesGcmOpen(Bytes(kKey), Bytes(kNonce), Bytes(kAssociated), "short").status()));
}

TEST(HmacTest, GivesTheVectorsOfRfc4231) {
  EXPECT_EQ(absl::BytesToHexString(HmacSha256(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(absl::BytesToHexString(HmacSha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(HkdfTest, GivesTheFirstVectorOfRfc5869) {
  EXPECT_EQ(
      absl::BytesToHexString(HkdfSha256(Bytes("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"),
                                        Bytes("000102030405060708090a0b0c"), Bytes("f0f1f2f3f4f5f6f7f8f9"))),
      "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
}

TEST(KeyRingTest, OpensWhatItSealedAndNeverSealsAlike) {
  const KeyRing ring = Ring({"k1"});
  const Sealed first = *ring.Seal("张三 13800138000", "record 1");
  const Sealed second = *ring.Seal("张三 13800138000", "record 1");
  EXPECT_EQ(first.key_id, "k1");
  EXPECT_NE(first.bytes, second.bytes);
  EXPECT_FALSE(absl::StrContains(first.bytes, "138"));
  EXPECT_EQ(ring.Open(first, "record 1").value(), "张三 13800138000");
}

TEST(KeyRingTest, SealedTextCopiedToAnotherPlaceDoesNotOpen) {
  const KeyRing ring = Ring({"k1"});
  EXPECT_TRUE(absl::IsDataLoss(ring.Open(*ring.Seal("secret", "record 1"), "record 2").status()));
  // Nor under another key's name.
  Sealed renamed = *ring.Seal("secret", "record 1");
  renamed.key_id = "k2";
  EXPECT_TRUE(absl::IsDataLoss(Ring({"k1", "k2"}).Open(renamed, "record 1").status()));
}

TEST(KeyRingTest, NewKeySealsAndTheOldOneStillOpens) {
  const KeyRing before = Ring({"k1"});
  const KeyRing during = Ring({"new", "k1"});
  const KeyRing after = Ring({"new"});
  const Sealed old = *before.Seal("secret", "place");
  EXPECT_EQ(during.Open(old, "place").value(), "secret");
  EXPECT_EQ(during.Seal("secret", "place")->key_id, "new");
  EXPECT_TRUE(absl::IsFailedPrecondition(after.Open(old, "place").status()));
  EXPECT_TRUE(during.Knows("k1"));
  EXPECT_FALSE(after.Knows("k1"));
}

TEST(KeyRingTest, DigestsAreKnownAgainAfterKeysWereExchanged) {
  const std::vector<std::string> before = Ring({"k1"}).Digests("13800138000");
  const std::vector<std::string> during = Ring({"new", "k1"}).Digests("13800138000");
  ASSERT_EQ(during.size(), 2u);
  EXPECT_EQ(during[1], before[0]);
  EXPECT_NE(during[0], before[0]);
  EXPECT_NE(Ring({"k1"}).Digests("13800138001")[0], before[0]);
}

TEST(KeyRingTest, RefusesKeysThatAreNone) {
  const std::string secret(32, 's');
  const auto reason = [](const std::vector<SecretKey>& keys) { return KeyRing::Create(keys).status(); };
  EXPECT_TRUE(absl::IsInvalidArgument(reason({})));
  EXPECT_TRUE(absl::IsInvalidArgument(reason({{"K1", secret}})));
  EXPECT_TRUE(absl::IsInvalidArgument(reason({{"", secret}})));
  EXPECT_TRUE(absl::IsInvalidArgument(reason({{std::string(33, 'k'), secret}})));
  EXPECT_TRUE(KeyRing::Create({{std::string(32, 'k'), secret}}).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(reason({{"k1", secret}, {"k1", secret}})));
  EXPECT_TRUE(absl::IsInvalidArgument(reason({{"k1", "too short"}})));
  std::vector<SecretKey> many;
  for (int i = 0; i < 9; ++i) many.push_back({absl::StrCat("k", i), secret});
  EXPECT_TRUE(absl::IsInvalidArgument(reason(many)));
  many.pop_back();
  EXPECT_TRUE(KeyRing::Create(many).ok());
}

class KeyFileTest : public ::testing::Test {
 protected:
  std::string Write(const std::string& content, mode_t mode) {
    const std::string path = ::testing::TempDir() + "zhuqi_contact.key";
    std::remove(path.c_str());
    std::ofstream(path) << content;
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
    return path;
  }
  const std::string hex_ = std::string(62, '0') + "fF";
};

TEST_F(KeyFileTest, HoldsSixtyFourHexadecimalDigits) {
  EXPECT_EQ(ReadKeyFile(Write(hex_ + "\n", 0600)).value(), std::string(31, '\0') + '\xff');
  for (const std::string& wrong : {hex_ + "00", hex_.substr(2), std::string(64, 'g'), std::string()}) {
    const auto read = ReadKeyFile(Write(wrong, 0600));
    EXPECT_TRUE(absl::IsFailedPrecondition(read.status())) << read.status();
    // A key that was mistyped is still nearly one.
    EXPECT_FALSE(!wrong.empty() && absl::StrContains(read.status().message(), wrong));
  }
}

TEST_F(KeyFileTest, IsItsOwnersAlone) {
  for (const mode_t mode : {0640, 0604, 0660, 0602}) {
    EXPECT_TRUE(absl::IsFailedPrecondition(ReadKeyFile(Write(hex_, mode)).status())) << mode;
  }
  EXPECT_TRUE(absl::IsNotFound(ReadKeyFile("/no/such/file").status()));
}

}  // namespace
}  // namespace zhuqi::encryption
