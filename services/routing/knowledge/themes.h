// What the RPCs on themes do: checked requests, transactions, what is shown.
#ifndef ZHUQI_SERVICES_ROUTING_KNOWLEDGE_THEMES_H_
#define ZHUQI_SERVICES_ROUTING_KNOWLEDGE_THEMES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/uuid.h"
#include "common/db/transaction.h"
#include "common/directory/directory.h"
#include "services/routing/knowledge/once.h"
#include "services/routing/knowledge/recurrence.h"
#include "zhuqi/routing/v1/theme_service.pb.h"

namespace zhuqi::routing {

// INVALID_ARGUMENT with all that is wrong; texts are put in their stored form.
absl::StatusOr<OnceCommand> CheckPropose(v1::ProposeThemeRequest& request, const Directory& directory);
absl::StatusOr<OnceCommand> CheckActOnTheme(v1::ActOnThemeRequest& request, const KnowledgeCall& call);

// Each in one transaction that may run again; a repeated request gets its first answer.
absl::StatusOr<v1::ProposeThemeResponse> ProposeThemeOnce(db::Transaction& transaction,
                                                          const OnceCommand& command,
                                                          const v1::ProposeThemeRequest& request,
                                                          const KnowledgeCall& call);
absl::StatusOr<v1::ActOnThemeResponse> ActOnThemeOnce(db::Transaction& transaction,
                                                      const OnceCommand& command,
                                                      const v1::ActOnThemeRequest& request,
                                                      const KnowledgeCall& call,
                                                      const ThemeSurroundings& given);

// In one snapshot of the database.
absl::StatusOr<v1::GetThemeResponse> GetTheme(db::Connection& connection, const Uuid& theme_id,
                                              const Directory& directory, absl::Time now);

// Fills in the counts of stored themes, and what depends on state and day.
absl::Status ShowThemes(db::Connection& connection, const Directory& directory, absl::Time now,
                        std::vector<v1::Theme>& themes);

// NotFound THEME_UNKNOWN.
absl::Status UnknownTheme();
// Aborted ETAG_MISMATCH.
absl::Status ThemeHasChanged(const std::string& etag);
// A token for what is read where it is written.
std::string ThemeToken(int64_t sequence);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_KNOWLEDGE_THEMES_H_
