// Records, their revisions and links as people read them. Pure.
#ifndef ZHUQI_TOOLS_ZHUQICTL_RECORD_TEXT_H_
#define ZHUQI_TOOLS_ZHUQICTL_RECORD_TEXT_H_

#include <string>
#include <vector>

#include "zhuqi/intake/v1/record.pb.h"
#include "zhuqi/intake/v1/record_service.pb.h"

namespace zhuqi::ctl {

// Each ends with a line end.
std::string DescribeRecords(const intake::v1::ListRecordsResponse& records);
std::string DescribeRecord(const intake::v1::Record& record);
std::string DescribeRevisions(const intake::v1::ListRecordRevisionsResponse& revisions);
std::string DescribeLinks(const intake::v1::ListRecordLinksResponse& links, const std::string& record_id);

// A record for an export: a line that `zhuqictl import` takes back, and the service finds UNCHANGED. What is
// not the sender's begins with "__". A contact is not in it: its row says that there is one (export_marks.h).
std::string ExportLine(const intake::v1::Record& record);
std::vector<std::string> ExportHeader();
std::vector<std::string> ExportRow(const intake::v1::Record& record);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_RECORD_TEXT_H_
