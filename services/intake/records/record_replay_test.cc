// What is sent in any order, and again, ends in one state.
#include <algorithm>
#include <map>
#include <random>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/intake/records/test_lifecycle.h"

namespace zhuqi::intake {
namespace {

// What one key goes through, in its own order: sent at a version, withdrawn, sent again …
struct Step {
  int key = 0;
  int version = 0;  // 0: withdrawn
};
using History = std::vector<std::vector<Step>>;  // by key

class RecordReplayTest : public RecordLifecycleTest {
 protected:
  static constexpr int kKeys = 4;

  RecordReplayTest() : keys_(Ring({"k1"})), replica_(StartReplica(&keys_)) {}

  int Any(int end) { return static_cast<int>(random_() % static_cast<unsigned long>(end)); }

  History AnyHistory() {
    History history(kKeys);
    for (int key = 0; key < kKeys; ++key) {
      history[key].push_back({key, 1});
      for (int i = Any(6); i > 0; --i) history[key].push_back({key, Any(4)});
    }
    return history;
  }

  v1::RecordSubmission RecordOf(const Step& step) const {
    v1::RecordSubmission record = Issue(absl::StrCat(step.key), absl::StrCat("第", step.version, "版"));
    if (step.key == 0) record = Visit("v", step.version, {kGoodCode, kOtherCode});
    if (step.key == 0 && step.version == 2) record.mutable_visit()->mutable_enterprises()->RemoveLast();
    if (step.key == 1 && step.version > 1) {
      record = WithContact(std::move(record), absl::StrCat("1380000", step.version));
    }
    record.mutable_key()->set_source_system(system_);
    return record;
  }

  void Do(const Step& step) {
    if (step.version == 0) {
      // Refused when it is withdrawn already.
      replica_->Call(&Stub::WithdrawRecord, Withdrawal(ids_[step.key], "撤回")).status().IgnoreError();
      return;
    }
    sent_.push_back(Request({RecordOf(step)}));
    const auto response = replica_->Submit(sent_.back());
    ASSERT_TRUE(response.ok()) << response.status();
    ids_[step.key] = response->results(0).record_id();
  }

  // All of it under the names of `system`, the keys in any order, with requests that come again as they do
  // after time-outs.
  void Play(const History& history, const std::string& system) {
    system_ = system;
    ids_.assign(kKeys, "");
    sent_.clear();
    std::vector<int> turns;
    for (const std::vector<Step>& steps : history) turns.insert(turns.end(), steps.size(), steps.front().key);
    std::shuffle(turns.begin(), turns.end(), random_);
    std::vector<size_t> next(kKeys, 0);
    for (const int key : turns) {
      Do(history[key][next[key]++]);
      if (Any(2) == 0 && !sent_.empty()) {
        ASSERT_TRUE(replica_->Submit(sent_[Any(static_cast<int>(sent_.size()))]).ok());
      }
    }
  }

  void LinkTimes(int from, v1::RecordLinkKind kind, int to, int times) {
    for (int i = 0; i < times; ++i) {
      // Refused for a circle and the like.
      replica_->Call(&Stub::LinkRecords, LinkOf(ids_[from], kind, ids_[to])).status().IgnoreError();
    }
  }

  int64_t PlaceOf(const std::string& id) const {
    return std::find(ids_.begin(), ids_.end(), id) - ids_.begin();
  }

  // A record with its links and revisions, without what differs by name: identities, times, and the system.
  std::string StateOf(int key) {
    v1::GetRecordResponse got = *Get(*replica_, ids_[key], true);
    v1::Record& kept = *got.mutable_record();
    kept.clear_record_id();
    kept.clear_created_at();
    kept.clear_updated_at();
    kept.mutable_submission()->mutable_key()->clear_source_system();
    std::string state = absl::StrCat(kept.ShortDebugString(), "\n");
    v1::ListRecordLinksRequest list;
    list.set_record_id(ids_[key]);
    const v1::ListRecordLinksResponse links = *replica_->Call(&Stub::ListRecordLinks, list);
    for (const v1::RecordLink& link : links.links()) {
      absl::StrAppend(&state, PlaceOf(link.from_record_id()), "-", link.kind(), "-",
                      PlaceOf(link.to_record_id()), " ");
    }
    const v1::ListRecordRevisionsResponse revisions = Revisions(*replica_, ids_[key]);
    for (const v1::RecordRevision& revision : revisions.revisions()) {
      absl::StrAppend(&state, revision.state(), absl::StrJoin(DifferencesOf(revision), ";"), "\n");
    }
    const std::string hex = absl::StrCat("REPLACE('", ids_[key], "', '-', '')");
    return absl::StrCat(state, Count(absl::StrCat("record_enterprises WHERE HEX(record_id) = ", hex)), "\n");
  }

  // What the feed adds up to; each event begins where the one before it ended.
  std::string FactsInForce() {
    std::map<std::string, feed::v1::RecordFacts> in_force;
    for (const feed::v1::Event& event : Events()) {
      if (!event.has_record()) continue;
      feed::v1::RecordFacts& facts = in_force[event.record().after().record_id()];
      EXPECT_EQ(facts.SerializeAsString(), event.record().before().SerializeAsString());
      facts = event.record().after();
    }
    std::string text;
    for (const std::string& id : ids_) {
      in_force[id].clear_record_id();
      absl::StrAppend(&text, in_force[id].ShortDebugString(), "\n");
    }
    return text;
  }

  std::string State() {
    std::string state;
    for (int key = 0; key < kKeys; ++key) absl::StrAppend(&state, StateOf(key));
    return absl::StrCat(state, FactsInForce());
  }

  std::mt19937 random_{20240320};
  const encryption::KeyRing keys_;
  const std::unique_ptr<Replica> replica_;
  std::string system_;
  std::vector<std::string> ids_;
  std::vector<v1::SubmitRecordsRequest> sent_;
};

TEST_F(RecordReplayTest, AnyOrderThatKeepsEachKeysOwnOrderEndsInOneState) {
  for (int round = 0; round < 12; ++round) {
    const History history = AnyHistory();
    std::vector<std::tuple<int, v1::RecordLinkKind, int>> links;
    for (int i = 0; i < 4; ++i) {
      const auto kind = static_cast<v1::RecordLinkKind>(1 + Any(3));
      links.emplace_back(Any(kKeys), kind, Any(kKeys));
    }
    std::vector<std::string> states;
    for (int run = 0; run < 2; ++run) {
      Play(history, absl::StrCat("run", round, ".", run));
      for (const auto& [from, kind, to] : links) LinkTimes(from, kind, to, 1 + run);
      states.push_back(State());
    }
    EXPECT_EQ(states[0], states[1]) << "round " << round;
  }
}

}  // namespace
}  // namespace zhuqi::intake
