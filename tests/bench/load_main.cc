// Puts load on a service, or on the database directly, and prints what it measured as one line of JSON.
#include <functional>
#include <iostream>
#include <memory>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/time/clock.h"
#include "common/config/secret_file.h"
#include "tests/bench/loads.h"

namespace zhuqi::bench {
namespace {

struct Options {
  Target target;
  std::string token_file;
  std::string records;
  double warm_up_seconds = 2;
  double seconds = 10;
  ImportShape import;
  int year = 2024;
  std::string save;
  db::PoolOptions database;
};

using Load = std::function<void(const Options&, IssueSource*, Report&)>;

int Fail(const absl::Status& error) {
  std::cerr << "zhuqi-bench-load: " << error << "\n";
  return 1;
}

int Measure(const std::string& mode, Options& options, bool needs_issues, const Load& load) {
  if (!options.token_file.empty()) {
    absl::StatusOr<std::string> token = config::ReadSecretFile(options.token_file);
    if (!token.ok()) return Fail(token.status());
    options.target.token = *std::move(token);
  }
  if (!options.save.empty()) {
    const absl::Status saved = SaveFigures(options.target, options.year, options.save);
    return saved.ok() ? 0 : Fail(saved);
  }
  absl::StatusOr<std::unique_ptr<IssueSource>> issues(nullptr);  // of loads without records
  if (needs_issues) issues = IssueSource::Load(options.records, absl::Now());
  if (!issues.ok()) return Fail(issues.status());
  Report report(
      Window::Starting(absl::Now(), absl::Seconds(options.warm_up_seconds), absl::Seconds(options.seconds)));
  load(options, issues->get(), report);
  const absl::StatusOr<Measured> measured = report.Finish();
  if (!measured.ok()) return Fail(measured.status());
  std::cout << ToJson(mode, *measured) << std::endl;
  return 0;
}

void AddCommonOptions(CLI::App& app, Options& options) {
  app.add_option("--warm-up", options.warm_up_seconds, "Seconds that do not count")
      ->check(CLI::Range(0.0, 600.0));
  app.add_option("--seconds", options.seconds, "Seconds that count")->check(CLI::Range(0.1, 3600.0));
}

void AddTarget(CLI::App& app, Options& options) {
  app.add_option("--address", options.target.address, "Where the service listens")->required();
  app.add_option("--token-file", options.token_file, "File with the bearer token");
  app.add_option("--connections", options.target.connections, "Connections")->check(CLI::Range(1, 16));
  app.add_option("--in-flight", options.target.in_flight, "Calls at once")->check(CLI::Range(1, 10000));
}

void AddRecords(CLI::App& app, Options& options) {
  app.add_option("--records", options.records, "File with a RecordSubmission a line; its issues are sent")
      ->required();
}

CLI::App* AddSubmit(CLI::App& app, Options& options) {
  CLI::App* submit = app.add_subcommand("submit", "SubmitRecords, one record a call");
  AddTarget(*submit, options);
  AddRecords(*submit, options);
  return submit;
}

CLI::App* AddImport(CLI::App& app, Options& options) {
  CLI::App* import = app.add_subcommand("import", "ImportRecords, one stream");
  AddTarget(*import, options);
  AddRecords(*import, options);
  import->add_option("--rows", options.import.records_per_chunk, "Records a chunk")
      ->check(CLI::Range(1, 1000));
  import->add_option("--window", options.import.window, "Chunks not yet acknowledged")
      ->check(CLI::Range(1, 64));
  return import;
}

CLI::App* AddFigures(CLI::App& app, Options& options) {
  CLI::App* figures =
      app.add_subcommand("figures", "QueryFigures, the overview of the root and its children");
  AddTarget(*figures, options);
  figures->add_option("--year", options.year, "Of which year");
  figures->add_option("--save", options.save, "Write one answer to this file and stop");
  return figures;
}

CLI::App* AddRawInsert(CLI::App& app, Options& options) {
  CLI::App* raw = app.add_subcommand("raw-insert", "The same rows straight into tables of the intake schema");
  AddRecords(*raw, options);
  raw->add_option("--socket", options.database.socket, "The database server's socket")->required();
  raw->add_option("--user", options.database.user, "Database user")->required();
  raw->add_option("--database", options.database.database, "A database that exists; its tables are made")
      ->required();
  raw->add_option("--connections", options.database.size, "Connections, each with a thread")
      ->check(CLI::Range(1, 64));
  raw->add_option("--rows", options.import.records_per_chunk, "Records a transaction")
      ->check(CLI::Range(1, 10000));
  return raw;
}

int Main(int argc, char** argv) {
  CLI::App app("Puts load on a service and prints what it measured as one line of JSON", "zhuqi-bench-load");
  app.require_subcommand(1);
  Options options;
  options.database.size = 1;
  AddCommonOptions(app, options);
  CLI::App* submit = AddSubmit(app, options);
  CLI::App* import = AddImport(app, options);
  CLI::App* figures = AddFigures(app, options);
  AddRawInsert(app, options);
  CLI11_PARSE(app, argc, argv);
  if (submit->parsed()) {
    return Measure("submit", options, true, [](const Options& o, IssueSource* issues, Report& report) {
      SubmitLoad(o.target, *issues, report);
    });
  }
  if (import->parsed()) {
    return Measure("import", options, true, [](const Options& o, IssueSource* issues, Report& report) {
      ImportLoad(o.target, o.import, *issues, report);
    });
  }
  if (figures->parsed()) {
    return Measure("figures", options, false, [](const Options& o, IssueSource*, Report& report) {
      FiguresLoad(o.target, o.year, report);
    });
  }
  return Measure("raw-insert", options, true, [](const Options& o, IssueSource* issues, Report& report) {
    RawInsertLoad(o.database, o.import.records_per_chunk, *issues, report);
  });
}

}  // namespace
}  // namespace zhuqi::bench

int main(int argc, char** argv) { return zhuqi::bench::Main(argc, argv); }
