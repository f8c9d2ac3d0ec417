// Random histories of facts for rapidcheck: records and cases that come, are revised, moved, closed and
// reopened, obligations that are met, returned and waived, and townships that move to another district.
#ifndef ZHUQI_SERVICES_REPORTING_TESTING_RANDOM_LOG_H_
#define ZHUQI_SERVICES_REPORTING_TESTING_RANDOM_LOG_H_

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "common/directory/directory.h"
#include "rapidcheck.h"
#include "services/reporting/cube/cube.h"
#include "services/reporting/testing/facts.h"

namespace zhuqi::reporting::testing {

// One step: a new state of the tree, or an event.
struct LogEntry {
  std::shared_ptr<const Directory> directory;
  feed::v1::Event event;
};

inline void Apply(const LogEntry& entry, Cube& cube) {
  if (entry.directory != nullptr) {
    cube.SetDirectory(*entry.directory);
  } else {
    cube.Apply(entry.event);
  }
}

inline const std::string& AnyOf(const std::vector<std::string>& names) {
  return names[*rc::gen::inRange<std::size_t>(0, names.size())];
}
inline std::string AnyUnit() { return AnyOf({"a", "b", "a1"}); }
inline common::v1::Date AnyDate() { return Date(2024, *rc::gen::inRange(2, 5), *rc::gen::inRange(1, 29)); }
inline google::protobuf::Timestamp AnyInstant() {
  return At(2024, *rc::gen::inRange(2, 5), *rc::gen::inRange(1, 29), *rc::gen::inRange(0, 24));
}
inline bool Flip() { return *rc::gen::arbitrary<bool>(); }

inline feed::v1::RecordFacts AnyRecordThatCounts() {
  if (Flip()) {
    std::vector<std::string> enterprises;
    for (const char* uscc : {"X", "Y", "Z"}) {
      if (Flip()) enterprises.emplace_back(uscc);
    }
    return Visit(AnyUnit(), AnyDate(), enterprises);
  }
  return Issue(AnyUnit(), AnyDate(), static_cast<intake::v1::IssueKind>(*rc::gen::inRange(1, 4)),
               AnyOf({"land", "tax"}));
}

inline feed::v1::RecordFacts AnyRecord() {
  feed::v1::RecordFacts facts = AnyRecordThatCounts();
  facts.set_withdrawn(*rc::gen::inRange(0, 4) == 0);
  return facts;
}

inline feed::v1::CaseFacts AnyCase() {
  feed::v1::CaseFacts facts = OpenCase(AnyUnit(), AnyDate());
  facts.set_lead_function(AnyOf({"planning", "fire", ""}));
  if (Flip()) *facts.mutable_handling_due_at() = AnyInstant();
  if (Flip()) *facts.mutable_response_due_at() = AnyInstant();
  if (Flip()) *facts.mutable_responded_at() = AnyInstant();
  if (Flip()) *facts.add_escalated_on() = AnyDate();
  if (Flip()) *facts.add_consulted_on() = AnyDate();
  if (Flip()) {
    *facts.mutable_closed_at() = AnyInstant();
    if (Flip()) *facts.mutable_resolved_at() = facts.closed_at();
    facts.set_handling_minutes(*rc::gen::inRange(0, 500));
  }
  if (Flip()) {
    *facts.mutable_call_back()->mutable_on() = AnyDate();
    facts.mutable_call_back()->set_contacted(Flip());
    facts.mutable_call_back()->set_resolved(Flip());
    facts.mutable_call_back()->set_satisfied(Flip());
  }
  if (*rc::gen::inRange(0, 4) == 0) facts.set_outcome(routing::v1::OUTCOME_WITHDRAWN);
  return facts;
}

inline feed::v1::SummaryFacts AnySummary(const std::string& unit, int month) {
  feed::v1::SummaryFacts facts = Obligation(unit, 2024, month, At(2024, month + 1, 8, 17),
                                            static_cast<intake::v1::SummaryState>(*rc::gen::inRange(1, 6)));
  facts.set_late(Flip());
  if (Flip()) AddCell(facts, "visits", *rc::gen::inRange(0, 9), intake::v1::CELL_STATUS_REPORTED);
  if (Flip()) AddCell(facts, "issues", 0, static_cast<intake::v1::CellStatus>(*rc::gen::inRange(2, 5)));
  return facts;
}

struct RandomLog {
  std::vector<LogEntry> entries;
  std::shared_ptr<const Directory> directory;
  std::map<int, feed::v1::RecordFacts> records;
  std::map<int, feed::v1::CaseFacts> cases;
  std::map<std::pair<std::string, int>, feed::v1::SummaryFacts> summaries;

  // Each fact once, as if it had been so from the beginning.
  std::vector<feed::v1::Event> FactsInForce() const {
    std::vector<feed::v1::Event> events;
    for (const auto& [id, facts] : records) events.push_back(Change(std::nullopt, facts));
    for (const auto& [id, facts] : cases) events.push_back(Change(std::nullopt, facts));
    for (const auto& [id, facts] : summaries) events.push_back(Change(std::nullopt, facts));
    return events;
  }

  template <typename Map, typename Facts>
  void Put(Map& map, const typename Map::key_type& key, const Facts& facts) {
    const auto found = map.find(key);
    const auto before = found == map.end() ? std::nullopt : std::optional<Facts>(found->second);
    entries.push_back({nullptr, Change(before, facts)});
    map[key] = facts;
  }

  void MoveTownship() {
    feed::v1::DirectoryChanged move;
    *move.add_org_units() = Unit("a1", Flip() ? "a" : "b", directory::v1::ORG_UNIT_LEVEL_TOWNSHIP);
    directory = *directory->With(move, directory->sequence() + 1);
    entries.push_back({directory, {}});
  }

  static RandomLog Generate() {
    RandomLog log;
    log.directory = SmallCityDirectory();
    log.entries.push_back({log.directory, {}});
    const int steps = *rc::gen::inRange(0, 40);
    for (int i = 0; i < steps; ++i) {
      const int what = *rc::gen::inRange(0, 10);
      if (what < 4) log.Put(log.records, *rc::gen::inRange(0, 6), AnyRecord());
      if (what >= 4 && what < 7) log.Put(log.cases, *rc::gen::inRange(0, 6), AnyCase());
      if (what >= 7 && what < 9) {
        const std::string unit = AnyOf({"a", "b"});
        const int month = *rc::gen::inRange(2, 4);
        log.Put(log.summaries, {unit, month}, AnySummary(unit, month));
      }
      if (what == 9) log.MoveTownship();
    }
    return log;
  }
};

}  // namespace zhuqi::reporting::testing

#endif  // ZHUQI_SERVICES_REPORTING_TESTING_RANDOM_LOG_H_
