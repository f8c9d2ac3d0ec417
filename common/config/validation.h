// Defaults and limits of the configuration messages, in one place each.
#ifndef ZHUQI_COMMON_CONFIG_VALIDATION_H_
#define ZHUQI_COMMON_CONFIG_VALIDATION_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "zhuqi/config/v1/database.pb.h"
#include "zhuqi/config/v1/feed.pb.h"
#include "zhuqi/config/v1/intake.pb.h"
#include "zhuqi/config/v1/reporting.pb.h"
#include "zhuqi/config/v1/routing.pb.h"
#include "zhuqi/config/v1/server.pb.h"

namespace zhuqi::config {

// Puts the documented default where a field is absent. Idempotent.
void ApplyDefaults(v1::ServerConfig* config);
void ApplyDefaults(v1::DatabaseConfig* config);
void ApplyDefaults(v1::FeedConfig* config);
void ApplyDefaults(v1::IntakeConfig* config);
void ApplyDefaults(v1::RoutingConfig* config);
void ApplyDefaults(v1::ReportingConfig* config);

// INVALID_ARGUMENT that lists every field out of range, with its full path, of a configuration whose defaults
// are applied.
absl::Status Validate(const v1::IntakeConfig& config);
absl::Status Validate(const v1::RoutingConfig& config);
absl::Status Validate(const v1::ReportingConfig& config);

// Threads that run queries: one for each connection of the pool that no other part of the service needs. A
// service leases at most, at once, one connection for each of these threads, for each writer thread and for
// each part that works in the background, so nobody waits for a connection that nobody is about to give back.
// Validate refuses a pool in which fewer than 2 would be left.
int QueryThreads(const v1::IntakeConfig& config);
int QueryThreads(const v1::RoutingConfig& config);

// As absl sees it.
absl::Duration ToDuration(const google::protobuf::Duration& duration);

}  // namespace zhuqi::config

#endif  // ZHUQI_COMMON_CONFIG_VALIDATION_H_
