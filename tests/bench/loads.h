// The kinds of load. Each runs until the report's window has passed or something failed, and leaves its
// samples in the report.
#ifndef ZHUQI_TESTS_BENCH_LOADS_H_
#define ZHUQI_TESTS_BENCH_LOADS_H_

#include <string>

#include "absl/status/status.h"
#include "common/db/pool.h"
#include "tests/bench/issue_source.h"
#include "tests/bench/measurement.h"

namespace zhuqi::bench {

struct Target {
  std::string address;  // "127.0.0.1:7401"
  std::string token;    // empty: none is sent
  int connections = 1;  // 1 to 16
  int in_flight = 256;  // calls at once, over all connections
};

// RecordService.SubmitRecords, one record a call.
void SubmitLoad(const Target& target, IssueSource& issues, Report& report);

// RecordService.ImportRecords: one stream, `records_per_chunk` records a chunk, at most `window` chunks not
// yet acknowledged. Items are records.
struct ImportShape {
  int records_per_chunk = 500;
  int window = 8;
};
void ImportLoad(const Target& target, const ImportShape& shape, IssueSource& issues, Report& report);

// ReportService.QueryFigures: the overview of the root and its children, all measures, one year.
void FiguresLoad(const Target& target, int year, Report& report);

// One answer to the same query, as the bytes on the wire, written to `path`. Fails when it has no figures.
absl::Status SaveFigures(const Target& target, int year, const std::string& path);

// What an import comes down to in the database, and no more: transactions of multi-row inserts into tables of
// the intake schema, which is made in the pool's database when it is new. One thread a connection.
void RawInsertLoad(const db::PoolOptions& database, int rows_per_transaction, IssueSource& issues,
                   Report& report);

}  // namespace zhuqi::bench

#endif  // ZHUQI_TESTS_BENCH_LOADS_H_
