// What must have happened to a case by the end of the year: worked out from what people did to it (its
// history without the steps that fired), by the reckoning of naive_clock.h.
#ifndef ZHUQI_SERVICES_ROUTING_YEAR_YEAR_EXPECTATION_H_
#define ZHUQI_SERVICES_ROUTING_YEAR_YEAR_EXPECTATION_H_

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/routing/year/naive_clock.h"
#include "services/routing/year/year_city.h"
#include "zhuqi/routing/v1/case.pb.h"

namespace zhuqi::routing::year {

// A step that fires: when the service looked, when it was due, and the deadline that it was measured from.
struct FiredStep {
  v1::ClockKind clock;
  std::string step_id;
  int fired = 0;
  int due = 0;
  int deadline = 0;

  friend bool operator==(const FiredStep&, const FiredStep&) = default;
};

struct Reckoner {
  std::vector<CalendarVersion> calendars = Calendars();
  std::vector<int> ticks = Ticks();
  int end = 0;

  const NaiveCalendar& CalendarAt(int minute) const {
    return calendars[static_cast<size_t>(VersionAt(calendars, minute))].calendar;
  }
};

class Expectation {
 public:
  // `known`: when intake had the issue; `raised`: since when its clocks run.
  Expectation(const Reckoner& reckoner, int raised, int known)
      : reckoner_(reckoner), raised_(raised), known_(known) {}

  // The next entry of the history that is no step.
  void Happened(const v1::CaseEvent& event) {
    const int at = MinuteOf(event.recorded_at());
    FireUntil(at);
    now_ = at;
    if (event.has_received()) return;
    if (event.has_action()) Did(event.action(), at);
    if (event.has_issue_withdrawn() && !closed_.has_value()) Withdraw(at, true);
    if (event.has_issue_returned() && withdrawn_with_issue_) ComeBack(at);
  }
  void YearEnded() { FireUntil(kForever); }

  const std::vector<FiredStep>& fired() const { return fired_; }

  // The deadline that stands for the clock: nullopt when there is none.
  std::optional<int> ResponseDue() const {
    const int at = response_stop_.value_or(closed_.value_or(reckoner_.end));
    const NaiveClock clock = response_stop_ ? Clock().StoppedAt(at) : Clock();
    return clock.DueInMinutes(kResponseMinutes, false, reckoner_.CalendarAt(at));
  }
  std::optional<int> PlanDue() const {
    const int at = plan_stop_.value_or(closed_.value_or(reckoner_.end));
    const NaiveClock clock = plan_stop_ ? Clock().StoppedAt(at) : Clock();
    return clock.DueInMinutes(kPlanMinutes, true, reckoner_.CalendarAt(at));
  }
  std::optional<int> HandlingDue() const { return HandlingDueAt(closed_.value_or(reckoner_.end)); }

  // Of a department's part or a ruling.
  std::optional<int> PartDue(int start, std::optional<int> stopped, int days) const {
    const int at = stopped.value_or(closed_.value_or(reckoner_.end));
    NaiveClock clock{start, StillOrClosed()};
    if (stopped.has_value()) clock = clock.StoppedAt(at);
    return clock.DueInDays(days, start, reckoner_.CalendarAt(at));
  }

 private:
  // To the first contact, which is owed while the case is closed, too; and to the plan.
  NaiveClock Clock() const { return {raised_, still_}; }
  // To closing: it stands still while the case is closed.
  NaiveClock Handling() const { return {raised_, StillOrClosed()}; }
  std::vector<Stretch> StillOrClosed() const {
    std::vector<Stretch> all = still_;
    all.insert(all.end(), spans_closed_.begin(), spans_closed_.end());
    return all;
  }
  bool paused() const { return pause_.has_value(); }

  std::optional<int> HandlingDueAt(int at) const {
    const NaiveClock clock = handling_stopped_ ? Handling().StoppedAt(at) : Handling();
    return clock.DueInDays(days_, policy_start_, reckoner_.CalendarAt(at));
  }

  void Did(const v1::CaseAction& action, int at) {
    switch (action.action_case()) {
      case v1::CaseAction::kReportProgress:
        if (action.report_progress().contacted()) Responded(at);
        if (action.report_progress().plan() && !plan_stop_) plan_stop_ = at;
        return;
      case v1::CaseAction::kCallBack:
        if (action.call_back().contacted()) Responded(at);
        return;
      case v1::CaseAction::kRequestExtension:
        asked_days_ = action.request_extension().working_days().count();
        return;
      case v1::CaseAction::kDecideExtension:
        if (!action.decide_extension().granted()) return;
        days_ += asked_days_;
        policy_start_ = at;
        return;
      case v1::CaseAction::kEscalate:
        return Escalated(at);
      case v1::CaseAction::kPause:
        pause_ = still_.size();
        still_.push_back({at});
        return;
      case v1::CaseAction::kResume:
        return Resume(at);
      case v1::CaseAction::kExplain:
      case v1::CaseAction::kDecline:
        Responded(at);
        return Close(at);
      case v1::CaseAction::kClose:
        return Close(at);
      case v1::CaseAction::kWithdraw:
        return Withdraw(at, false);
      case v1::CaseAction::kReopen:
        return ComeBack(at);
      default:
        return;
    }
  }

  void Responded(int at) {
    if (!response_stop_) response_stop_ = at;
  }
  void Resume(int at) {
    still_[*pause_].end = at;
    pause_.reset();
  }
  void Close(int at) {
    if (pause_) Resume(at);
    if (!plan_stop_) plan_stop_ = at;
    closed_ = at;
    handling_stopped_ = true;
  }
  void Withdraw(int at, bool with_issue) {
    closed_ = at;
    withdrawn_with_issue_ = with_issue;
    still_.push_back({at});
    withdrawal_ = still_.size() - 1;
  }
  void ComeBack(int at) {
    if (withdrawal_) {
      still_[*withdrawal_].end = at;
      withdrawal_.reset();
    } else {
      spans_closed_.push_back({*closed_, at});
    }
    closed_.reset();
    withdrawn_with_issue_ = false;
    handling_stopped_ = false;
  }
  void Escalated(int at) {
    const std::optional<int> due = HandlingDueAt(at);
    if (escalated_ || (due.has_value() && *due < at)) return;  // what was missed stays missed
    escalated_ = true;
    days_ = kEscalatedDays;
    policy_start_ = at;
  }

  // ---- The ladder ----

  struct Next {
    int at = 0;
    FiredStep step;
    int index = 0;
  };

  // The first step of the clock that is not over and does not fall before the issue was known.
  std::optional<Next> FirstOf(v1::ClockKind clock, int over, std::optional<int> deadline,
                              const NaiveCalendar& calendar) const {
    if (!deadline.has_value()) return std::nullopt;
    const bool response = clock == v1::CLOCK_KIND_RESPONSE;
    const std::vector<std::string> ids =
        response ? std::vector<std::string>{"response-remind", "response-supervise"}
                 : std::vector<std::string>{"remind", "supervise", "escalate", "bulletin"};
    for (int index = over; index < static_cast<int>(ids.size()); ++index) {
      const std::optional<int> instant = InstantOf(response, index, *deadline, calendar);
      if (!instant.has_value() || *instant <= std::max(known_, raised_)) continue;
      const int at = calendar.NextWorkingMinute(*instant);
      return Next{at, {clock, ids[static_cast<size_t>(index)], 0, at, *deadline}, index};
    }
    return std::nullopt;
  }

  std::optional<int> InstantOf(bool response, int index, int deadline, const NaiveCalendar& calendar) const {
    if (response) return index == 0 ? deadline - 30 : deadline;
    const int day = (deadline - 1) / kDay;
    if (index == 0) return calendar.DaysBack(day, 3) * kDay + (deadline - day * kDay);
    if (index == 1) return deadline;
    return Handling().DaysAfter(deadline, index == 2 ? 1 : 5, calendar);
  }

  // What fires from now on until just before `until`, at which something else happens.
  void FireUntil(int until) {
    int from = now_;
    while (from < until && now_ >= 0) {
      // A calendar that comes is known to what is done at the same moment.
      int change = until;
      for (const CalendarVersion& version : reckoner_.calendars) {
        if (version.since > from) change = std::min(change, version.since);
      }
      FireUnderOneCalendar(from, change);
      from = change;
    }
  }

  void FireUnderOneCalendar(int from, int until) {
    const NaiveCalendar& calendar = reckoner_.CalendarAt(from);
    while (!closed_.has_value() && !paused()) {
      std::optional<Next> next;
      if (!response_stop_) {
        next = FirstOf(v1::CLOCK_KIND_RESPONSE, response_over_,
                       Clock().DueInMinutes(kResponseMinutes, false, calendar), calendar);
      }
      const std::optional<Next> handling =
          FirstOf(v1::CLOCK_KIND_HANDLING, handling_over_,
                  Handling().DueInDays(days_, policy_start_, calendar), calendar);
      if (handling.has_value() && (!next.has_value() || handling->at < next->at)) next = handling;
      if (!next.has_value()) return;
      const std::optional<int> looked = LookAt(std::max(next->at, from), calendar);
      if (!looked.has_value() || *looked >= until) return;
      next->step.fired = *looked;
      (next->step.clock == v1::CLOCK_KIND_RESPONSE ? response_over_ : handling_over_) = next->index + 1;
      fired_.push_back(next->step);
    }
  }

  // The first tick from `minute` on at which the service runs inside working time.
  std::optional<int> LookAt(int minute, const NaiveCalendar& calendar) const {
    auto tick = std::lower_bound(reckoner_.ticks.begin(), reckoner_.ticks.end(), minute);
    while (tick != reckoner_.ticks.end() && !calendar.WorksAt(*tick)) ++tick;
    return tick == reckoner_.ticks.end() ? std::nullopt : std::optional<int>(*tick);
  }

  const Reckoner& reckoner_;
  const int raised_;
  const int known_;
  // Since when it stands as it does; -1: it is not a case yet.
  int now_ = -1;
  std::vector<Stretch> still_;
  std::vector<Stretch> spans_closed_;
  // Places in still_ of what lasts.
  std::optional<size_t> pause_;
  std::optional<size_t> withdrawal_;
  bool withdrawn_with_issue_ = false;
  std::optional<int> closed_;
  bool handling_stopped_ = false;
  std::optional<int> response_stop_;
  std::optional<int> plan_stop_;
  int days_ = kHandlingDays;
  int asked_days_ = 0;
  bool escalated_ = false;
  int policy_start_ = -1;
  int response_over_ = 0;
  int handling_over_ = 0;
  std::vector<FiredStep> fired_;
};

}  // namespace zhuqi::routing::year

#endif  // ZHUQI_SERVICES_ROUTING_YEAR_YEAR_EXPECTATION_H_
