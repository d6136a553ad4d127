#include "program/command_line.h"

#include <algorithm>
#include <cstddef>
#include <iostream>
#include <string_view>

#include "program/build_info.h"
#include "program/exit_code.h"

namespace timewait::program {
namespace {

// Of the program or of one of its commands.
bool takes_no_value(const CLI::App& app, const std::string& flag) {
  const CLI::Option* const option = app.get_option_no_throw(flag);
  if (option != nullptr) return option->get_items_expected_max() == 0;
  const auto commands = app.get_subcommands({});
  return std::any_of(commands.begin(), commands.end(),
                     [&](const CLI::App* command) { return takes_no_value(*command, flag); });
}

// CLI11 takes the next argument as the value of "--flag=", which swallows a flag; and values of
// many kinds where none is meant.
std::optional<std::string> find_bad_value(const CLI::App& app, int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    const std::size_t equals = argument.find('=');
    if (!argument.starts_with("--") || equals == std::string_view::npos) continue;
    const std::string flag(argument.substr(0, equals));
    if (takes_no_value(app, flag)) return flag + ": takes no value";
    if (equals == argument.size() - 1) return flag + ": needs a value";
  }
  return std::nullopt;
}

// Of CLI11's own, whose words are of another style.
void describe_help(CLI::App& app) {
  app.set_help_flag("-h,--help", "print this, and exit");
  for (CLI::App* const command : app.get_subcommands({})) describe_help(*command);
}

// CLI11 says of one: "At Most 1 required but received 2". Those that take no value, of which 0 are
// expected, may be.
std::optional<std::string> find_repeated(const CLI::App& app) {
  for (const CLI::Option* const option : app.get_options()) {
    const int most = option->get_items_expected_max();
    if (most > 0 && option->count() > static_cast<std::size_t>(most)) return option->get_name();
  }
  return std::nullopt;
}

}  // namespace

EarlyExit usage_error(const CLI::App& app, const std::string& what) {
  return {kExitUsage,
          app.get_name() + ": " + what + "\nRun " + app.get_name() + " --help for the flags.\n"};
}

std::optional<EarlyExit> parse_command_line(CLI::App& app, int argc, const char* const* argv) {
  if (const auto problem = find_bad_value(app, argc, argv)) return usage_error(app, *problem);
  const std::string version = version_text(app.get_name());
  describe_help(app);
  app.set_version_flag("--version", version, "print version, commit and compiler, and exit");
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    const bool is_help = dynamic_cast<const CLI::CallForHelp*>(&asked) != nullptr;
    return EarlyExit{kExitDone, is_help ? app.help() : version + "\n"};
  } catch (const CLI::Error& wrong) {
    const auto repeated = find_repeated(app);
    return usage_error(app, repeated ? *repeated + ": is given more than once" : wrong.what());
  }
  return std::nullopt;
}

int finish(const EarlyExit& early) {
  std::ostream& stream = early.exit_code == kExitDone ? std::cout : std::cerr;
  stream << early.text << std::flush;
  return stream ? early.exit_code : kExitFailure;
}

}  // namespace timewait::program
