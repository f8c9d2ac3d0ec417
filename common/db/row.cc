#include "common/db/row.h"

#include <cppconn/datatype.h>

#include <limits>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/db/result_reader.h"

namespace zhuqi::db {
namespace internal {

ResultReader::ResultReader(sql::ResultSet& result) : result_(result) {
  sql::ResultSetMetaData* const metadata = result.getMetaData();
  const unsigned int count = metadata->getColumnCount();
  columns_.reserve(count);
  for (unsigned int i = 1; i <= count; ++i) {
    columns_.push_back({metadata->getColumnType(i), metadata->isSigned(i)});
  }
}

absl::Status ResultReader::ReadAll(absl::FunctionRef<absl::Status(Row&)> each) {
  while (result_.next()) {
    Row row(*this);
    absl::Status status = each(row);
    // A reading error comes first: what the callback says may only follow from the empty value it was given.
    if (!row.error().ok()) return row.error();
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

std::string ResultReader::ColumnName(int column) {
  return result_.getMetaData()->getColumnLabel(static_cast<unsigned int>(column) + 1).asStdString();
}

}  // namespace internal

namespace {

bool IsInteger(int type) {
  switch (type) {
    case sql::DataType::TINYINT:
    case sql::DataType::SMALLINT:
    case sql::DataType::MEDIUMINT:
    case sql::DataType::INTEGER:
    case sql::DataType::BIGINT:
    case sql::DataType::YEAR:
      return true;
    default:
      return false;
  }
}

bool IsDecimal(int type) { return type == sql::DataType::DECIMAL || type == sql::DataType::NUMERIC; }
bool IsFloating(int type) { return type == sql::DataType::REAL || type == sql::DataType::DOUBLE; }

bool IsBytes(int type) {
  switch (type) {
    case sql::DataType::CHAR:
    case sql::DataType::VARCHAR:
    case sql::DataType::LONGVARCHAR:
    case sql::DataType::BINARY:
    case sql::DataType::VARBINARY:
    case sql::DataType::LONGVARBINARY:
    case sql::DataType::ENUM:
    case sql::DataType::SET:
    case sql::DataType::JSON:
      return true;
    default:
      return false;
  }
}

uint32_t Index(int column) { return static_cast<uint32_t>(column) + 1; }

// Exactly `count` digits at `position`, as a number; -1 for anything else.
int Digits(absl::string_view text, size_t position, size_t count) {
  if (position + count > text.size()) return -1;
  int number = 0;
  for (const char c : text.substr(position, count)) {
    if (c < '0' || c > '9') return -1;
    number = number * 10 + (c - '0');
  }
  return number;
}

// "YYYY-MM-DD". Zero dates and days that are not in the calendar are nullopt.
std::optional<absl::CivilDay> ParseDay(absl::string_view text) {
  const int year = Digits(text, 0, 4), month = Digits(text, 5, 2), day = Digits(text, 8, 2);
  if (text.size() != 10 || text[4] != '-' || text[7] != '-' || year < 1 || month < 1 || day < 1)
    return std::nullopt;
  const absl::CivilDay parsed(year, month, day);
  // CivilDay normalises the 30th of February into March.
  if (parsed.month() != month || parsed.day() != day) return std::nullopt;
  return parsed;
}

// "YYYY-MM-DD hh:mm:ss" and up to six digits of a fraction.
std::optional<absl::Time> ParseTime(absl::string_view text) {
  const std::optional<absl::CivilDay> day = ParseDay(text.substr(0, 10));
  const int hour = Digits(text, 11, 2), minute = Digits(text, 14, 2), second = Digits(text, 17, 2);
  if (!day.has_value() || hour < 0 || minute < 0 || second < 0 || text[10] != ' ' || text[13] != ':' ||
      text[16] != ':') {
    return std::nullopt;
  }
  int microseconds = 0;
  if (text.size() > 19) {
    const size_t digits = text.size() - 20;
    if (text[19] != '.' || digits < 1 || digits > 6) return std::nullopt;
    microseconds = Digits(text, 20, digits);
    if (microseconds < 0) return std::nullopt;
    for (size_t i = digits; i < 6; ++i) microseconds *= 10;
  }
  const absl::CivilSecond civil(day->year(), day->month(), day->day(), hour, minute, second);
  return absl::FromCivil(civil, absl::UTCTimeZone()) + absl::Microseconds(microseconds);
}

}  // namespace

int Row::column_count() const { return static_cast<int>(reader_.columns().size()); }

void Row::Fail(int column, absl::string_view what) {
  if (!error_.ok()) return;
  const std::string name = column >= 0 && column < column_count() ? reader_.ColumnName(column) : "none";
  error_ = absl::DataLossError(absl::StrCat("column ", column, " (", name, "): ", what));
}

// Whether there is a value to read; remembers an index outside of the row.
bool Row::Present(int column) {
  if (column < 0 || column >= column_count()) {
    Fail(column, "no such column");
    return false;
  }
  return !reader_.result().isNull(Index(column));
}

bool Row::IsNull(int column) { return !Present(column); }

std::optional<int64_t> Row::OptionalInt64(int column) {
  if (!Present(column)) return std::nullopt;
  const auto& [type, is_signed] = reader_.columns()[static_cast<size_t>(column)];
  if (IsInteger(type)) {
    if (is_signed) return reader_.result().getInt64(Index(column));
    const uint64_t value = reader_.result().getUInt64(Index(column));
    if (value <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
      return static_cast<int64_t>(value);
    Fail(column, "integer out of range");
    return 0;
  }
  int64_t value = 0;
  if (IsDecimal(type) && absl::SimpleAtoi(reader_.result().getString(Index(column)).asStdString(), &value)) {
    return value;
  }
  Fail(column, "not an integer");
  return 0;
}

std::optional<std::string> Row::OptionalText(int column) {
  if (!Present(column)) return std::nullopt;
  if (!IsBytes(reader_.columns()[static_cast<size_t>(column)].type)) {
    Fail(column, "not text");
    return std::string();
  }
  return reader_.result().getString(Index(column)).asStdString();
}

std::optional<Uuid> Row::OptionalUuid(int column) {
  const std::optional<std::string> bytes = OptionalText(column);
  if (!bytes.has_value()) return std::nullopt;
  const std::optional<Uuid> uuid = Uuid::FromBytes(*bytes);
  if (!uuid.has_value()) Fail(column, "not 16 bytes");
  return uuid.value_or(Uuid());
}

std::optional<absl::CivilDay> Row::OptionalDay(int column) {
  if (!Present(column)) return std::nullopt;
  if (reader_.columns()[static_cast<size_t>(column)].type != sql::DataType::DATE) {
    Fail(column, "not a date");
    return absl::CivilDay();
  }
  const std::optional<absl::CivilDay> day = ParseDay(reader_.result().getString(Index(column)).asStdString());
  if (!day.has_value()) Fail(column, "not a day of the calendar");
  return day.value_or(absl::CivilDay());
}

std::optional<absl::Time> Row::OptionalTime(int column) {
  if (!Present(column)) return std::nullopt;
  if (reader_.columns()[static_cast<size_t>(column)].type != sql::DataType::TIMESTAMP) {
    Fail(column, "not a date and time");
    return absl::UnixEpoch();
  }
  const std::optional<absl::Time> time = ParseTime(reader_.result().getString(Index(column)).asStdString());
  if (!time.has_value()) Fail(column, "not a time of the calendar");
  return time.value_or(absl::UnixEpoch());
}

int64_t Row::Int64(int column) {
  const std::optional<int64_t> value = OptionalInt64(column);
  if (!value.has_value()) Fail(column, "NULL");
  return value.value_or(0);
}

bool Row::Bool(int column) {
  const int64_t value = Int64(column);
  if (value != 0 && value != 1) Fail(column, "neither 0 nor 1");
  return value == 1;
}

double Row::Double(int column) {
  if (!Present(column)) {
    Fail(column, "NULL");
    return 0;
  }
  const int type = reader_.columns()[static_cast<size_t>(column)].type;
  if (IsFloating(type)) return static_cast<double>(reader_.result().getDouble(Index(column)));
  if (IsInteger(type)) return static_cast<double>(Int64(column));
  double value = 0;
  if (IsDecimal(type) && absl::SimpleAtod(reader_.result().getString(Index(column)).asStdString(), &value))
    return value;
  Fail(column, "not a number");
  return 0;
}

std::string Row::Text(int column) {
  std::optional<std::string> value = OptionalText(column);
  if (!value.has_value()) Fail(column, "NULL");
  return std::move(value).value_or(std::string());
}

Uuid Row::ReadUuid(int column) {
  const std::optional<Uuid> value = OptionalUuid(column);
  if (!value.has_value()) Fail(column, "NULL");
  return value.value_or(Uuid());
}

absl::CivilDay Row::Day(int column) {
  const std::optional<absl::CivilDay> value = OptionalDay(column);
  if (!value.has_value()) Fail(column, "NULL");
  return value.value_or(absl::CivilDay());
}

absl::Time Row::Time(int column) {
  const std::optional<absl::Time> value = OptionalTime(column);
  if (!value.has_value()) Fail(column, "NULL");
  return value.value_or(absl::UnixEpoch());
}

}  // namespace zhuqi::db
