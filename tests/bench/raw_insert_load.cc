#include <algorithm>
#include <memory>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/base/uuid.h"
#include "common/db/migrations.h"
#include "common/db/multi_row.h"
#include "common/db/transaction.h"
#include "intake_schema.h"
#include "tests/bench/loads.h"
#include "zhuqi/feed/v1/event.pb.h"

namespace zhuqi::bench {
namespace {

// One row of each table that a record of an import becomes.
struct Rows {
  db::MultiRowInsert records{
      "records",
      {"record_id", "source_system", "external_id", "org_unit_id", "kind", "on_date", "issue_kind",
       "category_id", "revision", "digest", "partition_number", "created_at", "updated_at", "recorded_by",
       "contact", "withdrawal_reason", "category_tree_version", "body"}};
  db::MultiRowInsert enterprises{"record_enterprises", {"uscc", "kind", "on_date", "record_id", "policy_id"}};
  db::MultiRowInsert events{"feed_events", {"partition_number", "sequence", "payload"}};
  std::vector<std::tuple<std::string, absl::CivilDay, Uuid>> enterprise_keys;

  absl::Status Write(db::Connection& connection) {
    std::sort(enterprise_keys.begin(), enterprise_keys.end());
    for (const auto& [uscc, day, record_id] : enterprise_keys) enterprises.Add({uscc, 2, day, record_id, ""});
    for (db::MultiRowInsert* insert : {&records, &enterprises, &events}) {
      ZHUQI_RETURN_IF_ERROR(insert->Run(connection).status());
    }
    return absl::OkStatus();
  }
};

// The event that a new issue becomes, with the same fields and so the same size.
std::string Payload(const intake::v1::RecordSubmission& submission, const Uuid& record_id, int64_t sequence,
                    absl::Time now) {
  const intake::v1::Issue& issue = submission.issue();
  feed::v1::Event event;
  event.set_sequence(sequence);
  event.mutable_recorded_at()->set_seconds(absl::ToUnixSeconds(now));
  event.set_directory_sequence(2);
  feed::v1::RecordFacts& facts = *event.mutable_record()->mutable_after();
  facts.set_record_id(record_id.ToString());
  facts.set_org_unit_id(submission.org_unit_id());
  facts.set_kind(intake::v1::RECORD_KIND_ISSUE);
  facts.mutable_on()->set_year(2024);
  facts.mutable_on()->set_month(1);
  facts.mutable_on()->set_day(24);
  facts.add_enterprise_usccs(issue.enterprise().uscc());
  facts.set_issue_kind(issue.kind());
  facts.set_category_id(issue.category_id());
  *facts.mutable_department_functions() = issue.department_functions();
  facts.set_revision(1);
  feed::v1::IssueContent& content = *event.mutable_record()->mutable_issue();
  *content.mutable_key() = submission.key();
  content.set_title(issue.title());
  content.set_text(issue.text());
  *content.mutable_raised_at() = issue.raised_at();
  content.set_enterprise_name(issue.enterprise().name());
  return event.SerializeAsString();
}

void AddRecord(const intake::v1::RecordSubmission& submission, int partition, int64_t sequence, Rows& rows) {
  const absl::Time now = absl::Now();
  const Uuid record_id = Uuid::NewV7(now);
  const intake::v1::Issue& issue = submission.issue();
  const absl::CivilDay day =
      absl::ToCivilDay(absl::FromUnixSeconds(issue.raised_at().seconds()), absl::UTCTimeZone());
  std::string body = submission.SerializeAsString();
  std::string digest = Sha256(body);
  rows.records.Add({record_id, submission.key().source_system(), submission.key().external_id(),
                    submission.org_unit_id(), 2, day, static_cast<int>(issue.kind()), issue.category_id(), 1,
                    std::move(digest), partition, now, now, "developer", 0, nullptr, 0, std::move(body)});
  rows.enterprise_keys.emplace_back(issue.enterprise().uscc(), day, record_id);
  rows.events.Add({partition, sequence, Payload(submission, record_id, sequence, now)});
}

absl::Status WriteTransaction(db::Pool& pool, int rows_per_transaction, int partition, IssueSource& issues,
                              int64_t* sequence) {
  Rows rows;
  intake::v1::RecordSubmission submission;
  for (int i = 0; i < rows_per_transaction; ++i) {
    issues.Fill(&submission);
    AddRecord(submission, partition, ++*sequence, rows);
  }
  const Uuid request_id = Uuid::NewV7(absl::Now());
  // One answer for all of them, as for a chunk of an import: some 40 bytes a record.
  const std::string answer(static_cast<size_t>(rows_per_transaction) * 44, 'a');
  db::TransactionOptions options;
  options.max_attempts = 1;
  return db::RunTransaction(pool, options, [&](db::Transaction& transaction) {
    ZHUQI_RETURN_IF_ERROR(rows.Write(transaction.connection()));
    db::MultiRowInsert answers("idempotency_keys",
                               {"request_id", "method", "body_digest", "response", "recorded_at"});
    answers.Add({request_id, "RecordService.ImportRecords", std::string(32, 'd'), answer, absl::Now()});
    return answers.Run(transaction.connection()).status();
  });
}

// Partitions count on from what an earlier run left.
absl::StatusOr<int> FirstFreePartition(db::Connection& connection) {
  int partition = 1;
  ZHUQI_RETURN_IF_ERROR(connection.Query("SELECT COALESCE(MAX(partition_number), 0) + 1 FROM feed_events", {},
                                         [&](db::Row& row) {
                                           partition = static_cast<int>(row.Int64(0));
                                           return absl::OkStatus();
                                         }));
  return partition;
}

void InsertUntilOver(db::Pool& pool, int rows_per_transaction, int partition, IssueSource& issues,
                     Report& report) {
  Samples samples(report.window());
  int64_t sequence = 0;
  while (absl::Now() < report.window().end && !report.failed()) {
    const absl::Time started = absl::Now();
    const absl::Status written = WriteTransaction(pool, rows_per_transaction, partition, issues, &sequence);
    if (!written.ok()) {
      report.Fail(written);
      break;
    }
    samples.Add(started, absl::Now(), rows_per_transaction);
  }
  report.Take(samples);
}

absl::StatusOr<int> SetUp(db::Pool& pool) {
  ZHUQI_ASSIGN_OR_RETURN(db::Lease lease, pool.Acquire(absl::InfiniteFuture()));
  ZHUQI_RETURN_IF_ERROR(db::Migrate(*lease, IntakeSchema()));
  return FirstFreePartition(*lease);
}

}  // namespace

void RawInsertLoad(const db::PoolOptions& database, int rows_per_transaction, IssueSource& issues,
                   Report& report) {
  absl::StatusOr<std::unique_ptr<db::Pool>> pool = db::Pool::Create(database);
  const absl::StatusOr<int> first = pool.ok() ? SetUp(**pool) : pool.status();
  if (!first.ok()) {
    report.Fail(first.status());
    return;
  }
  std::vector<std::thread> threads;
  for (int i = 0; i < database.size; ++i) {
    threads.emplace_back([&, partition = *first + i] {
      InsertUntilOver(**pool, rows_per_transaction, partition, issues, report);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace zhuqi::bench
