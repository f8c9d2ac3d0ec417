#include <fstream>
#include <iostream>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/feed/token.h"
#include "tools/zhuqictl/commands.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/failure.h"
#include "tools/zhuqictl/files.h"
#include "tools/zhuqictl/import_stream.h"
#include "tools/zhuqictl/json_text.h"
#include "tools/zhuqictl/progress.h"
#include "tools/zhuqictl/rejected_rows.h"
#include "tools/zhuqictl/request_ids.h"
#include "tools/zhuqictl/row_results.h"
#include "tools/zhuqictl/text_values.h"

namespace zhuqi::ctl {
namespace {

using intake::v1::ImportAcknowledgement;
using intake::v1::RecordService;

struct ImportOptions {
  std::string file;
  std::string format;
  std::string kind;
  std::string map;
  std::string import_id;
  std::string rejected;
  int chunk_rows = 500;
  bool from_start = false;
  ExportConsent consent;
  double patience_seconds = 120;
};

struct ImportTotals {
  RowCounts rows;
  // Those with something to send.
  int64_t chunks = 0;
  int64_t skipped_chunks = 0;
  // What earlier runs had put on disk when this one began.
  int64_t chunks_on_disk = 0;
  std::string token;

  // Nothing was left to do: the service gave the answers of the first time, where it was asked at all.
  bool was_done_before() const { return chunks > 0 && chunks <= chunks_on_disk; }
};

bool IsCsv(const ImportOptions& options) {
  if (!options.format.empty()) return options.format == "csv";
  return absl::EndsWithIgnoreCase(options.file, ".csv");
}

absl::StatusOr<std::unique_ptr<RecordSource>> OpenSource(std::istream& input, const ImportOptions& options) {
  if (!IsCsv(options)) {
    if (!options.map.empty()) return absl::InvalidArgumentError("--map is for CSV");
    return NewJsonLinesSource(input, options.consent);
  }
  ColumnMap map;
  if (!options.map.empty()) {
    ZHUQI_ASSIGN_OR_RETURN(const std::string json, ReadFile(options.map));
    ZHUQI_ASSIGN_OR_RETURN(map, ColumnMap::Parse(json));
  }
  std::optional<intake::v1::RecordKind> kind;
  if (!options.kind.empty()) {
    ZHUQI_ASSIGN_OR_RETURN(kind, ParseEnum<intake::v1::RecordKind>(options.kind));
  }
  return NewCsvSource(input, kind, std::move(map), options.consent);
}

// An id given wins. Else the file's content decides, so that the same file goes on where it stopped.
absl::StatusOr<std::string> ImportId(const ImportOptions& options) {
  if (!options.import_id.empty()) return options.import_id;
  if (options.file == "-") return NewRequestId();
  ZHUQI_ASSIGN_OR_RETURN(const std::unique_ptr<InputFile> input, InputFile::Open(options.file));
  // The map is a part of what the rows say.
  std::string map;
  if (!options.map.empty()) {
    ZHUQI_ASSIGN_OR_RETURN(map, ReadFile(options.map));
  }
  // What is taken of an export decides how rows fall into chunks, too.
  return ImportIdOf(input->stream(),
                    absl::StrCat(options.chunk_rows, " ", IsCsv(options) ? "csv" : "jsonl", " ", options.kind,
                                 map, options.consent.drop_contacts ? " drop-contacts" : "",
                                 options.consent.bring_back_withdrawn ? " bring-back-withdrawn" : ""));
}

// A finished import can not be told from one that is to be gone on with: to take the rows again is another
// one.
std::string NothingNew(const ImportOptions& options) {
  const std::string again = absl::StrCat("zhuqictl import ", options.file, " --import-id ", NewRequestId());
  return absl::StrCat(
      "Nothing was sent anew: an earlier run of this import took the whole file, and these are its results.\n"
      "Records that were changed or withdrawn since stay as they are. To take the rows again, name a new "
      "import:\n  ",
      again, "  (with the other options as before)\n",
      "本次未发送任何新数据：该文件此前已全部导入，以上为当时的结果；此后更改或撤回的记录保持现状。\n"
      "如需重新导入各行，请换用新的 --import-id（见上）。\n");
}

std::string Summary(const ImportTotals& totals, const std::string& import_id, const ImportOptions& options) {
  std::string text = DescribeCounts(totals.rows);
  if (totals.skipped_chunks > 0)
    absl::StrAppend(&text,
                    "went on from an earlier run; chunks that were on disk already: ", totals.skipped_chunks,
                    "\n");
  if (totals.was_done_before()) absl::StrAppend(&text, NothingNew(options));
  absl::StrAppend(&text, "import id: ", import_id, "\n");
  if (totals.rows.rejected > 0 && !options.rejected.empty())
    absl::StrAppend(&text, "rejected rows with reasons: ", options.rejected,
                    "  (mend them and import that file / 修改后可直接重新导入)\n");
  if (!totals.token.empty()) absl::StrAppend(&text, "token: ", totals.token, "\n");
  return text;
}

std::string SummaryJson(const ImportTotals& totals, const std::string& import_id) {
  return absl::StrCat("{\"import_id\":\"", import_id, "\",", CountsJson(totals.rows),
                      ",\"skipped_chunks\":", totals.skipped_chunks,
                      ",\"was_done_before\":", totals.was_done_before() ? "true" : "false",
                      ",\"consistency_token\":\"", totals.token, "\"}\n");
}

int RunImport(Client& client, const ImportOptions& options) {
  const absl::StatusOr<std::unique_ptr<InputFile>> input = InputFile::Open(options.file);
  if (!input.ok()) return client.FailUsage(input.status());
  const absl::StatusOr<std::unique_ptr<RecordSource>> source = OpenSource((*input)->stream(), options);
  if (!source.ok()) return client.FailUsage(source.status());
  const absl::StatusOr<std::string> import_id = ImportId(options);
  if (!import_id.ok()) return client.FailUsage(import_id.status());
  const absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = client.Channel(Service::kIntake);
  if (!channel.ok()) return client.Fail(channel.status());

  Progress progress("importing", "rows", (*input)->size(), client.options.quiet);
  Patience patience(absl::Seconds(options.patience_seconds),
                    [&](absl::string_view message) { progress.Say(message); });
  RejectedRows rejected(options.rejected, (*source)->csv_header());
  ImportTotals totals;
  ImportEvents events;
  events.opened = [&](int64_t chunks_on_disk) {
    totals.chunks_on_disk = chunks_on_disk;
    return rejected.Open(chunks_on_disk > 0 && !options.from_start);
  };
  events.finished = [&](const Chunk& chunk, const ImportAcknowledgement* acknowledgement) -> absl::Status {
    totals.chunks += chunk.originals.empty() ? 0 : 1;
    totals.skipped_chunks += acknowledgement == nullptr && !chunk.originals.empty() ? 1 : 0;
    const std::vector<RejectedRow> rows = RejectedOf(chunk, acknowledgement);
    for (const RejectedRow& row : rows) ZHUQI_RETURN_IF_ERROR(rejected.Add(row.original, row.violations));
    CountChunk(chunk, acknowledgement, &totals.rows);
    if (acknowledgement != nullptr) {
      ZHUQI_ASSIGN_OR_RETURN(totals.token,
                             feed::MergeTokens(totals.token, acknowledgement->consistency_token()));
    }
    progress.Update(chunk.end_offset, totals.rows.all());
    return absl::OkStatus();
  };
  Chunker chunker(**source, options.chunk_rows);
  ImportStream stream([&] { return RecordService::NewStub(*channel); }, *import_id, options.from_start,
                      chunker, std::move(events), patience);
  const absl::Status status = stream.Run();
  progress.Finish();
  if (!status.ok()) {
    std::cerr << "The import stopped; the same command goes on from there. / "
                 "导入中断，重新执行同一命令即可继续。\n";
    return client.Fail(status);
  }
  std::cout << (client.json() ? SummaryJson(totals, *import_id) : Summary(totals, *import_id, options))
            << std::flush;
  return totals.rows.rejected > 0 ? kExitPartlyRejected : kExitOk;
}

}  // namespace

void AddImportCommand(CLI::App& app, Client& client) {
  const auto options = std::make_shared<ImportOptions>();
  CLI::App* command =
      app.add_subcommand("import", "Import any number of records from JSON lines or CSV, resumable");
  command
      ->add_option("FILE", options->file,
                   "JSON lines (a RecordSubmission a line) or CSV; '-' reads standard input")
      ->required();
  command->add_option("--format", options->format, "jsonl or csv; without it the file's name decides")
      ->check(CLI::IsMember({"jsonl", "csv"}));
  command->add_option("--kind", options->kind, "what CSV rows are: visit, issue or policy_delivery");
  command->add_option("--map", options->map,
                      "a JSON file that says what a district's own CSV headers stand for");
  command->add_option("--import-id", options->import_id,
                      "a UUID that names this import; without it the file's content gives one, so that the "
                      "same file is the same import");
  command->add_option("--rejected", options->rejected, "a file for the rejected rows, with reasons");
  command->add_option("--chunk-rows", options->chunk_rows, "rows in a chunk, 1 to 1,000")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_flag("--from-start", options->from_start, "send every chunk again, to see all results again");
  command->add_flag("--drop-contacts", options->consent.drop_contacts,
                    "of an export: take rows whose contact is not in the file, and so delete the contact");
  command->add_flag("--bring-back-withdrawn", options->consent.bring_back_withdrawn,
                    "of an export: take rows of withdrawn records, which then count again");
  command->add_option("--patience", options->patience_seconds, "seconds to wait for a service that is away")
      ->check(CLI::Range(0.0, 86400.0))
      ->capture_default_str();
  command->footer(absl::StrCat(
      "What is acknowledged is on disk. When the service or this command is stopped, the same command goes "
      "on\n"
      "where it was; nothing is taken twice. Memory stays the same however large the file is.\n"
      "A file that was imported to its end is not taken again: records that were changed or withdrawn since "
      "then stay\n"
      "as they are. To take its rows again, and so bring withdrawn records back, give a new --import-id.\n\n"
      "  zhuqictl import records.jsonl --rejected rejected.jsonl\n"
      "  zhuqictl import visits.csv --kind visit --rejected rejected.csv\n"
      "  # mend rejected.csv (the columns that begin with __ are to stay), then\n"
      "  zhuqictl import rejected.csv --kind visit\n\n"
      "A district's own headers, with --map columns.json (the file of rejected rows keeps them):\n"
      "  {\"columns\":   {\"统一社会信用代码\": \"enterprise_uscc\", \"反映时间\": \"raised_at\"},\n"
      "   \"constants\": {\"kind\": \"issue\", \"source_system\": \"jinshui-oa\", \"org_unit_id\": "
      "\"jinshui\"},\n"
      "   \"values\":    {\"issue_kind\": {\"疑难\": \"problem\"}},\n"
      "   \"ignore\":    [\"序号\"]}\n"
      "constants stand in for empty cells; values are words of the file; ignore may hold \"*\".\n\n"
      "What `zhuqictl records export` wrote is taken back, and a record that did not change since is "
      "unchanged.\n"
      "An export holds no contacts, and to take a row is to say all of its record: a row that is marked as "
      "having\n"
      "one (__has_contact) is rejected until the contact is added to it, and a row of a withdrawn record "
      "(__state) is\n"
      "rejected, too. --drop-contacts and --bring-back-withdrawn take them all the same.\n\n",
      RecordColumnsHelp()));
  command->callback(
      [&client, options] { client.action = [&client, options] { return RunImport(client, *options); }; });
}

}  // namespace zhuqi::ctl
