#include "services/routing/knowledge/theme_list.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/base/civil_time.h"
#include "common/base/page_token.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "services/routing/knowledge/themes.h"

namespace zhuqi::routing {
namespace {

constexpr int kDefaultThemePage = 50;
constexpr int kLargestThemePage = 500;

// What both lists ask.
class ThemeListReader {
 public:
  explicit ThemeListReader(const Directory& directory) : directory_(directory) {}

  void Unit(const std::string& id, std::vector<std::string>& org_unit_ids) {
    if (id.empty()) return;
    const directory::v1::OrgUnit* unit = directory_.FindUnit(id);
    if (unit == nullptr) {
      Add("org_unit_id", "ORG_UNIT_UNKNOWN", "there is no such unit", "机构不存在");
    } else if (!unit->parent_id().empty()) {
      // All is below the root.
      org_unit_ids = directory_.SelfAndBelow(id);
    }
  }

  // Page size, what the token is bound to, and the token's `parts`.
  template <typename Request, typename List>
  std::optional<std::vector<std::string>> Rows(Request request, size_t parts, List& list) {
    if (request.page_size() < 0) {
      Add("page_size", "PAGE_SIZE_NEGATIVE", "the page size must not be negative", "每页条数不得为负数");
    }
    list.page_size =
        request.page_size() == 0 ? kDefaultThemePage : std::min(request.page_size(), kLargestThemePage);
    const std::string token = request.page_token();
    request.clear_page_size();
    request.clear_page_token();
    request.clear_at_least_token();
    list.filter_text = request.SerializeAsString();
    if (token.empty()) return std::nullopt;
    auto decoded = DecodePageToken(token, list.filter_text, parts);
    if (!decoded.has_value()) TokenInvalid();
    return decoded;
  }
  void TokenInvalid() {
    Add("page_token", "PAGE_TOKEN_INVALID", "the token is damaged or of another filter",
        "翻页令牌无效或与筛选条件不符");
  }

  void Add(const char* field, const char* reason, const char* english, const char* chinese) {
    violations_.Add(field, reason, english, chinese);
  }
  absl::Status status() const { return violations_.ToStatus(); }

 private:
  const Directory& directory_;
  rpc::Violations violations_;
};

// As many rows as the page holds; where more follow, `next` is called with the last one.
template <typename Row, typename Rows, typename Next>
void FillPage(std::vector<Row>& read, int page_size, Rows& rows, Next next) {
  size_t bytes = 0;
  for (Row& row : read) {
    bytes += row.ByteSizeLong();
    if (rows.size() == page_size || (bytes > kMaxPageBytes && !rows.empty())) {
      next(rows[rows.size() - 1]);
      return;
    }
    *rows.Add() = std::move(row);
  }
}

}  // namespace

absl::StatusOr<ThemeList> ReadThemeList(const v1::ListThemesRequest& request, const Directory& directory,
                                        absl::Time now) {
  ThemeListReader reader(directory);
  ThemeList list;
  list.filter.state = request.state();
  list.filter.category_id = request.category_id();
  if (!request.category_id().empty() && !directory.HasCategory(request.category_id())) {
    reader.Add("category_id", "CATEGORY_UNKNOWN", "there is no such category", "诉求类别不存在");
  }
  reader.Unit(request.org_unit_id(), list.filter.org_unit_ids);
  list.filter.owner_department_id = request.owner_department_id();
  if (!request.owner_department_id().empty() &&
      directory.FindDepartment(request.owner_department_id()) == nullptr) {
    reader.Add("owner_department_id", "DEPARTMENT_UNKNOWN", "there is no such department", "部门不存在");
  }
  if (request.overdue()) list.filter.overdue_on = CityDay(now);
  if (const auto parts = reader.Rows(request, 1, list)) {
    list.before = Uuid::Parse(parts->front());
    if (!list.before.has_value()) reader.TokenInvalid();
  }
  ZHUQI_RETURN_IF_ERROR(reader.status());
  return list;
}

absl::StatusOr<v1::ListThemesResponse> ThemePage(db::Connection& connection, const ThemeList& list,
                                                 const Directory& directory, absl::Time now) {
  // One more than the page holds says whether another follows.
  ZHUQI_ASSIGN_OR_RETURN(std::vector<v1::Theme> themes,
                         SelectThemes(connection, list.filter, list.before, list.page_size + 1));
  ZHUQI_RETURN_IF_ERROR(ShowThemes(connection, directory, now, themes));
  v1::ListThemesResponse response;
  FillPage(themes, list.page_size, *response.mutable_themes(), [&](const v1::Theme& last) {
    response.set_next_page_token(EncodePageToken(list.filter_text, {last.theme_id()}));
  });
  return response;
}

absl::StatusOr<ItemList> ReadItemList(const v1::ListPreventiveItemsRequest& request,
                                      const Directory& directory, absl::Time now) {
  ThemeListReader reader(directory);
  ItemList list;
  list.filter.state = request.state();
  reader.Unit(request.org_unit_id(), list.filter.org_unit_ids);
  if (!request.theme_id().empty()) {
    list.filter.theme_id = Uuid::Parse(request.theme_id());
    if (!list.filter.theme_id.has_value()) {
      reader.Add("theme_id", "UUID_INVALID", "a UUID of 36 characters is required", "须为 36 个字符的 UUID");
    }
  }
  if (request.overdue()) list.filter.overdue_on = CityDay(now);
  if (const auto parts = reader.Rows(request, 3, list)) {
    ItemPlace place;
    const std::optional<Uuid> theme_id = Uuid::Parse((*parts)[1]);
    if (absl::ParseCivilTime((*parts)[0], &place.due_on) && theme_id.has_value()) {
      place.theme_id = *theme_id;
      place.org_unit_id = (*parts)[2];
      list.after = std::move(place);
    } else {
      reader.TokenInvalid();
    }
  }
  ZHUQI_RETURN_IF_ERROR(reader.status());
  return list;
}

absl::StatusOr<v1::ListPreventiveItemsResponse> ItemPage(db::Connection& connection, const ItemList& list,
                                                         const Directory& directory, absl::Time now) {
  ZHUQI_ASSIGN_OR_RETURN(std::vector<v1::PreventiveItem> items,
                         SelectItems(connection, list.filter, list.after, list.page_size + 1));
  ZHUQI_RETURN_IF_ERROR(CountCasesSince(connection, directory, items));
  for (v1::PreventiveItem& item : items) FillItem(item, CityDay(now));
  v1::ListPreventiveItemsResponse response;
  FillPage(items, list.page_size, *response.mutable_items(), [&](const v1::PreventiveItem& last) {
    const absl::CivilDay due = CivilDayFrom(last.due_on()).value_or(absl::CivilDay());
    response.set_next_page_token(
        EncodePageToken(list.filter_text, {absl::FormatCivilTime(due), last.theme_id(), last.org_unit_id()}));
  });
  return response;
}

}  // namespace zhuqi::routing
