#ifndef ZHUQI_SERVICES_INTAKE_SUMMARIES_SUMMARY_KEY_H_
#define ZHUQI_SERVICES_INTAKE_SUMMARIES_SUMMARY_KEY_H_

#include <string>
#include <tuple>

#include "absl/time/civil_time.h"

namespace zhuqi::intake {

// What an obligation is about. Ordered as the table's primary key.
struct SummaryKey {
  std::string org_unit_id;
  absl::CivilMonth month;
  std::string form_id;

  friend bool operator==(const SummaryKey&, const SummaryKey&) = default;
  friend bool operator<(const SummaryKey& left, const SummaryKey& right) {
    return std::tie(left.org_unit_id, left.month, left.form_id) <
           std::tie(right.org_unit_id, right.month, right.form_id);
  }
};

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_SUMMARIES_SUMMARY_KEY_H_
