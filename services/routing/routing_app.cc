#include "services/routing/routing_app.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/base/civil_time.h"
#include "common/base/status_macros.h"
#include "common/base/stop_together.h"
#include "common/config/database_options.h"
#include "common/config/secret_file.h"
#include "common/config/validation.h"
#include "common/db/migrations.h"
#include "common/feed/answer_purger.h"
#include "common/feed/append.h"
#include "common/feed/feed_service.h"
#include "common/feed/service_metrics.h"
#include "common/rpc/channel.h"
#include "routing_schema.h"
#include "services/routing/cases/case_service.h"
#include "services/routing/catalogue/catalogue_service.h"
#include "services/routing/catalogue/catalogue_watcher.h"
#include "services/routing/consultations/consultation_service.h"
#include "services/routing/deadlines/deadline_service.h"
#include "services/routing/follow/directory_recounter.h"
#include "services/routing/follow/intake_follower.h"
#include "services/routing/knowledge/case_indexer.h"
#include "services/routing/knowledge/knowledge_service.h"
#include "services/routing/knowledge/theme_proposer.h"
#include "services/routing/knowledge/theme_service.h"
#include "services/routing/ladders/ladder_runner.h"
#include "services/routing/notices/notice_sender.h"
#include "services/routing/notices/notice_service.h"
#include "services/routing/taskforces/task_force_service.h"

namespace zhuqi::routing {
namespace {

constexpr size_t kMaxWaitingQueries = 4096;
// They take seconds: who would wait longer than for these is told at once.
constexpr size_t kMaxWaitingWideLists = 32;
constexpr absl::Duration kSetUpTimeout = absl::Seconds(30);

Outbox OutboxOf(const config::v1::RoutingConfig& config) {
  return config.has_webhook() ? Outbox::kOn : Outbox::kOff;
}

ThemeNumbers NumbersOf(const config::v1::ThemeConfig& themes) {
  return {.window_days = themes.window_days(),
          .least_cases = themes.least_cases(),
          .least_districts = themes.least_districts(),
          .least_enterprises = themes.least_enterprises(),
          .least_similarity_percent = themes.least_similarity_percent(),
          .least_new_cases = themes.least_new_cases()};
}

// Of the threads that run queries, those for lists that look through many cases: there are at least two.
int WideThreads(const config::v1::RoutingConfig& config) {
  return std::max(1, config::QueryThreads(config) / 4);
}

// The sender of notices; null when no webhook is configured.
absl::StatusOr<std::unique_ptr<NoticeSender>> MakeSender(const config::v1::RoutingConfig& config,
                                                         rpc::ServiceEnvironment& environment,
                                                         db::Pool& pool) {
  if (!config.has_webhook()) return nullptr;
  NoticeSenderOptions options;
  ZHUQI_ASSIGN_OR_RETURN(options.key, config::ReadSecretFile(config.webhook().key_file()));
  constexpr size_t kFewestKeyBytes = 32;
  if (options.key.size() < kFewestKeyBytes) {
    return absl::FailedPreconditionError("webhook.key_file holds less than 32 bytes");
  }
  options.pool = &pool;
  options.clock = &Clock::System();
  options.logger = &environment.log;
  options.metrics = &environment.metrics;
  options.webhook = config.webhook();
  return std::make_unique<NoticeSender>(std::move(options));
}

// All parts, in the order in which they are built; they go in the reverse order.
class RoutingService final : public rpc::RunningService {
 public:
  RoutingService(const config::v1::RoutingConfig& config, rpc::ServiceEnvironment& environment,
                 std::unique_ptr<db::Pool> pool)
      : pool_(std::move(pool)),
        positions_(environment.timer),
        catalogue_(positions_),
        tail_(*pool_, /*has_upstream=*/true),
        sql_(pool_.get(), config::QueryThreads(config) - WideThreads(config), kMaxWaitingQueries),
        wide_sql_(pool_.get(), WideThreads(config), kMaxWaitingWideLists),
        writer_(WriterOptions(config)),
        follower_({.pool = pool_.get(),
                   .directory = &directory_,
                   .catalogue = &catalogue_,
                   .positions = &positions_,
                   .tail = &tail_,
                   .clock = &Clock::System(),
                   .logger = &environment.log,
                   .metrics = &environment.metrics,
                   .partitions = config.feed().partitions(),
                   .outbox = OutboxOf(config)}),
        recounter_({.pool = pool_.get(),
                    .directory = &directory_,
                    .catalogue = &catalogue_,
                    .tail = &tail_,
                    .clock = &Clock::System(),
                    .logger = &environment.log,
                    .metrics = &environment.metrics,
                    .outbox = OutboxOf(config)}),
        ladder_runner_({.pool = pool_.get(),
                        .directory = &directory_,
                        .catalogue = &catalogue_,
                        .tail = &tail_,
                        .clock = &Clock::System(),
                        .logger = &environment.log,
                        .metrics = &environment.metrics,
                        .batch = config.ladder_batch(),
                        .interval = config::ToDuration(config.ladder_interval()),
                        .outbox = OutboxOf(config)}),
        catalogue_watcher_(*pool_, catalogue_, Clock::System(), environment.log),
        answer_purger_(*pool_, Clock::System(), absl::Hours(24) * config.idempotency_days()),
        watcher_({.sql = &sql_,
                  .tail = &tail_,
                  .directory = &directory_,
                  .timer = &environment.timer,
                  .metrics = &environment.metrics}),
        cases_({.adaptor = &environment.adaptor,
                .sql = &sql_,
                .writer = &writer_,
                .directory = &directory_,
                .positions = &positions_,
                .clock = &Clock::System(),
                .metrics = &environment.metrics,
                .watcher = &watcher_,
                .wide_sql = &wide_sql_}),
        catalogues_({.adaptor = &environment.adaptor,
                     .sql = &sql_,
                     .catalogue = &catalogue_,
                     .directory = &directory_,
                     .positions = &positions_,
                     .clock = &Clock::System()}),
        consultations_({.adaptor = &environment.adaptor,
                        .sql = &sql_,
                        .directory = &directory_,
                        .catalogue = &catalogue_,
                        .positions = &positions_,
                        .tail = &tail_,
                        .clock = &Clock::System(),
                        .metrics = &environment.metrics,
                        .outbox = OutboxOf(config)}),
        task_forces_({.adaptor = &environment.adaptor,
                      .sql = &sql_,
                      .directory = &directory_,
                      .positions = &positions_,
                      .clock = &Clock::System(),
                      .metrics = &environment.metrics}),
        index_positions_(environment.timer),
        index_(config.search_index_directory()),
        indexer_({.pool = pool_.get(),
                  .index = &index_,
                  .positions = &index_positions_,
                  .tail = &tail_,
                  .logger = &environment.log,
                  .metrics = &environment.metrics}),
        knowledge_({.adaptor = &environment.adaptor,
                    .sql = &sql_,
                    .directory = &directory_,
                    .positions = &positions_,
                    .clock = &Clock::System(),
                    .index = &index_,
                    .index_positions = &index_positions_}),
        theme_proposer_({.pool = pool_.get(),
                         .index = &index_,
                         .directory = &directory_,
                         .clock = &Clock::System(),
                         .logger = &environment.log,
                         .metrics = &environment.metrics,
                         .numbers = NumbersOf(config.themes()),
                         .interval = config::ToDuration(config.themes().interval())}),
        themes_({.adaptor = &environment.adaptor,
                 .sql = &sql_,
                 .directory = &directory_,
                 .catalogue = &catalogue_,
                 .positions = &positions_,
                 .tail = &tail_,
                 .clock = &Clock::System(),
                 .outbox = OutboxOf(config),
                 .recurrence_days = config.themes().recurrence_days()}),
        deadlines_({.adaptor = &environment.adaptor,
                    .sql = &sql_,
                    .directory = &directory_,
                    .positions = &positions_,
                    .clock = &Clock::System()}),
        notices_({.adaptor = &environment.adaptor,
                  .sql = &sql_,
                  .positions = &positions_,
                  .clock = &Clock::System(),
                  .outbox = OutboxOf(config)}),
        feed_("routing", sql_, tail_, environment.adaptor) {
    positions_.Follows("intake");
    positions_.Follows(kCatalogueSource);
    index_positions_.Follows("intake");
    index_positions_.Follows("routing");
    tail_.OnChange([this](const feed::TailSnapshot& snapshot) { follower_.NoteApplied(snapshot); });
    metrics_.push_back(feed::PoolMetrics(environment.metrics, *pool_));
    metrics_.push_back(feed::WriterMetrics(environment.metrics, "cases", [this] { return writer_.stats(); }));
  }

  ~RoutingService() override {
    StopTakingWork();
    Close();
  }

  // What may fail: reads what is there, then begins to work.
  absl::Status Begin(std::shared_ptr<grpc::Channel> intake, std::unique_ptr<NoticeSender> sender) {
    ZHUQI_RETURN_IF_ERROR(follower_.Load());
    ZHUQI_RETURN_IF_ERROR(
        catalogue_.Refresh(*pool_, CityDay(Clock::System().Now()), absl::Now() + kSetUpTimeout));
    // Another process may still have it, and the indexer waits for that one; what is not ours nobody takes.
    const absl::Status folder = index_.TakeFolder();
    if (absl::IsFailedPrecondition(folder)) return folder;
    ZHUQI_RETURN_IF_ERROR(tail_.Start());
    catalogue_watcher_.Start();
    recounter_.Start();
    ladder_runner_.Start();
    indexer_.Start();
    theme_proposer_.Start();
    follower_.Start(std::move(intake));
    sender_ = std::move(sender);
    if (sender_ != nullptr) sender_->Start();
    return absl::OkStatus();
  }

  std::vector<grpc::Service*> services() override {
    return {&cases_,     &catalogues_, &consultations_, &task_forces_, &deadlines_,
            &knowledge_, &themes_,     &notices_,       &feed_};
  }

  void StopTakingWork() override {
    positions_.Stop();  // ends the calls that wait for what they wrote
    index_positions_.Stop();
    StopTogether({[this] { follower_.Stop(); }, [this] { recounter_.Stop(); },
                  [this] { ladder_runner_.Stop(); }, [this] { indexer_.Stop(); },
                  [this] { theme_proposer_.Stop(); }, [this] { catalogue_watcher_.Stop(); },
                  [this] {
                    if (sender_ != nullptr) sender_->Stop();
                  },
                  [this] { answer_purger_.Stop(); },
                  [this] { tail_.Stop(); }});  // the last one ends the streams that wait for events
  }

  void Close() override {
    writer_.Stop();
    sql_.Stop();
    wide_sql_.Stop();
  }

 private:
  CaseWriterOptions WriterOptions(const config::v1::RoutingConfig& config) {
    CaseWriterOptions options;
    options.group_commit.pool = pool_.get();
    options.group_commit.writers = config.writer_threads();
    options.group_commit.name = "cases";
    options.clock = &Clock::System();
    options.directory = &directory_;
    options.catalogue = &catalogue_;
    options.tail = &tail_;
    options.outbox = OutboxOf(config);
    return options;
  }

  const std::unique_ptr<db::Pool> pool_;
  DirectoryHolder directory_;
  feed::Positions positions_;
  CatalogueHolder catalogue_;
  feed::FeedTail tail_;
  db::SqlExecutor sql_;
  db::SqlExecutor wide_sql_;
  CaseWriter writer_;
  IntakeFollower follower_;
  DirectoryRecounter recounter_;
  LadderRunner ladder_runner_;
  CatalogueWatcher catalogue_watcher_;
  std::unique_ptr<NoticeSender> sender_;
  feed::AnswerPurger answer_purger_;
  CaseWatcher watcher_;
  CaseServer cases_;
  CatalogueServer catalogues_;
  ConsultationServer consultations_;
  TaskForceServer task_forces_;
  feed::Positions index_positions_;
  SearchIndex index_;
  CaseIndexer indexer_;
  KnowledgeServer knowledge_;
  ThemeProposer theme_proposer_;
  ThemeServer themes_;
  DeadlineServer deadlines_;
  NoticeServer notices_;
  feed::FeedServer feed_;
  std::vector<feed::MetricRegistrations> metrics_;
};

absl::Status CheckDatabase(db::Pool& pool, int32_t partitions) {
  ZHUQI_ASSIGN_OR_RETURN(db::Lease lease, pool.Acquire(absl::Now() + kSetUpTimeout));
  ZHUQI_RETURN_IF_ERROR(db::CheckSchema(*lease, RoutingSchema()));
  return feed::SetUpPartitions(*lease, partitions);
}

}  // namespace

absl::StatusOr<std::unique_ptr<rpc::RunningService>> BuildRouting(const config::v1::RoutingConfig& config,
                                                                  rpc::ServiceEnvironment& environment) {
  ZHUQI_ASSIGN_OR_RETURN(const db::PoolOptions pool_options, config::PoolOptionsFrom(config.database()));
  ZHUQI_ASSIGN_OR_RETURN(std::unique_ptr<db::Pool> pool, db::Pool::Create(pool_options));
  ZHUQI_RETURN_IF_ERROR(CheckDatabase(*pool, config.feed().partitions()));
  ZHUQI_ASSIGN_OR_RETURN(const rpc::ChannelOptions intake, rpc::ChannelOptionsFrom(config.intake()));
  ZHUQI_ASSIGN_OR_RETURN(std::unique_ptr<NoticeSender> sender, MakeSender(config, environment, *pool));
  auto service = std::make_unique<RoutingService>(config, environment, std::move(pool));
  ZHUQI_RETURN_IF_ERROR(service->Begin(rpc::MakeChannel(intake), std::move(sender)));
  return std::unique_ptr<rpc::RunningService>(std::move(service));
}

}  // namespace zhuqi::routing
