#include "services/intake/summaries/evidence_store.h"

#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "common/rpc/errors.h"
#include "services/intake/summaries/obligation_rules.h"
#include "services/intake/summaries/outlier_rules.h"
#include "services/intake/summaries/record_count_store.h"
#include "services/intake/summaries/record_scope.h"
#include "services/intake/summaries/reporting_lines.h"
#include "services/intake/summaries/summary_store.h"

namespace zhuqi::intake {
namespace {

using directory::v1::LinearExpression;
using directory::v1::LinearTerm;
using directory::v1::SummaryForm;
using directory::v1::SummaryIndicator;

// Builds the evidence for one obligation.
class EvidenceReader {
 public:
  EvidenceReader(db::Connection& connection, const StoredSummary& current, MonthEvidence& evidence)
      : connection_(connection), key_(KeyOf(current)), evidence_(evidence) {}

  absl::Status ReadPast() {
    std::vector<UnitMonth> months;
    for (int back = 1; back <= kPastMonths; ++back) months.emplace_back(key_.org_unit_id, key_.month - back);
    ZHUQI_ASSIGN_OR_RETURN(Summaries found, ReadSummaries(connection_, months));
    // Newest first: the map is in the order of months.
    for (auto past = found.rbegin(); past != found.rend(); ++past) {
      if (past->first.form_id != key_.form_id || !Counts(past->second.summary.state())) continue;
      AddFormed(std::move(past->second.summary), evidence_.past);
    }
    return absl::OkStatus();
  }

  absl::Status ReadLower() {
    const SummaryForm* lower = LowerForm();
    if (lower == nullptr) return absl::OkStatus();
    const std::vector<std::string> units =
        LowerUnits(*evidence_.directory, key_.org_unit_id, key_.month, lower->level());
    if (units.size() > static_cast<size_t>(kMaxLowerUnits)) return TooManyLowerUnits(units.size());
    std::vector<UnitMonth> keys;
    keys.reserve(units.size());
    for (const std::string& unit : units) keys.emplace_back(unit, key_.month);
    ZHUQI_ASSIGN_OR_RETURN(Summaries found, ReadSummaries(connection_, keys));
    for (auto& [key, stored] : found) {
      if (key.form_id == evidence_.form->lower_form_id()) TakeLower(std::move(stored.summary));
    }
    return absl::OkStatus();
  }

  absl::Status CountOwn(Counted counted) {
    const std::set<std::string> wanted = Wanted(counted);
    ZHUQI_ASSIGN_OR_RETURN(Reporting reporting, ReadReporting(wanted));
    const ReportingLines lines(*evidence_.directory, key_.org_unit_id, key_.month, std::move(reporting));
    std::map<std::set<std::string>, std::map<std::string, int64_t>> by_left_out;
    for (const SummaryIndicator& indicator : evidence_.form->indicators()) {
      if (!wanted.contains(indicator.indicator_id())) continue;
      const std::set<std::string> left_out = lines.Besides(*evidence_.form, indicator);
      auto counts = by_left_out.find(left_out);
      if (counts == by_left_out.end()) {
        const std::vector<ScopeSpan> scope =
            RecordScope(*evidence_.directory, key_.org_unit_id, key_.month, left_out);
        ZHUQI_ASSIGN_OR_RETURN(auto read, CountRecords(connection_, scope));
        counts = by_left_out.emplace(left_out, std::move(read)).first;
      }
      const auto count = counts->second.find(indicator.measure());
      if (count == counts->second.end()) continue;
      evidence_.own_records[indicator.indicator_id()] = InDigits(count->second, indicator.decimals());
    }
    return absl::OkStatus();
  }

 private:
  const SummaryForm* LowerForm() const {
    if (evidence_.form->lower_form_id().empty()) return nullptr;
    return evidence_.directory->FormFor(evidence_.form->lower_form_id(), key_.month);
  }

  // Nothing when nobody can be left out.
  absl::StatusOr<Reporting> ReadReporting(const std::set<std::string>& wanted) {
    if (LowerForm() == nullptr || wanted.empty()) return Reporting();
    return intake::ReadReporting(connection_, key_.month);
  }

  static absl::Status TooManyLowerUnits(size_t units) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, "TOO_MANY_LOWER_UNITS",
                      absl::StrCat(units, " units below owe the form that this one sums up; at most ",
                                   kMaxLowerUnits, " can be summed up"),
                      absl::StrCat("下级应报机构有 ", units, " 个，最多汇总 ", kMaxLowerUnits, " 个"));
  }

  void TakeLower(v1::MonthlySummary summary) {
    if (summary.state() == v1::SUMMARY_STATE_ACCEPTED) {
      AddFormed(std::move(summary), evidence_.lower);
    } else if (summary.state() != v1::SUMMARY_STATE_WAIVED) {
      evidence_.missing_units.push_back(summary.org_unit_id());
    }
  }

  void AddFormed(v1::MonthlySummary summary, std::vector<FormedSummary>& to) const {
    const SummaryForm* form = evidence_.directory->FormVersion(summary.form_id(), summary.form_version());
    if (form != nullptr) to.push_back({std::move(summary), form});
  }

  std::set<std::string> Wanted(Counted counted) const {
    std::set<std::string> wanted;
    for (const SummaryIndicator& indicator : evidence_.form->indicators()) {
      if (counted == Counted::kAll && IsCounted(indicator.measure())) wanted.insert(indicator.indicator_id());
    }
    for (const auto& rule : evidence_.form->rules()) {
      for (const LinearExpression* side : {&rule.left(), &rule.right()}) {
        for (const LinearTerm& term : side->terms()) {
          if (term.source() == LinearTerm::SOURCE_RECORDS) wanted.insert(term.indicator_id());
        }
      }
    }
    return wanted;
  }

  static int64_t InDigits(int64_t count, int decimals) {
    for (; decimals > 0; --decimals) count *= 10;
    return count;
  }

  db::Connection& connection_;
  const SummaryKey key_;
  MonthEvidence& evidence_;
};

}  // namespace

absl::StatusOr<MonthEvidence> ReadEvidence(db::Connection& connection,
                                           std::shared_ptr<const Directory> directory,
                                           const StoredSummary& current, Counted counted) {
  MonthEvidence evidence;
  evidence.directory = std::move(directory);
  ZHUQI_ASSIGN_OR_RETURN(evidence.form, FormOf(*evidence.directory, current.summary));
  EvidenceReader reader(connection, current, evidence);
  ZHUQI_RETURN_IF_ERROR(reader.ReadPast());
  ZHUQI_RETURN_IF_ERROR(reader.ReadLower());
  ZHUQI_RETURN_IF_ERROR(reader.CountOwn(counted));
  return evidence;
}

}  // namespace zhuqi::intake
