// The filters that `records list` and `records export` share.
#ifndef ZHUQI_TOOLS_ZHUQICTL_RECORD_FILTERS_H_
#define ZHUQI_TOOLS_ZHUQICTL_RECORD_FILTERS_H_

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "zhuqi/intake/v1/record_service.pb.h"

namespace zhuqi::ctl {

struct RecordFilters {
  std::string unit;
  std::string kind;
  std::string issue_kind;
  std::string category;
  std::string enterprise;
  std::string dates;
  std::string text;
  std::string state;
  std::string source_system;
  bool with_withdrawn = false;
};

void AddRecordFilters(CLI::App& command, RecordFilters& filters);

// INVALID_ARGUMENT for words that name nothing.
absl::StatusOr<intake::v1::ListRecordsRequest> RequestOf(const RecordFilters& filters);

// Whether the service counts what matches by reading every record that the other filters leave.
bool IsCountedByLooking(const intake::v1::ListRecordsRequest& request);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_RECORD_FILTERS_H_
