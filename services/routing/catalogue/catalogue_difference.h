// How two catalogues differ in their words. Pure.
#ifndef ZHUQI_SERVICES_ROUTING_CATALOGUE_CATALOGUE_DIFFERENCE_H_
#define ZHUQI_SERVICES_ROUTING_CATALOGUE_CATALOGUE_DIFFERENCE_H_

#include "zhuqi/routing/v1/catalogue.pb.h"
#include "zhuqi/routing/v1/catalogue_service.pb.h"

namespace zhuqi::routing {

// All that differs, as DiffCatalogueResponse orders and bounds it. Rules are matched by identity; of rules
// that stand in both, as few as possible count as moved. An identity that a draft bears twice is taken as two
// parts: the first is compared, the others are new.
v1::DiffCatalogueResponse DiffCatalogues(const v1::Catalogue& before, const v1::Catalogue& after);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_CATALOGUE_CATALOGUE_DIFFERENCE_H_
