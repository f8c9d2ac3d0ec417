// The SQL of what belongs to a case: relatives, and issues that repeat others.
#ifndef ZHUQI_SERVICES_ROUTING_FAMILIES_FAMILY_STORE_H_
#define ZHUQI_SERVICES_ROUTING_FAMILIES_FAMILY_STORE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/db/connection.h"
#include "services/routing/cases/case_store.h"
#include "zhuqi/routing/v1/case_family.pb.h"

namespace zhuqi::routing {

// Adds what follows when one of `cases` is closed, opened, divided or revised: parents and children of all,
// and of those with their parents the first cases and the duplicates.
absl::Status AddRelatives(db::Connection& connection, CaseMap& cases);

// An issue that repeats another one, by their records.
struct DuplicateLink {
  Uuid duplicate_record;
  Uuid first_record;
  absl::Time linked_at;
  std::string linked_by;
};

absl::Status PutLink(db::Connection& connection, const DuplicateLink& link);
absl::Status RemoveLink(db::Connection& connection, const Uuid& duplicate_record, const Uuid& first_record);

// The links from and to those records. Locks them, and waits for a transaction that is making one: whoever
// writes a case first and asks then, and whoever writes a link first and then locks the cases, can not both
// miss the other.
absl::StatusOr<std::vector<DuplicateLink>> LockLinksOf(db::Connection& connection,
                                                       const std::vector<Uuid>& records);
absl::Status LockCasesOf(db::Connection& connection, const std::vector<Uuid>& records);

// What belongs to the case, in short: at most 100 of its duplicates.
absl::StatusOr<v1::CaseFamily> ReadFamily(db::Connection& connection, const v1::Case& body);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_FAMILIES_FAMILY_STORE_H_
