#include "terminal/flags.h"

#include <string>
#include <utility>

#include <CLI/CLI.hpp>

namespace timewait::terminal {
namespace {

constexpr double kShortestWatchSeconds = 0.1;
constexpr double kLongestWatchSeconds = 3600;

constexpr const char* kExamples = R"(Examples:
  timewait                            the peers, the one nearest to running out of ports first
  timewait diagnose                   what is wrong, why, and the lines that mend it; takes 6 s
  timewait top                        watch it happen, or whether a change has helped
  timewait --watch 5 >>ports.log      a table every 5 s
  timewait --netns /proc/PID/ns/net   in the container that process PID is in; as root
  timewait --json | jq .findings      the JSON of the exporter's /api/v1/snapshot

It reads what the kernel tells everybody: it needs no rights and no exporter, and changes nothing.
timewait(1) explains the columns.)";

constexpr const char* kAboutTop =
    R"(Keys: s orders by the next column, / filters by peer, p pauses, n looks into another network
namespace, h lists them all, q quits.

Taken as by timewait: --config.file, --netns, and --json, for a line of JSON a second.)";

constexpr const char* kAboutDiagnose =
    R"(It watches for 6 s, since what grows or overflows shows between two polls. Problems come in order
of urgency, each with its evidence in figures, why it is so, and the lines that mend it.

Examples:
  timewait diagnose || page_somebody        0: nothing worse than a hint, 3: a warning, 4: critical
  timewait diagnose --audit                 where used and capacity do not explain what fails
  timewait diagnose --json | jq .problems   for scripts

Taken as by timewait: --config.file, --netns, --json.)";

// Understood before and after the name of a command.
void declare_common(CLI::App& app, Flags& flags) {
  app.add_option("--config.file", flags.config_file,
                 "the exporter's YAML configuration, for its names of peers and listeners")
      ->type_name("PATH");
  app.add_option("--netns", flags.netns,
                 "look into this network namespace: /run/netns/NAME, /proc/PID/ns/net")
      ->type_name("PATH");
  app.add_flag("--json", flags.json, "JSON for scripts, on stdout");
}

// CLI11 validators return an empty string for a good value, else what is wrong. Its own for ranges
// takes a value that is not a number.
std::string check_watch(const std::string& text) {
  double seconds = 0;
  const bool is_number = CLI::detail::lexical_cast(text, seconds);
  if (is_number && seconds >= kShortestWatchSeconds && seconds <= kLongestWatchSeconds) return {};
  return "\"" + text + "\" is not a number of seconds (allowed: 0.1 to 3600)";
}

std::string not_expected(const std::string& argument) {
  if (argument.starts_with('-')) return argument + ": no such option here";
  return "\"" + argument + "\" is not expected here; a command is top or diagnose, one at a time";
}

std::chrono::milliseconds in_milliseconds(double seconds) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::duration<double>(seconds));
}

}  // namespace

base::Result<Flags, program::EarlyExit> parse_flags(int argc, const char* const* argv) {
  Flags flags;
  double watch_seconds = 0;
  CLI::App app("How many more connections this host can open to each peer, and when it runs out.",
               "timewait");
  app.footer(kExamples);
  app.fallthrough();
  app.allow_extras();  // told below, in words that help
  app.require_subcommand(0, 1);
  declare_common(app, flags);
  CLI::Option* const watch =
      app.add_option("--watch", watch_seconds,
                     "print the table again and again, so far apart: 0.1 to 3600")
          ->type_name("SECONDS")
          ->check(CLI::Validator(check_watch, "", ""));
  CLI::App* const top = app.add_subcommand("top", "the same table, live; press h for the keys");
  top->footer(kAboutTop);
  CLI::App* const diagnose = app.add_subcommand(
      "diagnose", "what is wrong, why, and what to change; exit 0 if well, 3 warning, 4 critical");
  diagnose->footer(kAboutDiagnose);
  diagnose->add_flag("--audit", flags.audit,
                     "find ports held by bind() that the kernel does not tell of, too");
  if (auto early = program::parse_command_line(app, argc, argv)) return *std::move(early);
  if (const auto extras = app.remaining(true); !extras.empty()) {
    return program::usage_error(app, not_expected(extras.front()));
  }

  if (top->parsed()) flags.command = Command::kTop;
  if (diagnose->parsed()) flags.command = Command::kDiagnose;
  if (!watch->empty()) {
    if (flags.command != Command::kTable) {
      return program::usage_error(app, "--watch: is for the table, without a command");
    }
    flags.watch = in_milliseconds(watch_seconds);
  }
  return flags;
}

}  // namespace timewait::terminal
