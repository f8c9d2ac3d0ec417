#include "tools/zhuqictl/record_source.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "tools/zhuqictl/formula_guard.h"
#include "tools/zhuqictl/json_text.h"
#include "tools/zhuqictl/marks.h"

namespace zhuqi::ctl {
namespace {

void AppendMember(const JsonMember& member, std::string* members) {
  absl::StrAppend(members, members->empty() ? "" : ",", JsonString(member.name), ":", member.value);
}

// A JSON string's text; any other value as it stands.
std::string TextOf(absl::string_view value) {
  std::string text;
  return FromJsonString(value, &text).ok() ? text : std::string(value);
}

// `line` without any marks, and those of an export.
std::string TakeMarks(const std::string& line, ExportMarks* marks) {
  std::vector<JsonMember> members;
  if (!absl::StrContains(line, kMarkPrefix) || !SplitJsonObject(line, &members).ok()) return line;
  std::string own;
  for (const JsonMember& member : members) {
    if (member.name == kHasContactMark) marks->has_contact = TextOf(member.value);
    if (member.name == kStateMark) marks->state = TextOf(member.value);
    if (!IsMark(member.name)) AppendMember(member, &own);
  }
  return absl::StrCat("{", own, "}");
}

class JsonLinesSource final : public RecordSource {
 public:
  JsonLinesSource(std::istream& input, ExportConsent consent) : input_(input), consent_(consent) {}

  absl::StatusOr<bool> Next(SourceRow* row) override {
    std::string line;
    while (std::getline(input_, line)) {
      offset_ += static_cast<int64_t>(line.size()) + 1;
      absl::string_view text = absl::StripAsciiWhitespace(line);
      if (number_ == 0) absl::ConsumePrefix(&text, "\xEF\xBB\xBF");
      if (text.empty()) continue;
      Fill(text, row);
      return true;
    }
    return false;
  }

 private:
  void Fill(absl::string_view text, SourceRow* row) {
    row->original = OriginalRow{++number_, WithoutMarks(text), {}};
    row->end_offset = offset_;
    row->violations.clear();
    row->record.Clear();
    ExportMarks marks;
    if (const absl::Status status = FromJson(TakeMarks(row->original.line, &marks), &row->record);
        status.ok()) {
      row->violations = CheckExportMarks(marks, row->record, consent_);
    } else {
      row->violations.push_back(
          LocalViolation("", "JSON_INVALID", status.message(), "该行不是有效的记录（JSON）"));
    }
    NameRow(*row);
  }

  std::istream& input_;
  const ExportConsent consent_;
  int64_t number_ = 0;
  int64_t offset_ = 0;
};

class CsvSource final : public RecordSource {
 public:
  CsvSource(std::unique_ptr<CsvReader> reader, RecordColumns columns, ExportConsent consent)
      : reader_(std::move(reader)),
        columns_(std::move(columns)),
        guarded_(IsGuarded(columns_.header())),
        consent_(consent) {}

  absl::StatusOr<bool> Next(SourceRow* row) override {
    std::vector<std::string> fields;
    ZHUQI_ASSIGN_OR_RETURN(const bool found, reader_->Next(&fields));
    if (!found) return false;
    if (guarded_) fields = Unguarded(std::move(fields));
    row->violations = columns_.ToRecord(fields, &row->record);
    for (common::v1::FieldViolation& violation : CheckExportMarks(MarksOf(fields), row->record, consent_))
      row->violations.push_back(std::move(violation));
    row->original = OriginalRow{++number_, "", columns_.OwnFields(fields)};
    row->end_offset = reader_->bytes();
    NameRow(*row);
    return true;
  }

  std::vector<std::string> csv_header() const override { return columns_.OwnHeader(); }

 private:
  ExportMarks MarksOf(const std::vector<std::string>& fields) const {
    return {.has_contact = FieldOf(fields, kHasContactMark), .state = FieldOf(fields, kStateMark)};
  }
  std::string FieldOf(const std::vector<std::string>& fields, absl::string_view column) const {
    const std::vector<std::string>& header = columns_.header();
    const auto at =
        static_cast<std::size_t>(std::find(header.begin(), header.end(), column) - header.begin());
    // In a row with other columns than the header's, nobody knows which is which.
    if (fields.size() != header.size() || at == header.size()) return "";
    return std::string(absl::StripAsciiWhitespace(fields[at]));
  }

  std::unique_ptr<CsvReader> reader_;
  RecordColumns columns_;
  const bool guarded_;
  const ExportConsent consent_;
  int64_t number_ = 0;
};

}  // namespace

std::unique_ptr<RecordSource> NewJsonLinesSource(std::istream& input, ExportConsent consent) {
  return std::make_unique<JsonLinesSource>(input, consent);
}

absl::StatusOr<std::unique_ptr<RecordSource>> NewCsvSource(std::istream& input,
                                                           std::optional<intake::v1::RecordKind> kind,
                                                           ColumnMap map, ExportConsent consent) {
  auto reader = std::make_unique<CsvReader>(input);
  std::vector<std::string> header;
  ZHUQI_ASSIGN_OR_RETURN(const bool found, reader->Next(&header));
  if (!found) return absl::InvalidArgumentError("the file is empty; its first line names the columns");
  if (IsGuarded(header)) header = Unguarded(std::move(header));
  ZHUQI_ASSIGN_OR_RETURN(RecordColumns columns,
                         RecordColumns::Create(std::move(header), kind, std::move(map)));
  return std::unique_ptr<RecordSource>(
      std::make_unique<CsvSource>(std::move(reader), std::move(columns), consent));
}

void NameRow(SourceRow& row) {
  if (row.record.row_key().empty()) row.record.set_row_key(absl::StrCat("row ", row.original.number));
}

std::string WithoutMarks(absl::string_view line) {
  std::vector<JsonMember> members;
  if (!absl::StrContains(line, kMarkPrefix) || !SplitJsonObject(line, &members).ok())
    return std::string(line);
  std::string own;
  for (const JsonMember& member : members) {
    std::string raw;
    if (member.name == kRawLineMark && FromJsonString(member.value, &raw).ok()) return raw;
    if (!IsMadeAnew(member.name)) AppendMember(member, &own);
  }
  return absl::StrCat("{", own, "}");
}

}  // namespace zhuqi::ctl
