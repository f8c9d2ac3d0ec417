#include "tools/zhuqictl/terminal.h"

#include <unistd.h>

#include <cstdlib>

namespace zhuqi::ctl {

bool WantsColour() { return isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr; }

}  // namespace zhuqi::ctl
