// Telling the cases of a theme, and by their facts the feed, when they are recurrence of it.
#ifndef ZHUQI_SERVICES_ROUTING_KNOWLEDGE_RECURRENCE_H_
#define ZHUQI_SERVICES_ROUTING_KNOWLEDGE_RECURRENCE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/db/transaction.h"
#include "common/directory/directory.h"
#include "services/routing/catalogue/catalogue_holder.h"
#include "services/routing/knowledge/theme_rules.h"
#include "services/routing/notices/notice_store.h"
#include "zhuqi/common/v1/consistency.pb.h"

namespace zhuqi::routing {

// What actions on themes are given, the same for all. Pointers must outlive them.
struct ThemeSurroundings {
  DirectoryHolder* directory = nullptr;
  const CatalogueHolder* catalogue = nullptr;
  Outbox outbox = Outbox::kOff;
  // For how long recurrence is counted after a fix.
  int recurrence_days = 180;
};

// The cases whose recurrence changes of themes may change, with the theme by which.
class RecurrenceChanges {
 public:
  // `after` must outlive this.
  void Add(const ThemeRecord& before, const ThemeRecord& after);

  // Before the themes are written.
  absl::Status Lock(db::Transaction& transaction) const;

  // After the themes were written, and last: writes the cases that change, and appends to the feed. Where in
  // it. Aborted when another transaction changed one of the cases meanwhile.
  absl::StatusOr<std::vector<common::v1::FeedPosition>> Tell(db::Transaction& transaction,
                                                             const ThemeSurroundings& given,
                                                             const std::string& actor, absl::Time now) const;

 private:
  std::map<Uuid, const v1::Theme*> concerned_;
};

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_KNOWLEDGE_RECURRENCE_H_
