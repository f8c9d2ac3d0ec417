#include "common/base/utf8_note.h"

#include <utility>

#include "google/protobuf/stubs/common.h"

namespace zhuqi {
namespace {
// Aligned, since mold 1.10 lays a thread-local block that may begin anywhere over the page before it, and a
// binary without any other thread-local data then does not start.
alignas(void*) thread_local bool invalid_utf8_seen = false;
}  // namespace

bool AcceptAndNoteUtf8(const std::string* text, const char* /*field*/) {
  if (!google::protobuf::internal::IsStructurallyValidUTF8(text->data(), static_cast<int>(text->size()))) {
    invalid_utf8_seen = true;
  }
  return true;
}

bool TakeInvalidUtf8Note() { return std::exchange(invalid_utf8_seen, false); }

}  // namespace zhuqi
