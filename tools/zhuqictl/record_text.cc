#include "tools/zhuqictl/record_text.h"

#include "absl/strings/str_cat.h"
#include "tools/zhuqictl/formula_guard.h"
#include "tools/zhuqictl/json_text.h"
#include "tools/zhuqictl/marks.h"
#include "tools/zhuqictl/record_columns.h"
#include "tools/zhuqictl/table.h"
#include "tools/zhuqictl/text_values.h"

namespace zhuqi::ctl {
namespace {

using intake::v1::Record;
using intake::v1::RecordSubmission;

std::string StateText(intake::v1::RecordState state, const std::string& reason) {
  if (state != intake::v1::RECORD_STATE_WITHDRAWN) return "";
  return absl::StrCat("已撤回 withdrawn: ", reason);
}

std::string TruthText(bool truth) { return truth ? "true" : "false"; }

std::vector<std::string> RowOf(const Record& record) {
  const RecordSubmission& sent = record.submission();
  std::vector<std::string> row;
  const std::string key = absl::StrCat(sent.key().source_system(), "/", sent.key().external_id());
  switch (sent.record_case()) {
    case RecordSubmission::kVisit:
      row = {DateText(sent.visit().visited_on()), "visit", sent.org_unit_id(), key,
             absl::StrCat(sent.visit().enterprises_size(), " × ", sent.visit().place())};
      break;
    case RecordSubmission::kIssue:
      row = {InstantText(sent.issue().raised_at()).substr(0, 10), EnumText(sent.issue().kind()),
             sent.org_unit_id(), key, sent.issue().title()};
      break;
    case RecordSubmission::kPolicyDelivery:
      row = {DateText(sent.policy_delivery().delivered_on()), "policy", sent.org_unit_id(), key,
             sent.policy_delivery().policy().empty() ? sent.policy_delivery().policy_id()
                                                     : sent.policy_delivery().policy()};
      break;
    default:
      row = {"", "", sent.org_unit_id(), key, ""};
  }
  row.push_back(record.state() == intake::v1::RECORD_STATE_WITHDRAWN ? "withdrawn" : "");
  return row;
}

}  // namespace

std::string DescribeRecords(const intake::v1::ListRecordsResponse& records) {
  Table table({{"date"}, {"kind"}, {"unit"}, {"key"}, {"title", Align::kLeft, 60}, {"state"}});
  for (const Record& record : records.records()) table.AddRow(RowOf(record));
  std::string text = table.ToString();
  absl::StrAppend(&text, records.records_size());
  if (records.has_total()) {
    absl::StrAppend(&text, " of ", records.total());
  } else if (!records.next_page_token().empty()) {
    absl::StrAppend(&text, ", and there are more (--all, --total)");
  }
  return absl::StrCat(text, "\n");
}

std::string DescribeRecord(const Record& record) {
  const RecordSubmission& sent = record.submission();
  Table table({{"field"}, {"value", Align::kLeft, 100}});
  table.AddRow({"record", record.record_id()});
  table.AddRow({"revision", absl::StrCat(record.revision(), "  (etag ", record.etag(), ")")});
  table.AddRow({"received", InstantText(record.created_at())});
  if (record.category_tree_version() > 0)
    table.AddRow({"category version", absl::StrCat(record.category_tree_version())});
  if (record.revision() > 1) table.AddRow({"changed", InstantText(record.updated_at())});
  const std::string state = StateText(record.state(), record.withdrawal_reason());
  if (!state.empty()) table.AddRow({"state", state});
  const std::vector<std::string> names = AllRecordColumns();
  const std::vector<std::string> values = ToRow(sent);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!values[i].empty()) table.AddRow({names[i], values[i]});
  }
  if (record.has_contact() && !sent.issue().has_contact()) {
    table.AddRow({"contact", "有联系人：用 --with-contact 查看 / kept; show it with --with-contact"});
  }
  return table.ToString();
}

std::string DescribeRevisions(const intake::v1::ListRecordRevisionsResponse& revisions) {
  Table table({{"revision", Align::kRight},
               {"when"},
               {"who"},
               {"field"},
               {"before", Align::kLeft, 40},
               {"after", Align::kLeft, 40}});
  for (const intake::v1::RecordRevision& revision : revisions.revisions()) {
    std::vector<std::string> head{absl::StrCat(revision.revision()), InstantText(revision.recorded_at()),
                                  revision.actor()};
    const std::string state = StateText(revision.state(), revision.withdrawal_reason());
    if (!state.empty()) {
      table.AddRow({head[0], head[1], head[2], "state", "", state});
    } else if (revision.differences().empty()) {
      table.AddRow(
          {head[0], head[1], head[2], revision.revision() == 1 ? "received" : "brought back", "", ""});
    } else {
      for (const intake::v1::RecordDifference& difference : revision.differences()) {
        table.AddRow(
            {head[0], head[1], head[2], difference.field(), difference.before(), difference.after()});
        head = {"", "", ""};
      }
    }
  }
  return table.ToString();
}

std::string DescribeLinks(const intake::v1::ListRecordLinksResponse& links, const std::string& record_id) {
  Table table({{"when"}, {"who"}, {"this record"}, {"kind"}, {"other record"}, {"reason", Align::kLeft, 40}});
  for (const intake::v1::RecordLink& link : links.links()) {
    const bool from_here = link.from_record_id() == record_id;
    table.AddRow({InstantText(link.linked_at()), link.actor(), from_here ? "is" : "has",
                  EnumText(link.kind()), from_here ? link.to_record_id() : link.from_record_id(),
                  link.reason()});
  }
  return absl::StrCat(table.ToString(), links.links_size(), " links\n");
}

std::string ExportLine(const Record& record) {
  const std::string submission = ToJsonLine(record.submission());
  const std::string marks =
      absl::StrCat("{\"", kRecordIdMark, "\":", JsonString(record.record_id()), ",\"", kRevisionMark,
                   "\":", record.revision(), ",\"", kStateMark, "\":", JsonString(EnumText(record.state())),
                   ",\"", kUpdatedAtMark, "\":", JsonString(InstantText(record.updated_at())), ",\"",
                   kHasContactMark, "\":", TruthText(record.has_contact()));
  return absl::StrCat(marks, submission.size() > 2 ? "," : "", submission.substr(1));
}

std::vector<std::string> ExportHeader() {
  std::vector<std::string> header;
  for (const absl::string_view mark :
       {kGuardMark, kRecordIdMark, kRevisionMark, kStateMark, kUpdatedAtMark, kHasContactMark}) {
    header.emplace_back(mark);
  }
  for (std::string& column : AllRecordColumns()) header.push_back(std::move(column));
  return header;
}

std::vector<std::string> ExportRow(const Record& record) {
  std::vector<std::string> row{"true",
                               record.record_id(),
                               absl::StrCat(record.revision()),
                               EnumText(record.state()),
                               InstantText(record.updated_at()),
                               TruthText(record.has_contact())};
  for (std::string& cell : ToRow(record.submission())) row.push_back(std::move(cell));
  return Guarded(std::move(row));
}

}  // namespace zhuqi::ctl
