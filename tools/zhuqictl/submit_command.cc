#include <iostream>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "tools/zhuqictl/commands.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/files.h"
#include "tools/zhuqictl/record_source.h"
#include "tools/zhuqictl/request_ids.h"
#include "tools/zhuqictl/row_results.h"
#include "tools/zhuqictl/text_values.h"
#include "zhuqi/intake/v1/record_service.grpc.pb.h"

namespace zhuqi::ctl {
namespace {

using intake::v1::RecordResult;
using intake::v1::RecordService;
using intake::v1::SubmitRecordsRequest;
using intake::v1::SubmitRecordsResponse;

constexpr int kMaxRecords = 1000;

struct SubmitOptions {
  std::string file;
  std::string request_id;
  bool all_or_nothing = false;
  bool validate_only = false;
};

absl::StatusOr<SubmitRecordsRequest> ReadRequest(const SubmitOptions& options) {
  SubmitRecordsRequest request;
  request.set_request_id(options.request_id.empty() ? NewRequestId() : options.request_id);
  request.set_all_or_nothing(options.all_or_nothing);
  request.set_validate_only(options.validate_only);
  ZHUQI_ASSIGN_OR_RETURN(const std::unique_ptr<InputFile> input, InputFile::Open(options.file));
  const std::unique_ptr<RecordSource> source = NewJsonLinesSource(input->stream());
  SourceRow row;
  while (true) {
    ZHUQI_ASSIGN_OR_RETURN(const bool found, source->Next(&row));
    if (!found) break;
    if (!row.violations.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(options.file, ", row ", row.original.number, ": ",
                                                     row.violations[0].message(), " / ",
                                                     row.violations[0].message_zh()));
    }
    *request.add_records() = row.record;
    if (request.records_size() > kMaxRecords)
      return absl::InvalidArgumentError(
          "more than 1,000 records: use `zhuqictl import` / 超过 1000 条，请用 import");
  }
  if (request.records().empty()) return absl::InvalidArgumentError("no records");
  return request;
}

std::string ResultTable(const SubmitRecordsResponse& response, const SubmitRecordsRequest& request) {
  Table table(
      {{"row", Align::kRight}, {"external id"}, {"result"}, {"revision", Align::kRight}, {"record id"}});
  std::string findings;
  for (const RecordResult& result : response.results()) {
    const int index = result.index();
    const std::string id = index < request.records_size() ? request.records(index).key().external_id() : "";
    table.AddRow({absl::StrCat(index + 1), id, EnumText(result.disposition()),
                  result.revision() > 0 ? absl::StrCat(result.revision()) : "", result.record_id()});
    for (const auto& v : result.violations())
      absl::StrAppend(&findings, "row ", index + 1, ": ", OfRow(v).field(), "  ", v.reason(), ": ",
                      v.message(), " / ", v.message_zh(), "\n");
    for (const auto& v : result.warnings())
      absl::StrAppend(&findings, "row ", index + 1, " (warning): ", OfRow(v).field(), "  ", v.reason(), ": ",
                      v.message(), " / ", v.message_zh(), "\n");
  }
  std::string text = absl::StrCat(table.ToString(), findings);
  if (!response.consistency_token().empty())
    absl::StrAppend(&text, "token: ", response.consistency_token(), "\n");
  return text;
}

int RunSubmit(Client& client, const SubmitOptions& options) {
  const absl::StatusOr<SubmitRecordsRequest> request = ReadRequest(options);
  if (!request.ok()) return client.FailUsage(request.status());
  SubmitRecordsResponse response;
  const absl::Status status =
      client.Call<RecordService>(Service::kIntake, &RecordService::Stub::SubmitRecords, *request, &response);
  if (!status.ok()) return client.Fail(status);
  client.Show(response, [&] { return ResultTable(response, *request); });
  int rejected = 0;
  for (const RecordResult& result : response.results())
    rejected += result.disposition() == RecordResult::DISPOSITION_REJECTED ? 1 : 0;
  if (rejected == 0) return kExitOk;
  return rejected == response.results_size() || options.all_or_nothing ? kExitRefused : kExitPartlyRejected;
}

}  // namespace

void AddSubmitCommand(CLI::App& app, Client& client) {
  const auto options = std::make_shared<SubmitOptions>();
  CLI::App* command = app.add_subcommand("submit", "Submit up to 1,000 records and see what became of each");
  command
      ->add_option("FILE", options->file, "JSON lines: a RecordSubmission a line; '-' reads standard input")
      ->required();
  command->add_option("--request-id", options->request_id,
                      "a UUID; the same one again gives the first answer");
  command->add_flag("--all-or-nothing", options->all_or_nothing, "one rejected record rejects all");
  command->add_flag("--validate-only", options->validate_only, "check and store nothing");
  command->footer(
      "A line looks like this (zhuqi/intake/v1/record.proto says what each field means):\n"
      "  {\"key\":{\"source_system\":\"jinshui-oa\",\"external_id\":\"V-1\"},\"org_unit_id\":\"jinshui\",\n"
      "   \"visit\":{\"visited_on\":{\"year\":2024,\"month\":5,\"day\":9},\"team\":\"一组\",\n"
      "            \"enterprises\":[{\"uscc\":\"…18 characters…\",\"name\":\"…\"}]}}\n"
      "Exit code 4: some records were rejected, the others are stored.");
  command->callback(
      [&client, options] { client.action = [&client, options] { return RunSubmit(client, *options); }; });
}

}  // namespace zhuqi::ctl
