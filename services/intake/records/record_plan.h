// What a batch of checked records does to the records that are stored: in memory, before anything is written.
// Pure.
#ifndef ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_PLAN_H_
#define ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_PLAN_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/feed/append.h"
#include "services/intake/records/record_mentions.h"
#include "services/intake/records/record_rules.h"
#include "services/intake/records/record_store.h"

namespace zhuqi::intake {

NaturalKey KeyOf(const CheckedRecord& record);
// Says that another kind of record has the key of the one at `path`.
void AddKindConflict(const std::string& path, rpc::Violations& violations);

// The row of a record that counts, as far as it follows from its normal form: all but the body and what the
// newest revision adds.
RecordRow RowOf(const v1::RecordSubmission& normalised);

// The event that a revision is, with `before` for all but the first one.
feed::OutgoingEvent EventOf(const v1::RecordSubmission& normalised, const RecordRow& row,
                            std::optional<feed::v1::RecordFacts> before, int64_t directory_sequence);

// The directory that records were checked with, as far as it is noted with them.
struct CheckedWith {
  int64_t directory_sequence = 0;
  int64_t category_tree_version = 0;
};

// What a batch has to know of the records that it sends.
struct KnownRecords {
  absl::flat_hash_map<NaturalKey, StoredRecord> by_key;
  // Of those that may be revised: the newest revision, and the contact in clear text. A contact that can not
  // be opened any more is empty: whatever is sent is another one.
  absl::flat_hash_map<Uuid, RevisionContent> contents;
  absl::flat_hash_map<Uuid, std::string> contacts;
};

// Collects the effects of records one after the other; later ones see what earlier ones did, so a key that is
// sent twice in one batch is one record.
class RecordPlan {
 public:
  // `partition_of` gives the partition of a new record's unit.
  RecordPlan(KnownRecords known, std::function<int32_t(absl::string_view org_unit_id)> partition_of,
             absl::Time now)
      : known_(std::move(known.by_key)),
        contents_(std::move(known.contents)),
        contacts_(std::move(known.contacts)),
        partition_of_(std::move(partition_of)),
        now_(now) {}

  // Why a good record can not be taken as what is stored now stands; empty when it can.
  rpc::Violations Conflicts(const CheckedRecord& record, const std::string& path) const;

  // Takes a good record without conflicts. `actor` and `with` go into revision and event.
  v1::RecordResult Take(const CheckedRecord& record, const std::string& actor, const CheckedWith& with);

  // What is to be written.
  std::vector<const RecordRow*> Created() const;
  std::vector<const RecordRow*> Revised() const;
  const std::vector<SupersededRevision>& superseded() const { return superseded_; }
  // Records that were withdrawn, and that their key brought back.
  const std::vector<Uuid>& returned() const { return returned_; }
  // Contacts that were given (in clear text, still to be sealed) and taken away (absent).
  const std::map<Uuid, std::optional<std::string>>& contacts() const { return contact_changes_; }
  std::vector<feed::OutgoingEvent>& events() { return events_; }

 private:
  void Create(const CheckedRecord& record, StoredRecord& stored, const std::string& actor,
              const CheckedWith& with);
  void Revise(const CheckedRecord& record, StoredRecord& stored, const std::string& actor,
              const CheckedWith& with);
  RecordRow MakeRow(const CheckedRecord& record, const StoredRecord& stored, const std::string& actor,
                    const CheckedWith& with) const;
  // The row that this batch wrote last for the record; null when it wrote none.
  RecordRow* Written(const Uuid& record_id);
  // What the revision does to the contact, which is noted to be written.
  ContactNote TakeContact(const CheckedRecord& record, const StoredRecord& stored);

  absl::flat_hash_map<NaturalKey, StoredRecord> known_;
  absl::flat_hash_map<Uuid, RevisionContent> contents_;
  absl::flat_hash_map<Uuid, std::string> contacts_;
  const std::function<int32_t(absl::string_view)> partition_of_;
  const absl::Time now_;
  std::map<Uuid, RecordRow> created_;
  std::map<Uuid, RecordRow> revised_;
  std::vector<SupersededRevision> superseded_;
  std::vector<Uuid> returned_;
  std::map<Uuid, std::optional<std::string>> contact_changes_;
  std::vector<feed::OutgoingEvent> events_;
};

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_PLAN_H_
