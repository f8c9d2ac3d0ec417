#include "services/intake/records/contact_rotation.h"

#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/db/transaction.h"
#include "services/intake/records/contact_store.h"
#include "services/intake/records/record_rules.h"

namespace zhuqi::intake {
namespace {

// Contacts in one transaction, whose records wait for it.
constexpr int kContactsAtOnce = 200;
constexpr absl::Duration kTransactionTimeout = absl::Seconds(30);
// Each pass finds what was sealed by another key behind the one before: a few contacts of calls that were
// under way, and more only while a service still seals so.
constexpr int kMaxPasses = 5;

// What one transaction came to.
struct Portion {
  std::vector<Uuid> sealed;
  std::vector<Uuid> unreadable;

  size_t size() const { return sealed.size() + unreadable.size(); }
};

class Rotation {
 public:
  Rotation(db::Pool& pool, const encryption::KeyRing& keys, const RotationObserver& observer)
      : pool_(pool), keys_(keys), observer_(observer) {}

  absl::StatusOr<RotationResult> Run() {
    ZHUQI_ASSIGN_OR_RETURN(std::vector<std::string> left, OtherKeyIds());
    for (int pass = 0; pass < kMaxPasses && !left.empty(); ++pass) {
      const int64_t before = result_.rotated;
      for (const std::string& key_id : left) {
        if (keys_.Knows(key_id)) ZHUQI_RETURN_IF_ERROR(RotateAll(key_id));
      }
      ZHUQI_ASSIGN_OR_RETURN(left, OtherKeyIds());
      if (result_.rotated == before) break;
    }
    if (left.empty()) return result_;
    return WhyLeft(left);
  }

 private:
  // The identifiers of all keys but the first that contacts stand under.
  absl::StatusOr<std::vector<std::string>> OtherKeyIds() {
    ZHUQI_ASSIGN_OR_RETURN(const db::Lease lease, pool_.Acquire(absl::Now() + kTransactionTimeout));
    ZHUQI_ASSIGN_OR_RETURN(std::vector<std::string> ids, ReadContactKeyIds(*lease));
    std::erase(ids, keys_.primary_id());
    return ids;
  }

  absl::Status RotateAll(const std::string& key_id) {
    Uuid after;
    while (true) {
      ZHUQI_ASSIGN_OR_RETURN(const Portion done, RotateSome(key_id, after));
      for (const Uuid& record_id : done.unreadable) {
        if (unreadable_.insert(record_id).second) observer_.unreadable(record_id);
      }
      result_.rotated += static_cast<int64_t>(done.sealed.size());
      if (!done.sealed.empty()) observer_.progress(result_.rotated);
      if (done.size() == 0) return absl::OkStatus();
    }
  }

  // Seals one transaction's contacts again and moves `after` behind them.
  absl::StatusOr<Portion> RotateSome(const std::string& key_id, Uuid& after) {
    db::TransactionOptions options;
    options.deadline = absl::Now() + kTransactionTimeout;
    // What is done is under another key, and not found a second time.
    options.body_is_idempotent = true;
    Portion portion;
    Uuid last = after;
    ZHUQI_RETURN_IF_ERROR(
        db::RunTransaction(pool_, options, [&](db::Transaction& transaction) -> absl::Status {
          portion = Portion();
          ZHUQI_ASSIGN_OR_RETURN(const std::vector<ContactRow> rows,
                                 LockContacts(transaction, key_id, after, kContactsAtOnce));
          for (const ContactRow& row : rows) ZHUQI_RETURN_IF_ERROR(SealAgain(transaction, row, portion));
          if (!rows.empty()) last = rows.back().record_id;
          return absl::OkStatus();
        }));
    after = last;
    return portion;
  }

  absl::Status SealAgain(db::Transaction& transaction, const ContactRow& row, Portion& portion) {
    const std::string place = ContactPlace(row.record_id);
    const absl::StatusOr<std::string> contact = keys_.Open(row.sealed, place);
    if (absl::IsDataLoss(contact.status())) {
      // It is of no use under any key, and all the others are not to wait for it.
      portion.unreadable.push_back(row.record_id);
      return absl::OkStatus();
    }
    ZHUQI_RETURN_IF_ERROR(contact.status());
    ZHUQI_ASSIGN_OR_RETURN(const encryption::Sealed sealed, keys_.Seal(*contact, place));
    portion.sealed.push_back(row.record_id);
    return ReplaceContact(transaction, row.record_id, sealed, DigestsOf(row.body, *contact, &keys_).front());
  }

  absl::Status WhyLeft(const std::vector<std::string>& left) const {
    std::vector<std::string> missing;
    for (const std::string& key_id : left) {
      if (!keys_.Knows(key_id)) missing.push_back(key_id);
    }
    const std::string unnamed =
        missing.empty() ? ""
                        : absl::StrCat("contacts stand under keys that the configuration does not name: ",
                                       absl::StrJoin(missing, ", "));
    if (!unreadable_.empty()) {
      return absl::DataLossError(
          absl::StrCat(unreadable_.size(), " contacts do not open", unnamed.empty() ? "" : "; ", unnamed));
    }
    if (!missing.empty()) return absl::FailedPreconditionError(unnamed);
    return absl::FailedPreconditionError(absl::StrCat("contacts are still being sealed by ",
                                                      absl::StrJoin(left, ", "),
                                                      ": a service has another first key"));
  }

  db::Pool& pool_;
  const encryption::KeyRing& keys_;
  const RotationObserver& observer_;
  RotationResult result_;
  absl::flat_hash_set<Uuid> unreadable_;
};

}  // namespace

absl::StatusOr<RotationResult> RotateContacts(db::Pool& pool, const encryption::KeyRing& keys,
                                              const RotationObserver& observer) {
  return Rotation(pool, keys, observer).Run();
}

}  // namespace zhuqi::intake
