// Starts TIMEWAIT_PROGRAM with the loader and the libraries that lie beside it, and with none of
// the host's.
//
// It is linked statically, so that it needs nothing of the host; where it lies decides what it
// starts:
//
//   PREFIX/bin/PROGRAM                           this
//   PREFIX/lib/timewait_exporter/PROGRAM         the program
//   PREFIX/lib/timewait_exporter/loader/PROGRAM  the loader, named as `ps` shall name it
//   PREFIX/lib/timewait_exporter/*.so.*          the libraries
//   PREFIX/lib/timewait_exporter/terminfo        terminals, for where the host does not know them

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <sys/auxv.h>
#include <unistd.h>

namespace {

constexpr const char* kProgram = TIMEWAIT_PROGRAM;

// The path of this file without symbolic links; empty, with errno, if it cannot be told. Where no
// proc is mounted, the kernel's note of what it was asked to execute says it too.
std::string own_path() {
  char path[PATH_MAX];
  // NOLINTNEXTLINE(performance-no-int-to-ptr): the kernel tells addresses as numbers
  const char* executed = reinterpret_cast<const char*>(getauxval(AT_EXECFN));
  if (realpath("/proc/self/exe", path) || realpath(executed, path)) return path;
  return {};
}

// LD_PRELOAD, LD_LIBRARY_PATH, LD_AUDIT and the like name files that were built for the host's
// loader.
void drop_settings_of_the_hosts_loader(char** environment) {
  char** end = environment;
  while (*end != nullptr) ++end;
  *std::remove_if(environment, end, [](const char* variable) {
    return std::strncmp(variable, "LD_", 3) == 0;
  }) = nullptr;
}

// The host's own come first, which is what the empty name before the colon stands for.
void add_terminals(const std::string& folder) {
  const char* const others = std::getenv("TERMINFO_DIRS");
  const std::string folders = (others ? others : "") + (":" + folder);
  setenv("TERMINFO_DIRS", folders.c_str(), 1);
}

std::string reason() { return std::strerror(errno); }

int fail(const std::string& what) {
  std::fprintf(stderr, "%s: %s\n", kProgram, what.c_str());
  return EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string path = own_path();
  if (path.empty()) return fail("cannot tell where it lies: " + reason());
  const std::string folder = path.substr(0, path.rfind('/')) + "/../lib/timewait_exporter";
  // The loader would take it for several folders, or for a variable, and look for libraries
  // elsewhere.
  if (folder.find_first_of(":;$") != std::string::npos) {
    return fail("cannot be started from a folder with ':', ';' or '$' in its name: " + path);
  }
  const std::string loader = folder + "/loader/" + kProgram;
  const std::string program = folder + "/" + kProgram;
  std::vector<const char*> arguments = {kProgram,       "--inhibit-cache", "--library-path",
                                        folder.c_str(), "--argv0",         kProgram,
                                        program.c_str()};
  arguments.insert(arguments.end(), argv + std::min(argc, 1), argv + argc);
  arguments.push_back(nullptr);
  drop_settings_of_the_hosts_loader(environ);
  add_terminals(folder + "/terminfo");
  execv(loader.c_str(), const_cast<char**>(arguments.data()));
  return fail("cannot execute " + loader + ": " + reason());
}
