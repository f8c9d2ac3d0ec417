// What a record is found by from the enterprises that it concerns. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_MENTIONS_H_
#define ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_MENTIONS_H_

#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "zhuqi/intake/v1/record.pb.h"

namespace zhuqi::intake {

// A record that does not count mentions no enterprise.
struct RecordMentions {
  std::string org_unit_id;
  v1::RecordKind kind = v1::RECORD_KIND_UNSPECIFIED;
  absl::CivilDay on;  // the date that the record counts on
  std::vector<std::string> enterprises;
  std::string team_id;        // of a visit
  std::string department_id;  // of a visit
  std::string policy_id;      // of a policy delivery

  friend bool operator==(const RecordMentions&, const RecordMentions&) = default;
};

// Of a record in its normal form.
RecordMentions MentionsOf(const v1::RecordSubmission& normalised);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_MENTIONS_H_
