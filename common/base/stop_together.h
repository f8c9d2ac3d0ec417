// Ends parts that each take a while to end.
#ifndef ZHUQI_COMMON_BASE_STOP_TOGETHER_H_
#define ZHUQI_COMMON_BASE_STOP_TOGETHER_H_

#include <functional>
#include <vector>

namespace zhuqi {

// Runs all of `stops` at the same time, and returns when the last has ended: together they take as long as
// the slowest, and not as long as all.
void StopTogether(const std::vector<std::function<void()>>& stops);

}  // namespace zhuqi

#endif  // ZHUQI_COMMON_BASE_STOP_TOGETHER_H_
