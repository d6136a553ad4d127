// Starts timewait_exporter with the loader and the libraries that lie beside it, and with none of
// the host's.
//
// It is linked statically, so that it needs nothing of the host; where it lies decides what it
// starts:
//
//   PREFIX/bin/timewait_exporter                           this
//   PREFIX/lib/timewait_exporter/timewait_exporter         the program
//   PREFIX/lib/timewait_exporter/loader/timewait_exporter  the loader, named as `ps` shall name it
//   PREFIX/lib/timewait_exporter/*.so.*                    the libraries

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

std::string reason() { return std::strerror(errno); }

int fail(const std::string& what) {
  std::fprintf(stderr, "timewait_exporter: %s\n", what.c_str());
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
  const std::string loader = folder + "/loader/timewait_exporter";
  const std::string program = folder + "/timewait_exporter";
  std::vector<const char*> arguments = {"timewait_exporter", "--inhibit-cache", "--library-path",
                                        folder.c_str(),      "--argv0",         "timewait_exporter",
                                        program.c_str()};
  arguments.insert(arguments.end(), argv + std::min(argc, 1), argv + argc);
  arguments.push_back(nullptr);
  drop_settings_of_the_hosts_loader(environ);
  execv(loader.c_str(), const_cast<char**>(arguments.data()));
  return fail("cannot execute " + loader + ": " + reason());
}
