// Lists of themes and of preventive work items: checked requests, pages.
#ifndef ZHUQI_SERVICES_ROUTING_KNOWLEDGE_THEME_LIST_H_
#define ZHUQI_SERVICES_ROUTING_KNOWLEDGE_THEME_LIST_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/db/connection.h"
#include "common/directory/directory.h"
#include "services/routing/knowledge/preventive_item_store.h"
#include "services/routing/knowledge/theme_store.h"
#include "zhuqi/routing/v1/theme_service.pb.h"

namespace zhuqi::routing {

struct ThemeList {
  ThemeFilter filter;
  int page_size = 0;
  std::optional<Uuid> before;
  // What page tokens of this list are bound to.
  std::string filter_text;
};
absl::StatusOr<ThemeList> ReadThemeList(const v1::ListThemesRequest& request, const Directory& directory,
                                        absl::Time now);
absl::StatusOr<v1::ListThemesResponse> ThemePage(db::Connection& connection, const ThemeList& list,
                                                 const Directory& directory, absl::Time now);

struct ItemList {
  ItemFilter filter;
  int page_size = 0;
  std::optional<ItemPlace> after;
  std::string filter_text;
};
absl::StatusOr<ItemList> ReadItemList(const v1::ListPreventiveItemsRequest& request,
                                      const Directory& directory, absl::Time now);
absl::StatusOr<v1::ListPreventiveItemsResponse> ItemPage(db::Connection& connection, const ItemList& list,
                                                         const Directory& directory, absl::Time now);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_KNOWLEDGE_THEME_LIST_H_
