// Texts that are kept beside a test, in TIMEWAIT_GOLDEN_DIR. With UPDATE_GOLDEN set in the
// environment, what is there now is kept instead of compared.
#pragma once

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace timewait {

inline void expect_golden(const std::string& text, const std::string& name) {
  const std::string path = std::string(TIMEWAIT_GOLDEN_DIR) + "/" + name;
  if (std::getenv("UPDATE_GOLDEN")) {
    std::ofstream(path, std::ios::binary) << text;
  }
  std::ostringstream kept;
  kept << std::ifstream(path, std::ios::binary).rdbuf();
  EXPECT_EQ(text, kept.str()) << "if the change is wanted, run again with UPDATE_GOLDEN=1";
}

// For a diff to be readable.
inline std::string laid_out(const std::string& json) {
  return nlohmann::ordered_json::parse(json).dump(1) + "\n";
}

}  // namespace timewait
