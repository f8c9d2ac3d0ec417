#include "services/intake/directory/policy_check.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/intake/directory/test_directory.h"

namespace zhuqi::intake {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string PolicyText(const std::string& fields) {
  return absl::StrCat(R"(policies { policy_id: "rent-relief" org_unit_id: "zhengzhou" title: "房租减免" )",
                      fields, "}");
}

TEST(Policies, SayWhoMayClaimThem) {
  EXPECT_THAT(Wrong(*City(), PolicyText(R"(document_number: "郑政〔2026〕3号" benefit: "减免三个月房租"
      valid_from { year: 2026 month: 1 day: 1 } valid_to { year: 2026 month: 12 day: 31 }
      eligibility { industry_sections: "C" industry_sections: "T" sizes: ENTERPRISE_SIZE_SMALL all_tags: "high-tech"
                    any_tags: "exporter" no_tags: "closed" registered { first { year: 2020 month: 1 day: 1 } } })")),
              IsEmpty());
  EXPECT_THAT(
      Wrong(*City(), PolicyText(R"(
      valid_from { year: 2026 month: 2 day: 1 } valid_to { year: 2026 month: 1 day: 31 }
      eligibility { industry_sections: "U" industry_sections: "C" industry_sections: "C"
                    sizes: ENTERPRISE_SIZE_UNSPECIFIED sizes: ENTERPRISE_SIZE_MICRO sizes: ENTERPRISE_SIZE_MICRO
                    all_tags: "高新" registered { last { year: 2026 month: 2 day: 30 } } })")),
      ElementsAre("policies[0].valid_to DATES_OUT_OF_ORDER",
                  "policies[0].eligibility.industry_sections[2] DUPLICATE",
                  "policies[0].eligibility.industry_sections[0] INDUSTRY_SECTION_UNKNOWN",
                  "policies[0].eligibility.sizes[2] DUPLICATE", "policies[0].eligibility.sizes[0] REQUIRED",
                  "policies[0].eligibility.all_tags[0] IDENTIFIER_INVALID",
                  "policies[0].eligibility.registered.last DATE_INVALID"));
}

TEST(Policies, HaveATitleAndAUnit) {
  EXPECT_THAT(Wrong(*City(), R"(policies { policy_id: "X" org_unit_id: "nowhere" })"),
              ElementsAre("policies[0].policy_id IDENTIFIER_INVALID", "policies[0].title REQUIRED",
                          "policies[0].org_unit_id ORG_UNIT_UNKNOWN"));
}

std::string Repeated(const std::string& text, int times) {
  std::string repeated;
  for (int i = 0; i < times; ++i) absl::StrAppend(&repeated, text);
  return repeated;
}

TEST(Policies, TextsEndAtTheirLimits) {
  directory::v1::ApplyDirectoryRequest request = RequestFromText(PolicyText(""));
  auto& policy = *request.mutable_policies(0);
  policy.set_title(Repeated("题", 200));
  policy.set_document_number(Repeated("号", 100));
  policy.set_benefit(Repeated("惠", 2000));
  EXPECT_THAT(Wrong(*City(), request), IsEmpty());
  policy.mutable_title()->append("题");
  policy.mutable_document_number()->append("号");
  policy.mutable_benefit()->append("惠");
  EXPECT_THAT(Wrong(*City(), request),
              ElementsAre("policies[0].title TEXT_TOO_LONG", "policies[0].document_number TEXT_TOO_LONG",
                          "policies[0].benefit TEXT_TOO_LONG"));
}

TEST(Policies, HaveTwentyTagsOfAKindAndNoMore) {
  directory::v1::ApplyDirectoryRequest request = RequestFromText(PolicyText(""));
  auto& eligibility = *request.mutable_policies(0)->mutable_eligibility();
  for (int i = 0; i < 20; ++i) {
    for (auto* tags :
         {eligibility.mutable_all_tags(), eligibility.mutable_any_tags(), eligibility.mutable_no_tags()}) {
      *tags->Add() = absl::StrCat("tag", i);
    }
  }
  EXPECT_THAT(Wrong(*City(), request), IsEmpty());
  for (auto* tags :
       {eligibility.mutable_all_tags(), eligibility.mutable_any_tags(), eligibility.mutable_no_tags()}) {
    *tags->Add() = "tag20";
  }
  EXPECT_THAT(Wrong(*City(), request), ElementsAre("policies[0].eligibility.all_tags OUT_OF_RANGE",
                                                   "policies[0].eligibility.any_tags OUT_OF_RANGE",
                                                   "policies[0].eligibility.no_tags OUT_OF_RANGE"));
}

}  // namespace
}  // namespace zhuqi::intake
