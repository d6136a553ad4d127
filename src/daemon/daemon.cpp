#include "daemon/daemon.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <utility>

#include <sys/resource.h>

#include "config/load.h"
#include "daemon/build_info.h"
#include "daemon/endpoints.h"
#include "daemon/exit_code.h"
#include "daemon/poll_loop.h"
#include "exposition/render.h"
#include "kernel/kernel_source.h"
#include "kernel/process_stats.h"
#include "web/server.h"

namespace timewait::daemon {
namespace {

base::Result<config::Config, config::LoadFailure> load_config(const Flags& flags) {
  if (!flags.config_file) return config::Config{};
  return config::load_file(*flags.config_file);
}

// Problems go to stderr bare, one a line, as a compiler writes them: editors and CI jobs find the
// place.
int report(const config::LoadFailure& failure) {
  for (const std::string& problem : failure.problems) std::cerr << problem << "\n";
  return failure.unreadable ? kExitFailure : kExitUsage;
}

int report(const reading::ReadFailure& failure, const Log& log) {
  log.error("cannot read the kernel's sockets and settings",
            {{"reason", std::string(name_of(failure.reason))}, {"error", failure.message}});
  return kExitFailure;
}

int report_valid(const Flags& flags) {
  if (flags.config_file) {
    std::cout << *flags.config_file << ": valid\n";
  } else {
    std::cout << "no --config.file given; the defaults are valid\n";
  }
  return std::cout.flush() ? kExitDone : kExitFailure;
}

analysis::Rules rules_of(const config::Config& config) {
  return {config.peers, config.listeners, config.max_peers};
}

PollPlan plan_of(const config::Config& config) {
  return {{rules_of(config), config.audit ? std::optional(config.audit_interval) : std::nullopt},
          {config.network_namespaces, config.namespace_discovery},
          config.poll_interval,
          config.max_cpu};
}

std::unique_ptr<reading::Source> make_source() { return std::make_unique<kernel::KernelSource>(); }

// With the audit on it takes two polls: which ports to ask for is known after the first.
std::optional<reading::ReadFailure> poll_to_the_end(PollLoop& loop, bool audit) {
  constexpr std::chrono::minutes kAsLongAsItTakes{1};
  std::optional<reading::ReadFailure> failure = loop.poll_once();
  if (failure || !audit) return failure;
  loop.audit_once(kAsLongAsItTakes);
  return loop.poll_once();
}

int print_once(const config::Config& config, const Log& log) {
  Published published;
  published.set_config({true, std::chrono::system_clock::now()});
  PollLoop loop(plan_of(config), make_source, log, published);
  if (const std::optional<reading::ReadFailure> failure = poll_to_the_end(loop, config.audit)) {
    return report(*failure, log);
  }
  analysis::ExporterState state = published.get();
  const auto polled_at = state.namespaces.front().snapshot->forecast_from;
  std::cout << exposition::render(
                   {std::move(state), build_info(), kernel::read_process_stats("/proc"), polled_at},
                   exposition::Format::kText)
            << std::flush;
  if (!std::cout) {
    log.error("cannot write the exposition to stdout");
    return kExitFailure;
  }
  return kExitDone;
}

// The old configuration stays unless the new one is without a problem.
void reload(const Flags& flags, PollLoop& loop, const Log& log, Published& published) {
  const base::Result<config::Config, config::LoadFailure> config = load_config(flags);
  analysis::ConfigHealth health = published.get().config;
  health.last_reload_succeeded = config.ok();
  if (config) {
    loop.reconfigure(plan_of(*config));
    health.last_success = std::chrono::system_clock::now();
    log.info("configuration reloaded", {{"file", flags.config_file.value_or("none")}});
  } else {
    for (const std::string& problem : config.error().problems) {
      log.error("configuration not reloaded; the one before stays", {{"problem", problem}});
    }
  }
  published.set_config(health);
}

// Blocks them in this thread and in those it starts, so that handle_signals() alone takes them.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);  // a reader of ours that goes away is not our end
  return signals;
}

// Until one of them asks to stop.
void handle_signals(const sigset_t& signals, const std::function<void()>& reload, const Log& log) {
  for (;;) {
    int signal = 0;
    sigwait(&signals, &signal);
    if (signal != SIGHUP) {
      log.info("stopping", {{"signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"}});
      return;
    }
    reload();
  }
}

// Clients and network namespaces each take some. What a user may have, a daemon that never calls
// select() need not leave unused.
void raise_descriptor_limit() {
  constexpr rlim_t kEnough = 65'536;
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = std::max(files.rlim_cur, std::min(files.rlim_max, kEnough));
  ::setrlimit(RLIMIT_NOFILE, &files);
}

inet::Endpoint endpoint_of(const web::ListenAddress& bound) {
  return {bound.address.value_or(inet::kAnyIpv6), bound.port};
}

int serve(const Flags& flags, const config::Config& config, const Log& log) {
  raise_descriptor_limit();
  const sigset_t signals = block_signals();
  const exposition::BuildInfo build = build_info();
  log.info("starting timewait_exporter",
           {{"version", build.version}, {"revision", build.revision}});

  Published published;
  published.set_config({true, std::chrono::system_clock::now()});
  PollLoop loop(plan_of(config), make_source, log, published);
  const std::optional<reading::ReadFailure> failure = loop.poll_once();
  if (failure && failure->reason == reading::FailureReason::kUnavailable) {
    return report(*failure, log);
  }
  base::Result<web::Server> server =
      web::Server::start(flags.listen_addresses, make_routes(published, flags.telemetry_path));
  if (!server) {
    log.error(server.error().message);
    return kExitFailure;
  }
  std::vector<inet::Endpoint> own_listeners;
  for (const std::string& address : server->bound_addresses()) {
    log.info("listening", {{"address", address}, {"path", flags.telemetry_path}});
    own_listeners.push_back(endpoint_of(*web::parse_listen_address(address)));
  }
  loop.set_own_listeners(std::move(own_listeners));
  loop.start();
  handle_signals(
      signals, [&] { reload(flags, loop, log, published); }, log);
  return kExitDone;
}

}  // namespace

int run(const Flags& flags) {
  const base::Result<config::Config, config::LoadFailure> config = load_config(flags);
  if (!config) return report(config.error());
  if (flags.config_check) return report_valid(flags);

  const Log log(flags.log_level, flags.log_format);
  return flags.once ? print_once(*config, log) : serve(flags, *config, log);
}

}  // namespace timewait::daemon
