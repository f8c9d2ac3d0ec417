// A year of a city in fake time: one city unit and fifteen districts, thousands of cases, two replicas that
// restart and die in the middle of a batch, two stretches in which the service is down, two notices that move
// the calendar and a merger of districts. At the end each case is compared with a reckoning of its own
// (year_expectation.h): every step of the ladder fired exactly once, in order, inside working time and when
// it had to; exactly one owner and one lead at every moment; every deadline as reckoned and as explained.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "common/db/transaction.h"
#include "common/feed/append.h"
#include "routing_schema.h"
#include "services/routing/cases/case_clocks.h"
#include "services/routing/deadlines/deadline_rules.h"
#include "services/routing/testing/ladder_replica.h"
#include "services/routing/year/year_expectation.h"
#include "services/routing/year/year_script.h"

namespace zhuqi::routing::year {
namespace {

using testing::DirectoryMessage;
using testing::kPartitions;
using Replica = testing::LadderReplica;

constexpr uint64_t kSeed = 20240101;
constexpr int kActionsInOneCall = 200;
// What is committed here wakes the tail; nobody waits for what the other replica commits.
const testing::ReplicaPace kPace{.batch = 100, .tail_interval = absl::Seconds(1)};

// How many cases: ZHUQI_YEAR_CASES, for the whole city of 20,000. In the gate a smaller city.
int CaseCount() {
  constexpr int kInTheGate = 1'000;
  const char* given = std::getenv("ZHUQI_YEAR_CASES");
  int count = 0;
  return given != nullptr && absl::SimpleAtoi(given, &count) && count > 0 ? count : kInTheGate;
}

feed::v1::RecordChanged IssueOf(const ScriptedCase& item) {
  feed::v1::RecordChanged issue = testing::Issue(item.record_id(), item.external_id());
  issue.mutable_after()->set_org_unit_id(item.unit());
  issue.mutable_after()->set_category_id(item.category);
  *issue.mutable_issue()->mutable_raised_at() = TimestampMessage(TimeAt(item.raised));
  return issue;
}

// ---- The year goes by ----

class Year {
 public:
  explicit Year(int count)
      : clock_(TimeAt(0)), cases_(Script(count, kSeed)), applied_(kPartitions + 1, 0), todo_(ticks_.size()) {
    EXPECT_EQ(database_.Migrate(RoutingSchema()), absl::OkStatus());
    clock_.Set(TimeAt(ticks_.front()));
    for (std::unique_ptr<Replica>& replica : replicas_) replica = NewReplica();
    ChangeDirectory(FirstDirectory());
    for (const ScriptedCase& item : cases_) arrivals_.emplace(item.known, item.number);
    for (size_t i = 1; i < calendars_.size(); ++i) changes_.emplace_back(calendars_[i].since, Notice(i));
    changes_.emplace_back(kMerger, Merger());
  }

  void GoBy() {
    for (size_t tick = 0; tick < ticks_.size(); ++tick) {
      const int minute = ticks_[tick];
      clock_.Set(TimeAt(minute));
      RestartOne(tick);
      for (const auto& [at, change] : changes_) {
        if (at == minute) ChangeDirectory(change);
      }
      TakeArrivals(tick, minute);
      DoDeeds(tick);
      FireLadders(tick);
      if (::testing::Test::HasFailure()) return;
    }
  }

  Replica& replica() { return *replicas_[0]; }
  const std::vector<ScriptedCase>& cases() const { return cases_; }
  int batches_killed() const { return batches_killed_; }
  int actions_done() const { return actions_done_; }

 private:
  std::unique_ptr<Replica> NewReplica() {
    return std::make_unique<Replica>(database_, clock_, YearCatalogue(), kPace);
  }
  feed::v1::DirectoryChanged Notice(size_t version) const {
    feed::v1::DirectoryChanged change;
    *change.mutable_calendar() = CalendarMessage(calendars_[version].calendar, static_cast<int>(version) + 1);
    return change;
  }

  // One replica takes it, and both go through the open cases.
  void ChangeDirectory(const feed::v1::DirectoryChanged& change) {
    Replica& one = *replicas_[static_cast<size_t>(directory_sequence_ % 2)];
    ASSERT_EQ(
        one.follower().ApplyDirectory(DirectoryMessage(directory_sequence_ + 1, change), directory_sequence_),
        absl::OkStatus());
    ++directory_sequence_;
    for (const std::unique_ptr<Replica>& replica : replicas_) {
      ASSERT_EQ(replica->follower().Load(), absl::OkStatus());
    }
    const auto recount = [](Replica& replica) {
      while (true) {
        const absl::StatusOr<bool> worked = replica.recounter().RecountPage();
        ASSERT_TRUE(worked.ok()) << worked.status();
        if (!*worked) return;
      }
    };
    std::thread other([&] { recount(*replicas_[1]); });
    recount(*replicas_[0]);
    other.join();
  }

  // ---- What arrives from intake ----

  void Send(int number, const feed::v1::RecordChanged& issue, int known) {
    waiting_.push_back({number, issue, known});
  }

  void TakeArrivals(size_t tick, int minute) {
    for (auto next = arrivals_.begin(); next != arrivals_.end() && next->first <= minute;
         next = arrivals_.erase(next)) {
      ScriptedCase& item = cases_[static_cast<size_t>(next->second)];
      Send(item.number, IssueOf(item), item.known);
      Schedule(item, tick);
    }
    Deliver(tick);
  }

  // Each partition's messages by one of the replicas, in turns.
  void Deliver(size_t tick) {
    for (int partition = 1; partition <= kPartitions; ++partition) {
      feed::v1::FollowResponse message;
      message.set_partition(partition);
      int64_t& applied = applied_[static_cast<size_t>(partition)];
      const int64_t after = applied;
      for (const Waiting& waiting : waiting_) {
        if (waiting.number % kPartitions + 1 != partition) continue;
        feed::v1::Event& event = *message.add_events();
        event.set_sequence(++applied);
        *event.mutable_recorded_at() = TimestampMessage(TimeAt(waiting.known));
        event.set_directory_sequence(1);
        *event.mutable_record() = waiting.issue;
      }
      message.set_head(applied);
      if (message.events().empty()) continue;
      Replica& one = *replicas_[(tick + static_cast<size_t>(partition)) % 2];
      ASSERT_EQ(one.follower().ApplyRecords(message, after), absl::OkStatus());
    }
    waiting_.clear();
  }

  // ---- What people do ----

  // The next deed of the case's story, counted from `tick`.
  void Schedule(ScriptedCase& item, size_t tick) {
    if (item.deeds.empty()) return;
    const size_t at = tick + static_cast<size_t>(item.deeds.front().ticks);
    if (at < todo_.size()) todo_[at].push_back(item.number);
  }

  void DoDeeds(size_t tick) {
    // One deed of a case at one moment: what follows at once is done at the next.
    const std::vector<int> numbers = std::move(todo_[tick]);
    std::vector<std::pair<int, v1::CaseAction>> actions;
    for (const int number : numbers) {
      ScriptedCase& item = cases_[static_cast<size_t>(number)];
      const Deed deed = std::move(item.deeds.front());
      item.deeds.pop_front();
      if (deed.kind == Deed::Kind::kAct) {
        actions.emplace_back(number, deed.action);
      } else {
        feed::v1::RecordChanged issue = IssueOf(item);
        *issue.mutable_before() = issue.after();
        issue.mutable_before()->set_withdrawn(deed.kind == Deed::Kind::kBringBackAtIntake);
        issue.mutable_after()->set_withdrawn(deed.kind == Deed::Kind::kWithdrawAtIntake);
        Send(number, issue, ticks_[tick]);
      }
      Schedule(item, tick + 1);
    }
    Deliver(tick);
    for (size_t first = 0; first < actions.size(); first += kActionsInOneCall) {
      Act(actions, first, std::min(actions.size(), first + kActionsInOneCall), tick);
    }
  }

  void Act(const std::vector<std::pair<int, v1::CaseAction>>& actions, size_t first, size_t end,
           size_t tick) {
    v1::ActOnCasesRequest request;
    for (size_t i = first; i < end; ++i) {
      v1::ActOnCaseRequest& one = *request.add_actions();
      one.set_request_id(Uuid::Derived("year", absl::StrCat(++requests_), TimeAt(ticks_[tick])).ToString());
      one.mutable_issue_key()->set_source_system("js-system");
      one.mutable_issue_key()->set_external_id(cases_[static_cast<size_t>(actions[i].first)].external_id());
      *one.mutable_action() = actions[i].second;
    }
    grpc::ClientContext context;
    v1::ActOnCasesResponse response;
    const grpc::Status status =
        replicas_[(tick + first) % 2]->cases().ActOnCases(&context, request, &response);
    ASSERT_TRUE(status.ok()) << rpc::FromGrpcStatus(status);
    for (const v1::ActOnCaseResult& result : response.results()) {
      // What can not be done at that moment is refused, and changes nothing.
      if (result.has_done()) {
        ++actions_done_;
      } else {
        ASSERT_EQ(result.refusal().code(), static_cast<int>(grpc::StatusCode::FAILED_PRECONDITION))
            << result.refusal().ShortDebugString();
      }
    }
  }

  // ---- Ladders, restarts, kills ----

  void FireLadders(size_t tick) {
    const auto fire = [](Replica& replica) {
      while (true) {
        const absl::StatusOr<int> due = replica.runner().RunBatch();
        ASSERT_TRUE(due.ok()) << due.status();
        if (*due == 0) return;
      }
    };
    if (IsFatal(ticks_[tick])) KillInTheMiddle(tick % 2);
    // At nine most is due: both at once. Else in turns.
    if (ticks_[tick] % kDay == 9 * 60) {
      std::thread other([&] { fire(*replicas_[1]); });
      fire(*replicas_[0]);
      other.join();
    } else {
      fire(*replicas_[tick % 2]);
    }
  }

  // Every few weeks.
  void RestartOne(size_t tick) {
    if (tick % 150 == 149) replicas_[(tick / 150) % 2] = NewReplica();
  }
  // Once a month.
  static bool IsFatal(int minute) { return minute / kDay % 30 == 16 && minute % kDay == 9 * 60; }

  int64_t Number(db::Connection& connection, const std::string& sql) {
    int64_t number = 0;
    EXPECT_EQ(connection.Query(sql, {},
                               [&](db::Row& row) {
                                 number = row.OptionalInt64(0).value_or(0);
                                 return absl::OkStatus();
                               }),
              absl::OkStatus());
    return number;
  }

  // A batch has written all that it writes and waits for the feed's last row, which is held here; its
  // connection is killed then, and the replica with it. Nothing of the batch may stay, and nothing be lost:
  // it runs again.
  void KillInTheMiddle(size_t which) {
    Replica& other = *replicas_[1 - which];
    // Outlives the thread, which ends after the lock is let go.
    std::atomic<bool> ended{false};
    std::thread batch;
    const absl::Status held =
        db::RunTransaction(other.pool(), {}, [&](db::Transaction& transaction) -> absl::Status {
          db::Connection& connection = transaction.connection();
          Number(connection, "SELECT MAX(sequence) FROM feed_heads FOR UPDATE");
          const int64_t holder = Number(connection, "SELECT CONNECTION_ID()");
          batch = std::thread([&] {
            const absl::StatusOr<int> due = replicas_[which]->runner().RunBatch();
            EXPECT_TRUE(due.ok()) << due.status();
            ended = true;
          });
          db::Lease watch = *other.pool().Acquire(absl::InfiniteFuture());
          int64_t victim = 0;
          while (victim == 0 && !ended) {
            victim =
                Number(*watch, absl::StrCat("SELECT MAX(id) FROM information_schema.processlist WHERE db = "
                                            "DATABASE() AND id <> CONNECTION_ID() AND id <> ",
                                            holder, " AND info LIKE '%feed_heads%FOR UPDATE'"));
          }
          if (victim != 0) {
            EXPECT_EQ(watch->Execute(absl::StrCat("KILL ", victim), {}).status(), absl::OkStatus());
            ++batches_killed_;
          }
          return absl::OkStatus();
        });
    batch.join();
    ASSERT_EQ(held, absl::OkStatus());
    replicas_[which] = NewReplica();
  }

  struct Waiting {
    int number;
    feed::v1::RecordChanged issue;
    int known;
  };

  const std::vector<int> ticks_ = Ticks();
  const std::vector<CalendarVersion> calendars_ = Calendars();
  ::zhuqi::testing::TestDatabase database_;
  FakeClock clock_;
  std::array<std::unique_ptr<Replica>, 2> replicas_;
  std::vector<ScriptedCase> cases_;
  std::multimap<int, int> arrivals_;
  std::vector<std::pair<int, feed::v1::DirectoryChanged>> changes_;
  std::vector<Waiting> waiting_;
  std::vector<int64_t> applied_;
  int64_t directory_sequence_ = 0;
  // Numbers of cases by tick.
  std::vector<std::vector<int>> todo_;
  int64_t requests_ = 0;
  int actions_done_ = 0;
  int batches_killed_ = 0;
};

// ---- What is left at the end ----

struct Ended {
  v1::Case body;
  std::vector<v1::CaseEvent> history;
};

std::map<int, Ended> ReadAll(db::Connection& connection) {
  std::map<std::string, Ended> by_id;
  EXPECT_EQ(connection.Query("SELECT case_id, body FROM case_bodies", {},
                             [&](db::Row& row) {
                               v1::Case& body = by_id[row.ReadUuid(0).ToString()].body;
                               EXPECT_TRUE(body.ParseFromString(row.Text(1)));
                               return absl::OkStatus();
                             }),
            absl::OkStatus());
  EXPECT_EQ(connection.Query("SELECT case_id, body FROM case_events ORDER BY case_id, sequence", {},
                             [&](db::Row& row) {
                               v1::CaseEvent& event =
                                   by_id[row.ReadUuid(0).ToString()].history.emplace_back();
                               EXPECT_TRUE(event.ParseFromString(row.Text(1)));
                               return absl::OkStatus();
                             }),
            absl::OkStatus());
  std::map<int, Ended> by_number;
  for (auto& [id, ended] : by_id) {
    int number = 0;
    EXPECT_TRUE(absl::SimpleAtoi(ended.body.issue_key().external_id().substr(6), &number));
    by_number[number] = std::move(ended);
  }
  return by_number;
}

// The owner and the lead after each entry of the history, reckoned from what it says alone.
class Responsibility {
 public:
  struct Turn {
    int since = 0;
    std::string owner;
    std::string lead;
  };

  void Happened(const v1::CaseEvent& event) {
    const int at = MinuteOf(event.occurred_at());
    if (event.has_received()) {
      Give(at, event.received().decision().owner_org_unit_id(),
           event.received().decision().lead_department_id());
    } else if (event.has_handed_over()) {
      const v1::HandedOver& over = event.handed_over();
      EXPECT_EQ(over.former_owner_org_unit_id(), turns_.back().owner);
      EXPECT_EQ(over.former_lead_department_id(), turns_.back().lead);
      Give(at, over.owner_org_unit_id(), over.lead_department_id());
    } else if (event.action().has_hand_over()) {
      Give(at, turns_.back().owner, event.action().hand_over().department_id());
    } else if (event.action().rule_on_objection().upheld()) {
      const std::string& lead = event.action().rule_on_objection().lead_department_id();
      Give(at, lead.substr(0, lead.find('.')), lead);
    } else if (event.action().has_escalate()) {
      Escalate(at);
    } else if (event.ladder_step().step().has_escalate() && event.ladder_step().refusal().empty()) {
      Escalate(at);
      EXPECT_EQ(event.ladder_step().owner_org_unit_id(), turns_.back().owner);
      EXPECT_EQ(event.ladder_step().department_id(), turns_.back().lead);
    }
  }
  const std::vector<Turn>& turns() const { return turns_; }

 private:
  // Every unit has every function.
  void Escalate(int at) {
    EXPECT_NE(turns_.back().owner, "zz");
    const std::string& lead = turns_.back().lead;
    Give(at, "zz", absl::StrCat("zz", lead.substr(lead.find('.'))));
  }
  void Give(int at, const std::string& owner, const std::string& lead) {
    turns_.push_back({at, owner, lead});
  }

  std::vector<Turn> turns_;
};

class YearTest : public ::testing::Test {
 protected:
  // Exactly one owner and one lead at every moment.
  void CheckOwners(const Ended& ended) {
    Responsibility responsibility;
    for (const v1::CaseEvent& event : ended.history) responsibility.Happened(event);
    const auto& turns = responsibility.turns();
    ASSERT_FALSE(turns.empty());
    EXPECT_EQ(ended.body.owner_org_unit_id(), turns.back().owner);
    EXPECT_EQ(ended.body.lead_department_id(), turns.back().lead);
    std::vector<const v1::Assignment*> leads;
    for (const v1::Assignment& part : ended.body.assignments()) {
      if (part.role() == v1::ASSIGNMENT_ROLE_LEAD) leads.push_back(&part);
    }
    // One turn of a lead after the other, without a gap and without two at once, as the history tells it.
    std::vector<Responsibility::Turn> changes;
    for (const Responsibility::Turn& turn : turns) {
      if (changes.empty() || changes.back().lead != turn.lead) changes.push_back(turn);
    }
    ASSERT_EQ(leads.size(), changes.size());
    for (size_t i = 0; i < leads.size(); ++i) {
      EXPECT_EQ(leads[i]->department_id(), changes[i].lead);
      EXPECT_EQ(MinuteOf(leads[i]->since()), changes[i].since);
      EXPECT_EQ(leads[i]->has_until(), i + 1 < leads.size());
      if (leads[i]->has_until()) {
        EXPECT_EQ(MinuteOf(leads[i]->until()), changes[i + 1].since);
      }
    }
  }

  // Every step once, in order, when it had to be.
  void CheckSteps(const Ended& ended, const Expectation& expected) {
    std::vector<FiredStep> fired;
    for (const v1::CaseEvent& event : ended.history) {
      if (!event.has_ladder_step()) continue;
      const v1::LadderStepFired& step = event.ladder_step();
      fired.push_back({step.clock(), step.step().step_id(), MinuteOf(event.recorded_at()),
                       MinuteOf(step.due_at()), MinuteOf(step.deadline())});
      EXPECT_TRUE(reckoner_.CalendarAt(fired.back().fired).WorksAt(fired.back().fired));
    }
    EXPECT_EQ(Text(fired), Text(expected.fired()));
    steps_ += static_cast<int>(fired.size());
  }

  static std::string Text(const std::vector<FiredStep>& steps) {
    return absl::StrJoin(steps, "\n", [](std::string* out, const FiredStep& step) {
      absl::StrAppend(out, step.step_id, " fired ", Moment(step.fired), " due ", Moment(step.due),
                      " deadline ", Moment(step.deadline));
    });
  }
  static std::string Moment(std::optional<int> minute) {
    return minute.has_value() ? absl::FormatTime("%m-%d %H:%M", TimeAt(*minute), CityTimeZone()) : "none";
  }

  // The clock's deadline is `expected`, and ExplainDeadline says so.
  void CheckClock(const v1::Case& body, const v1::CaseClock& clock, const std::string& department,
                  std::optional<int> expected) {
    std::optional<int> stored;
    if (clock.has_deadline()) stored = MinuteOf(clock.deadline());
    EXPECT_EQ(Moment(stored), Moment(expected)) << clock.ShortDebugString();
    ++clocks_;
    // Of a department that had several parts, the last one's clock is what it is asked for.
    const WhichClock which{clock.kind(), department};
    if (FindLastClock(body, which) != &clock) return;
    const bool whole = clocks_ % 40 == 0;
    const auto explained = ExplainCaseDeadline(
        body, which, *directory_, {.as_of = TimeAt(reckoner_.end), .max_days = whole ? 1000 : 1});
    ASSERT_TRUE(explained.ok()) << explained.status();
    const v1::ExplainDeadlineResponse& response = explained->response;
    const bool paused = response.has_missed_before_pause();
    std::optional<int> told;
    if (response.has_deadline() || paused) {
      told = MinuteOf(paused ? response.missed_before_pause() : response.deadline());
    }
    EXPECT_EQ(Moment(told), Moment(stored)) << clock.ShortDebugString();
    if (whole && told.has_value() && clock.policy().has_working_days()) CheckDays(response, *told);
  }

  // Day by day the sum leads to the deadline: at the first day that reaches the limit and is not put off.
  static void CheckDays(const v1::ExplainDeadlineResponse& response, int told) {
    int sum = response.brought_forward_days();
    for (const v1::DeadlineDay& day : response.days()) {
      sum += day.days();
      EXPECT_EQ(day.sum_days(), sum);
      if (day.days() == 0 || day.put_off() || sum < response.policy().working_days().count()) continue;
      EXPECT_TRUE(day.due());
      EXPECT_EQ(MinuteOf(day.to()), told);
      return;
    }
    ADD_FAILURE() << "no day is the last one: " << response.ShortDebugString();
  }

  void CheckClocks(const Ended& ended, const Expectation& expected) {
    const v1::Case& body = ended.body;
    for (const v1::CaseClock& clock : body.clocks()) {
      CheckClock(body, clock, "",
                 clock.kind() == v1::CLOCK_KIND_RESPONSE ? expected.ResponseDue()
                 : clock.kind() == v1::CLOCK_KIND_PLAN   ? expected.PlanDue()
                                                         : expected.HandlingDue());
    }
    const auto part_due = [&](const v1::CaseClock& clock, int days) {
      std::optional<int> stopped;
      if (clock.has_stopped_at()) stopped = MinuteOf(clock.stopped_at());
      return expected.PartDue(MinuteOf(clock.intervals(0).start()), stopped, days);
    };
    for (const v1::Assignment& part : body.assignments()) {
      if (!part.has_clock()) continue;
      const bool reply = part.role() == v1::ASSIGNMENT_ROLE_CO_HANDLER;
      CheckClock(body, part.clock(), part.department_id(),
                 part_due(part.clock(), reply ? kReplyDays : kObjectionDays));
    }
    for (const v1::Objection& objection : body.objections()) {
      CheckClock(body, objection.ruling_clock(), "", part_due(objection.ruling_clock(), kRulingDays));
    }
  }

  void CheckCase(const ScriptedCase& item, const Ended& ended) {
    SCOPED_TRACE(item.external_id());
    Expectation expected(reckoner_, item.raised, item.known);
    int64_t sequence = 0;
    for (const v1::CaseEvent& event : ended.history) {
      ASSERT_EQ(event.sequence(), ++sequence);
      ASSERT_FALSE(event.late());
      const bool of_people = !event.has_ladder_step() && !event.has_deadlines_moved();
      if (of_people) expected.Happened(event);
    }
    expected.YearEnded();
    CheckOwners(ended);
    CheckSteps(ended, expected);
    CheckClocks(ended, expected);
  }

  // The feed tells each change of each case once, and each begins where the one before ended.
  void CheckFeed(db::Connection& connection, const std::map<int, Ended>& all) {
    std::map<std::string, std::string> told;
    int64_t changes = 0;
    const auto heads = *feed::ReadHeads(connection);
    for (int partition = 1; partition <= kPartitions; ++partition) {
      const int64_t head = heads.at(static_cast<size_t>(partition)).sequence();
      constexpr int64_t kPage = 5'000;
      for (int64_t after = 0; after < head; after = std::min(head, after + kPage)) {
        const auto events =
            feed::ReadEvents(connection, partition, after, std::min(head, after + kPage), kPage);
        ASSERT_TRUE(events.ok()) << events.status();
        for (const feed::v1::Event& event : *events) {
          const feed::v1::CaseChanged& change = event.case_changed();
          std::string& last = told[change.after().case_id()];
          EXPECT_EQ(change.has_before() ? change.before().SerializeAsString() : "", last);
          last = change.after().SerializeAsString();
          ++changes;
        }
      }
    }
    int64_t entries = 0;
    for (const auto& [number, ended] : all) entries += static_cast<int64_t>(ended.history.size());
    EXPECT_EQ(changes, entries);
    EXPECT_EQ(told.size(), all.size());
  }

  // The rows that lists find cases by are what the cases say, though each change writes what differs alone.
  void CheckRows(db::Connection& connection, const std::map<int, Ended>& all) {
    std::map<std::string, int> expected;
    for (const auto& [number, ended] : all) {
      const v1::Case& body = ended.body;
      const int in_force = body.has_closed_at() ? kPartInClosedCase : kPartInOpenCase;
      for (const v1::Assignment& part : body.assignments()) {
        int& standing = expected[absl::StrCat(body.case_id(), " ", part.department_id(), " ",
                                              static_cast<int>(part.role()), " ", part.team_id())];
        if (!part.has_until()) standing = in_force;
      }
    }
    std::map<std::string, int> found;
    EXPECT_EQ(connection.Query("SELECT case_id, department_id, role, standing, team_id FROM case_parts", {},
                               [&](db::Row& row) {
                                 const std::string id = row.ReadUuid(0).ToString();
                                 const std::string department = row.Text(1);
                                 const int64_t role = row.Int64(2);
                                 found[absl::StrCat(id, " ", department, " ", role, " ", row.Text(4))] =
                                     static_cast<int>(row.Int64(3));
                                 return absl::OkStatus();
                               }),
              absl::OkStatus());
    EXPECT_EQ(found, expected);
  }

  Reckoner reckoner_;
  std::shared_ptr<const Directory> directory_;
  int steps_ = 0;
  int clocks_ = 0;
};

TEST_F(YearTest, EveryStepOnceEveryOwnerUniqueEveryDeadlineExplained) {
  const int count = CaseCount();
  Year year(count);
  year.GoBy();
  ASSERT_FALSE(HasFailure());
  directory_ = year.replica().directory().Get();
  reckoner_.end = reckoner_.ticks.back();
  db::Lease lease = *year.replica().pool().Acquire(absl::InfiniteFuture());
  const std::map<int, Ended> all = ReadAll(*lease);
  ASSERT_EQ(static_cast<int>(all.size()), count);
  for (const ScriptedCase& item : year.cases()) {
    CheckCase(item, all.at(item.number));
    ASSERT_FALSE(HasFailure());
  }
  CheckFeed(*lease, all);
  CheckRows(*lease, all);
  // What was to happen did happen.
  EXPECT_GE(year.batches_killed(), 6);
  EXPECT_GT(steps_, count);
  EXPECT_GT(year.actions_done(), 4 * count);
  std::map<std::string, int> kinds;
  for (const auto& [number, ended] : all) {
    for (const v1::CaseEvent& event : ended.history) {
      const auto* set = event.GetReflection()->GetOneofFieldDescriptor(
          event, v1::CaseEvent::descriptor()->FindOneofByName("event"));
      ++kinds[set->name()];
      if (event.has_action()) ++kinds[ActionName(event.action().action_case())];
      if (!event.ladder_step().refusal().empty()) ++kinds[event.ladder_step().refusal()];
    }
  }
  for (const char* kind : {"handed_over", "deadlines_moved", "issue_withdrawn", "issue_returned", "reopen",
                           "object", "rule_on_objection", "pause", "resume", "decide_extension", "escalate",
                           "reply", "withdraw", "AWAITS_CALL_BACK", "ALREADY_ASSIGNED"}) {
    EXPECT_GT(kinds[kind], 0) << kind;
  }
  std::cout << count << " cases, " << year.actions_done() << " actions, " << steps_ << " steps, " << clocks_
            << " clocks, " << year.batches_killed() << " batches killed\n";
  RecordProperty("cases", count);
  RecordProperty("actions", year.actions_done());
  RecordProperty("steps", steps_);
  RecordProperty("clocks", clocks_);
}

}  // namespace
}  // namespace zhuqi::routing::year
