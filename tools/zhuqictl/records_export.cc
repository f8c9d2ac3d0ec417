#include "tools/zhuqictl/records_export.h"

#include <fstream>
#include <iostream>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "tools/zhuqictl/csv.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/patience.h"
#include "tools/zhuqictl/progress.h"
#include "tools/zhuqictl/record_filters.h"
#include "tools/zhuqictl/record_text.h"
#include "zhuqi/intake/v1/record_service.grpc.pb.h"

namespace zhuqi::ctl {
namespace {

using intake::v1::ExportRecordsRequest;
using intake::v1::ExportRecordsResponse;
using intake::v1::RecordService;

constexpr int kRecordsInAMessage = 500;

struct ExportOptions {
  RecordFilters filters;
  std::string file = "-";
  std::string format;
  double patience_seconds = 120;
};

bool IsCsv(const ExportOptions& options) {
  if (!options.format.empty()) return options.format == "csv";
  return absl::EndsWithIgnoreCase(options.file, ".csv");
}

// Where records are written as they come.
class Sink {
 public:
  absl::Status Open(const std::string& path, bool csv) {
    csv_ = csv;
    if (path != "-") {
      file_.open(path, std::ios::binary | std::ios::trunc);
      if (!file_) return absl::InvalidArgumentError(absl::StrCat("can not write ", path));
      out_ = &file_;
    }
    // With the mark, spreadsheets read the file as UTF-8.
    if (csv_) *out_ << "\xEF\xBB\xBF" << CsvRow(ExportHeader()) << "\r\n";
    return absl::OkStatus();
  }
  absl::Status Write(const ExportRecordsResponse& message) {
    for (const intake::v1::Record& record : message.records()) {
      if (csv_) {
        *out_ << CsvRow(ExportRow(record)) << "\r\n";
      } else {
        *out_ << ExportLine(record) << "\n";
      }
    }
    out_->flush();
    if (!*out_) return absl::DataLossError("the file can not be written; is the disk full?");
    return absl::OkStatus();
  }

 private:
  std::ofstream file_;
  std::ostream* out_ = &std::cout;
  bool csv_ = false;
};

// One stream, until it ends or breaks; `request` then goes on where it was. Once the last records are here
// the export is complete, whatever becomes of the stream: there is no place to go on from, and a new stream
// would begin again.
absl::Status ReadStream(RecordService::Stub& stub, ExportRecordsRequest& request, Sink& sink,
                        Progress& progress, int64_t& count) {
  grpc::ClientContext context;
  rpc::PrepareContext(context, absl::InfiniteFuture());
  const auto stream = stub.ExportRecords(&context, request);
  ExportRecordsResponse message;
  bool complete = false;
  while (stream->Read(&message)) {
    const absl::Status written = sink.Write(message);
    if (!written.ok()) {
      context.TryCancel();
      stream->Finish();
      return written;
    }
    count += message.records_size();
    progress.Update(0, count);
    complete = message.next_page_token().empty();
    if (!complete) request.mutable_filter()->set_page_token(message.next_page_token());
  }
  const absl::Status status = rpc::FromGrpcStatus(stream->Finish());
  if (complete) return absl::OkStatus();
  return status.ok() ? absl::UnavailableError("the stream ended early") : status;
}

int Export(Client& client, const ExportOptions& options) {
  const absl::StatusOr<std::string> token = client.AtLeastToken();
  if (!token.ok()) return client.FailUsage(token.status());
  const absl::StatusOr<intake::v1::ListRecordsRequest> filter = RequestOf(options.filters);
  if (!filter.ok()) return client.FailUsage(filter.status());
  ExportRecordsRequest request;
  *request.mutable_filter() = *filter;
  request.mutable_filter()->set_at_least_token(*token);
  request.mutable_filter()->set_page_size(kRecordsInAMessage);
  const absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = client.Channel(Service::kIntake);
  if (!channel.ok()) return client.Fail(channel.status());
  Sink sink;
  if (const absl::Status opened = sink.Open(options.file, IsCsv(options)); !opened.ok()) {
    return client.FailUsage(opened);
  }
  Progress progress("exporting", "records", 0, client.options.quiet);
  Patience patience(absl::Seconds(options.patience_seconds),
                    [&](absl::string_view message) { progress.Say(message); });
  RecordService::Stub stub(*channel);
  int64_t count = 0;
  while (true) {
    const int64_t before = count;
    const absl::Status status = ReadStream(stub, request, sink, progress, count);
    if (status.ok()) break;
    if (count > before) patience.Reset();
    if (!patience.TryAgain(status)) {
      progress.Finish();
      return client.Fail(status);
    }
  }
  progress.Finish();
  if (options.file != "-") std::cerr << WithSeparators(count) << " records in " << options.file << "\n";
  return kExitOk;
}

}  // namespace

void AddRecordsExport(CLI::App& records, Client& client) {
  const auto options = std::make_shared<ExportOptions>();
  CLI::App* command = records.add_subcommand("export", "All records of a filter, as JSON lines or CSV");
  AddRecordFilters(*command, options->filters);
  command->add_option("--file", options->file, "where to; '-' is standard output")->capture_default_str();
  command->add_option("--format", options->format, "jsonl or csv; without it the file's name decides")
      ->check(CLI::IsMember({"jsonl", "csv"}));
  command->add_option("--patience", options->patience_seconds, "seconds to wait for a service that is away")
      ->check(CLI::Range(0.0, 86400.0))
      ->capture_default_str();
  command->footer(
      "Any number of records in constant memory; a stream that breaks is taken up again where it was.\n"
      "CSV begins with a byte order mark, so that spreadsheets read Chinese; a text that a spreadsheet would "
      "run as a\n"
      "formula has an apostrophe in front (the column __formulas_guarded says so).\n"
      "`zhuqictl import` takes both forms back, and finds records that did not change since unchanged. "
      "Contacts "
      "are not\n"
      "exported: rows of records that have one (__has_contact) are rejected there until it is added, or "
      "deleted "
      "by\n"
      "--drop-contacts; rows of withdrawn records (__state) are, too, without --bring-back-withdrawn. Leave "
      "the "
      "columns and\n"
      "members that begin with __ in the file.\n\n"
      "  zhuqictl records export --unit jinshui --dates 2024-05 --file may.csv\n"
      "  zhuqictl records export --kind issue | jq .issue.title");
  command->callback(
      [&client, options] { client.action = [&client, options] { return Export(client, *options); }; });
}

}  // namespace zhuqi::ctl
