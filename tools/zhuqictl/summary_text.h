// Monthly summaries as text for people, and drafts as files to be edited. Pure.
#ifndef ZHUQI_TOOLS_ZHUQICTL_SUMMARY_TEXT_H_
#define ZHUQI_TOOLS_ZHUQICTL_SUMMARY_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "zhuqi/directory/v1/directory.pb.h"
#include "zhuqi/intake/v1/summary_service.pb.h"

namespace zhuqi::ctl {

// "12.34" for 1234 with two digits after the point.
std::string CellValueText(int64_t value, int decimals);

// All of a summary. `form` may be empty: then indicators are shown by their identities.
std::string SummaryText(const intake::v1::MonthlySummary& summary, const directory::v1::SummaryForm& form,
                        bool chinese);

// A table, errors first; "" for none.
std::string FindingsText(const google::protobuf::RepeatedPtrField<intake::v1::SummaryFinding>& findings,
                         bool chinese);
bool HasErrors(const google::protobuf::RepeatedPtrField<intake::v1::SummaryFinding>& findings);

// What differs between two revisions.
std::string ComparisonText(const intake::v1::CompareRevisionsResponse& comparison,
                           const directory::v1::SummaryForm& form, bool chinese);

// The draft as a textproto of zhuqi.intake.v1.SubmitSummaryRequest, with comments that say what each line is,
// where its number comes from, and how to go on. `unit_name` is for people.
std::string DraftFile(const intake::v1::DraftSummaryResponse& draft,
                      const intake::v1::MonthlySummary& summary, const directory::v1::SummaryForm& form,
                      absl::string_view unit_name);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_SUMMARY_TEXT_H_
