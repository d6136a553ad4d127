// Reads a file of procfs.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace timewait::kernel {

// The whole content; nothing if the file is not there or cannot be read. Files of /proc/sys answer
// one read() only (`proc_do_large_bitmap` drops what does not fit), so `capacity` must hold the
// longest.
std::optional<std::string> read_proc_file(const std::string& path,
                                          std::size_t capacity = 64 * 1024);

}  // namespace timewait::kernel
