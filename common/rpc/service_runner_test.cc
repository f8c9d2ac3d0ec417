// A binary of its own: it blocks signals for the whole process before any thread starts.
#include "common/rpc/service_runner.h"

#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace zhuqi::rpc {
namespace {

using ::testing::ElementsAre;

// Writes down what is asked of it.
class RecordingService final : public RunningService {
 public:
  explicit RecordingService(std::vector<std::string>* steps) : steps_(steps) {}
  ~RecordingService() override { steps_->push_back("destroyed"); }
  std::vector<grpc::Service*> services() override {
    steps_->push_back("served");
    return {};
  }
  void StopTakingWork() override { steps_->push_back("stop taking work"); }
  void Close() override { steps_->push_back("close"); }

 private:
  std::vector<std::string>* const steps_;
};

class ServiceRunnerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    BlockStopSignals();
    token_file_ = absl::StrCat(::testing::TempDir(), "zhuqi-token-", ::getpid());
    std::ofstream(token_file_) << "0123456789abcdef\n";
    ASSERT_EQ(::chmod(token_file_.c_str(), 0600), 0);
    config_.set_listen_address("127.0.0.1:0");
    config_.set_metrics_address("127.0.0.1:0");
    config_.set_developer_token_file(token_file_);
    config_.set_log_level("off");
  }
  void TearDown() override { std::remove(token_file_.c_str()); }

  int Run() {
    return RunService("test", config_, "",
                      [&](ServiceEnvironment&) -> absl::StatusOr<std::unique_ptr<RunningService>> {
                        steps_.push_back("built");
                        // Stays pending until the runner waits for it.
                        ::kill(::getpid(), SIGTERM);
                        return std::make_unique<RecordingService>(&steps_);
                      });
  }

  std::string token_file_;
  config::v1::ServerConfig config_;
  std::vector<std::string> steps_;
};

TEST_F(ServiceRunnerTest, RunsUntilTheSignalAndStopsInOrder) {
  EXPECT_EQ(Run(), 0);
  EXPECT_THAT(steps_, ElementsAre("built", "served", "stop taking work", "close", "destroyed"));
}

TEST_F(ServiceRunnerTest, DoesNotStartWithoutAWayToKnowCallers) {
  config_.clear_developer_token_file();
  EXPECT_EQ(Run(), 1);
  EXPECT_TRUE(steps_.empty());
}

TEST_F(ServiceRunnerTest, DoesNotStartWithADeveloperTokenOffLoopback) {
  config_.set_listen_address("0.0.0.0:0");
  EXPECT_EQ(Run(), 1);
  EXPECT_TRUE(steps_.empty());
}

TEST_F(ServiceRunnerTest, AServiceThatCanNotBeBuiltEndsTheProcess) {
  EXPECT_EQ(RunService("test", config_, "",
                       [](ServiceEnvironment&) -> absl::StatusOr<std::unique_ptr<RunningService>> {
                         return absl::UnavailableError("no database");
                       }),
            1);
}

}  // namespace
}  // namespace zhuqi::rpc
