// Checks what a caller wants of a theme or a preventive item, before anything is read. Pure.
#ifndef ZHUQI_SERVICES_ROUTING_KNOWLEDGE_THEME_CHECK_H_
#define ZHUQI_SERVICES_ROUTING_KNOWLEDGE_THEME_CHECK_H_

#include <string>

#include "absl/time/civil_time.h"
#include "common/directory/directory.h"
#include "common/rpc/errors.h"
#include "zhuqi/routing/v1/preventive_item.pb.h"
#include "zhuqi/routing/v1/theme_service.pb.h"

namespace zhuqi::routing {

// Each puts texts in their stored form and adds all that is wrong, by full field path.
void CheckProposal(const Directory& directory, v1::ProposeThemeRequest& request, rpc::Violations& violations);
void CheckThemeAction(const Directory& directory, absl::CivilDay today, v1::ThemeAction& action,
                      rpc::Violations& violations);
void CheckPreventiveItemAction(absl::CivilDay today, v1::PreventiveItemAction& action,
                               rpc::Violations& violations);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_KNOWLEDGE_THEME_CHECK_H_
