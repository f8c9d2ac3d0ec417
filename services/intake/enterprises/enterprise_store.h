// All SQL of enterprises.
#ifndef ZHUQI_SERVICES_INTAKE_ENTERPRISES_ENTERPRISE_STORE_H_
#define ZHUQI_SERVICES_INTAKE_ENTERPRISES_ENTERPRISE_STORE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/db/transaction.h"
#include "services/intake/enterprises/enterprise_plan.h"
#include "zhuqi/intake/v1/enterprise.pb.h"

namespace zhuqi::intake {

// Seen from the day `on`: visits after it are not known, and what was struck off after it is visited still.
struct OverdueOn {
  absl::CivilDay on;
  // The newest visit is earlier, or there was none and the registration is earlier or not known.
  absl::CivilDay since;
};

// Which enterprises; conditions are combined by AND.
struct EnterpriseFilter {
  std::vector<std::string> org_unit_ids;  // empty: all
  std::string folded_text;                // part of the name as texts are compared for search
  std::string code_prefix;                // or the beginning of the code; empty with folded_text empty
  std::string tag;
  std::string industry_section;
  directory::v1::EnterpriseSize size = directory::v1::ENTERPRISE_SIZE_UNSPECIFIED;
  std::optional<absl::CivilDay> not_visited_since;  // no visit that counts on this day or later
  std::optional<OverdueOn> overdue;
  bool with_closed = false;  // `overdue` says itself which ones were
};

// Those that are there, by credit code; nobody else changes them until the transaction ends.
absl::StatusOr<std::map<std::string, StoredEnterprise>> LockEnterprises(
    db::Transaction& transaction, const std::vector<std::string>& usccs);
// The same, only read.
absl::StatusOr<std::map<std::string, StoredEnterprise>> ReadStoredEnterprises(
    db::Connection& connection, const std::vector<std::string>& usccs);

// New enterprises and new states of those that were locked in this transaction. Aborted when another replica
// made one of them first.
absl::Status WriteEnterprises(db::Transaction& transaction, const std::map<std::string, EnterpriseRow>& rows,
                              absl::Time now);

// As the contract shows it. Nullopt when there is none.
absl::StatusOr<std::optional<v1::Enterprise>> ReadEnterprise(db::Connection& connection,
                                                             const std::string& uscc);

// At most `limit` after the credit code `after` (empty: from the start), ordered by credit code.
absl::StatusOr<std::vector<v1::Enterprise>> ListEnterprises(db::Connection& connection,
                                                            const EnterpriseFilter& filter,
                                                            const std::string& after, int limit);
absl::StatusOr<int64_t> CountEnterprises(db::Connection& connection, const EnterpriseFilter& filter);

// Those of the credit codes, in the order given; what is not there is left out.
absl::StatusOr<std::vector<v1::Enterprise>> ReadEnterprises(db::Connection& connection,
                                                            const std::vector<std::string>& usccs);

// Credit codes of enterprises that are not struck off in these units (empty: all), at most `limit`: those
// never visited first, then those whose last visit is longest ago.
absl::StatusOr<std::vector<std::string>> ReadLongestUnvisited(db::Connection& connection,
                                                              const std::vector<std::string>& org_unit_ids,
                                                              int limit);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_ENTERPRISES_ENTERPRISE_STORE_H_
