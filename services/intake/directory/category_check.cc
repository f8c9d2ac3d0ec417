#include "services/intake/directory/category_check.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/intake/directory/field_check.h"

namespace zhuqi::intake {
namespace {

using directory::v1::CategoryTree;
using google::protobuf::util::MessageDifferencer;

constexpr int kMaxSource = 200;

bool ChangesCategories(const directory::v1::ApplyDirectoryRequest& request, const Directory& directory) {
  return std::any_of(request.categories().begin(), request.categories().end(), [&](const auto& category) {
    const auto* current = directory.categories().Find(category.category_id());
    return current == nullptr || !MessageDifferencer::Equals(*current, category);
  });
}

void CheckVersion(const CategoryTree& tree, const CategoryTree* current, bool changes,
                  rpc::Violations& violations) {
  if (tree.version() < 1) {
    violations.Add("category_tree.version", "OUT_OF_RANGE", "1 or more", "须为 1 或以上");
    return;
  }
  if (current == nullptr || tree.version() > current->version()) return;
  if (!changes && MessageDifferencer::Equals(tree, *current)) return;
  violations.Add(
      "category_tree.version", "VERSION_NOT_GROWN",
      absl::StrCat("the tree differs from version ", current->version(), ", so its version must be higher"),
      absl::StrCat("分类与版本 ", current->version(), " 不同，版本号须大于它"));
}

}  // namespace

void CheckCategories(const directory::v1::ApplyDirectoryRequest& request, const DesiredState& state,
                     rpc::Violations& violations) {
  for (int i = 0; i < request.categories_size(); ++i) {
    const directory::v1::IssueCategory& category = request.categories(i);
    const std::string& id = category.category_id();
    const std::string path = absl::StrCat("categories[", i, "]");
    CheckDay(category.has_retired_on(), category.retired_on(), path + ".retired_on", violations);
    if (!IsIdentifier(id, 64, ".-")) continue;  // said already
    if (id.front() == '.' || id.back() == '.' || id.find("..") != std::string::npos) {
      violations.Add(path + ".category_id", "IDENTIFIER_INVALID", "every word between dots needs a character",
                     "点之间不能为空");
      continue;
    }
    const size_t dot = id.rfind('.');
    if (dot != std::string::npos && state.FindCategory(id.substr(0, dot)) == nullptr) {
      violations.Add(path + ".category_id", "CATEGORY_UNKNOWN",
                     absl::StrCat("there is no category ", id.substr(0, dot), " above it"),
                     absl::StrCat("没有上级类别 ", id.substr(0, dot)));
    }
  }
}

void CheckCategoryTree(directory::v1::ApplyDirectoryRequest& request, const Directory& directory,
                       rpc::Violations& violations) {
  const CategoryTree* current = directory.category_tree();
  const bool changes = ChangesCategories(request, directory);
  if (!request.has_category_tree()) {
    if (!changes || current == nullptr) return;
    violations.Add(
        "category_tree", "REQUIRED",
        absl::StrCat("categories change: give their tree the next version, above ", current->version()),
        absl::StrCat("分类有变化：须给出大于 ", current->version(), " 的新版本号"));
    return;
  }
  CategoryTree& tree = *request.mutable_category_tree();
  CheckText(*tree.mutable_source(), "category_tree.source", kMaxSource, false, violations);
  CheckDay(tree.has_published_on(), tree.published_on(), "category_tree.published_on", violations);
  CheckVersion(tree, current, changes, violations);
}

}  // namespace zhuqi::intake
