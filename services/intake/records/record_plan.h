// What a batch of checked records does to the records that are stored: in memory, before anything is written.
// Pure.
#ifndef ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_PLAN_H_
#define ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_PLAN_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/feed/append.h"
#include "services/intake/records/record_rules.h"
#include "services/intake/records/record_store.h"

namespace zhuqi::intake {

NaturalKey KeyOf(const CheckedRecord& record);
// Says that another kind of record has the key of the one at `path`.
void AddKindConflict(const std::string& path, rpc::Violations& violations);

// Collects the effects of records one after the other; later ones see what earlier ones did, so a key that is
// sent twice in one batch is one record.
class RecordPlan {
 public:
  // `known`: what is stored under the keys of all records to come. `bodies`: the stored bodies of those that
  // may be revised. `partition_of` gives the partition of a new record's unit.
  RecordPlan(absl::flat_hash_map<NaturalKey, StoredRecord> known,
             absl::flat_hash_map<Uuid, std::string> bodies,
             std::function<int32_t(absl::string_view org_unit_id)> partition_of, absl::Time now)
      : known_(std::move(known)),
        bodies_(std::move(bodies)),
        partition_of_(std::move(partition_of)),
        now_(now) {}

  // Why a good record can not be taken as what is stored now stands; empty when it can.
  rpc::Violations Conflicts(const CheckedRecord& record, const std::string& path) const;

  // Takes a good record without conflicts. `actor` and `directory_sequence` go into revision and event.
  v1::RecordResult Take(const CheckedRecord& record, const std::string& actor, int64_t directory_sequence);

  // What is to be written.
  std::vector<const RecordRow*> Created() const;
  std::vector<const RecordRow*> Revised() const;
  const std::vector<SupersededRevision>& superseded() const { return superseded_; }
  std::vector<feed::OutgoingEvent>& events() { return events_; }

 private:
  RecordRow MakeRow(const CheckedRecord& record, const StoredRecord& stored) const;
  void AddEvent(const CheckedRecord& record, const StoredRecord& stored, const std::string& previous_body,
                int64_t directory_sequence);

  absl::flat_hash_map<NaturalKey, StoredRecord> known_;
  absl::flat_hash_map<Uuid, std::string> bodies_;
  const std::function<int32_t(absl::string_view)> partition_of_;
  const absl::Time now_;
  std::map<Uuid, RecordRow> created_;
  std::map<Uuid, RecordRow> revised_;
  std::vector<SupersededRevision> superseded_;
  std::vector<feed::OutgoingEvent> events_;
};

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_PLAN_H_
