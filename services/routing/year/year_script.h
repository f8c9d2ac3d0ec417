// What people and enterprises do in the proof over a year: drawn from a seed, the same every time.
#ifndef ZHUQI_SERVICES_ROUTING_YEAR_YEAR_SCRIPT_H_
#define ZHUQI_SERVICES_ROUTING_YEAR_YEAR_SCRIPT_H_

#include <cstdint>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/routing/cases/case_testing.h"
#include "services/routing/year/year_city.h"

namespace zhuqi::routing::year {

// One thing that is to be done, so many ticks after the one before.
struct Deed {
  enum class Kind { kAct, kWithdrawAtIntake, kBringBackAtIntake };
  int ticks = 0;
  Kind kind = Kind::kAct;
  v1::CaseAction action = {};
};

struct ScriptedCase {
  int number = 0;
  int district = 1;
  std::string category;
  // When the enterprise brought it up, and when intake had it.
  int raised = 0;
  int known = 0;
  std::deque<Deed> deeds;

  std::string external_id() const { return absl::StrCat("issue-", number); }
  std::string record_id() const { return absl::StrCat("018f4a10-0000-7000-8000-", 100000000000 + number); }
  std::string unit() const { return District(district); }
};

class Chance {
 public:
  explicit Chance(uint64_t seed) : engine_(seed) {}
  // From `low` to `high`, both included. Not std::uniform_int_distribution, whose draws differ by library.
  int Between(int low, int high) {
    return low + static_cast<int>(engine_() % static_cast<uint64_t>(high - low + 1));
  }
  bool OneIn(int count) { return Between(1, count) == 1; }

 private:
  std::mt19937_64 engine_;
};

// Writes the story of one case.
class Storyteller {
 public:
  Storyteller(Chance& chance, ScriptedCase& item) : chance_(chance), item_(item) {}

  void Tell() {
    if (chance_.OneIn(40)) return;  // nobody ever does anything
    if (!chance_.OneIn(4)) Contact();
    if (chance_.OneIn(20)) Object();
    if (chance_.OneIn(40)) return Decline();
    Do(chance_.Between(0, 9), testing::Accept());
    if (chance_.OneIn(8)) CoHandle();
    if (chance_.OneIn(20)) Do(chance_.Between(1, 20), testing::Escalate());
    if (chance_.OneIn(5)) Pause();
    if (chance_.OneIn(12)) Extend();
    if (chance_.OneIn(25)) ComeAndGo();
    if (chance_.OneIn(30))
      Do(chance_.Between(1, 30), testing::HandOver(absl::StrCat(item_.unit(), ".office")));
    if (chance_.OneIn(12)) return;  // it is never done
    Finish();
    if (chance_.OneIn(12)) {
      Do(chance_.Between(3, 60), testing::Reopen());
      Finish();
    }
  }

 private:
  void Do(int ticks, v1::CaseAction action) {
    item_.deeds.push_back({ticks, Deed::Kind::kAct, std::move(action)});
  }
  void Contact() {
    v1::CaseAction report = testing::Report(true);
    report.mutable_report_progress()->set_plan(chance_.OneIn(3));
    Do(chance_.Between(0, 4), std::move(report));
  }
  void Object() {
    Do(chance_.Between(0, 5), testing::Object());
    Do(chance_.Between(1, 12), testing::Rule(chance_.OneIn(2) ? absl::StrCat(item_.unit(), ".office") : ""));
  }
  void Decline() {
    Do(chance_.Between(1, 20), testing::Decline());
    if (!chance_.OneIn(4)) return;
    Do(chance_.Between(5, 40), testing::Reopen());
    Do(chance_.Between(1, 20), testing::Accept());
    Finish();
  }
  void CoHandle() {
    const std::string department = absl::StrCat(item_.unit(), ".office");
    Do(chance_.Between(1, 10), testing::Assign(department, v1::ASSIGNMENT_ROLE_CO_HANDLER));
    if (chance_.OneIn(2)) Do(chance_.Between(1, 40), testing::Reply(department));
  }
  void Pause() {
    Do(chance_.Between(1, 60), testing::Pause());
    Do(chance_.Between(1, 60), testing::Resume());
  }
  void Extend() {
    Do(chance_.Between(1, 40), testing::AskForDays(chance_.Between(1, 5)));
    Do(chance_.Between(1, 8), testing::Decide(!chance_.OneIn(4)));
  }
  void ComeAndGo() {
    if (chance_.OneIn(3)) {
      Do(chance_.Between(1, 40), testing::Withdraw());
      Do(chance_.Between(1, 60), testing::Reopen());
      return;
    }
    item_.deeds.push_back({chance_.Between(1, 40), Deed::Kind::kWithdrawAtIntake});
    item_.deeds.push_back({chance_.Between(1, 60), Deed::Kind::kBringBackAtIntake});
  }
  void Finish() {
    // One that went over to a successor meanwhile is to be accepted first; of others this is refused.
    Do(chance_.Between(1, 70), testing::Accept());
    if (chance_.OneIn(8)) return Do(1, testing::Explain());
    Do(0, testing::Resolve());
    if (chance_.OneIn(8)) {
      Do(chance_.Between(1, 12), testing::CallBack(true, false));
      Do(0, testing::Accept());
      Do(chance_.Between(1, 30), testing::Resolve());
    }
    if (chance_.OneIn(10)) {
      Do(chance_.Between(1, 12), testing::CallBack(false, false));
      Do(chance_.Between(1, 12), testing::CallBack(false, false));
    } else {
      Do(chance_.Between(1, 12), testing::CallBack(true, true, !chance_.OneIn(6)));
    }
    Do(chance_.Between(0, 6), testing::Close());
  }

  Chance& chance_;
  ScriptedCase& item_;
};

inline std::vector<ScriptedCase> Script(int count, uint64_t seed) {
  Chance chance(seed);
  std::vector<ScriptedCase> cases;
  for (int number = 0; number < count; ++number) {
    ScriptedCase& item = cases.emplace_back();
    item.number = number;
    // Evenly over the year, so that the first in the list come first.
    const int64_t span = At(12, 24);
    item.raised = static_cast<int>(span * number / count) + 8 * 60 + chance.Between(0, 12 * 60);
    item.known = item.raised + chance.Between(0, 90);
    // One in fifty is entered long after.
    if (chance.OneIn(50)) item.raised = std::max(0, item.raised - 40 * kDay);
    const int districts = item.known >= kMerger ? kDistricts - 1 : kDistricts;
    item.district = chance.Between(1, districts);
    item.category =
        std::array<const char*, 3>{"land", "fire", "tax"}[static_cast<size_t>(chance.Between(0, 2))];
    Storyteller(chance, item).Tell();
  }
  return cases;
}

}  // namespace zhuqi::routing::year

#endif  // ZHUQI_SERVICES_ROUTING_YEAR_YEAR_SCRIPT_H_
