#include "services/routing/knowledge/theme_list.h"

#include <utility>
#include <vector>

#include "common/base/civil_time.h"
#include "common/base/page_token.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "services/routing/knowledge/themes.h"
#include "services/routing/list_reader.h"

namespace zhuqi::routing {
absl::StatusOr<ThemeList> ReadThemeList(const v1::ListThemesRequest& request, const Directory& directory,
                                        absl::Time now) {
  ListReader reader(directory);
  ThemeList list;
  list.filter.state = request.state();
  list.filter.category_id = request.category_id();
  if (!request.category_id().empty() && !directory.HasCategory(request.category_id())) {
    reader.Add("category_id", "CATEGORY_UNKNOWN", "there is no such category", "诉求类别不存在");
  }
  list.filter.org_unit_ids = reader.UnitAndBelow("org_unit_id", request.org_unit_id());
  list.filter.owner_department_id = request.owner_department_id();
  reader.Department("owner_department_id", request.owner_department_id());
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
  if (CutToPage(themes, list.page_size))
    response.set_next_page_token(EncodePageToken(list.filter_text, {themes.back().theme_id()}));
  for (v1::Theme& theme : themes) *response.add_themes() = std::move(theme);
  return response;
}

absl::StatusOr<ItemList> ReadItemList(const v1::ListPreventiveItemsRequest& request,
                                      const Directory& directory, absl::Time now) {
  ListReader reader(directory);
  ItemList list;
  list.filter.state = request.state();
  list.filter.org_unit_ids = reader.UnitAndBelow("org_unit_id", request.org_unit_id());
  list.filter.theme_id = reader.Identity("theme_id", request.theme_id());
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
  if (CutToPage(items, list.page_size)) {
    const v1::PreventiveItem& last = items.back();
    const absl::CivilDay due = CivilDayFrom(last.due_on()).value_or(absl::CivilDay());
    response.set_next_page_token(
        EncodePageToken(list.filter_text, {absl::FormatCivilTime(due), last.theme_id(), last.org_unit_id()}));
  }
  for (v1::PreventiveItem& item : items) *response.add_items() = std::move(item);
  return response;
}

}  // namespace zhuqi::routing
