#include "services/routing/follow/intake_follower.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/db/transaction.h"
#include "common/directory/date_message.h"
#include "common/feed/token.h"
#include "services/routing/cases/assistant_store.h"
#include "services/routing/cases/case_batch.h"
#include "services/routing/families/duplicate_links.h"
#include "services/routing/follow/followed_directory.h"
#include "services/routing/knowledge/same_cause_store.h"
#include "services/routing/ladders/ladder_rules.h"
#include "services/routing/notices/obligation_notice.h"
#include "services/routing/taskforces/task_force_store.h"

namespace zhuqi::routing {
namespace {

// Streams that use the database at one moment; common/config counts on it.
constexpr int kTurns = 2;

constexpr char kIntake[] = "intake";
constexpr absl::Duration kTransactionTimeout = absl::Seconds(30);
// How often a wait looks whether the service stops.
constexpr absl::Duration kStopCheck = absl::Milliseconds(200);

bool IsIssue(const feed::v1::Event& event) {
  return event.has_record() && event.record().has_after() &&
         event.record().after().kind() == intake::v1::RECORD_KIND_ISSUE;
}

// What other systems are told of the reminders in `message`.
std::vector<v1::ObligationNoticeEvent> NoticesOf(const feed::v1::FollowResponse& message) {
  std::vector<v1::ObligationNoticeEvent> notices;
  for (const feed::v1::Event& event : message.events()) {
    if (!event.has_obligation_reminded()) continue;
    auto notice = MakeObligationNotice(event.obligation_reminded());
    if (notice.has_value()) notices.push_back(*std::move(notice));
  }
  return notices;
}

// Whether a message has anything to do with cases.
bool ConcernsCases(const feed::v1::FollowResponse& message) {
  return std::any_of(message.events().begin(), message.events().end(),
                     [](const feed::v1::Event& event) { return IsIssue(event) || IsDuplicateLink(event); });
}

db::TransactionOptions Options() {
  db::TransactionOptions options;
  options.deadline = absl::Now() + kTransactionTimeout;
  // The cursor says whether an earlier attempt, whose commit had an unknown outcome, was committed.
  options.body_is_idempotent = true;
  return options;
}

// The cases of the issues in `message` that are known already, and their relatives.
absl::StatusOr<CaseMap> ReadKnown(db::Connection& connection, const feed::v1::FollowResponse& message) {
  std::vector<Uuid> records;
  for (const feed::v1::Event& event : message.events()) {
    if (!IsIssue(event)) continue;
    if (const auto id = Uuid::Parse(event.record().after().record_id())) records.push_back(*id);
  }
  ZHUQI_ASSIGN_OR_RETURN(CaseMap known, ReadCasesOfIssues(connection, records));
  ZHUQI_RETURN_IF_ERROR(AddRelatives(connection, known));
  return known;
}

}  // namespace

IntakeFollower::IntakeFollower(IntakeFollowerOptions options) : options_(options) {
  gauges_.push_back(options_.metrics->CallbackGauge(
      "zhuqi_feed_events_behind", "Events of a followed feed that are known and not applied yet.",
      {{"source", kIntake}}, [this] { return static_cast<double>(events_behind()); }));
  gauges_.push_back(options_.metrics->CallbackGauge(
      "zhuqi_feed_connected", "1 while both streams of a followed feed are open.", {{"source", kIntake}},
      [this] { return connected() ? 1.0 : 0.0; }));
  gauges_.push_back(options_.metrics->CallbackGauge(
      "zhuqi_routing_waits_for_catalogue", "1 while issues wait because no catalogue is in force.", {},
      [this] { return waits_for_catalogue() ? 1.0 : 0.0; }));
}

IntakeFollower::~IntakeFollower() { Stop(); }

IntakeFollower::Turn::Turn(IntakeFollower& follower) : follower_(follower) {
  const auto has_turn = [this]() ABSL_SHARED_LOCKS_REQUIRED(follower_.turns_mutex_) {
    return follower_.turns_ < kTurns;
  };
  absl::MutexLock lock(&follower_.turns_mutex_, absl::Condition(&has_turn));
  ++follower_.turns_;
}

IntakeFollower::Turn::~Turn() {
  absl::MutexLock lock(&follower_.turns_mutex_);
  --follower_.turns_;
}

absl::Status IntakeFollower::Load() {
  {
    ZHUQI_ASSIGN_OR_RETURN(db::Lease lease, options_.pool->Acquire(absl::Now() + kTransactionTimeout));
    ZHUQI_RETURN_IF_ERROR(feed::EnsureCursors(*lease, kIntake, options_.partitions));
  }
  return ReadApplied().status();
}

absl::StatusOr<std::vector<common::v1::FeedPosition>> IntakeFollower::ReadApplied() {
  const Turn turn(*this);
  ZHUQI_ASSIGN_OR_RETURN(db::Lease lease, options_.pool->Acquire(absl::Now() + kTransactionTimeout));
  ZHUQI_ASSIGN_OR_RETURN(std::vector<common::v1::FeedPosition> cursors, feed::ReadCursors(*lease));
  ZHUQI_RETURN_IF_ERROR(RefreshDirectory(*lease, *options_.directory));
  std::erase_if(cursors, [](const common::v1::FeedPosition& cursor) { return cursor.source() != kIntake; });
  for (const auto& cursor : cursors)
    options_.positions->Advance(kIntake, cursor.partition(), cursor.sequence());
  return cursors;
}

void IntakeFollower::Start(std::shared_ptr<grpc::Channel> intake) {
  std::vector<std::unique_ptr<feed::Follower>> streams;
  for (int32_t partition = feed::kDirectoryPartition; partition <= options_.partitions; ++partition) {
    streams.push_back(Follow(intake, partition));
  }
  absl::MutexLock lock(&mutex_);
  streams_ = std::move(streams);
}

bool IntakeFollower::connected() const {
  absl::MutexLock lock(&mutex_);
  return !streams_.empty() && std::all_of(streams_.begin(), streams_.end(),
                                          [](const auto& stream) { return stream->connected(); });
}

void IntakeFollower::Stop() {
  stopping_ = true;
  std::vector<feed::Follower*> streams;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& stream : streams_) streams.push_back(stream.get());
  }
  // Without the lock: the streams' threads take it while they end. Those of records first: they wait for the
  // directory.
  for (auto stream = streams.rbegin(); stream != streams.rend(); ++stream) (*stream)->Stop();
}

std::unique_ptr<feed::Follower> IntakeFollower::Follow(std::shared_ptr<grpc::Channel> intake,
                                                       int32_t partition) {
  feed::FollowerOptions options;
  options.source = kIntake;
  options.channel = std::move(intake);
  options.load_positions = [this, partition](int32_t partitions) {
    return LoadPositions(partitions, partition);
  };
  options.apply = [this, partition](const feed::v1::FollowResponse& message, int64_t after) {
    return partition == feed::kDirectoryPartition ? ApplyDirectory(message, after)
                                                  : ApplyRecords(message, after);
  };
  options.logger = options_.logger;
  return std::make_unique<feed::Follower>(std::move(options));
}

absl::StatusOr<std::vector<common::v1::FeedPosition>> IntakeFollower::LoadPositions(int32_t partitions,
                                                                                    int32_t partition) {
  if (partitions != options_.partitions) {
    return absl::FailedPreconditionError(
        absl::StrCat("intake's feed has ", partitions, " partitions and this service's ", options_.partitions,
                     ": feed.partitions must be the same in both configurations"));
  }
  ZHUQI_ASSIGN_OR_RETURN(std::vector<common::v1::FeedPosition> positions, ReadApplied());
  std::erase_if(positions, [partition](const common::v1::FeedPosition& position) {
    return position.partition() != partition;
  });
  return positions;
}

void IntakeFollower::NoteHead(const feed::v1::FollowResponse& message) {
  absl::MutexLock lock(&mutex_);
  int64_t& head = heads_[message.partition()];
  head = std::max(head, message.head());
}

int64_t IntakeFollower::events_behind() const {
  absl::MutexLock lock(&mutex_);
  int64_t behind = 0;
  for (const auto& [partition, head] : heads_) {
    behind += std::max<int64_t>(0, head - options_.positions->Get(kIntake, partition));
  }
  return behind;
}

absl::Status IntakeFollower::Refresh() {
  ZHUQI_ASSIGN_OR_RETURN(db::Lease lease, options_.pool->Acquire(absl::Now() + kTransactionTimeout));
  ZHUQI_RETURN_IF_ERROR(RefreshDirectory(*lease, *options_.directory));
  // Only now can what the token stands for be read here.
  options_.positions->Advance(kIntake, feed::kDirectoryPartition, options_.directory->Get()->sequence());
  return absl::OkStatus();
}

absl::Status IntakeFollower::ApplyDirectory(const feed::v1::FollowResponse& message, int64_t after) {
  NoteHead(message);
  if (message.events().empty()) return absl::OkStatus();
  const feed::v1::Event& last = message.events(message.events_size() - 1);
  const Turn turn(*this);
  ZHUQI_RETURN_IF_ERROR(
      db::RunTransaction(*options_.pool, Options(), [&](db::Transaction& transaction) -> absl::Status {
        ZHUQI_RETURN_IF_ERROR(
            feed::AdvanceCursor(transaction, kIntake, feed::kDirectoryPartition, after, last));
        return StoreDirectoryChanges(transaction.connection(), message);
      }));
  options_.tail->NotifyCommitted();
  return Refresh();
}

absl::Status IntakeFollower::WaitForDirectory(int64_t sequence) {
  const common::v1::FeedPosition wanted = feed::Position(kIntake, feed::kDirectoryPartition, sequence);
  while (options_.directory->Get()->sequence() < sequence) {
    if (stopping_) return absl::CancelledError("stopping");
    options_.positions->BlockUntil(wanted, absl::Now() + kStopCheck).IgnoreError();
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const CompiledCatalogue>> IntakeFollower::WaitForCatalogue() {
  std::shared_ptr<const CompiledCatalogue> catalogue = options_.catalogue->GetCompiled();
  if (catalogue != nullptr) return catalogue;
  options_.logger->Warning("issues wait: no responsibility catalogue is in force; apply one");
  waits_for_catalogue_ = true;
  while (catalogue == nullptr && !stopping_) catalogue = options_.catalogue->Wait(kStopCheck);
  waits_for_catalogue_ = false;
  if (catalogue == nullptr) return absl::CancelledError("stopping");
  return catalogue;
}

absl::Status IntakeFollower::ApplyIssues(db::Transaction& transaction,
                                         const feed::v1::FollowResponse& message,
                                         const std::shared_ptr<const CompiledCatalogue>& catalogue,
                                         const std::shared_ptr<const Directory>& directory) {
  const absl::Time now = options_.clock->Now();
  ZHUQI_ASSIGN_OR_RETURN(CaseMap known, ReadKnown(transaction.connection(), message));
  std::map<std::string, Uuid> case_of_record;
  for (const auto& [id, record] : known) {
    if (!record.body.has_parent()) case_of_record[record.body.issue_record_id()] = id;
  }
  std::vector<Uuid> new_records;
  CaseBatch batch(&transaction.connection(), std::move(known), directory, {catalogue, &catalogue->message()},
                  now, options_.outbox);
  for (const feed::v1::Event& event : message.events()) {
    if (!IsIssue(event)) continue;
    const std::string& record_id = event.record().after().record_id();
    const auto present = case_of_record.find(record_id);
    if (present != case_of_record.end()) {
      batch.Take(ReviseIssue(*batch.FindForChange(present->second), event.record(), now, *directory));
      continue;
    }
    // Nobody has to handle what was withdrawn before it became a case.
    if (event.record().after().withdrawn()) continue;
    ZHUQI_ASSIGN_OR_RETURN(CaseChange received,
                           ReceiveCase(event.record(), now, *directory, *catalogue, message.partition()));
    StartLadder(received.record.body, catalogue->message(),
                event.has_recorded_at() ? TimeFrom(event.recorded_at()) : now);
    absl::Status refusal;  // of actions alone
    ZHUQI_RETURN_IF_ERROR(
        GiveWantedAssistant(transaction.connection(), batch, *directory, received, refusal));
    case_of_record[record_id] = Uuid::Parse(received.record.body.case_id()).value_or(Uuid());
    new_records.push_back(Uuid::Parse(record_id).value_or(Uuid()));
    batch.Take(std::move(received));
  }
  ZHUQI_RETURN_IF_ERROR(batch.Write(transaction));
  return ApplyDuplicateLinks(
      transaction, message.events(), new_records,
      {directory, std::shared_ptr<const v1::Catalogue>(catalogue, &catalogue->message()), now,
       options_.outbox});
}

absl::Status IntakeFollower::ApplyRecords(const feed::v1::FollowResponse& message, int64_t after) {
  NoteHead(message);
  if (message.events().empty()) return absl::OkStatus();
  int64_t directory_sequence = 0;
  for (const feed::v1::Event& event : message.events()) {
    directory_sequence = std::max(directory_sequence, event.directory_sequence());
  }
  ZHUQI_RETURN_IF_ERROR(WaitForDirectory(directory_sequence));
  std::shared_ptr<const CompiledCatalogue> catalogue;
  if (ConcernsCases(message)) {
    ZHUQI_ASSIGN_OR_RETURN(catalogue, WaitForCatalogue());
  }
  ZHUQI_RETURN_IF_ERROR(WriteRecords(message, after, catalogue));
  options_.tail->NotifyCommitted();
  options_.positions->Advance(kIntake, message.partition(),
                              message.events(message.events_size() - 1).sequence());
  return absl::OkStatus();
}

absl::Status IntakeFollower::WriteRecords(const feed::v1::FollowResponse& message, int64_t after,
                                          const std::shared_ptr<const CompiledCatalogue>& catalogue) {
  const Turn turn(*this);
  const feed::v1::Event& last = message.events(message.events_size() - 1);
  return db::RunTransaction(*options_.pool, Options(), [&](db::Transaction& transaction) -> absl::Status {
    // The directory's cursor before the partition's: whoever locks several takes them in this order.
    std::shared_ptr<const Directory> directory;
    if (catalogue != nullptr) {
      ZHUQI_ASSIGN_OR_RETURN(directory, DirectoryInForce(transaction.connection(), *options_.directory));
    }
    ZHUQI_RETURN_IF_ERROR(feed::AdvanceCursor(transaction, kIntake, message.partition(), after, last));
    ZHUQI_RETURN_IF_ERROR(StoreVisits(transaction.connection(), message));
    ZHUQI_RETURN_IF_ERROR(StoreSameCauseLinks(transaction.connection(), message));
    if (options_.outbox == Outbox::kOn) {
      ZHUQI_RETURN_IF_ERROR(
          AppendNotices(transaction.connection(), options_.clock->Now(), NoticesOf(message)));
    }
    if (catalogue == nullptr) return absl::OkStatus();
    return ApplyIssues(transaction, message, catalogue, directory);
  });
}

void IntakeFollower::NoteApplied(const feed::TailSnapshot& snapshot) {
  for (const common::v1::FeedPosition& position : snapshot.upstream) {
    if (position.source() != kIntake) continue;
    if (position.partition() != feed::kDirectoryPartition) {
      options_.positions->Advance(kIntake, position.partition(), position.sequence());
      continue;
    }
    if (options_.directory->Get()->sequence() >= position.sequence()) {
      options_.positions->Advance(kIntake, feed::kDirectoryPartition, position.sequence());
      continue;
    }
    // Another replica applied a change of the directory. If the copy can not be read now, the next change or
    // the stream's own attempt brings it.
    const absl::Status refreshed = Refresh();
    if (!refreshed.ok()) options_.logger->Warning("the directory could not be read", {{"status", refreshed}});
  }
}

}  // namespace zhuqi::routing
