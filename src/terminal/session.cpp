#include "terminal/session.h"

#include <utility>

#include "config/load.h"
#include "exposition/snapshot_json.h"
#include "kernel/kernel_source.h"
#include "kernel/network_namespace.h"
#include "polling/plan.h"
#include "program/build_info.h"
#include "program/exit_code.h"

namespace timewait::terminal {
namespace {

using kernel::NamespaceFailure;
using kernel::NetworkNamespace;
using program::EarlyExit;

// Bare, one a line, as the exporter and compilers write them: editors and CI jobs find the place.
EarlyExit bad_config(const config::LoadFailure& failure) {
  std::string text;
  for (const std::string& problem : failure.problems) text += problem + "\n";
  return {failure.unreadable ? program::kExitFailure : program::kExitUsage, text};
}

EarlyExit cannot_look_into(const std::string& netns, const NamespaceFailure& failure) {
  const bool may_be_a_name =
      failure.reason == NamespaceFailure::Reason::kNotThere && netns.find('/') == std::string::npos;
  const std::string hint =
      may_be_a_name ? "; --netns takes a path, such as /run/netns/" + netns : "";
  return {program::kExitFailure, "timewait: " + failure.error.message + hint + "\n"};
}

base::Status<NamespaceFailure> enter(const std::string& netns) {
  const base::Result<NetworkNamespace, NamespaceFailure> opened = NetworkNamespace::open(netns);
  if (!opened) return opened.error();
  return opened->enter();
}

polling::PollPlan plan_for(const Flags& flags, config::Config config,
                           std::optional<std::chrono::milliseconds> interval) {
  if (flags.audit) config.audit = true;
  polling::PollPlan plan = polling::plan_of(config);
  if (interval) plan.interval = *interval;
  if (flags.netns) plan.namespaces = {};
  return plan;
}

}  // namespace

Session::Session(polling::PollPlan plan, std::string netns)
    : plan_(std::move(plan)),
      netns_(std::move(netns)),
      log_(logging::LogLevel::kOff, logging::LogFormat::kLogfmt),
      loop_(
          plan_, [] { return std::make_unique<kernel::KernelSource>(); }, log_, published_) {
  published_.set_reload(true, std::chrono::system_clock::now());
}

base::Result<std::unique_ptr<Session>, EarlyExit> Session::open(
    const Flags& flags, std::optional<std::chrono::milliseconds> interval) {
  auto config = config::load_file_or_defaults(flags.config_file);
  if (!config) return bad_config(config.error());
  std::unique_ptr<Session> session(
      new Session(plan_for(flags, *std::move(config), interval), flags.netns.value_or("")));
  if (!flags.netns) return session;
  // Only now: the DNS is asked from where the user is, by a thread that the loop has started. The
  // polls of one namespace are made by threads that this one starts, in the same as it.
  const base::Status<NamespaceFailure> entered = enter(*flags.netns);
  if (!entered) return cannot_look_into(*flags.netns, entered.error());
  return session;
}

// The program is in that namespace, the user is not.
analysis::ExporterState Session::state() const {
  analysis::ExporterState state = published_.get();
  if (!state.namespaces.empty()) state.namespaces.front().path = netns_;
  return state;
}

std::string Session::json() const {
  return exposition::render_json({.state = state(),
                                  .build = program::build_info(),
                                  .process = {},  // has no place there
                                  .now = std::chrono::steady_clock::now(),
                                  .written_at = std::chrono::system_clock::now()});
}

EarlyExit poll_failed(const reading::ReadFailure& failure) {
  return {program::kExitFailure,
          "timewait: cannot read the kernel's sockets and settings: " + failure.message + "\n"};
}

}  // namespace timewait::terminal
