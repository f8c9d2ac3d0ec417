// What holds whatever happens, in whatever order.
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/intake/summaries/chain_rules.h"
#include "services/intake/summaries/summary_digest.h"
#include "services/intake/summaries/summary_plan.h"
#include "services/intake/summaries/test_summaries.h"

namespace zhuqi::intake {
namespace {

using directory::v1::OrgUnit;

// A summary's content: small, so that equal ones occur.
v1::MonthlySummary AnyContent() {
  v1::MonthlySummary summary;
  summary.set_org_unit_id(*rc::gen::element<std::string>("jinshui", "zhongmu"));
  *summary.mutable_month() = YearMonthMessage(absl::CivilMonth(2026, *rc::gen::inRange(1, 3)));
  summary.set_form_id("district");
  summary.set_form_version(*rc::gen::inRange(1, 3));
  summary.set_narrative(*rc::gen::element<std::string>("", "a", "a1:"));
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i) {
    v1::SummaryCell& cell = *summary.add_cells();
    cell.set_indicator_id(*rc::gen::element<std::string>("x", "y"));
    cell.set_value(*rc::gen::inRange(0, 2));
    cell.set_status(static_cast<v1::CellStatus>(*rc::gen::inRange(1, 7)));
    cell.set_derivation(static_cast<v1::CellDerivation>(*rc::gen::inRange(1, 4)));
    cell.set_note(*rc::gen::element<std::string>("", "1:0"));
    if (*rc::gen::arbitrary<bool>()) cell.set_counted_value(*rc::gen::inRange(0, 2));
  }
  for (int i = *rc::gen::inRange(0, 2); i > 0; --i) {
    summary.add_sections()->set_text(*rc::gen::element<std::string>("", "x", "y"));
  }
  for (int i = *rc::gen::inRange(0, 2); i > 0; --i) {
    v1::SummaryBasis& basis = *summary.add_basis();
    basis.set_org_unit_id("huayuanlu");
    basis.set_revision(*rc::gen::inRange(1, 3));
  }
  return summary;
}

TEST(SummaryDigest, ChangesExactlyWhenContentDoes) {
  EXPECT_TRUE(rc::check([] {
    const v1::MonthlySummary left = AnyContent();
    v1::MonthlySummary right = *rc::gen::arbitrary<bool>() ? left : AnyContent();
    const bool same = left.SerializeAsString() == right.SerializeAsString();
    // What happens to a summary later is not its content.
    right.set_state(v1::SUMMARY_STATE_ACCEPTED);
    right.set_revision(*rc::gen::inRange(0, 100));
    right.add_reviews()->set_comment("已阅");
    right.add_decisions()->set_reason("搬迁");
    right.add_findings()->set_rule_id("outlier");
    right.set_correction_reason("更正");
    right.set_vintage(*rc::gen::inRange(0, 9));
    right.set_submitted_by("clerk");
    for (v1::SummaryBasis& basis : *right.mutable_basis()) basis.set_superseded(true);
    RC_ASSERT((SummaryDigest(left) == SummaryDigest(right)) == same);
  }));
}

TEST(SummaryDigest, StaysWhatItWasInEveryVersion) {
  v1::MonthlySummary summary;
  summary.set_org_unit_id("jinshui");
  *summary.mutable_month() = YearMonthMessage(kDecember);
  summary.set_form_id("monthly");
  summary.set_form_version(1);
  summary.set_narrative("平稳");
  v1::SummaryCell& cell = *summary.add_cells();
  cell.set_indicator_id("visits");
  cell.set_value(14);
  cell.set_status(v1::CELL_STATUS_REPORTED);
  cell.set_derivation(v1::CELL_DERIVATION_MANUAL);
  // SHA-256 of the content's fields behind their lengths, worked out apart from this program.
  EXPECT_EQ(SummaryDigest(summary), "f4387fd7caad6a0ba3becf99cdcddf5ecba8887c5dc4ffe25976a831cd4aebcd");
}

// The city over some months: what stands is known from the feed alone, as to any follower.
class World {
 public:
  World() {
    for (const char* unit : {"jinshui", "zhongmu", "huayuanlu", "fengchan"}) live_.insert(unit);
  }

  // One thing that may happen. What is refused changes nothing.
  void Step() {
    now_ += absl::Hours(*rc::gen::inRange(1, 400));
    switch (*rc::gen::inRange(0, 8)) {
      case 0:
      case 1:
        return Open();
      case 2:
        return CloseOrSplit();
      case 3:
        return Decide();
      case 4:
        return Review();
      default:
        return Submit();
    }
  }

  // The rates that reporting would show: obligations met, and met on time, of those due and not waived.
  void CheckRates() const {
    int due = 0;
    int met = 0;
    int on_time = 0;
    for (const auto& [key, facts] : known_) {
      const bool counts =
          facts.state() == v1::SUMMARY_STATE_SUBMITTED || facts.state() == v1::SUMMARY_STATE_ACCEPTED;
      if (facts.state() == v1::SUMMARY_STATE_WAIVED) {
        RC_ASSERT(!facts.waiver_reason().empty());
        continue;
      }
      if (TimeFrom(facts.due_at()) > now_) continue;
      ++due;
      met += counts ? 1 : 0;
      on_time += counts && !facts.late() ? 1 : 0;
    }
    RC_ASSERT(on_time <= met);
    RC_ASSERT(met <= due);
    RC_ASSERT(known_.size() == summaries_.size());  // none is ever dropped, none is there twice
  }

  // What follows from the events, partition by partition, however the partitions are mixed.
  void CheckReplays() const {
    std::vector<size_t> order(events_.size());
    std::iota(order.begin(), order.end(), size_t{0});
    const auto keys = *rc::gen::container<std::vector<int>>(9, rc::gen::arbitrary<int>());
    std::stable_sort(order.begin(), order.end(), [&](size_t left, size_t right) {
      return keys[static_cast<size_t>(events_[left].partition)] <
             keys[static_cast<size_t>(events_[right].partition)];
    });
    std::map<std::string, std::string> state;
    for (const size_t at : order) {
      const feed::v1::SummaryFacts& after = events_[at].event.summary().after();
      state[NameOf(after)] = after.SerializeAsString();
    }
    RC_ASSERT(state.size() == known_.size());
    for (const auto& [name, facts] : known_) RC_ASSERT(state.at(name) == facts.SerializeAsString());
  }

  // An acceptance above rests on acceptances below.
  void CheckChain() const {
    for (const auto& [key, stored] : summaries_) {
      for (const v1::SummaryBasis& basis : stored.summary.basis()) {
        const auto lower = summaries_.find({basis.org_unit_id(), key.month, basis.form_id()});
        RC_ASSERT(lower != summaries_.end());
        RC_ASSERT(basis.superseded() || Stands(basis, lower->second.summary));
        RC_ASSERT(!(basis.superseded() && stored.summary.state() == v1::SUMMARY_STATE_ACCEPTED));
      }
    }
  }

 private:
  static std::string NameOf(const feed::v1::SummaryFacts& facts) {
    return absl::StrCat(facts.org_unit_id(), " ", facts.month().year(), "-", facts.month().month(), " ",
                        facts.form_id());
  }

  void Take(std::vector<feed::OutgoingEvent> events) {
    for (feed::OutgoingEvent& event : events) {
      const feed::v1::SummaryChanged& change = event.event.summary();
      feed::v1::SummaryFacts& known = known_[NameOf(change.after())];
      // Each event says what was before it: a follower that counts by differences never drifts.
      RC_ASSERT(known.SerializeAsString() == change.before().SerializeAsString());
      known = change.after();
      events_.push_back(std::move(event));
    }
  }

  void Open() {
    for (const auto& [version, form] : directory_->form_versions()) {
      for (const absl::CivilMonth month : MonthsBegun(form, now_)) {
        for (const auto& [id, unit] : directory_->units()) {
          if (summaries_.contains({id, month, form.form_id()}) || WhyNotOwed(unit, form, month).has_value())
            continue;
          const StoredSummary made = NewObligation(*directory_, unit, form, month, 8, now_);
          summaries_.emplace(KeyOf(made), made);
          Take({EventOf(nullptr, made, 1)});
        }
      }
    }
  }

  void CloseOrSplit() {
    if (live_.size() < 2) return;
    const std::string id = *rc::gen::elementOf(std::vector<std::string>(live_.begin(), live_.end()));
    feed::v1::DirectoryChanged change;
    OrgUnit& closed = *change.add_org_units();
    closed = *directory_->FindUnit(id);
    *closed.mutable_closed_on() = DateMessage(CityDay(now_) - 1);
    live_.erase(id);
    for (int heir = *rc::gen::inRange(0, 3); heir > 0; --heir) {
      OrgUnit& unit = *change.add_org_units();
      unit = *directory_->FindUnit(id);
      unit.set_org_unit_id(absl::StrCat(id, "-", ++heirs_));
      unit.clear_closed_on();
      *unit.mutable_opened_on() = DateMessage(CityDay(now_));
      change.mutable_org_units(0)->add_successor_ids(unit.org_unit_id());
      live_.insert(unit.org_unit_id());
    }
    directory_ = directory_->With(change, directory_->sequence() + 1).value();
    for (auto& [key, stored] : summaries_) {
      const auto adjusted = Adjusted(stored, *directory_);
      if (!adjusted.has_value()) continue;
      Take({EventOf(&stored, *adjusted, 1)});
      stored = *adjusted;
    }
  }

  const StoredSummary* Any() {
    if (summaries_.empty()) return nullptr;
    auto at = summaries_.begin();
    std::advance(at, *rc::gen::inRange(0, static_cast<int>(summaries_.size())));
    return &at->second;
  }

  void Apply(const SummaryRequest& request) {
    SummaryPlan plan(summaries_, {}, directory_, now_);
    if (!plan.Take(request, "somebody").ok()) return;
    Take(plan.events());
    summaries_ = plan.summaries();
  }

  template <typename Request>
  static void Name(const StoredSummary& stored, Request& request) {
    request.set_org_unit_id(stored.summary.org_unit_id());
    *request.mutable_month() = stored.summary.month();
    request.set_form_id(stored.summary.form_id());
  }

  void Decide() {
    const StoredSummary* stored = Any();
    if (stored == nullptr) return;
    v1::DecideObligationRequest request;
    Name(*stored, request);
    request.mutable_decision()->set_kind(static_cast<v1::ObligationDecision::Kind>(*rc::gen::inRange(1, 4)));
    request.mutable_decision()->set_reason("搬迁");
    *request.mutable_decision()->mutable_extended_until() =
        TimestampMessage(now_ + absl::Hours(*rc::gen::inRange(1, 1000)));
    Apply(request);
  }

  void Review() {
    const StoredSummary* stored = Any();
    if (stored == nullptr) return;
    v1::ReviewSummaryRequest request =
        ReviewOf(*stored, *rc::gen::weightedElement<v1::ReviewDecision>({{3, v1::REVIEW_DECISION_ACCEPT},
                                                                         {1, v1::REVIEW_DECISION_RETURN},
                                                                         {1, v1::REVIEW_DECISION_COMMENT}}));
    request.set_form_id(stored->summary.form_id());
    Apply(request);
  }

  void Submit() {
    const StoredSummary* stored = Any();
    if (stored == nullptr) return;
    auto evidence = std::make_shared<MonthEvidence>();
    evidence->directory = directory_;
    evidence->form = *FormOf(*directory_, stored->summary);
    Submission submission;
    Name(*stored, submission.request);
    submission.request.set_etag(EtagOf(*stored));
    v1::SummaryCell& cell = *submission.request.add_cells();
    cell.set_indicator_id("visits");
    cell.set_status(v1::CELL_STATUS_REPORTED);
    cell.set_value(*rc::gen::inRange(0, 4));
    if (evidence->form->sections_size() > 0) {
      v1::SectionText& words = *submission.request.add_sections();
      words.set_section_id("difficulties");
      words.set_text("无");
    }
    for (const auto& [key, lower] : summaries_) {
      if (key.form_id != evidence->form->lower_form_id() || key.month != KeyOf(*stored).month) continue;
      if (lower.summary.state() != v1::SUMMARY_STATE_ACCEPTED) continue;
      evidence->lower.push_back({lower.summary, *FormOf(*directory_, lower.summary)});
      *submission.request.add_basis() = BasisOf(lower.summary);
    }
    submission.evidence = std::move(evidence);
    Apply(submission);
  }

  std::shared_ptr<const Directory> directory_ = Chain();
  absl::Time now_ = CityTime(absl::CivilDay(2025, 12, 20), 9);
  std::set<std::string> live_;
  int heirs_ = 0;
  Summaries summaries_;
  std::map<std::string, feed::v1::SummaryFacts> known_;
  std::vector<feed::OutgoingEvent> events_;
};

TEST(Traps, ReportingRateNeverPassesOne) {
  EXPECT_TRUE(rc::check([] {
    World world;
    for (int steps = *rc::gen::inRange(1, 60); steps > 0; --steps) {
      world.Step();
      world.CheckRates();
      world.CheckChain();
    }
    world.CheckReplays();
  }));
}

}  // namespace
}  // namespace zhuqi::intake
