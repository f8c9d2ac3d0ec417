// `zhuqictl records` and `import` against a service that stands in for intake.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/feed/token.h"
#include "common/testing/test_server.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/zhuqictl/commands.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/files.h"
#include "zhuqi/intake/v1/record_service.grpc.pb.h"

namespace zhuqi::ctl {
namespace {

using intake::v1::ListRecordsRequest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

intake::v1::Record Record(int number) {
  intake::v1::Record record;
  record.set_record_id(absl::StrCat("record-", number));
  record.mutable_submission()->mutable_key()->set_source_system("oa");
  record.mutable_submission()->mutable_key()->set_external_id(absl::StrCat("V-", number));
  record.mutable_submission()->mutable_visit()->set_place("金水路");
  return record;
}

// Three pages of one record each.
class FakeIntake final : public intake::v1::RecordService::Service {
 public:
  grpc::Status ListRecords(grpc::ServerContext* /*context*/, const ListRecordsRequest* request,
                           intake::v1::ListRecordsResponse* response) override {
    lists.push_back(*request);
    const int page = request->page_token().empty() ? 1 : request->page_token()[0] - '0';
    *response->add_records() = Record(page);
    if (page < 3) response->set_next_page_token(absl::StrCat(page + 1));
    if (request->include_total()) response->set_total(3);
    return grpc::Status::OK;
  }

  grpc::Status ListRecordRevisions(grpc::ServerContext* /*context*/,
                                   const intake::v1::ListRecordRevisionsRequest* request,
                                   intake::v1::ListRecordRevisionsResponse* /*response*/) override {
    token_of_revisions = request->at_least_token();
    return grpc::Status::OK;
  }

  grpc::Status ExportRecords(grpc::ServerContext* /*context*/,
                             const intake::v1::ExportRecordsRequest* request,
                             grpc::ServerWriter<intake::v1::ExportRecordsResponse>* writer) override {
    exports.push_back(request->filter().page_token());
    token_of_export = request->filter().at_least_token();
    for (int page = request->filter().page_token().empty() ? 1 : 3; page <= 3; ++page) {
      intake::v1::ExportRecordsResponse message;
      *message.add_records() = Record(page);
      if (page < 3) message.set_next_page_token(absl::StrCat(page + 1));
      writer->Write(message);
      if (page == break_after) break;
    }
    break_after = 3;
    return {grpc::StatusCode::UNAVAILABLE, "the connection broke"};
  }

  // Creates each record, and gives the same answer to a chunk that comes again.
  grpc::Status ImportRecords(grpc::ServerContext* /*context*/,
                             grpc::ServerReaderWriter<intake::v1::ImportRecordsResponse,
                                                      intake::v1::ImportRecordsRequest>* stream) override {
    intake::v1::ImportRecordsRequest request;
    stream->Read(&request);
    int64_t& next_chunk = imports[request.open().import_id()];
    intake::v1::ImportRecordsResponse response;
    response.mutable_opened()->set_next_chunk(next_chunk);
    stream->Write(response);
    while (stream->Read(&request)) {
      next_chunk = std::max(next_chunk, request.chunk().number() + 1);
      response.mutable_acknowledgement()->set_chunk(request.chunk().number());
      response.mutable_acknowledgement()->set_created(request.chunk().records_size());
      received += request.chunk().records_size();
      stream->Write(response);
    }
    return grpc::Status::OK;
  }

  int received = 0;  // records of imports
  // By import id: the first chunk that is not on disk.
  std::map<std::string, int64_t> imports;
  std::vector<ListRecordsRequest> lists;
  std::vector<std::string> exports;
  std::string token_of_revisions;
  std::string token_of_export;
  // The page after which the stream of the first export breaks; later ones break after the last.
  int break_after = 3;
};

class RecordsCommandTest : public ::testing::Test {
 protected:
  // The exit code; what was written to standard output is in `output_`.
  int Run(const std::string& arguments) {
    CLI::App app;
    Client client;
    client.options.directory = ::testing::TempDir() + "no-such-stack";
    client.options.endpoints[Service::kIntake] = server_.address();
    client.options.quiet = true;
    client.options.at_least_tokens = at_least_tokens_;
    AddRecordsCommand(app, client);
    AddImportCommand(app, client);
    app.parse(arguments);
    std::ostringstream output;
    std::streambuf* const standard = std::cout.rdbuf(output.rdbuf());
    const int code = client.action();
    std::cout.rdbuf(standard);
    output_ = output.str();
    return code;
  }
  std::vector<bool> Counted() const {
    std::vector<bool> counted;
    for (const ListRecordsRequest& request : intake_.lists) counted.push_back(request.include_total());
    return counted;
  }

  FakeIntake intake_;
  testing::TestServer server_{{&intake_}};  // after what it serves
  std::vector<std::string> at_least_tokens_;
  std::string output_;
};

// Trap: a list of n pages that counts everything n times.
TEST_F(RecordsCommandTest, AListIsCountedWithItsFirstPageAlone) {
  EXPECT_EQ(Run("records list --all"), kExitOk);
  EXPECT_THAT(Counted(), ElementsAre(true, false, false));
  EXPECT_THAT(output_, HasSubstr("3 of 3\n"));
}

TEST_F(RecordsCommandTest, WhatIsCountedByLookingAtEachRecordIsCountedOnRequestAlone) {
  EXPECT_EQ(Run("records list --text 消防 --limit 1"), kExitOk);
  EXPECT_THAT(output_, HasSubstr("\n1, and there are more (--all, --total)\n"));
  EXPECT_EQ(Run("records list --text 消防 --limit 1 --total"), kExitOk);
  EXPECT_THAT(output_, HasSubstr("\n1 of 3\n"));
  EXPECT_EQ(Run("records list --enterprise X --with-withdrawn --limit 1"), kExitOk);
  EXPECT_EQ(Run("records list --enterprise X --limit 1"), kExitOk);
  EXPECT_EQ(Run("records list --with-withdrawn --limit 1"), kExitOk);
  EXPECT_THAT(Counted(), ElementsAre(false, true, false, true, true));
}

// Trap: lists that do not include what was just written, since each of them has to think of it.
TEST_F(RecordsCommandTest, EveryPageOfEveryListIncludesAllThatTheTokensStandFor) {
  at_least_tokens_ = {feed::MakeToken({feed::Position("intake", 1, 7)}),
                      feed::MakeToken({feed::Position("intake", 2, 9)})};
  const std::string both = feed::MakeToken({feed::Position("intake", 1, 7), feed::Position("intake", 2, 9)});
  EXPECT_EQ(Run("records list --all"), kExitOk);
  ASSERT_EQ(intake_.lists.size(), 3u);
  for (const ListRecordsRequest& request : intake_.lists) EXPECT_EQ(request.at_least_token(), both);
  EXPECT_EQ(Run("records revisions 018f4a10-0000-7000-8000-000000000001"), kExitOk);
  EXPECT_EQ(intake_.token_of_revisions, both);
  EXPECT_EQ(Run("records export"), kExitOk);
  EXPECT_EQ(intake_.token_of_export, both);
}

// Trap: a stream of which all but the status arrived is read again from the last page on, or from the first.
TEST_F(RecordsCommandTest, AnExportWhoseLastRecordsArrivedIsCompleteWithoutItsStatus) {
  EXPECT_EQ(Run("records export --format csv --patience 0"), kExitOk);
  EXPECT_THAT(intake_.exports, ElementsAre(""));
  const std::vector<std::string> lines = absl::StrSplit(output_, "\r\n", absl::SkipEmpty());
  ASSERT_EQ(lines.size(), 4u) << output_;
  for (int number = 1; number <= 3; ++number) {
    EXPECT_THAT(lines[static_cast<std::size_t>(number)], HasSubstr(absl::StrCat("record-", number, ",")));
  }
}

TEST_F(RecordsCommandTest, AnExportThatBrokeGoesOnAfterTheLastRecordsThatArrived) {
  intake_.break_after = 2;
  EXPECT_EQ(Run("records export"), kExitOk);
  EXPECT_THAT(intake_.exports, ElementsAre("", "3"));
  const std::vector<std::string> lines = absl::StrSplit(output_, '\n', absl::SkipEmpty());
  EXPECT_EQ(lines.size(), 3u) << output_;
}

std::string FileOfRows(int rows) {
  const std::string path = ::testing::TempDir() + "zhuqictl_rows.jsonl";
  std::ofstream file(path);
  for (int row = 1; row <= rows; ++row) {
    file << R"({"key":{"source_system":"oa","external_id":"V-)" << row << R"("}})"
         << "\n";
  }
  return path;
}

// Trap: an import that answers "created 500" and did nothing.
TEST_F(RecordsCommandTest, AFileThatWasImportedBeforeSaysThatNothingWasSentAndHowToSendAgain) {
  const std::string import = "import " + FileOfRows(3);
  EXPECT_EQ(Run(import), kExitOk);
  EXPECT_THAT(output_, Not(HasSubstr("Nothing was sent anew")));
  EXPECT_EQ(Run(import), kExitOk);
  EXPECT_THAT(output_, HasSubstr("Nothing was sent anew"));
  EXPECT_THAT(output_, HasSubstr("zhuqictl " + import + " --import-id "));
  EXPECT_EQ(Run(import + " --from-start"), kExitOk);
  EXPECT_THAT(output_, HasSubstr("Nothing was sent anew"));
  EXPECT_EQ(Run(import + " --import-id 018f4a10-0000-7000-8000-000000000001"), kExitOk);
  EXPECT_THAT(output_, Not(HasSubstr("Nothing was sent anew")));
}

TEST_F(RecordsCommandTest, WhatAnExportForbidsIsRejectedAndNotSentUnlessItIsAskedFor) {
  const std::string path = ::testing::TempDir() + "zhuqictl_export.jsonl";
  std::ofstream(path) << R"({"__has_contact":true,"issue":{}})"
                      << "\n"
                      << R"({"__state":"withdrawn","visit":{}})"
                      << "\n"
                      << R"({"__state":"active","__has_contact":false,"visit":{}})"
                      << "\n";
  const std::string rejected = ::testing::TempDir() + "zhuqictl_export_rejected.jsonl";
  std::remove(rejected.c_str());
  EXPECT_EQ(Run("import " + path + " --rejected " + rejected), kExitPartlyRejected);
  EXPECT_EQ(intake_.received, 1);
  EXPECT_THAT(output_, HasSubstr("created 1, updated 0, unchanged 0, rejected 2\n"));
  // Another choice is another import, though the file is the same.
  EXPECT_EQ(Run("import " + path + " --drop-contacts"), kExitPartlyRejected);
  EXPECT_EQ(intake_.received, 3);
  EXPECT_EQ(Run("import " + path + " --drop-contacts --bring-back-withdrawn"), kExitOk);
  EXPECT_EQ(intake_.received, 6);
  EXPECT_EQ(intake_.imports.size(), 3u);
  const std::string text = ReadFile(rejected).value();
  EXPECT_THAT(text, HasSubstr("CONTACT_NOT_IN_FILE"));
  EXPECT_THAT(text, HasSubstr("RECORD_WITHDRAWN"));
}

TEST_F(RecordsCommandTest, AnImportThatWentOnSaysNothingOfTheKind) {
  // More chunks than the window, so that some are skipped.
  const std::string import = "import " + FileOfRows(12) + " --chunk-rows 1";
  EXPECT_EQ(Run(import), kExitOk);
  ASSERT_EQ(intake_.imports.size(), 1u);
  intake_.imports.begin()->second = 11;
  EXPECT_EQ(Run(import), kExitOk);
  EXPECT_THAT(output_, HasSubstr("chunks that were on disk already: 3\n"));
  EXPECT_THAT(output_, Not(HasSubstr("Nothing was sent anew")));
  EXPECT_EQ(Run(import), kExitOk);
  EXPECT_THAT(output_, HasSubstr("chunks that were on disk already: 4\n"));
  EXPECT_THAT(output_, HasSubstr("Nothing was sent anew"));
}

}  // namespace
}  // namespace zhuqi::ctl
