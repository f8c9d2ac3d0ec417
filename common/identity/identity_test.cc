#include "common/identity/identity.h"

#include "common/identity/developer_token.h"
#include "common/identity/personal_data.h"
#include "common/rpc/errors.h"
#include "gtest/gtest.h"

namespace zhuqi::identity {
namespace {

constexpr char kToken[] = "0123456789abcdef";

TEST(DeveloperToken, TheRightTokenIsTheDeveloper) {
  auto authenticator = DeveloperTokenAuthenticator::FromToken(kToken);
  ASSERT_TRUE(authenticator.ok());
  const auto principal = (*authenticator)->Authenticate({kToken, "ipv4:127.0.0.1:1"});
  ASSERT_TRUE(principal.ok());
  EXPECT_EQ(principal->id, "developer");
  EXPECT_EQ(principal->roles, std::vector<std::string>{"developer"});
}

TEST(DeveloperToken, WrongAndMissingTokensGetTheSameAnswer) {
  auto authenticator = DeveloperTokenAuthenticator::FromToken(kToken);
  ASSERT_TRUE(authenticator.ok());
  const absl::Status wrong = (*authenticator)->Authenticate({"0123456789abcdeF", ""}).status();
  const absl::Status missing = (*authenticator)->Authenticate({"", ""}).status();
  EXPECT_EQ(wrong.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(wrong, missing);
  EXPECT_EQ(rpc::ReasonOf(wrong), "UNAUTHENTICATED");
}

TEST(DeveloperToken, AShortTokenIsRefused) {
  EXPECT_EQ(DeveloperTokenAuthenticator::FromToken("short").status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(Exposure, OnlyLoopbackAddressesAreLoopback) {
  for (const char* address :
       {"127.0.0.1:7401", "127.1.2.3:0", "localhost:7401", "[::1]:7401", "unix:/run/z.sock"}) {
    EXPECT_TRUE(IsLoopbackAddress(address)) << address;
  }
  for (const char* address : {"0.0.0.0:7401", "[::]:7401", "10.0.0.1:7401", "127.example.org:7401", ":7401",
                              "localhost.example.org:1", ""}) {
    EXPECT_FALSE(IsLoopbackAddress(address)) << address;
  }
}

TEST(Exposure, AServerWithoutAnAuthenticatorDoesNotStart) {
  EXPECT_EQ(CheckExposure(nullptr, "127.0.0.1:0").code(), absl::StatusCode::kFailedPrecondition);
}

TEST(Exposure, ADeveloperTokenIsOnlyGoodOnLoopback) {
  auto authenticator = DeveloperTokenAuthenticator::FromToken(kToken);
  ASSERT_TRUE(authenticator.ok());
  EXPECT_TRUE(CheckExposure(authenticator->get(), "127.0.0.1:7401").ok());
  EXPECT_EQ(CheckExposure(authenticator->get(), "0.0.0.0:7401").code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(Authorizer, PermitsDevelopersOnly) {
  DeveloperAuthorizer authorizer;
  EXPECT_TRUE(authorizer.Authorize({"d", "D", {"developer"}}, "/s/m", nullptr).ok());
  EXPECT_EQ(authorizer.Authorize({"x", "X", {"reader"}}, "/s/m", nullptr).code(),
            absl::StatusCode::kPermissionDenied);
}

TEST(PersonalDataTest, IsForTheRoleAndForDevelopment) {
  EXPECT_TRUE(MaySeePersonalData({"a", "a", {"reader", "personal-data"}}).ok());
  EXPECT_TRUE(MaySeePersonalData({"a", "a", {"developer"}}).ok());
  EXPECT_TRUE(absl::IsPermissionDenied(MaySeePersonalData({"a", "a", {"reader"}})));
  EXPECT_TRUE(absl::IsPermissionDenied(MaySeePersonalData({"a", "a", {}})));
}

}  // namespace
}  // namespace zhuqi::identity
