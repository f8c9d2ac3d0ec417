#include "common/rpc/uuid_field.h"

#include <utility>

namespace zhuqi::rpc {

std::optional<Uuid> ReadUuid(absl::string_view text, std::string field_path, Violations& violations) {
  const std::optional<Uuid> parsed = Uuid::Parse(text);
  if (!parsed.has_value()) {
    violations.Add(std::move(field_path), "UUID_INVALID", "a UUID of 36 characters is required",
                   "须为 36 个字符的 UUID");
  }
  return parsed;
}

}  // namespace zhuqi::rpc
