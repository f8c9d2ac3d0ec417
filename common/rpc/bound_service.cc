#include "common/rpc/bound_service.h"

#include "absl/strings/str_cat.h"
#include "grpc/support/log.h"

namespace zhuqi::rpc::call_internal {

BoundMethod FindBoundMethod(const char* service, const google::protobuf::Descriptor* request,
                            const google::protobuf::Descriptor* response) {
  const auto* described = request->file()->pool()->FindServiceByName(service);
  BoundMethod found;
  for (int i = 0; described != nullptr && i < described->method_count(); ++i) {
    const auto* method = described->method(i);
    if (method->input_type() != request || method->output_type() != response) continue;
    found = {method->index(), absl::StrCat("/", service, "/", method->name())};
  }
  GPR_ASSERT(!found.name.empty() && "a handler has the messages of a method of its service");
  return found;
}

}  // namespace zhuqi::rpc::call_internal
