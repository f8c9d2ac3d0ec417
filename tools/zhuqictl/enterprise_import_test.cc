#include "tools/zhuqictl/enterprise_import.h"

#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/zhuqictl/files.h"

namespace zhuqi::ctl {
namespace {

using intake::v1::ApplyEnterprisesRequest;
using intake::v1::ApplyEnterprisesResponse;
using intake::v1::EnterpriseResult;
using ::testing::ElementsAre;

// Stands in for the service: codes that begin with "bad" are rejected, codes that it knows are unchanged.
class FakeService {
 public:
  absl::StatusOr<ApplyEnterprisesResponse> Apply(const ApplyEnterprisesRequest& request) {
    if (static_cast<int>(requests.size()) == fail_at) return absl::UnavailableError("away");
    requests.push_back(request);
    ApplyEnterprisesResponse response;
    for (int i = 0; i < request.enterprises_size(); ++i) {
      EnterpriseResult& result = *response.add_results();
      result.set_index(i);
      const std::string& uscc = request.enterprises(i).uscc();
      if (absl::StartsWith(uscc, "bad")) {
        result.set_disposition(EnterpriseResult::DISPOSITION_REJECTED);
        auto& violation = *result.add_violations();
        violation.set_field(absl::StrCat("enterprises[", i, "].uscc"));
        violation.set_reason("USCC_WRONG_LENGTH");
        violation.set_message("m");
        violation.set_message_zh("中");
      } else {
        result.set_disposition(known.insert(uscc).second ? EnterpriseResult::DISPOSITION_CREATED
                                                         : EnterpriseResult::DISPOSITION_UNCHANGED);
        if (absl::StartsWith(uscc, "odd")) result.add_warnings()->set_reason("ODD");
      }
    }
    return response;
  }

  std::set<std::string> known;
  std::vector<ApplyEnterprisesRequest> requests;
  int fail_at = -1;
};

class EnterpriseImportTest : public ::testing::Test {
 protected:
  void SetUp() override { std::remove(path_.c_str()); }

  absl::Status Run(const std::string& csv, int batch_rows, bool validate_only = false) {
    std::istringstream input(csv);
    CsvReader reader(input);
    std::vector<std::string> header;
    EXPECT_TRUE(reader.Next(&header).value());
    const EnterpriseColumns columns = EnterpriseColumns::Create(header, "jinshui").value();
    RejectedRows rejected(path_, columns.OwnHeader());
    EXPECT_TRUE(rejected.Open(false).ok());
    Progress progress("", "", 0, /*quiet=*/true);
    EnterpriseImportOptions options;
    options.batch_rows = batch_rows;
    options.validate_only = validate_only;
    options.send = [this](const ApplyEnterprisesRequest& request) { return service_.Apply(request); };
    totals_ = EnterpriseTotals();
    return ImportEnterprises(reader, columns, options, rejected, progress, &totals_);
  }
  std::vector<int> BatchSizes() const {
    std::vector<int> sizes;
    for (const auto& request : service_.requests) sizes.push_back(request.enterprises_size());
    return sizes;
  }

  const std::string path_ = ::testing::TempDir() + "zhuqictl_enterprises_rejected.csv";
  FakeService service_;
  EnterpriseTotals totals_;
};

TEST_F(EnterpriseImportTest, RowsGoInBatchesInTheOrderOfTheFile) {
  ASSERT_TRUE(Run("uscc,name\na,1\nb,2\nc,3\nd,4\ne,5\n", 2).ok());
  EXPECT_THAT(BatchSizes(), ElementsAre(2, 2, 1));
  EXPECT_EQ(service_.requests[2].enterprises(0).name(), "5");
  EXPECT_EQ(service_.requests[1].row_keys(1), "4");
  EXPECT_NE(service_.requests[0].request_id(), service_.requests[1].request_id());
  EXPECT_EQ(totals_.created, 5);
}

TEST_F(EnterpriseImportTest, RejectedRowsStandInTheFileInOrderAndCanBeMended) {
  ASSERT_TRUE(Run("uscc,name,size\na,1,\nbad1,2,\nb,3,huge\nbad2,4,small\nc\nodd,6,\n", 100).ok());
  EXPECT_EQ(ReadFile(path_).value(),
            "__row,__violations,__formulas_guarded,uscc,name,size\n"
            "2,uscc USCC_WRONG_LENGTH: m 中,true,bad1,2,\n"
            "3,\"size CSV_VALUE_INVALID: 'huge' is not one of large, medium, small, micro "
            "该列的值无法识别\",true,b,3,huge\n"
            "4,uscc USCC_WRONG_LENGTH: m 中,true,bad2,4,small\n"
            "5,\"CSV_WRONG_NUMBER_OF_FIELDS: the row has 1 fields, the header 3 本行有 1 列，表头有 3 "
            "列\",true,c\n");
  EXPECT_EQ(totals_.created, 2);
  EXPECT_EQ(totals_.rejected, 4);
  EXPECT_EQ(totals_.rows(), 6);
  EXPECT_THAT(totals_.warnings, ElementsAre(std::make_pair("ODD", 1)));
  // The mended file goes in as it is.
  ASSERT_TRUE(Run("__row,__violations,uscc,name,size\n2,x,good,2,\n", 100).ok());
  EXPECT_EQ(totals_.created, 1);
}

TEST_F(EnterpriseImportTest, ASpreadsheetRunsNothingOfRejectedRowsAndTheMendedFileHasThemAsTheyWere) {
  ASSERT_TRUE(Run("uscc,name\nbad1,=1+1\n", 100).ok());
  std::string mended = ReadFile(path_).value();
  EXPECT_TRUE(absl::StrContains(mended, ",bad1,'=1+1\n")) << mended;
  mended.replace(mended.find("bad1"), 4, "good");
  ASSERT_TRUE(Run(mended, 100).ok());
  EXPECT_EQ(service_.requests.back().enterprises(0).name(), "=1+1");
}

TEST_F(EnterpriseImportTest, AnImportThatWasCutGoesOnByBeingRunAgain) {
  const std::string csv = "uscc,name\na,1\nb,2\nbad,3\nd,4\ne,5\n";
  service_.fail_at = 1;
  EXPECT_EQ(Run(csv, 2).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(totals_.rows(), 2);
  service_.fail_at = -1;
  ASSERT_TRUE(Run(csv, 2).ok());
  EXPECT_EQ(totals_.unchanged, 2);
  EXPECT_EQ(totals_.created, 2);
  EXPECT_EQ(totals_.rejected, 1);
}

TEST_F(EnterpriseImportTest, BatchesAreCutByBytesTooSoThatNoCallIsTooLarge) {
  const std::string long_name(1 << 19, 'x');
  std::string csv = "uscc,name\n";
  for (int i = 0; i < 10; ++i) absl::StrAppend(&csv, "c", i, ",", long_name, "\n");
  ASSERT_TRUE(Run(csv, 1000).ok());
  EXPECT_THAT(BatchSizes(), ElementsAre(4, 4, 2));
}

TEST_F(EnterpriseImportTest, ValidateOnlySendsNoRequestId) {
  ASSERT_TRUE(Run("uscc,name\na,1\n", 10, /*validate_only=*/true).ok());
  EXPECT_EQ(service_.requests[0].request_id(), "");
  EXPECT_TRUE(service_.requests[0].validate_only());
}

TEST_F(EnterpriseImportTest, AFileThatBreaksOffInAQuoteEndsTheImportWithTheLine) {
  const absl::Status status = Run("uscc,name\na,1\nb,\"2\n", 1);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(totals_.created, 1);
}

}  // namespace
}  // namespace zhuqi::ctl
