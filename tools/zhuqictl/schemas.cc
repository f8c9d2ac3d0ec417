#include "tools/zhuqictl/schemas.h"

#include "intake_schema.h"
#include "reporting_schema.h"
#include "routing_schema.h"

namespace zhuqi::ctl {

std::vector<const db::Schema*> AllSchemas() {
  return {&IntakeSchema(), &RoutingSchema(), &ReportingSchema()};
}

}  // namespace zhuqi::ctl
