// Keeps a spreadsheet from running what a stranger wrote into a CSV cell.
//
// A cell that begins with = + - @ (or their full-width forms), a tab or a line end is read as a formula, and
// what an enterprise wrote as a title would run on the clerk's machine. Such a cell gets an apostrophe in
// front, with which it is text; plain numbers (-12.50) stay. A file that is written so has a column
// __formulas_guarded, and reading takes the apostrophe away again: every text comes back as it was.
#ifndef ZHUQI_TOOLS_ZHUQICTL_FORMULA_GUARD_H_
#define ZHUQI_TOOLS_ZHUQICTL_FORMULA_GUARD_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace zhuqi::ctl {

std::string Guarded(absl::string_view cell);
std::string Unguarded(absl::string_view cell);

// All cells of a row.
std::vector<std::string> Guarded(std::vector<std::string> row);
std::vector<std::string> Unguarded(std::vector<std::string> row);

// Whether the rows under this header are guarded. The header is, then, too.
bool IsGuarded(const std::vector<std::string>& header);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_FORMULA_GUARD_H_
