#include "program/command_line.h"

#include <iostream>
#include <string_view>

#include "program/build_info.h"
#include "program/exit_code.h"

namespace timewait::program {
namespace {

// CLI11 takes the next argument as the value of "--flag=", which swallows a flag.
std::optional<std::string> find_empty_value(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument.starts_with("--") && argument.find('=') == argument.size() - 1) {
      return std::string(argument.substr(0, argument.size() - 1));
    }
  }
  return std::nullopt;
}

}  // namespace

EarlyExit usage_error(const CLI::App& app, const std::string& what) {
  return {kExitUsage,
          app.get_name() + ": " + what + "\nRun " + app.get_name() + " --help for the flags.\n"};
}

std::optional<EarlyExit> parse_command_line(CLI::App& app, int argc, const char* const* argv) {
  if (const auto flag = find_empty_value(argc, argv)) {
    return usage_error(app, *flag + ": needs a value");
  }
  const std::string version = version_text(app.get_name());
  app.set_version_flag("--version", version);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    const bool is_help = dynamic_cast<const CLI::CallForHelp*>(&asked) != nullptr;
    return EarlyExit{kExitDone, is_help ? app.help() : version + "\n"};
  } catch (const CLI::Error& wrong) {
    return usage_error(app, wrong.what());
  }
  return std::nullopt;
}

int finish(const EarlyExit& early) {
  std::ostream& stream = early.exit_code == kExitDone ? std::cout : std::cerr;
  stream << early.text << std::flush;
  return stream ? early.exit_code : kExitFailure;
}

}  // namespace timewait::program
