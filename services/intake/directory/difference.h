// In which fields two states of one thing differ, told as text. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_DIRECTORY_DIFFERENCE_H_
#define ZHUQI_SERVICES_INTAKE_DIRECTORY_DIFFERENCE_H_

#include <string>
#include <vector>

#include "google/protobuf/message.h"

namespace zhuqi::intake {

struct Difference {
  // "codes[0].valid_to". Places in lists are those of the state after; of what is there no more, those of
  // before.
  std::string field;
  // As one line of text; empty: not set.
  std::string before;
  std::string after;
};

// Every difference of two messages of one type, in the order of the fields. Entries of lists are the same
// entry when what names them is the same (a day, an indicator, a code): adding one in front does not make all
// the others differ. A list whose entries stand in another order is one difference, of the whole list.
std::vector<Difference> DifferencesOf(const google::protobuf::Message& before,
                                      const google::protobuf::Message& after);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_DIRECTORY_DIFFERENCE_H_
