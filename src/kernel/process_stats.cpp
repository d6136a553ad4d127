#include "kernel/process_stats.h"

#include <cstdint>
#include <ctime>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include <sys/resource.h>
#include <unistd.h>

#include "kernel/proc_file.h"
#include "kernel/words.h"

namespace timewait::kernel {
namespace {

// The fields of /proc/PID/stat that count here, numbered as in proc(5).
struct StatFields {
  std::uint64_t start_time_ticks = 0;  // 22, since boot
  std::uint64_t virtual_bytes = 0;     // 23
  std::uint64_t resident_pages = 0;    // 24
};

StatFields read_stat(const std::string& proc_root) {
  const std::string content = read_proc_file(proc_root + "/self/stat").value_or("");
  const std::size_t name_end = content.rfind(')');  // the name may hold spaces and brackets
  if (name_end == std::string::npos) return {};
  std::string_view rest = std::string_view(content).substr(name_end + 1);
  constexpr int kFirst = 3;
  constexpr int kStartTime = 22;
  for (int field = kFirst; field < kStartTime; ++field) take_word(rest);
  const auto next = [&rest] { return to_number(take_word(rest)).value_or(0); };
  StatFields fields;
  fields.start_time_ticks = next();
  fields.virtual_bytes = next();
  fields.resident_pages = next();
  return fields;
}

// Unix time of the boot: the line "btime SECONDS" of /proc/stat.
std::uint64_t read_boot_time(const std::string& proc_root) {
  const std::string content = read_proc_file(proc_root + "/stat").value_or("");
  for (std::string_view lines = content; !lines.empty();) {
    std::string_view line = take_line(lines);
    if (take_word(line) == "btime") return to_number(take_word(line)).value_or(0);
  }
  return 0;
}

double cpu_seconds() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

std::uint64_t count_open_fds(const std::string& proc_root) {
  std::error_code error;
  std::uint64_t count = 0;
  for (std::filesystem::directory_iterator entry(proc_root + "/self/fd", error), end;
       !error && entry != end; entry.increment(error)) {
    ++count;
  }
  return count;
}

std::optional<std::uint64_t> soft_fd_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
    return std::nullopt;
  }
  return limit.rlim_cur;
}

}  // namespace

reading::ProcessStats read_process_stats(const std::string& proc_root) {
  const StatFields stat = read_stat(proc_root);
  const auto ticks_per_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
  reading::ProcessStats stats;
  stats.cpu_seconds = cpu_seconds();
  stats.resident_memory_bytes =
      stat.resident_pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  stats.virtual_memory_bytes = stat.virtual_bytes;
  stats.open_fds = count_open_fds(proc_root);
  stats.max_fds = soft_fd_limit();
  stats.start_time_seconds = static_cast<double>(read_boot_time(proc_root)) +
                             static_cast<double>(stat.start_time_ticks) / ticks_per_second;
  return stats;
}

}  // namespace timewait::kernel
