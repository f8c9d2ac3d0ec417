#include "common/rpc/service_runner.h"
#include "services/routing/routing_app.h"
#include "zhuqi/config/v1/routing.pb.h"

int main(int argc, char** argv) {
  return zhuqi::rpc::RunServiceMain<zhuqi::config::v1::RoutingConfig>(argc, argv, "routing",
                                                                      &zhuqi::routing::BuildRouting);
}
