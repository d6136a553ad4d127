#include "config/suggestion.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace timewait::config {
namespace {

constexpr std::size_t kMaxSlips = 2;

// Damerau-Levenshtein distance in its restricted form (optimal string alignment).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

std::optional<std::string_view> suggest(std::string_view written,
                                        std::span<const std::string_view> words) {
  std::optional<std::string_view> nearest;
  std::size_t nearest_slips = kMaxSlips + 1;
  for (const std::string_view word : words) {
    if (written.size() > word.size() + kMaxSlips) continue;  // also bounds the work
    const std::size_t slips = distance(written, word);
    if (slips < nearest_slips && slips * 2 < written.size()) {
      nearest = word;
      nearest_slips = slips;
    }
  }
  return nearest;
}

}  // namespace timewait::config
