#include "common/base/utf8_note.h"

#include <utility>

#include "google/protobuf/stubs/common.h"

namespace zhuqi {
namespace {
thread_local bool invalid_utf8_seen = false;
}

bool AcceptAndNoteUtf8(const std::string* text, const char* /*field*/) {
  if (!google::protobuf::internal::IsStructurallyValidUTF8(text->data(), static_cast<int>(text->size()))) {
    invalid_utf8_seen = true;
  }
  return true;
}

bool TakeInvalidUtf8Note() { return std::exchange(invalid_utf8_seen, false); }

}  // namespace zhuqi
