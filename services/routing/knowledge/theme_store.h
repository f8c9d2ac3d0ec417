// All SQL on themes and their cases.
#ifndef ZHUQI_SERVICES_ROUTING_KNOWLEDGE_THEME_STORE_H_
#define ZHUQI_SERVICES_ROUTING_KNOWLEDGE_THEME_STORE_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "common/base/uuid.h"
#include "common/db/connection.h"
#include "common/db/transaction.h"
#include "services/routing/knowledge/theme_rules.h"
#include "zhuqi/routing/v1/theme.pb.h"

namespace zhuqi::routing {

// The theme, locked until the transaction ends. Lock several in the order of their identities.
absl::StatusOr<std::optional<ThemeRecord>> LockTheme(db::Transaction& transaction, const Uuid& theme_id);
absl::StatusOr<std::optional<ThemeRecord>> ReadTheme(db::Connection& connection, const Uuid& theme_id);

// Writes the theme, the members that differ from `before` (null: all, the theme is new) and the entry of its
// history, whose sequence is the record's.
absl::Status WriteTheme(db::Transaction& transaction, const ThemeRecord* before, const ThemeRecord& after,
                        v1::ThemeEvent event);

// The last `limit`, oldest first.
absl::StatusOr<std::vector<v1::ThemeEvent>> ReadThemeHistory(db::Connection& connection, const Uuid& theme_id,
                                                             int limit);

// Themes that any of the cases stands in, but merged ones; by identity.
absl::StatusOr<std::set<Uuid>> FindThemesOfCases(db::Connection& connection,
                                                 const std::vector<Uuid>& case_ids);

// The live themes that each case is a member of or (with `suggested`) is suggested for, the last proposed
// first, at most 50 a case. Cases without one are absent.
absl::StatusOr<std::map<Uuid, std::vector<v1::ThemeReference>>> ReadThemesOfCases(
    db::Connection& connection, const std::vector<Uuid>& case_ids, bool suggested);

// Of a theme: its cases by the unit that raised them, withdrawn ones left out.
struct ThemeUnitCount {
  std::string org_unit_id;
  int members = 0;
  int suggested = 0;
  int recurrence = 0;
};
absl::StatusOr<std::map<Uuid, std::vector<ThemeUnitCount>>> CountThemeCases(
    db::Connection& connection, const std::vector<Uuid>& theme_ids);

// Which themes to list: what is absent or empty is not asked.
struct ThemeFilter {
  int state = 0;
  std::string category_id;                // this or below it
  std::vector<std::string> org_unit_ids;  // a member or a preventive item in any of these
  std::string owner_department_id;
  // Due before this day, and neither fixed nor over.
  std::optional<absl::CivilDay> overdue_on;
};
// At most `limit` that were proposed before `before`, the last proposed first.
absl::StatusOr<std::vector<v1::Theme>> SelectThemes(db::Connection& connection, const ThemeFilter& filter,
                                                    const std::optional<Uuid>& before, int limit);

// "IN (?,?)" for so many values.
std::string InList(size_t count);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_KNOWLEDGE_THEME_STORE_H_
