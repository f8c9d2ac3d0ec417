// Checks the escalation ladders of a catalogue. Pure.
#ifndef ZHUQI_SERVICES_ROUTING_LADDERS_LADDER_CHECK_H_
#define ZHUQI_SERVICES_ROUTING_LADDERS_LADDER_CHECK_H_

#include "common/directory/directory.h"
#include "common/rpc/errors.h"
#include "zhuqi/routing/v1/catalogue.pb.h"

namespace zhuqi::routing {

// Adds all that is wrong with the catalogue's ladders and with the ladders that targets name; field paths
// begin with "catalogue.".
void CheckLadders(const v1::Catalogue& catalogue, const Directory& directory, rpc::Violations& violations);

}  // namespace zhuqi::routing

#endif  // ZHUQI_SERVICES_ROUTING_LADDERS_LADDER_CHECK_H_
