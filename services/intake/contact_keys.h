#ifndef ZHUQI_SERVICES_INTAKE_CONTACT_KEYS_H_
#define ZHUQI_SERVICES_INTAKE_CONTACT_KEYS_H_

#include <optional>

#include "absl/status/statusor.h"
#include "common/encryption/key_ring.h"
#include "zhuqi/config/v1/intake.pb.h"

namespace zhuqi::intake {

// The keys that the configuration names, read from their files; absent when it names none.
absl::StatusOr<std::optional<encryption::KeyRing>> ReadContactKeys(const config::v1::IntakeConfig& config);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_CONTACT_KEYS_H_
