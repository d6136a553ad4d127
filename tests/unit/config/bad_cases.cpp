#include "bad_cases.h"

#include <fstream>

namespace timewait::config {
namespace {

// @{HEX} and @{HEX*N} as the bytes they stand for.
std::string expand(const std::string& text) {
  std::string expanded;
  std::size_t done = 0;
  for (std::size_t at; (at = text.find("@{", done)) != std::string::npos;) {
    expanded += text.substr(done, at - done);
    done = text.find('}', at) + 1;
    const std::string escape = text.substr(at + 2, done - at - 3);
    const std::size_t star = escape.find('*');
    const std::string hex = escape.substr(0, star);
    const int times = star == std::string::npos ? 1 : std::stoi(escape.substr(star + 1));
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
      bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    }
    for (int i = 0; i < times; ++i) expanded += bytes;
  }
  return expanded + text.substr(done);
}

void finish(BadCase& one) {
  one.yaml = expand(one.yaml.substr(0, one.yaml.find_last_not_of('\n') + 1) + "\n");
}

}  // namespace

std::vector<BadCase> read_bad_cases(const char* path) {
  std::vector<BadCase> cases;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("### ")) {
      cases.push_back({line.substr(4), {}, ""});
    } else if (cases.empty()) {
      continue;
    } else if (line.starts_with("> ") && cases.back().yaml.empty()) {
      cases.back().expected.push_back(line.substr(2));
    } else {
      cases.back().yaml += line + "\n";
    }
  }
  for (BadCase& one : cases) finish(one);
  return cases;
}

}  // namespace timewait::config
