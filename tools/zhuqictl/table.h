// Tables for a terminal, aligned also where Chinese characters take two columns.
#ifndef ZHUQI_TOOLS_ZHUQICTL_TABLE_H_
#define ZHUQI_TOOLS_ZHUQICTL_TABLE_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace zhuqi::ctl {

// Columns that `text` takes on a terminal: two for a Chinese character, none for a combining mark. A byte
// that is not UTF-8 counts as one.
std::size_t DisplayWidth(absl::string_view text);

// `text` cut so that it takes at most `columns`, with "…" at the end when something was cut. Line ends become
// spaces. `columns` is at least 1.
std::string FitWidth(absl::string_view text, std::size_t columns);

enum class Align { kLeft, kRight };

struct Column {
  std::string header;
  Align align = Align::kLeft;
  // Wider cells are cut. 0: never.
  std::size_t max_width = 0;
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  // Missing cells are empty, cells beyond the columns are dropped.
  void AddRow(std::vector<std::string> cells);
  // Shows a cell of the last row in a colour of the terminal ("31;1"); it stays aligned. No effect without
  // rows.
  void Colour(std::size_t column, std::string code);
  // A line across the table before the next row.
  void AddRule();
  std::size_t rows() const { return rows_.size(); }
  // Ends with a line end. Only the header when there are no rows.
  std::string ToString() const;

 private:
  struct Row {
    bool rule = false;
    std::vector<std::string> cells;
    std::map<std::size_t, std::string> colours;
  };
  std::string Line(const Row& row, const std::vector<std::size_t>& widths) const;

  std::vector<Column> columns_;
  std::vector<Row> rows_;
};

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_TABLE_H_
