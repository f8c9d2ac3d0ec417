// Which records a list asks for: from the request to what SQL can answer and what is looked at in memory.
// Pure.
#ifndef ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_LIST_RULES_H_
#define ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_LIST_RULES_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "common/base/uuid.h"
#include "common/directory/directory.h"
#include "zhuqi/intake/v1/record_service.pb.h"

namespace zhuqi::intake {

// Units that one statement may name. A larger part of the tree is filtered in memory.
inline constexpr size_t kMaxUnitsInStatement = 256;

enum class Counting { kActive, kWithdrawn, kBoth };

// In the order: newest date first, then by identity, downwards.
struct RecordFilter {
  std::vector<std::string> org_unit_ids;  // empty: all
  v1::RecordKind kind = v1::RECORD_KIND_UNSPECIFIED;
  std::optional<absl::CivilDay> first;
  std::optional<absl::CivilDay> last;
  v1::IssueKind issue_kind = v1::ISSUE_KIND_UNSPECIFIED;
  std::string category_id;                       // and below
  std::optional<std::string> exact_category_id;  // empty: of issues without one
  std::string enterprise_uscc;
  std::string source_system;
  Counting counting = Counting::kActive;
};

// Where a page ends.
struct RecordPosition {
  absl::CivilDay on;
  Uuid record_id;
};
RecordPosition PositionOf(const v1::Record& record);

// A list request, checked.
struct RecordQuery {
  // What SQL answers. With `units`, it names no unit.
  RecordFilter filter;
  // What is looked at in memory: more units than a statement may name (null: none), a text in its search
  // form, and enterprises of withdrawn records, by which those are not found.
  std::shared_ptr<const absl::flat_hash_set<std::string>> units;
  std::string text;
  bool look_at_enterprises = false;

  std::optional<RecordPosition> after;
  int page_size = 0;
  std::string fingerprint;  // the same for the same filter

  // True: not all that SQL gives is meant.
  bool needs_look() const { return units != nullptr || !text.empty() || look_at_enterprises; }
  bool Matches(const v1::RecordSubmission& normalised) const;
};

// Refuses with all that is wrong: ORG_UNIT_UNKNOWN, dates, USCC_…, PAGE_SIZE_NEGATIVE, PAGE_TOKEN_INVALID …
absl::StatusOr<RecordQuery> CheckList(const v1::ListRecordsRequest& request, const Directory& directory);

// The token of the page that begins after `position`.
std::string PageTokenAfter(const RecordQuery& query, const RecordPosition& position);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_LIST_RULES_H_
