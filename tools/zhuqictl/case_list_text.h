// Work lists, counts, stories and changes of cases as text for people. Pure.
#ifndef ZHUQI_TOOLS_ZHUQICTL_CASE_LIST_TEXT_H_
#define ZHUQI_TOOLS_ZHUQICTL_CASE_LIST_TEXT_H_

#include <string>

#include "absl/time/time.h"
#include "zhuqi/routing/v1/case_service.pb.h"

namespace zhuqi::ctl {

struct CaseTextOptions {
  bool chinese = true;
  // Of a terminal; the words say the same.
  bool colour = false;
  absl::Time now;
};

// A line a case, with its handling deadline: red when it has passed, yellow when it comes within three days.
std::string CaseTable(const google::protobuf::RepeatedPtrField<routing::v1::Case>& cases,
                      const CaseTextOptions& options);

// What belongs to a case: a line each for its parent, children, the first case and duplicates. Empty when
// nothing does.
std::string FamilyTable(const routing::v1::CaseFamily& family, const CaseTextOptions& options);

// A line an entry, in the order of time.
std::string TimelineTable(const google::protobuf::RepeatedPtrField<routing::v1::TimelineEntry>& timeline,
                          const CaseTextOptions& options);

// A line a tab: "已逾期  3"; "10,000+" where there are more than were counted.
std::string TabTable(const routing::v1::CountCasesResponse& counts, const CaseTextOptions& options);

// One change in one line, with a line end.
std::string UpdateLine(const routing::v1::CaseUpdate& update, const CaseTextOptions& options);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_CASE_LIST_TEXT_H_
