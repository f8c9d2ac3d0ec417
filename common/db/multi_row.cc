#include "common/db/multi_row.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"

namespace zhuqi::db {
namespace {

// Beyond a few thousand placeholders a statement gains nothing, and holds memory on both sides as long as it
// is kept.
constexpr size_t kMaxPlaceholders = 4096;
constexpr size_t kMaxRows = 256;
// Stays well under the server's smallest usual max_allowed_packet (16 MiB).
constexpr size_t kMaxBytes = size_t{4} << 20;
// MariaDB turns longer lists into a subquery (in_predicate_conversion_threshold).
constexpr size_t kMaxKeys = 256;

std::string Placeholders(size_t columns) {
  std::string text = "(";
  for (size_t i = 0; i < columns; ++i) absl::StrAppend(&text, i == 0 ? "?" : ",?");
  text += ')';
  return text;
}

// The largest number up to `rows` with at most three significant bits: 1 to 8, 10, 12, 14, 16, 20 and so on.
// Two statements then take nearly any batch, and each one more is a round trip that the whole batch waits
// for.
size_t StatementSize(size_t rows) {
  const int spare = std::max(0, static_cast<int>(std::bit_width(rows)) - 3);
  return rows >> spare << spare;
}

size_t LargestChunk(size_t columns, size_t most) {
  return std::clamp(std::bit_floor(std::max<size_t>(1, kMaxPlaceholders / std::max<size_t>(1, columns))),
                    size_t{1}, most);
}

}  // namespace

MultiRowInsert::MultiRowInsert(absl::string_view table, std::vector<std::string> columns,
                               absl::string_view suffix, absl::string_view verb)
    : head_(absl::StrCat(verb, " ", table, " (", absl::StrJoin(columns, ", "), ") VALUES ")),
      row_placeholders_(Placeholders(columns.size())),
      suffix_(suffix.empty() ? "" : absl::StrCat(" ", suffix)),
      columns_(columns.size()) {}

std::string MultiRowInsert::Statement(size_t rows) const {
  std::string sql = head_;
  sql.reserve(head_.size() + rows * (row_placeholders_.size() + 1) + suffix_.size());
  for (size_t i = 0; i < rows; ++i) {
    if (i > 0) sql += ',';
    sql += row_placeholders_;
  }
  sql += suffix_;
  return sql;
}

// The most rows from `first` on that one statement takes, bounded in number and in bytes.
size_t MultiRowInsert::ChunkAt(size_t first) const {
  const size_t most = std::min(rows_ - first, LargestChunk(columns_, kMaxRows));
  size_t bytes = 0, fitting = 0;
  while (fitting < most) {
    for (size_t i = 0; i < columns_; ++i) bytes += values_[(first + fitting) * columns_ + i].WireSize();
    if (bytes > kMaxBytes && fitting > 0) break;
    ++fitting;
  }
  return StatementSize(fitting);
}

absl::StatusOr<int64_t> MultiRowInsert::Run(Connection& connection) {
  if (wrong_row_) return absl::InvalidArgumentError(absl::StrCat("a row without ", columns_, " values"));
  int64_t matched = 0;
  Values chunk;
  for (size_t first = 0; first < rows_;) {
    const size_t rows = ChunkAt(first);
    const auto begin = values_.begin() + static_cast<std::ptrdiff_t>(first * columns_);
    const auto end = begin + static_cast<std::ptrdiff_t>(rows * columns_);
    // Lent, not copied: after an error all rows must be there for another run.
    chunk.resize(rows * columns_, nullptr);
    std::swap_ranges(begin, end, chunk.begin());
    const absl::StatusOr<int64_t> count = connection.Execute(Statement(rows), chunk);
    std::swap_ranges(begin, end, chunk.begin());
    ZHUQI_RETURN_IF_ERROR(count.status());
    matched += *count;
    first += rows;
  }
  rows_ = 0;
  values_.clear();
  return matched;
}

absl::Status SelectByKeys(Connection& connection, absl::string_view select_prefix, int columns_per_key,
                          const std::vector<Values>& keys, absl::FunctionRef<absl::Status(Row&)> each,
                          absl::string_view select_suffix) {
  const size_t columns = static_cast<size_t>(std::max(1, columns_per_key));
  for (const Values& key : keys) {
    if (key.size() != columns)
      return absl::InvalidArgumentError(absl::StrCat("a key without ", columns, " values"));
  }
  const std::string placeholders = columns == 1 ? "?" : Placeholders(columns);
  const size_t largest = LargestChunk(columns, kMaxKeys);
  Values values;
  for (size_t first = 0; first < keys.size(); first += largest) {
    const size_t given = std::min(largest, keys.size() - first);
    const size_t padded = std::bit_ceil(given);
    std::string sql = absl::StrCat(select_prefix, " (");
    values.clear();
    values.reserve(padded * columns);
    for (size_t i = 0; i < padded; ++i) {
      absl::StrAppend(&sql, i == 0 ? "" : ",", placeholders);
      const Values& key = keys[first + std::min(i, given - 1)];
      values.insert(values.end(), key.begin(), key.end());
    }
    absl::StrAppend(&sql, ")", select_suffix);
    ZHUQI_RETURN_IF_ERROR(connection.Query(sql, values, each));
  }
  return absl::OkStatus();
}

}  // namespace zhuqi::db
