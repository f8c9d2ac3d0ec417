// `zhuqictl catalogue` and `notices` against a service that stands in for routing.
#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <sstream>

#include "common/testing/test_server.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/zhuqictl/commands.h"
#include "tools/zhuqictl/exit_code.h"
#include "zhuqi/routing/v1/catalogue_service.grpc.pb.h"
#include "zhuqi/routing/v1/notice_service.grpc.pb.h"

namespace zhuqi::ctl {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class FakeCatalogues final : public routing::v1::CatalogueService::Service {
 public:
  grpc::Status ApplyCatalogue(grpc::ServerContext* /*context*/,
                              const routing::v1::ApplyCatalogueRequest* request,
                              routing::v1::ApplyCatalogueResponse* /*response*/) override {
    applied = *request;
    return grpc::Status::OK;
  }
  grpc::Status GetCatalogue(grpc::ServerContext* /*context*/,
                            const routing::v1::GetCatalogueRequest* /*request*/,
                            routing::v1::GetCatalogueResponse* response) override {
    response->mutable_catalogue()->set_version(3);
    response->set_highest_version(highest);
    return grpc::Status::OK;
  }
  // Three pages of 10 cases; the second is refused once.
  grpc::Status SimulateCatalogue(grpc::ServerContext* /*context*/,
                                 const routing::v1::SimulateCatalogueRequest* request,
                                 routing::v1::SimulateCatalogueResponse* response) override {
    const int page = request->page_token().empty() ? 1 : request->page_token()[0] - '0';
    if (page == 2 && !refused) {
      refused = true;
      return {grpc::StatusCode::RESOURCE_EXHAUSTED, "too many calls wait"};
    }
    response->mutable_sums()->set_replayed(10);
    if (page < 3) response->set_next_page_token(std::to_string(page + 1));
    return grpc::Status::OK;
  }

  routing::v1::ApplyCatalogueRequest applied;
  int64_t highest = 3;
  bool refused = false;
};

class FakeNotices final : public routing::v1::NoticeService::Service {
 public:
  grpc::Status ReplayNotices(grpc::ServerContext* /*context*/,
                             const routing::v1::ReplayNoticesRequest* request,
                             routing::v1::ReplayNoticesResponse* response) override {
    for (const std::string& id : request->notice_ids()) {
      if (id == "known") {
        response->set_replayed(response->replayed() + 1);
      } else if (id != "pending") {
        response->add_unknown_notice_ids(id);
      }
    }
    return grpc::Status::OK;
  }
};

class RoutingCommandsTest : public ::testing::Test {
 protected:
  // The exit code; what was written to standard output is in `output_`.
  int Run(const std::string& arguments) {
    CLI::App app;
    Client client;
    client.options.directory = ::testing::TempDir() + "no-such-stack";
    client.options.endpoints[Service::kRouting] = server_.address();
    client.options.quiet = true;
    AddCatalogueCommand(app, client);
    AddNoticesCommand(app, client);
    app.parse(arguments);
    std::ostringstream output;
    std::streambuf* const standard = std::cout.rdbuf(output.rdbuf());
    const int code = client.action();
    std::cout.rdbuf(standard);
    output_ = output.str();
    return code;
  }
  // The path of a draft that holds `text`.
  static std::string Draft(const std::string& text) {
    const std::string path = ::testing::TempDir() + "draft.textproto";
    std::ofstream(path) << text;
    return path;
  }

  FakeCatalogues catalogues_;
  FakeNotices notices_;
  testing::TestServer server_{{&catalogues_, &notices_}};  // after what it serves
  std::string output_;
};

TEST_F(RoutingCommandsTest, DraftThatBearsAVersionIsAppliedOnThatOneAlone) {
  const std::string numbered = Draft("catalogue_id: 'city' version: 3");
  ASSERT_EQ(Run("catalogue apply " + numbered), kExitOk);
  ASSERT_TRUE(catalogues_.applied.has_expected_version());
  EXPECT_EQ(catalogues_.applied.expected_version(), 3);
  ASSERT_EQ(Run("catalogue apply " + numbered + " --expected-version 5"), kExitOk);
  EXPECT_EQ(catalogues_.applied.expected_version(), 5);
  ASSERT_EQ(Run("catalogue apply " + Draft("catalogue_id: 'city'")), kExitOk);
  EXPECT_FALSE(catalogues_.applied.has_expected_version());
}

TEST_F(RoutingCommandsTest, ShowSaysThatAHigherVersionWaits) {
  ASSERT_EQ(Run("catalogue show"), kExitOk);
  EXPECT_THAT(output_, Not(HasSubstr("highest")));
  catalogues_.highest = 4;
  ASSERT_EQ(Run("catalogue show"), kExitOk);
  EXPECT_THAT(output_, HasSubstr("# the highest version is 4"));
}

TEST_F(RoutingCommandsTest, ReplayGoesOnWhereTheServiceWasBusy) {
  ASSERT_EQ(Run("catalogue simulate " + Draft("catalogue_id: 'city'")), kExitOk);
  EXPECT_TRUE(catalogues_.refused);
  EXPECT_THAT(output_, HasSubstr("重算 30 件"));
  catalogues_.refused = false;
  EXPECT_EQ(Run("catalogue simulate " + Draft("catalogue_id: 'city'") + " --patience 0"), kExitRefused);
}

TEST_F(RoutingCommandsTest, ReplayOfUnknownNoticesSaysSoAndFails) {
  EXPECT_EQ(Run("notices replay known pending"), kExitOk);
  EXPECT_EQ(output_, "1 to be sent again\n");
  EXPECT_EQ(Run("notices replay no-such"), kExitRefused);
  EXPECT_EQ(output_, "0 to be sent again\nthere is no notice no-such / 没有该通知\n");
  EXPECT_EQ(Run("notices replay known no-such"), kExitPartlyRejected);
}

}  // namespace
}  // namespace zhuqi::ctl
