#include "services/intake/directory/operation_paths.h"

#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace zhuqi::intake {
namespace {

constexpr char kAllOperations[] = "operations";

// "org_units[2].codes[0].code" taken apart: the kind, the place, and what follows (".codes[0].code").
struct DesiredPath {
  std::string kind;
  int index = 0;
  std::string rest;
};

std::optional<DesiredPath> TakeApart(absl::string_view path) {
  DesiredPath parts;
  const size_t open = path.find('[');
  const size_t close = path.find(']');
  if (open == absl::string_view::npos || close == absl::string_view::npos ||
      !absl::SimpleAtoi(path.substr(open + 1, close - open - 1), &parts.index)) {
    return std::nullopt;
  }
  parts.kind = std::string(path.substr(0, open));
  parts.rest = std::string(path.substr(close + 1));
  return parts;
}

std::string IdentityOf(const directory::v1::ApplyDirectoryRequest& desired, const DesiredPath& path) {
  if (path.kind == "org_units") return desired.org_units(path.index).org_unit_id();
  if (path.kind == "departments") return desired.departments(path.index).department_id();
  return desired.teams(path.index).team_id();
}

// What follows the place in a list: ".code" of ".codes[0].code".
std::string BelowList(const std::string& rest) {
  const size_t end = rest.find("].");
  return end == std::string::npos ? "" : rest.substr(end + 1);
}

}  // namespace

rpc::Violations OperationPaths::Translate(const rpc::Violations& wrong,
                                          const directory::v1::ApplyDirectoryRequest& desired) const {
  rpc::Violations told;
  for (const rpc::Violation& violation : wrong.list()) {
    told.Add(Translate(violation.field_path, desired), violation.reason, violation.english,
             violation.chinese);
  }
  return told;
}

std::string OperationPaths::Translate(const std::string& path,
                                      const directory::v1::ApplyDirectoryRequest& desired) const {
  const std::optional<DesiredPath> parts = TakeApart(path);
  if (!parts.has_value()) return kAllOperations;
  const auto touches = touches_.find({parts->kind, IdentityOf(desired, *parts)});
  if (touches == touches_.end()) return kAllOperations;
  std::string translated = kAllOperations;
  for (const Touch& touch : touches->second) {
    switch (touch.what) {
      case Touch::kChange:
        translated = touch.path;
        break;
      case Touch::kWhole:
        translated = touch.path + parts->rest;
        break;
      case Touch::kField:
        if (absl::StartsWith(parts->rest, absl::StrCat(".", touch.field))) {
          translated = touch.path + BelowList(parts->rest);
        }
    }
  }
  return translated;
}

}  // namespace zhuqi::intake
