#include "daemon/daemon.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sys/resource.h>

#include "config/load.h"
#include "daemon/endpoints.h"
#include "daemon/healthcheck.h"
#include "daemon/reloader.h"
#include "daemon/service_manager.h"
#include "daemon/service_status.h"
#include "daemon/web_access.h"
#include "exposition/render.h"
#include "kernel/kernel_source.h"
#include "kernel/process_stats.h"
#include "polling/plan.h"
#include "polling/poll_loop.h"
#include "program/build_info.h"
#include "program/exit_code.h"
#include "reading/read_failure.h"
#include "web/listening_socket.h"
#include "web/ongoing_work.h"
#include "web/server.h"

namespace timewait::daemon {
namespace {

using logging::Log;
using polling::Heartbeat;
using polling::PollLoop;
using polling::Published;
using program::kExitDone;
using program::kExitFailure;
using program::kExitUsage;

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

int report(const base::Error& error, const Log& log) {
  log.error(error.message);
  return kExitFailure;
}

int say(const std::string& line) {
  std::cout << line << "\n";
  return std::cout.flush() ? kExitDone : kExitFailure;
}

// Every file is looked at, whatever is wrong with the others.
int check(const Flags& flags) {
  if (!flags.config_file && !flags.web_config_file) {
    return say("no --config.file given; the defaults are valid");
  }
  int exit_code = kExitDone;
  const auto note = [&](const auto& loaded, const std::string& file) {
    exit_code = std::max(exit_code, loaded ? say(file + ": valid") : report(loaded.error()));
  };
  if (flags.config_file) note(config::load_file(*flags.config_file), *flags.config_file);
  if (flags.web_config_file) {
    note(config::load_web_config(*flags.web_config_file).config, *flags.web_config_file);
  }
  return exit_code;
}

std::unique_ptr<reading::Source> make_source() { return std::make_unique<kernel::KernelSource>(); }

int print_once(const config::Config& config, const Log& log) {
  Published published;
  published.set_reload(true, std::chrono::system_clock::now());
  PollLoop loop(polling::plan_of(config), make_source, log, published);
  if (const std::optional<reading::ReadFailure> failure = loop.poll_to_the_end()) {
    return report(*failure, log);
  }
  analysis::ExporterState state = published.get();
  const auto polled_at = state.namespaces.front().snapshot->forecast_from;
  std::cout << exposition::render({std::move(state), program::build_info(),
                                   kernel::read_process_stats("/proc"), polled_at},
                                  exposition::Format::kText)
            << std::flush;
  if (!std::cout) {
    log.error("cannot write the exposition to stdout");
    return kExitFailure;
  }
  return kExitDone;
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

base::Result<std::vector<web::ListeningSocket>> listening_sockets(const Flags& flags) {
  if (flags.systemd_socket) return web::take_systemd_sockets();
  return web::open_listening_sockets(flags.listen_addresses);
}

void log_listening(const std::vector<inet::Endpoint>& bound, const Flags& flags,
                   const web::Access& access, const Log& log) {
  for (const inet::Endpoint& endpoint : bound) {
    log.info("listening", {{"address", endpoint.to_string()},
                           {"path", flags.telemetry_path},
                           {"tls", access.tls ? "on" : "off"},
                           {"passwords", access.users.empty() ? "off" : "on"}});
  }
}

// Tells the manager that both the polls and the answers to clients go on, and how things are.
Heartbeat heartbeat_of(ServiceManager& manager, const web::OngoingWork& answers,
                       const Published& published) {
  constexpr std::chrono::seconds kLongEnough{10};
  const auto period = manager.watchdog().value_or(3 * kLongEnough);
  const auto beat = [&manager, &answers, &published, period, told = std::uint64_t{0}]() mutable {
    const auto now = std::chrono::steady_clock::now();
    if (answers.longest(now) < period / 2) manager.alive(now);
    if (told == published.version()) return;
    told = published.version();
    manager.set_status(service_status(published.get(), now));
  };
  return {period / 3, beat};
}

int serve(const Flags& flags, const config::Config& config, const Log& log) {
  raise_descriptor_limit();
  const sigset_t signals = block_signals();
  const exposition::BuildInfo build = program::build_info();
  log.info("starting timewait_exporter",
           {{"version", build.version}, {"revision", build.revision}});

  ServiceManager manager;
  web::OngoingWork answers;
  Published published;
  published.set_reload(true, std::chrono::system_clock::now());
  auto access = WebAccess::open(flags.web_config_file, log, published);
  if (!access) return report(access.error());
  WebAccess& web_access = **access;
  auto sockets = listening_sockets(flags);
  if (!sockets) return report(sockets.error(), log);

  std::vector<inet::Endpoint> own_listeners;
  for (const web::ListeningSocket& socket : *sockets) own_listeners.push_back(socket.bound);
  PollLoop loop(polling::plan_of(config), make_source, log, published);
  loop.set_own_listeners(own_listeners);
  loop.set_heartbeat(heartbeat_of(manager, answers, published));
  const std::optional<reading::ReadFailure> failure = loop.poll_once();
  if (failure && failure->reason == reading::FailureReason::kUnavailable) {
    return report(*failure, log);
  }
  Reloader reloader(
      flags.config_file, config,
      [&loop](const config::Config& changed) { loop.reconfigure(polling::plan_of(changed)); },
      web_access, log, published);
  const auto reload = [&] {
    manager.reloading();
    std::vector<std::string> problems = reloader.reload();
    manager.set_status(service_status(published.get(), std::chrono::steady_clock::now()));
    manager.ready();
    return problems;
  };
  loop.start();
  const base::Result<web::Server> server = web::Server::start(
      *std::move(sockets),
      make_routes(published, flags.telemetry_path,
                  flags.enable_lifecycle ? Reload(reload) : nullptr),
      [&web_access] { return web_access.current(); }, answers);
  if (!server) return report(server.error(), log);
  log_listening(own_listeners, flags, *web_access.current(), log);
  manager.ready();
  handle_signals(signals, reload, log);
  manager.stopping();
  return kExitDone;
}

}  // namespace

int run(const Flags& flags) {
  if (flags.config_check) return check(flags);
  if (flags.healthcheck) {
    const base::Status<> healthy = check_health(flags);
    if (!healthy) std::cerr << "timewait_exporter: " << healthy.error().message << "\n";
    return healthy ? kExitDone : kExitFailure;
  }
  const auto config = config::load_file_or_defaults(flags.config_file);
  if (!config) return report(config.error());

  const Log log(flags.log_level, flags.log_format);
  return flags.once ? print_once(*config, log) : serve(flags, *config, log);
}

}  // namespace timewait::daemon
