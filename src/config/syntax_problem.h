// What is wrong with a text that is not YAML, in the words of the person who wrote it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/problem.h"

namespace timewait::config {

// The first byte that YAML does not allow: not UTF-8, or a control character.
std::optional<Problem> find_bad_character(std::string_view text);

// How far yaml-cpp came.
struct SyntaxContext {
  Position last_value;    // begin of the last key, value, list or map it took
  Position open_bracket;  // begin of the innermost list or map it did not finish
};

// Turns an error of yaml-cpp into a problem.
Problem explain_syntax_error(Position noticed, const std::string& message, std::string_view text,
                             const SyntaxContext& context);

}  // namespace timewait::config
