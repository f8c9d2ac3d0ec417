// The natural key of an issue, as requests name cases by it. Pure.
#ifndef ZHUQI_SERVICES_ROUTING_CASES_ISSUE_KEY_H_
#define ZHUQI_SERVICES_ROUTING_CASES_ISSUE_KEY_H_

#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "common/rpc/errors.h"
#include "zhuqi/common/v1/source_key.pb.h"

namespace zhuqi::routing {

// Source system and external id of an issue.
using IssueKey = std::pair<std::string, std::string>;

// The key that the field at `path` holds. Violations SOURCE_SYSTEM_INVALID and EXTERNAL_ID_INVALID for what
// intake gives to no issue; the database is not to be asked for such a key.
IssueKey ReadIssueKey(const common::v1::SourceKey& key, absl::string_view path, rpc::Violations& violations);

// Whether `text` has visible ASCII characters alone, and at most `most` of them. What names something in the
// database (a function, a category, a key) has no others.
bool IsVisibleAscii(absl::string_view text, size_t most);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CASES_ISSUE_KEY_H_
