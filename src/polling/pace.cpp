#include "polling/pace.h"

#include <algorithm>

namespace timewait::polling {

void Pace::observe(std::chrono::nanoseconds cost) {
  constexpr double kWeightOfTheNewest = 0.3;
  const bool is_first = usual_cost_.count() == 0;
  usual_cost_ = is_first ? cost : usual_cost_ + kWeightOfTheNewest * (cost - usual_cost_);
}

std::chrono::milliseconds Pace::interval() const {
  const std::chrono::duration<double> affordable =
      std::min<std::chrono::duration<double>>(usual_cost_ / max_cpu_, kLongest);
  return std::max(configured_, std::chrono::ceil<std::chrono::milliseconds>(affordable));
}

}  // namespace timewait::polling
