#include "services/intake/intake_app.h"

#include <utility>

#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/config/database_options.h"
#include "common/config/validation.h"
#include "common/db/migrations.h"
#include "common/encryption/key_ring.h"
#include "common/feed/answer_purger.h"
#include "common/feed/append.h"
#include "common/feed/feed_service.h"
#include "common/feed/service_metrics.h"
#include "common/feed/tail.h"
#include "intake_schema.h"
#include "services/intake/contact_keys.h"
#include "services/intake/directory/directory_keeper.h"
#include "services/intake/directory/directory_service.h"
#include "services/intake/enterprises/enterprise_service.h"
#include "services/intake/records/contact_store.h"
#include "services/intake/records/record_service.h"
#include "services/intake/summaries/obligation_keeper.h"
#include "services/intake/summaries/reminder_keeper.h"
#include "services/intake/summaries/summary_service.h"
#include "services/intake/visits/quota_keeper.h"
#include "services/intake/visits/visit_service.h"

namespace zhuqi::intake {
namespace {

constexpr size_t kSqlQueue = 1024;
constexpr size_t kRecordQueueWeight = 65536;  // records that wait, about 64 MB at a kilobyte each

db::GroupCommitOptions WriterOptions(db::Pool* pool, const char* name,
                                     const config::v1::IntakeConfig& config) {
  db::GroupCommitOptions options;
  options.pool = pool;
  options.name = name;
  options.writers = config.writer_threads();
  options.max_queue_weight = kRecordQueueWeight;
  return options;
}

// The parts, in the order in which they depend on each other; they go in the opposite order.
class IntakeService final : public rpc::RunningService {
 public:
  IntakeService(const config::v1::IntakeConfig& config, rpc::ServiceEnvironment& environment,
                std::unique_ptr<db::Pool> pool, std::optional<encryption::KeyRing> contact_keys)
      : environment_(environment),
        partitions_(config.feed().partitions()),
        contact_keys_(std::move(contact_keys)),
        pool_(std::move(pool)),
        sql_(pool_.get(), config::QueryThreads(config), kSqlQueue),
        tail_(*pool_, /*has_upstream=*/false),
        directory_keeper_(*pool_, directory_, tail_, environment.log),
        obligations_(MakeObligationOptions()),
        reminders_(MakeReminderOptions()),
        records_(MakeRecordOptions(config)),
        summaries_(MakeSummaryOptions(config)),
        enterprises_(MakeEnterpriseOptions(config)),
        quotas_(MakeQuotaOptions()),
        feed_server_("intake", sql_, tail_, environment.adaptor),
        directory_server_(MakeDirectoryParts()),
        record_server_(MakeRecordParts()),
        summary_server_(MakeSummaryParts()),
        enterprise_server_(MakeEnterpriseParts()),
        visit_server_(MakeVisitParts()),
        purger_(*pool_, Clock::System(), absl::Hours(24 * config.idempotency_days())) {}

  absl::Status Start() {
    ZHUQI_ASSIGN_OR_RETURN(db::Lease lease, pool_->Acquire(absl::InfiniteFuture()));
    ZHUQI_RETURN_IF_ERROR(db::CheckSchema(*lease, IntakeSchema()));
    ZHUQI_RETURN_IF_ERROR(feed::SetUpPartitions(*lease, partitions_));
    ZHUQI_RETURN_IF_ERROR(WarnOfMissingKeys(*lease));
    ZHUQI_RETURN_IF_ERROR(RefreshDirectory(*lease, directory_));
    ZHUQI_RETURN_IF_ERROR(tail_.Start());
    directory_keeper_.Start();
    obligations_.Start();
    reminders_.Start();
    quotas_.Start();
    for (feed::MetricRegistrations group :
         {feed::PoolMetrics(environment_.metrics, *pool_),
          feed::WriterMetrics(environment_.metrics, "records", [this] { return records_.stats(); }),
          feed::WriterMetrics(environment_.metrics, "summaries", [this] { return summaries_.stats(); }),
          feed::WriterMetrics(environment_.metrics, "enterprises",
                              [this] { return enterprises_.stats(); })}) {
      metrics_.insert(metrics_.end(), group.begin(), group.end());
    }
    return absl::OkStatus();
  }

  std::vector<grpc::Service*> services() override {
    return {&feed_server_,    &directory_server_,  &record_server_,
            &summary_server_, &enterprise_server_, &visit_server_};
  }

  void StopTakingWork() override {
    purger_.Stop();
    obligations_.Stop();
    reminders_.Stop();
    quotas_.Stop();
    tail_.Stop();
    directory_keeper_.Stop();
  }

  void Close() override {
    metrics_.clear();
    records_.Stop();
    summaries_.Stop();
    enterprises_.Stop();
    sql_.Stop();
  }

 private:
  const encryption::KeyRing* contact_keys() const {
    return contact_keys_.has_value() ? &*contact_keys_ : nullptr;
  }

  // Everything but these contacts can be served.
  absl::Status WarnOfMissingKeys(db::Connection& connection) {
    ZHUQI_ASSIGN_OR_RETURN(const std::vector<std::string> used, ReadContactKeyIds(connection));
    for (const std::string& id : used) {
      if (contact_keys_.has_value() && contact_keys_->Knows(id)) continue;
      environment_.log.Warning("contacts can not be read: their key is not configured (contact_keys)",
                               {{"key_id", id}});
    }
    return absl::OkStatus();
  }

  ObligationKeeperOptions MakeObligationOptions() {
    ObligationKeeperOptions options;
    options.pool = pool_.get();
    options.directory = &directory_;
    options.tail = &tail_;
    options.clock = &Clock::System();
    options.logger = &environment_.log;
    options.timer = &environment_.timer;
    options.partitions = partitions_;
    return options;
  }

  ReminderKeeperOptions MakeReminderOptions() {
    ReminderKeeperOptions options;
    options.pool = pool_.get();
    options.directory = &directory_;
    options.tail = &tail_;
    options.clock = &Clock::System();
    options.logger = &environment_.log;
    return options;
  }

  RecordWriterOptions MakeRecordOptions(const config::v1::IntakeConfig& config) {
    RecordWriterOptions options;
    options.group_commit = WriterOptions(pool_.get(), "records", config);
    options.partitions = partitions_;
    options.clock = &Clock::System();
    options.directory = &directory_;
    options.tail = &tail_;
    options.contact_keys = contact_keys();
    return options;
  }

  SummaryWriterOptions MakeSummaryOptions(const config::v1::IntakeConfig& config) {
    SummaryWriterOptions options;
    options.group_commit = WriterOptions(pool_.get(), "summaries", config);
    options.group_commit.writers = 1;
    options.directory = &directory_;
    options.tail = &tail_;
    options.clock = &Clock::System();
    return options;
  }

  DirectoryServiceParts MakeDirectoryParts() {
    DirectoryServiceParts parts;
    parts.adaptor = &environment_.adaptor;
    parts.sql = &sql_;
    parts.directory = &directory_;
    parts.tail = &tail_;
    parts.clock = &Clock::System();
    parts.after_apply = [this](int64_t sequence, rpc::CallContext& call) {
      return obligations_.MadeFor(sequence, call.deadline, call.cancellation);
    };
    return parts;
  }

  RecordServiceParts MakeRecordParts() {
    RecordServiceParts parts;
    parts.adaptor = &environment_.adaptor;
    parts.sql = &sql_;
    parts.writer = &records_;
    parts.directory = &directory_;
    parts.refresh_directory = [this](db::Connection& connection) {
      return RefreshDirectory(connection, directory_);
    };
    parts.clock = &Clock::System();
    parts.tail = &tail_;
    parts.contact_keys = contact_keys();
    parts.partitions = partitions_;
    return parts;
  }

  SummaryServiceParts MakeSummaryParts() {
    SummaryServiceParts parts;
    parts.adaptor = &environment_.adaptor;
    parts.sql = &sql_;
    parts.writer = &summaries_;
    parts.directory = &directory_;
    parts.tail = &tail_;
    parts.clock = &Clock::System();
    parts.partitions = partitions_;
    return parts;
  }

  EnterpriseWriterOptions MakeEnterpriseOptions(const config::v1::IntakeConfig& config) {
    EnterpriseWriterOptions options;
    options.group_commit = WriterOptions(pool_.get(), "enterprises", config);
    options.group_commit.writers = 1;
    options.partitions = partitions_;
    options.directory = &directory_;
    options.tail = &tail_;
    options.clock = &Clock::System();
    return options;
  }

  QuotaKeeperOptions MakeQuotaOptions() {
    QuotaKeeperOptions options;
    options.pool = pool_.get();
    options.directory = &directory_;
    options.clock = &Clock::System();
    options.logger = &environment_.log;
    return options;
  }

  EnterpriseServiceParts MakeEnterpriseParts() {
    EnterpriseServiceParts parts;
    parts.adaptor = &environment_.adaptor;
    parts.sql = &sql_;
    parts.writer = &enterprises_;
    parts.directory = &directory_;
    parts.clock = &Clock::System();
    return parts;
  }

  VisitServiceParts MakeVisitParts() {
    VisitServiceParts parts;
    parts.adaptor = &environment_.adaptor;
    parts.sql = &sql_;
    parts.directory = &directory_;
    parts.clock = &Clock::System();
    return parts;
  }

  rpc::ServiceEnvironment& environment_;
  const int32_t partitions_;
  const std::optional<encryption::KeyRing> contact_keys_;
  const std::unique_ptr<db::Pool> pool_;
  db::SqlExecutor sql_;
  DirectoryHolder directory_;
  feed::FeedTail tail_;
  DirectoryKeeper directory_keeper_;
  ObligationKeeper obligations_;
  ReminderKeeper reminders_;
  RecordWriter records_;
  SummaryWriter summaries_;
  EnterpriseWriter enterprises_;
  QuotaKeeper quotas_;
  feed::FeedServer feed_server_;
  DirectoryServer directory_server_;
  RecordServer record_server_;
  SummaryServer summary_server_;
  EnterpriseServer enterprise_server_;
  VisitPlanServer visit_server_;
  feed::AnswerPurger purger_;
  feed::MetricRegistrations metrics_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<rpc::RunningService>> BuildIntake(const config::v1::IntakeConfig& config,
                                                                 rpc::ServiceEnvironment& environment) {
  ZHUQI_ASSIGN_OR_RETURN(db::PoolOptions options, config::PoolOptionsFrom(config.database()));
  ZHUQI_ASSIGN_OR_RETURN(std::unique_ptr<db::Pool> pool, db::Pool::Create(std::move(options)));
  ZHUQI_ASSIGN_OR_RETURN(std::optional<encryption::KeyRing> contact_keys, ReadContactKeys(config));
  auto service =
      std::make_unique<IntakeService>(config, environment, std::move(pool), std::move(contact_keys));
  ZHUQI_RETURN_IF_ERROR(service->Start());
  return std::unique_ptr<rpc::RunningService>(std::move(service));
}

}  // namespace zhuqi::intake
