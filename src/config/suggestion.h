// Guesses what a misspelt key was meant to be.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace timewait::config {

// The word nearest to `written`: at most two slips away (a letter too many, too few, wrong, or two
// swapped), and fewer than half of its letters. The first of several.
std::optional<std::string_view> suggest(std::string_view written,
                                        std::span<const std::string_view> words);

}  // namespace timewait::config
