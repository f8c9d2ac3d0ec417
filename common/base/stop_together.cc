#include "common/base/stop_together.h"

#include <thread>

namespace zhuqi {

void StopTogether(const std::vector<std::function<void()>>& stops) {
  std::vector<std::thread> threads;
  for (const std::function<void()>& stop : stops) threads.emplace_back(stop);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace zhuqi
