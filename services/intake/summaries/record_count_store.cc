#include "services/intake/summaries/record_count_store.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "zhuqi/intake/v1/record.pb.h"

namespace zhuqi::intake {
namespace {

constexpr char kVisits[] = "visits";
constexpr char kReached[] = "enterprises_reached";
constexpr char kIssues[] = "issues_received";
constexpr char kPolicies[] = "policies_delivered";

// The days and units of one span as a condition. The list is filled up to a power of two, so that a
// connection keeps few statements prepared.
std::string Condition(const ScopeSpan& span, db::Values& values) {
  size_t places = 1;
  while (places < span.org_unit_ids.size()) places *= 2;
  values.insert(values.end(), {span.first, span.last});
  for (size_t i = 0; i < places; ++i) {
    values.emplace_back(span.org_unit_ids[std::min(i, span.org_unit_ids.size() - 1)]);
  }
  return absl::StrCat("on_date BETWEEN ? AND ? AND org_unit_id IN (",
                      absl::StrJoin(std::vector<absl::string_view>(places, "?"), ","), ")");
}

const char* MeasureOf(int64_t kind) {
  switch (kind) {
    case v1::RECORD_KIND_VISIT:
      return kVisits;
    case v1::RECORD_KIND_ISSUE:
      return kIssues;
    case v1::RECORD_KIND_POLICY_DELIVERY:
      return kPolicies;
    default:
      return nullptr;
  }
}

absl::Status CountByKind(db::Connection& connection, const ScopeSpan& span,
                         std::map<std::string, int64_t>& counts) {
  db::Values values;
  const std::string condition = Condition(span, values);
  // No index has the kind, so the rows are read anyway: whether each counts is seen with it.
  return connection.Query(absl::StrCat("SELECT kind, COUNT(*) FROM records WHERE ", condition,
                                       " AND withdrawal_reason IS NULL GROUP BY kind"),
                          values, [&](db::Row& row) {
                            const char* measure = MeasureOf(row.Int64(0));
                            if (measure != nullptr) counts[measure] += row.Int64(1);
                            return absl::OkStatus();
                          });
}

// One statement over all spans: an enterprise that was visited on both sides of a move is one.
absl::Status CountReached(db::Connection& connection, const std::vector<ScopeSpan>& scope,
                          std::map<std::string, int64_t>& counts) {
  db::Values values;
  std::vector<std::string> conditions;
  conditions.reserve(scope.size());
  for (const ScopeSpan& span : scope) conditions.push_back(absl::StrCat("(", Condition(span, values), ")"));
  return connection.Query(absl::StrCat("SELECT COUNT(DISTINCT uscc) FROM visited_enterprises WHERE ",
                                       absl::StrJoin(conditions, " OR ")),
                          values, [&](db::Row& row) {
                            counts[kReached] = row.Int64(0);
                            return absl::OkStatus();
                          });
}

}  // namespace

bool IsCounted(absl::string_view measure) {
  return measure == kVisits || measure == kReached || measure == kIssues || measure == kPolicies;
}

absl::StatusOr<std::map<std::string, int64_t>> CountRecords(db::Connection& connection,
                                                            const std::vector<ScopeSpan>& scope) {
  size_t units = 0;
  for (const ScopeSpan& span : scope) units += span.org_unit_ids.size();
  std::map<std::string, int64_t> counts;
  if (units > kMaxCountedUnits) return counts;
  counts = {{kVisits, 0}, {kReached, 0}, {kIssues, 0}, {kPolicies, 0}};
  if (scope.empty()) return counts;
  for (const ScopeSpan& span : scope) ZHUQI_RETURN_IF_ERROR(CountByKind(connection, span, counts));
  ZHUQI_RETURN_IF_ERROR(CountReached(connection, scope, counts));
  return counts;
}

}  // namespace zhuqi::intake
