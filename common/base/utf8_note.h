// Lets a message with a string that is not UTF-8 through the protobuf parser, and takes a note of it.
//
// The parser would refuse such a message, and gRPC then answers UNIMPLEMENTED without a word about which
// field is wrong. So the parsers that protoc generates call AcceptAndNoteUtf8 in place of protobuf's own
// check (proto/CMakeLists.txt), and the call adaptor, which gRPC calls on the thread that has just parsed,
// refuses the request with the path of each such field.
//
// For the same reason the serialisers do not look again: what they write was checked when it came in.
// (Protobuf would only log the field and send it all the same; on Chinese text the look takes a tenth of a
// write's time.)
#ifndef ZHUQI_COMMON_BASE_UTF8_NOTE_H_
#define ZHUQI_COMMON_BASE_UTF8_NOTE_H_

#include <string>

namespace zhuqi {

// Always true. Takes a note on this thread when `text` is not UTF-8. `field` is its full name.
bool AcceptAndNoteUtf8(const std::string* text, const char* field);

// In place of protobuf's check while serialising: does nothing.
template <typename... Arguments>
inline void SerializeUncheckedUtf8(const Arguments&... /*not looked at*/) {}

// Whether a note was taken on this thread since the last call.
bool TakeInvalidUtf8Note();

}  // namespace zhuqi

#endif  // ZHUQI_COMMON_BASE_UTF8_NOTE_H_
