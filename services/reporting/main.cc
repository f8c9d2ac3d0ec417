#include "common/rpc/service_runner.h"
#include "services/reporting/reporting_app.h"
#include "zhuqi/config/v1/reporting.pb.h"

int main(int argc, char** argv) {
  return zhuqi::rpc::RunServiceMain<zhuqi::config::v1::ReportingConfig>(argc, argv, "reporting",
                                                                        &zhuqi::reporting::BuildReporting);
}
