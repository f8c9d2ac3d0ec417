// What makes a submitted record good, and its normal form. Pure: the directory, the day and the keys of
// contacts are arguments.
#ifndef ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_RULES_H_
#define ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_RULES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/directory/directory.h"
#include "common/encryption/key_ring.h"
#include "common/rpc/errors.h"
#include "zhuqi/feed/v1/facts.pb.h"
#include "zhuqi/intake/v1/record.pb.h"
#include "zhuqi/intake/v1/record_service.pb.h"

namespace zhuqi::intake {

// A record that was looked at. When `violations` is not empty nothing else is meaningful but the row key and
// the warnings.
struct CheckedRecord {
  // Normalised: the unit by identity, texts trimmed, credit codes in normal form; without contact and row
  // key.
  v1::RecordSubmission submission;
  std::string row_key;  // cut to its limit when it is too long
  v1::RecordKind kind = v1::RECORD_KIND_UNSPECIFIED;
  absl::CivilDay on;                   // the date that it counts on
  std::optional<std::string> contact;  // in its normal form, serialised
  std::string body;                    // the normal form, serialised
  // 32 bytes over body and contact: equal digests are equal records. With a contact it is a keyed one; the
  // same under keys that are being given up stand behind it.
  std::string digest;
  std::vector<std::string> former_digests;
  rpc::Violations violations;
  rpc::Violations warnings;

  // Whether this is what was stored with `stored_digest`.
  bool HasDigest(absl::string_view stored_digest) const;
};

// Checks one record. `path` is where it stands in the request ("records[3]"); `now` is the time of receipt:
// nothing may be dated later, save for a minute that clocks may differ by. Without `contact_keys` a record
// with a contact is refused.
CheckedRecord CheckRecord(const v1::RecordSubmission& submission, const std::string& path,
                          const Directory& directory, absl::Time now,
                          const encryption::KeyRing* contact_keys = nullptr);

// Of a record in its normal form: the digest by each key, the first key's first; without a contact the one
// digest.
std::vector<std::string> DigestsOf(const std::string& body, const std::optional<std::string>& contact,
                                   const encryption::KeyRing* contact_keys);

// The facts of a good record that counts, as the feed carries them.
feed::v1::RecordFacts FactsOf(const v1::RecordSubmission& normalised, absl::string_view record_id,
                              int64_t revision);

// What routing needs of an issue beyond its facts.
feed::v1::IssueContent ContentOf(const v1::RecordSubmission& normalised);

// Credit codes of the enterprises that a normalised record concerns, in the order given.
std::vector<std::string> EnterprisesOf(const v1::RecordSubmission& normalised);

// The kind that the record's oneof says.
v1::RecordKind KindOf(const v1::RecordSubmission& submission);

// The violations as a row of an answer carries them: at most 20.
void ToRows(const rpc::Violations& violations,
            google::protobuf::RepeatedPtrField<common::v1::FieldViolation>* rows);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_RULES_H_
