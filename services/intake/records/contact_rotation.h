// Exchanging the keys of contacts: all of them sealed again by the first key, in bounded transactions. Where
// it was stopped it goes on, since a contact that is done stands under its new key.
#ifndef ZHUQI_SERVICES_INTAKE_RECORDS_CONTACT_ROTATION_H_
#define ZHUQI_SERVICES_INTAKE_RECORDS_CONTACT_ROTATION_H_

#include <cstdint>
#include <functional>

#include "absl/status/statusor.h"
#include "common/base/uuid.h"
#include "common/db/pool.h"
#include "common/encryption/key_ring.h"

namespace zhuqi::intake {

struct RotationResult {
  int64_t rotated = 0;
};

// Told after each transaction.
struct RotationObserver {
  std::function<void(int64_t done)> progress;             // how many were sealed again so far
  std::function<void(const Uuid& record_id)> unreadable;  // whose contact does not open, once for each
};

// OK when it looked again in the end, and none stood under another key. All that can be done is done before
// it fails: DATA_LOSS when contacts do not open; FAILED_PRECONDITION when some stand under a key that is not
// in `keys`, or services go on sealing by another one than its first.
absl::StatusOr<RotationResult> RotateContacts(db::Pool& pool, const encryption::KeyRing& keys,
                                              const RotationObserver& observer);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_RECORDS_CONTACT_ROTATION_H_
