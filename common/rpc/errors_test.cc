#include "common/rpc/errors.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "common/rpc/grpc_status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace zhuqi::rpc {
namespace {

using ::testing::HasSubstr;

TEST(Error, CarriesReasonDomainMetadataAndChinese) {
  const absl::Status status =
      Error(absl::StatusCode::kNotFound, "CASE_NOT_FOUND", "no such case", "事项不存在", {{"case_id", "7"}});
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "no such case");
  EXPECT_EQ(ReasonOf(status), "CASE_NOT_FOUND");
  EXPECT_EQ(ErrorInfoOf(status)->domain(), "zhuqi");
  EXPECT_EQ(ErrorInfoOf(status)->metadata().at("case_id"), "7");
  EXPECT_EQ(LocalizedMessageOf(status)->locale(), "zh-CN");
  EXPECT_EQ(LocalizedMessageOf(status)->message(), "事项不存在");
}

TEST(Error, WithoutDetailsHasNoReason) { EXPECT_EQ(ReasonOf(absl::NotFoundError("x")), ""); }

TEST(BoundedText, CutsBetweenCharactersNotInThem) {
  EXPECT_EQ(BoundedText("走访企业", 7), "走访");
  EXPECT_EQ(BoundedText("走访企业", 12), "走访企业");
  EXPECT_EQ(BoundedText("a😀b", 4), "a");
}

TEST(BoundedText, ReplacesBytesThatAreNotUtf8) { EXPECT_EQ(BoundedText("a\xff\xe8\xb5z", 10), "a???z"); }

TEST(Violations, EmptyIsOk) { EXPECT_TRUE(Violations().ToStatus().ok()); }

TEST(Violations, NameEveryFieldWithItsReason) {
  Violations violations;
  violations.Add("records[3].issue.enterprise.uscc", "USCC_WRONG_CHECK_CHARACTER",
                 "the check character is wrong", "统一社会信用代码校验位错误");
  violations.Add("page_size", "NEGATIVE", "is negative", "不能为负");
  const absl::Status status = violations.ToStatus();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(status), "USCC_WRONG_CHECK_CHARACTER");
  const auto bad_request = BadRequestOf(status);
  ASSERT_EQ(bad_request->field_violations_size(), 2);
  EXPECT_EQ(bad_request->field_violations(0).field(), "records[3].issue.enterprise.uscc");
  EXPECT_EQ(bad_request->field_violations(0).description(),
            "USCC_WRONG_CHECK_CHARACTER: the check character is wrong");
  EXPECT_EQ(LocalizedMessageOf(status)->message(), "统一社会信用代码校验位错误（另有 1 处错误）");
}

TEST(Violations, TheFirstFiftyAreNamedAndTheRestCounted) {
  Violations violations;
  for (int i = 0; i < 60; ++i) violations.Add(absl::StrCat("f", i), "BAD", "is bad", "");
  const absl::Status status = violations.ToStatus();
  EXPECT_EQ(BadRequestOf(status)->field_violations_size(), 50);
  EXPECT_EQ(ErrorInfoOf(status)->metadata().at("violations_omitted"), "10");
}

TEST(RetryAfter, GoesRound) {
  const absl::Status status = WithRetryAfter(absl::ResourceExhaustedError("busy"), absl::Milliseconds(1250));
  EXPECT_EQ(RetryAfterOf(status), absl::Milliseconds(1250));
  EXPECT_EQ(RetryAfterOf(absl::ResourceExhaustedError("busy")), std::nullopt);
  EXPECT_TRUE(WithRetryAfter(absl::OkStatus(), absl::Seconds(1)).ok());
}

TEST(RpcStatus, GoesRoundWithDetailsOfAnyType) {
  absl::Status status =
      WithRetryAfter(Error(absl::StatusCode::kAborted, "ETAG_MISMATCH", "stale", "已变更"), absl::Seconds(1));
  status.SetPayload("type.googleapis.com/some.Other", absl::Cord("bytes"));
  EXPECT_EQ(FromRpcStatus(ToRpcStatus(status)), status);
  EXPECT_EQ(FromGrpcStatus(ToGrpcStatus(status)), status);
}

TEST(GrpcStatus, DetailsStayWithinWhatClientsAcceptByDefault) {
  Violations violations;
  for (int i = 0; i < 60; ++i) {
    violations.Add(absl::StrCat("records[", i, "].", std::string(100, 'f')), "BAD", std::string(400, 'x'),
                   "");
  }
  const grpc::Status wire = ToGrpcStatus(violations.ToStatus());
  EXPECT_LT(wire.error_details().size() * 4 / 3 + wire.error_message().size(), 6801u);
  const absl::Status status = FromGrpcStatus(wire);
  const int kept = BadRequestOf(status)->field_violations_size();
  EXPECT_GT(kept, 3);
  EXPECT_EQ(ErrorInfoOf(status)->metadata().at("violations_omitted"), absl::StrCat(60 - kept));
  EXPECT_EQ(ReasonOf(status), "BAD");
}

TEST(GrpcStatus, AMessageOfTwentyKilobytesIsCut) {
  const grpc::Status wire = ToGrpcStatus(absl::InternalError(std::string(20000, 'x')));
  EXPECT_EQ(wire.error_message().size(), 1000u);
}

}  // namespace
}  // namespace zhuqi::rpc
