// A kernel that does as it is told: what goes wrong with polls, played through the seam they read
// by.
#pragma once

#include <chrono>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "reading/source.h"

namespace timewait::polling {

struct Act {
  std::vector<reading::SocketRecord> sockets{};
  std::optional<reading::ReadFailure> failure{};  // after the sockets
  std::optional<reading::ReadFailure> no_settings{};
  std::chrono::milliseconds takes{0};
};

// What the next polls find; the last act is played for ever. Thread-safe.
class Script {
 public:
  void set(std::deque<Act> acts) {
    const std::lock_guard lock(mutex_);
    acts_ = std::move(acts);
  }

  Act next() {
    const std::lock_guard lock(mutex_);
    Act act = acts_.front();
    if (acts_.size() > 1) acts_.pop_front();
    return act;
  }

 private:
  std::mutex mutex_;
  std::deque<Act> acts_{Act{}};
};

class ScriptedSource : public reading::Source {
 public:
  explicit ScriptedSource(Script& script) : script_(script) {}

  std::string_view name() const override { return "netlink"; }
  bool lists_bound_sockets() const override { return true; }

  base::Result<reading::TcpSettings, reading::ReadFailure> read_settings() override {
    act_ = script_.next();
    if (act_.no_settings) return *act_.no_settings;
    return reading::TcpSettings{};
  }

  base::Status<reading::ReadFailure> read_sockets(const reading::SocketSink& sink) override {
    std::this_thread::sleep_for(act_.takes);
    if (!act_.sockets.empty()) sink(act_.sockets);
    if (act_.failure) return *act_.failure;
    return base::Ok{};
  }

  reading::TcpCounters read_counters() override { return {}; }

 private:
  Script& script_;
  Act act_;
};

}  // namespace timewait::polling
