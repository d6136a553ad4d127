#include "polling/plan.h"

#include <optional>

namespace timewait::polling {

PollPlan plan_of(const config::Config& config) {
  return {.rules = {{config.peers, config.listeners, config.max_peers},
                    config.audit ? std::optional(config.audit_interval) : std::nullopt},
          .namespaces = {config.network_namespaces, config.namespace_discovery},
          .interval = config.poll_interval,
          .max_cpu = config.max_cpu};
}

}  // namespace timewait::polling
