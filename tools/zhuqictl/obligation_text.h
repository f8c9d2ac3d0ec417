// The matrix of obligations for a terminal: units down, months across. Pure.
#ifndef ZHUQI_TOOLS_ZHUQICTL_OBLIGATION_TEXT_H_
#define ZHUQI_TOOLS_ZHUQICTL_OBLIGATION_TEXT_H_

#include <string>
#include <vector>

#include "zhuqi/directory/v1/directory.pb.h"
#include "zhuqi/intake/v1/summary_service.pb.h"

namespace zhuqi::ctl {

struct MatrixOptions {
  bool chinese = true;
  // With the escape sequences of a terminal; without them the words say everything too.
  bool colour = false;
};

// Units in the order of their tree, a unit that owes several forms in several lines, oldest month first; a
// legend below of what occurs. `units` may lack some: those are shown by their identities, at the end.
std::string ObligationMatrix(const std::vector<intake::v1::Obligation>& obligations,
                             const std::vector<directory::v1::OrgUnit>& units, const MatrixOptions& options);

// One line an obligation: for those who look for a reason or a date.
std::string ObligationTable(const std::vector<intake::v1::Obligation>& obligations);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_OBLIGATION_TEXT_H_
