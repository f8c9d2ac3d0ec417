// In which fields two messages of one type differ. Pure.
#ifndef ZHUQI_SERVICES_REPORTING_CUBE_MESSAGE_FIELDS_H_
#define ZHUQI_SERVICES_REPORTING_CUBE_MESSAGE_FIELDS_H_

#include <string>
#include <vector>

#include "google/protobuf/message.h"

namespace zhuqi::reporting {

// What each of the two has, as protobuf text on one line, at most 200 bytes of it; empty for an absent
// message and beyond the end of a list.
struct FieldDifference {
  std::string path;  // "state", "cells[3]"
  std::string left;
  std::string right;
};

std::vector<FieldDifference> DifferentFields(const google::protobuf::Message& left,
                                             const google::protobuf::Message& right);

}  // namespace zhuqi::reporting

#endif  // ZHUQI_SERVICES_REPORTING_CUBE_MESSAGE_FIELDS_H_
