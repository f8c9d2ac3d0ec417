#include "tools/zhuqictl/record_source.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "tools/zhuqictl/json_text.h"
#include "tools/zhuqictl/rejected_rows.h"

namespace zhuqi::ctl {
namespace {

class JsonLinesSource final : public RecordSource {
 public:
  explicit JsonLinesSource(std::istream& input) : input_(input) {}

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
    if (const absl::Status status = FromJson(row->original.line, &row->record); !status.ok()) {
      row->violations.push_back(
          LocalViolation("", "JSON_INVALID", status.message(), "该行不是有效的记录（JSON）"));
    }
  }

  std::istream& input_;
  int64_t number_ = 0;
  int64_t offset_ = 0;
};

class CsvSource final : public RecordSource {
 public:
  CsvSource(std::unique_ptr<CsvReader> reader, RecordColumns columns)
      : reader_(std::move(reader)), columns_(std::move(columns)) {}

  absl::StatusOr<bool> Next(SourceRow* row) override {
    std::vector<std::string> fields;
    ZHUQI_ASSIGN_OR_RETURN(const bool found, reader_->Next(&fields));
    if (!found) return false;
    row->violations = columns_.ToRecord(fields, &row->record);
    row->original = OriginalRow{++number_, "", columns_.OwnFields(fields)};
    row->end_offset = reader_->bytes();
    return true;
  }

  std::vector<std::string> csv_header() const override { return columns_.OwnHeader(); }

 private:
  std::unique_ptr<CsvReader> reader_;
  RecordColumns columns_;
  int64_t number_ = 0;
};

}  // namespace

std::unique_ptr<RecordSource> NewJsonLinesSource(std::istream& input) {
  return std::make_unique<JsonLinesSource>(input);
}

absl::StatusOr<std::unique_ptr<RecordSource>> NewCsvSource(std::istream& input,
                                                           std::optional<intake::v1::RecordKind> kind) {
  auto reader = std::make_unique<CsvReader>(input);
  std::vector<std::string> header;
  ZHUQI_ASSIGN_OR_RETURN(const bool found, reader->Next(&header));
  if (!found) return absl::InvalidArgumentError("the file is empty; its first line names the columns");
  ZHUQI_ASSIGN_OR_RETURN(RecordColumns columns, RecordColumns::Create(std::move(header), kind));
  return std::unique_ptr<RecordSource>(std::make_unique<CsvSource>(std::move(reader), std::move(columns)));
}

std::string WithoutMarks(absl::string_view line) {
  std::vector<JsonMember> members;
  if (!absl::StrContains(line, kMarkPrefix) || !SplitJsonObject(line, &members).ok())
    return std::string(line);
  std::string own;
  for (const JsonMember& member : members) {
    std::string raw;
    if (member.name == kRawLineMark && FromJsonString(member.value, &raw).ok()) return raw;
    if (absl::StartsWith(member.name, kMarkPrefix)) continue;
    absl::StrAppend(&own, own.empty() ? "" : ",", JsonString(member.name), ":", member.value);
  }
  return absl::StrCat("{", own, "}");
}

}  // namespace zhuqi::ctl
