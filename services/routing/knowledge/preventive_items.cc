#include "services/routing/knowledge/preventive_items.h"

#include <algorithm>
#include <utility>

#include "common/base/civil_time.h"
#include "common/base/status_macros.h"
#include "common/directory/date_message.h"
#include "common/rpc/uuid_field.h"
#include "services/routing/knowledge/preventive_item_store.h"
#include "services/routing/knowledge/theme_check.h"
#include "services/routing/knowledge/theme_store.h"
#include "services/routing/knowledge/themes.h"

namespace zhuqi::routing {
namespace {

absl::Status UnknownItem() {
  return rpc::Error(absl::StatusCode::kNotFound, "PREVENTIVE_ITEM_UNKNOWN",
                    "the theme asks nothing of this district", "该一类问题在此区县没有预防任务");
}

absl::StatusOr<v1::ActOnPreventiveItemResponse> ActOnItemNow(db::Transaction& transaction,
                                                             const v1::ActOnPreventiveItemRequest& request,
                                                             const KnowledgeCall& call) {
  db::Connection& connection = transaction.connection();
  const Uuid theme_id = Uuid::Parse(request.theme_id()).value_or(Uuid());
  // Its lock is the item's, too.
  ZHUQI_ASSIGN_OR_RETURN(const std::optional<ThemeRecord> theme, LockTheme(transaction, theme_id));
  if (!theme.has_value()) return UnknownItem();
  ZHUQI_ASSIGN_OR_RETURN(const std::vector<v1::PreventiveItem> items, ReadItems(connection, theme_id));
  const auto found = std::find_if(items.begin(), items.end(), [&](const v1::PreventiveItem& item) {
    return item.org_unit_id() == request.org_unit_id();
  });
  if (found == items.end()) return UnknownItem();
  if (!request.etag().empty() && request.etag() != found->etag()) return ThemeHasChanged(found->etag());
  ZHUQI_ASSIGN_OR_RETURN(
      v1::PreventiveItem item,
      ActOnItem(*found, request.action(), !IsLive(theme->body.state()), call.actor, call.now));
  const std::string title = std::exchange(*item.mutable_theme_title(), "");
  ZHUQI_RETURN_IF_ERROR(WriteItems(connection, {item}));
  ThemeRecord after = *theme;
  ++after.sequence;
  v1::ThemeEvent event;
  event.set_actor(call.actor);
  *event.mutable_recorded_at() = TimestampMessage(call.now);
  event.mutable_preventive_item()->set_org_unit_id(item.org_unit_id());
  *event.mutable_preventive_item()->mutable_action() = request.action();
  ZHUQI_RETURN_IF_ERROR(WriteTheme(transaction, &*theme, after, std::move(event)));
  std::vector<v1::PreventiveItem> shown = {std::move(item)};
  ZHUQI_RETURN_IF_ERROR(CountCasesSince(connection, *call.directory, shown));
  FillItem(shown[0], CityDay(call.now));
  shown[0].set_theme_title(title);
  v1::ActOnPreventiveItemResponse response;
  *response.mutable_item() = std::move(shown[0]);
  response.set_consistency_token(ThemeToken(after.sequence));
  return response;
}

}  // namespace

absl::StatusOr<OnceCommand> CheckActOnItem(v1::ActOnPreventiveItemRequest& request,
                                           const KnowledgeCall& call) {
  rpc::Violations violations;
  OnceCommand command = ReadOnceCommand(request, violations);
  rpc::ReadUuid(request.theme_id(), "theme_id", violations);
  if (call.directory->FindUnit(request.org_unit_id()) == nullptr) {
    violations.Add("org_unit_id", "ORG_UNIT_UNKNOWN", "there is no such unit", "机构不存在");
  }
  CheckPreventiveItemAction(CityDay(call.now), *request.mutable_action(), violations);
  ZHUQI_RETURN_IF_ERROR(violations.ToStatus());
  return command;
}

absl::StatusOr<v1::ActOnPreventiveItemResponse> ActOnItemOnce(db::Transaction& transaction,
                                                              const OnceCommand& command,
                                                              const v1::ActOnPreventiveItemRequest& request,
                                                              const KnowledgeCall& call) {
  return AnswerOnce<v1::ActOnPreventiveItemResponse>(
      transaction, command, "ThemeService.ActOnPreventiveItem", call.now,
      [&] { return ActOnItemNow(transaction, request, call); });
}

}  // namespace zhuqi::routing
