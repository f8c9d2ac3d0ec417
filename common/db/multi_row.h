// Many rows in few statements. Statements have few sizes (three significant bits), so that a connection meets
// (and keeps prepared) only a few texts for each table, however many rows there are.
#ifndef ZHUQI_COMMON_DB_MULTI_ROW_H_
#define ZHUQI_COMMON_DB_MULTI_ROW_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/db/connection.h"
#include "common/db/value.h"

namespace zhuqi::db {

//   MultiRowInsert insert("cases", {"case_id", "state"}, "ON DUPLICATE KEY UPDATE state=VALUES(state)");
//   for (const Case& c : cases) insert.Add({c.id, c.state});
//   ZHUQI_RETURN_IF_ERROR(insert.Run(transaction.connection()).status());
//
// Sort the rows by key before adding them: transactions that lock in one order do not deadlock.
// A bulk of several statements is atomic only within a transaction.
class MultiRowInsert {
 public:
  // `table`, `columns` and `suffix` are trusted SQL. `verb` is "INSERT INTO" or another with the same form,
  // such as "INSERT IGNORE INTO" or "REPLACE INTO".
  MultiRowInsert(absl::string_view table, std::vector<std::string> columns, absl::string_view suffix = "",
                 absl::string_view verb = "INSERT INTO");

  // One row, a value for each column. A wrong number of values makes Run fail with InvalidArgument. The list
  // is taken over as an array, since one of std::initializer_list could only be copied, texts and all.
  template <size_t kColumns>
  void Add(Value (&&row)[kColumns]) {  // NOLINT: an array that is moved from
    Take(std::make_move_iterator(std::begin(row)), std::make_move_iterator(std::end(row)));
  }
  template <std::same_as<Values> Row>
  void Add(Row row) {
    Take(std::make_move_iterator(row.begin()), std::make_move_iterator(row.end()));
  }

  size_t rows() const { return rows_; }
  bool empty() const { return rows_ == 0; }

  // Sends all rows, in the order they were added, and forgets them when it succeeds: after an error the same
  // object can run again. Returns the sum of matched rows (see Connection::Execute); 0 for no rows.
  absl::StatusOr<int64_t> Run(Connection& connection);

 private:
  template <typename Iterator>
  void Take(Iterator begin, Iterator end) {
    if (static_cast<size_t>(std::distance(begin, end)) != columns_) wrong_row_ = true;
    values_.insert(values_.end(), begin, end);
    ++rows_;
  }
  std::string Statement(size_t rows) const;
  size_t ChunkAt(size_t first) const;

  const std::string head_;
  const std::string row_placeholders_;
  const std::string suffix_;
  const size_t columns_;
  bool wrong_row_ = false;
  size_t rows_ = 0;
  Values values_;
};

// Selects by many keys: `select_prefix` ends before the list, "SELECT … FROM t WHERE (a,b) IN" (for one
// column "… WHERE a IN"), and `select_suffix` follows it (" ORDER BY a", " FOR UPDATE"; per statement, not
// overall). The last key is repeated to fill a power of two. Keys should differ: one given twice may be found
// twice. No keys: no query. Keys have `columns_per_key` values, else InvalidArgument.
absl::Status SelectByKeys(Connection& connection, absl::string_view select_prefix, int columns_per_key,
                          const std::vector<Values>& keys, absl::FunctionRef<absl::Status(Row&)> each,
                          absl::string_view select_suffix = "");

}  // namespace zhuqi::db

#endif  // ZHUQI_COMMON_DB_MULTI_ROW_H_
