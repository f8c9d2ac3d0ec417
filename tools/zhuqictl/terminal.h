#ifndef ZHUQI_TOOLS_ZHUQICTL_TERMINAL_H_
#define ZHUQI_TOOLS_ZHUQICTL_TERMINAL_H_

namespace zhuqi::ctl {

// Whether what is shown may be in colour: standard output is a terminal, and NO_COLOR is not set.
bool WantsColour();

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_TERMINAL_H_
