#include "simulated_pool.h"

#include <cmath>
#include <deque>
#include <map>
#include <random>

#include "analysis/peer_ranking.h"
#include "analysis/pool_table.h"
#include "analysis/pool_watch.h"
#include "analysis/tightness.h"
#include "made_sockets.h"

namespace timewait::analysis {
namespace {

constexpr double kStep = 0.02;    // seconds
constexpr double kTimeWait = 61;  // seconds: the wheel is late by half its slack
constexpr int kFirstPort = 32'768;

class SimulatedPool {
 public:
  SimulatedPool(const SimulatedLoad& load, unsigned seed) : load_(load), random_(seed) {
    settings_.ephemeral_ports = {kFirstPort,
                                 static_cast<std::uint16_t>(kFirstPort + load.ports - 1)};
    settings_.time_wait_slack = std::chrono::seconds(2);
    for (std::uint32_t i = 0; i < load.ports; ++i) {
      free_.push_back(static_cast<std::uint16_t>(kFirstPort + load.ports - 1 - i));
    }
    due_.resize(load.traffic.size());
    for (std::uint32_t i = 0; i < load.standing; ++i) open(kForGood, false);
    standing_.swap(open_);
  }

  SimulatedRecord play() {
    SimulatedRecord record;
    double next_poll = 0;
    for (auto step = std::lround(-load_.warm_up / kStep); double(step) * kStep < load_.seconds;
         ++step) {
      const double now = double(step) * kStep;
      if (!go_on(now)) {
        record.exhausted_at = now;
        break;
      }
      if (now < next_poll) continue;
      record.forecasts.push_back(poll(now));
      next_poll += load_.poll_interval;
    }
    return record;
  }

 private:
  struct Open {
    std::uint16_t port;
    bool closed_here;
  };
  struct TimeWait {
    std::uint16_t port;
    double entered;
  };

  // False if no port was left.
  bool go_on(double now) {
    while (!time_waits_.empty() && time_waits_.front().entered + kTimeWait <= now) {
      free_.push_back(time_waits_.front().port);
      time_waits_.pop_front();
    }
    const auto closed = open_.upper_bound(load_.resets(now) ? kForGood : now);
    for (auto entry = open_.begin(); entry != closed; ++entry) close(entry->second, now);
    open_.erase(open_.begin(), closed);
    for (std::size_t i = 0; i < due_.size(); ++i) {
      const Traffic& traffic = load_.traffic[i];
      const double rate = traffic.rate(now);
      if (rate <= 0) continue;
      due_[i] +=
          traffic.at_random ? std::poisson_distribution<int>(rate * kStep)(random_) : rate * kStep;
      while (due_[i] >= 1) {
        --due_[i];
        if (free_.empty()) return false;
        open(now + lifetime(traffic), traffic.closed_here);
      }
    }
    return true;
  }

  double lifetime(const Traffic& traffic) {
    if (traffic.mean_lifetime == kForGood) return kForGood;
    return std::exponential_distribution<double>(1 / traffic.mean_lifetime)(random_);
  }

  void open(double until, bool closed_here) {
    open_.insert({until, {free_.back(), closed_here}});
    free_.pop_back();
  }

  void close(const Open& socket, double now) {
    if (socket.closed_here && !load_.resets(now)) {
      time_waits_.push_back({socket.port, now});
    } else {
      free_.push_back(socket.port);
    }
  }

  Forecast poll(double now) {
    const UsablePorts usable(settings_, {});
    const auto add = [&](reading::SocketRecord socket) {
      table_.add(socket, usable, settings_, {});
    };
    for (const auto* sockets : {&standing_, &open_}) {
      for (const auto& [until, socket] : *sockets) {
        add(socket_in(inet::TcpState::kEstablished, {local_.address, socket.port}, remote_));
      }
    }
    for (const TimeWait& socket : time_waits_) {
      const std::chrono::milliseconds age(std::lround(1000 * std::min(60.0, now - socket.entered)));
      add(time_wait_aged(age, {local_.address, socket.port}, remote_));
    }
    const PoolWatch::Surroundings surroundings{
        OpenSockets::Clock::time_point(std::chrono::milliseconds(std::lround(1000 * (now + 1e6)))),
        settings_, usable.capacity(), time_waits_.size()};
    const std::vector<Pool> pools =
        watch_.watch(table_, tightest(table_.pools(), PoolWatch::kTightest), {}, surroundings);
    table_.clear();
    if (pools.empty()) return {now, kForGood, 0};
    return {now, pools[0].exhaustion_seconds, double(pools[0].headroom.used)};
  }

  const SimulatedLoad& load_;
  std::mt19937 random_;
  reading::TcpSettings settings_;
  const inet::Endpoint local_ = endpoint("10.0.0.1", 0);
  const inet::Endpoint remote_ = endpoint("10.0.0.9", 80);
  std::vector<std::uint16_t> free_;
  std::multimap<double, Open> open_;  // by when they close
  std::multimap<double, Open> standing_;
  std::deque<TimeWait> time_waits_;  // oldest first
  std::vector<double> due_;
  PoolTable table_;
  PoolWatch watch_;
};

}  // namespace

SimulatedRecord simulate(const SimulatedLoad& load, unsigned seed) {
  return SimulatedPool(load, seed).play();
}

}  // namespace timewait::analysis
