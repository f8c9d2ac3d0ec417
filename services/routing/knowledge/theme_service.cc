#include "services/routing/knowledge/theme_service.h"

#include "common/base/status_macros.h"
#include "services/routing/knowledge/preventive_items.h"
#include "services/routing/knowledge/theme_list.h"
#include "services/routing/knowledge/themes.h"

namespace zhuqi::routing {
namespace {

// Every mutation asks for its first answer first.
db::TransactionOptions ThemeMutation() {
  db::TransactionOptions options;
  options.body_is_idempotent = true;
  return options;
}

db::TransactionOptions ThemeSnapshot() {
  db::TransactionOptions options;
  options.consistent_snapshot = true;
  return options;
}

}  // namespace

KnowledgeCall ThemeServer::CallOf(const rpc::CallContext& call) const {
  return {call.principal.id, parts_.clock->Now(), parts_.directory->Get()};
}

Task<absl::StatusOr<v1::ProposeThemeResponse>> ThemeServer::Propose(rpc::CallContext& call,
                                                                    const v1::ProposeThemeRequest& request) {
  const KnowledgeCall theme_call = CallOf(call);
  v1::ProposeThemeRequest wanted = request;
  const absl::StatusOr<OnceCommand> command = CheckPropose(wanted, *theme_call.directory);
  if (!command.ok()) co_return command.status();
  auto run = parts_.sql->RunInTransaction<v1::ProposeThemeResponse>(
      call.deadline, ThemeMutation(), [&command, &wanted, &theme_call](db::Transaction& transaction) {
        return ProposeThemeOnce(transaction, *command, wanted, theme_call);
      });
  absl::StatusOr<v1::ProposeThemeResponse> response = co_await run;
  co_return response;
}

Task<absl::StatusOr<v1::ActOnThemeResponse>> ThemeServer::Act(rpc::CallContext& call,
                                                              const v1::ActOnThemeRequest& request) {
  const KnowledgeCall theme_call = CallOf(call);
  v1::ActOnThemeRequest wanted = request;
  const absl::StatusOr<OnceCommand> command = CheckActOnTheme(wanted, theme_call);
  if (!command.ok()) co_return command.status();
  const ThemeSurroundings given{parts_.directory, parts_.catalogue, parts_.outbox, parts_.recurrence_days};
  auto run = parts_.sql->RunInTransaction<v1::ActOnThemeResponse>(
      call.deadline, ThemeMutation(), [&command, &wanted, &theme_call, &given](db::Transaction& transaction) {
        return ActOnThemeOnce(transaction, *command, wanted, theme_call, given);
      });
  absl::StatusOr<v1::ActOnThemeResponse> response = co_await run;
  if (response.ok()) parts_.tail->NotifyCommitted();
  co_return response;
}

Task<absl::StatusOr<v1::GetThemeResponse>> ThemeServer::Get(rpc::CallContext& call,
                                                            const v1::GetThemeRequest& request) {
  const std::optional<Uuid> theme_id = Uuid::Parse(request.theme_id());
  if (!theme_id.has_value()) co_return UnknownTheme();
  const KnowledgeCall theme_call = CallOf(call);
  auto read = parts_.sql->RunInTransaction<v1::GetThemeResponse>(
      call.deadline, ThemeSnapshot(), [&theme_call, id = *theme_id](db::Transaction& transaction) {
        return routing::GetTheme(transaction.connection(), id, *theme_call.directory, theme_call.now);
      });
  absl::StatusOr<v1::GetThemeResponse> response = co_await read;
  co_return response;
}

Task<absl::StatusOr<v1::ListThemesResponse>> ThemeServer::List(rpc::CallContext& call,
                                                               const v1::ListThemesRequest& request) {
  const KnowledgeCall theme_call = CallOf(call);
  const absl::StatusOr<ThemeList> list = ReadThemeList(request, *theme_call.directory, theme_call.now);
  if (!list.ok()) co_return list.status();
  auto read = parts_.sql->RunInTransaction<v1::ListThemesResponse>(
      call.deadline, ThemeSnapshot(), [&list, &theme_call](db::Transaction& transaction) {
        return ThemePage(transaction.connection(), *list, *theme_call.directory, theme_call.now);
      });
  absl::StatusOr<v1::ListThemesResponse> response = co_await read;
  co_return response;
}

Task<absl::StatusOr<v1::ActOnPreventiveItemResponse>> ThemeServer::ActOnItem(
    rpc::CallContext& call, const v1::ActOnPreventiveItemRequest& request) {
  const KnowledgeCall theme_call = CallOf(call);
  v1::ActOnPreventiveItemRequest wanted = request;
  const absl::StatusOr<OnceCommand> command = CheckActOnItem(wanted, theme_call);
  if (!command.ok()) co_return command.status();
  auto run = parts_.sql->RunInTransaction<v1::ActOnPreventiveItemResponse>(
      call.deadline, ThemeMutation(), [&command, &wanted, &theme_call](db::Transaction& transaction) {
        return ActOnItemOnce(transaction, *command, wanted, theme_call);
      });
  absl::StatusOr<v1::ActOnPreventiveItemResponse> response = co_await run;
  co_return response;
}

Task<absl::StatusOr<v1::ListPreventiveItemsResponse>> ThemeServer::ListItems(
    rpc::CallContext& call, const v1::ListPreventiveItemsRequest& request) {
  const KnowledgeCall theme_call = CallOf(call);
  const absl::StatusOr<ItemList> list = ReadItemList(request, *theme_call.directory, theme_call.now);
  if (!list.ok()) co_return list.status();
  auto read = parts_.sql->RunInTransaction<v1::ListPreventiveItemsResponse>(
      call.deadline, ThemeSnapshot(), [&list, &theme_call](db::Transaction& transaction) {
        return ItemPage(transaction.connection(), *list, *theme_call.directory, theme_call.now);
      });
  absl::StatusOr<v1::ListPreventiveItemsResponse> response = co_await read;
  co_return response;
}

}  // namespace zhuqi::routing
