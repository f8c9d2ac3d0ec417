// Brings links between records, as intake's feed tells them, to the cases that the records became.
#ifndef ZHUQI_SERVICES_ROUTING_FAMILIES_DUPLICATE_LINKS_H_
#define ZHUQI_SERVICES_ROUTING_FAMILIES_DUPLICATE_LINKS_H_

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/db/transaction.h"
#include "common/directory/directory.h"
#include "services/routing/notices/notice_store.h"
#include "zhuqi/feed/v1/event.pb.h"
#include "zhuqi/routing/v1/catalogue.pb.h"

namespace zhuqi::routing {

// True for a link between duplicates, made or removed.
bool IsDuplicateLink(const feed::v1::Event& event);

struct LinkSurroundings {
  std::shared_ptr<const Directory> directory;
  std::shared_ptr<const v1::Catalogue> catalogue;
  absl::Time now;
  Outbox outbox;
};

// Carries out the links among `events`, in their order, and those that waited for the cases of `new_records`
// (written in this transaction before).
absl::Status ApplyDuplicateLinks(db::Transaction& transaction,
                                 const google::protobuf::RepeatedPtrField<feed::v1::Event>& events,
                                 const std::vector<Uuid>& new_records, const LinkSurroundings& given);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_FAMILIES_DUPLICATE_LINKS_H_
