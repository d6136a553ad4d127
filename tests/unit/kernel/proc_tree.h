// A made-up /proc in a temporary directory.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

namespace timewait::kernel {

class ProcTree {
 public:
  ProcTree() {
    std::string pattern = testing::TempDir() + "proc.XXXXXX";
    root_ = ::mkdtemp(pattern.data());
  }
  ~ProcTree() { std::filesystem::remove_all(root_); }
  ProcTree(const ProcTree&) = delete;
  ProcTree& operator=(const ProcTree&) = delete;

  std::string root() const { return root_.string(); }

  void write(const std::string& path, const std::string& content) const {
    const std::filesystem::path file = root_ / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << content;
  }

  void link(const std::string& path, const std::string& target) const {
    const std::filesystem::path file = root_ / path;
    std::filesystem::create_directories(file.parent_path());
    std::filesystem::create_symlink(target, file);
  }

 private:
  std::filesystem::path root_;
};

}  // namespace timewait::kernel
