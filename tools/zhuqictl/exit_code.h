// What zhuqictl's exit code says, for scripts.
#ifndef ZHUQI_TOOLS_ZHUQICTL_EXIT_CODE_H_
#define ZHUQI_TOOLS_ZHUQICTL_EXIT_CODE_H_

namespace zhuqi::ctl {

inline constexpr int kExitOk = 0;
// The service refused, or what was checked does not hold.
inline constexpr int kExitRefused = 1;
// The command line, or a file that it names, is wrong. Nothing was sent.
inline constexpr int kExitUsage = 2;
// The service could not be reached, or did not answer in time.
inline constexpr int kExitUnreachable = 3;
// Of many rows, some were refused and the others were taken.
inline constexpr int kExitPartlyRejected = 4;

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_EXIT_CODE_H_
