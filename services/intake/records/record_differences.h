// What one revision of a record changed against the one before, field by field. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_DIFFERENCES_H_
#define ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_DIFFERENCES_H_

#include <string>
#include <vector>

#include "zhuqi/intake/v1/record.pb.h"

namespace zhuqi::intake {

inline constexpr size_t kMaxDifferenceText = 500;

// In the order of the fields. Dates and times are texts ("2024-05-09", "2024-05-09T09:30:00+08:00"), and so
// are lists of plain values ("fire, planning"); the entries of other lists are compared place by place
// ("visit.enterprises[1].name"). Fields that hold personal data are passed over.
std::vector<v1::RecordDifference> Differences(const v1::RecordSubmission& before,
                                              const v1::RecordSubmission& after);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_RECORDS_RECORD_DIFFERENCES_H_
