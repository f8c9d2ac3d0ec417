// What makes an enterprise good, and its normal form. Pure: the directory and the day are arguments.
#ifndef ZHUQI_SERVICES_INTAKE_ENTERPRISES_ENTERPRISE_RULES_H_
#define ZHUQI_SERVICES_INTAKE_ENTERPRISES_ENTERPRISE_RULES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/directory/directory.h"
#include "common/rpc/errors.h"
#include "zhuqi/feed/v1/facts.pb.h"
#include "zhuqi/intake/v1/enterprise.pb.h"

namespace zhuqi::intake {

// An enterprise that was looked at. When `violations` is not empty nothing else is meaningful but the
// warnings and the credit code.
struct CheckedEnterprise {
  // Normalised, tags in order, without what intake sets.
  v1::Enterprise enterprise;
  std::string body;  // the same, serialised: equal bodies are equal enterprises
  rpc::Violations violations;
  rpc::Violations warnings;
};

// Checks one enterprise. `path` is where it stands in the request ("enterprises[3]"); nothing may be dated
// later than `now`, save for a minute that clocks may differ by.
CheckedEnterprise CheckEnterprise(const v1::Enterprise& enterprise, const std::string& path,
                                  const Directory& directory, absl::Time now);

// The facts of a good enterprise, as the feed carries them.
feed::v1::EnterpriseFacts FactsOf(const v1::Enterprise& enterprise);

// What marks an enterprise: 1 to 64 of a-z, 0-9 and '-'.
bool IsTag(absl::string_view text);
// A section of GB/T 4754: 'A' to 'T'.
bool IsIndustrySection(absl::string_view text);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_ENTERPRISES_ENTERPRISE_RULES_H_
