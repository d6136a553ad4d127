#include "web/accept.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace timewait::web {
namespace {

constexpr int kMaxWeight = 1000;  // q=1; weights are whole thousandths

// One element of a comma-separated list: `value;name=text;q=0.5`.
struct Element {
  std::string value;  // in lower case
  std::optional<std::string> version;
  int weight = kMaxWeight;
};

char to_lower(char c) { return 'A' <= c && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower_case(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), to_lower);
  return result;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

// Cuts at every `separator` that is outside a quoted-string (RFC 9110, 5.6.4).
std::vector<std::string_view> split_unquoted(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  std::size_t start = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && text[i] == separator) {
      parts.push_back(trim(text.substr(start, i - start)));
      start = i + 1;
    }
  }
  parts.push_back(trim(text.substr(start)));
  return parts;
}

std::string unquote(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
  std::string result;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == '\\' && i + 2 < text.size()) ++i;
    result += text[i];
  }
  return result;
}

// RFC 9110, 12.4.2: 0 or 1, and up to three digits.
std::optional<int> parse_weight(std::string_view text) {
  if (text.empty() || text.size() > 5 || text[0] < '0' || text[0] > '1') return std::nullopt;
  if (text.size() > 1 && text[1] != '.') return std::nullopt;
  int weight = (text[0] - '0') * kMaxWeight;
  int unit = kMaxWeight;
  for (const char digit : text.substr(std::min<std::size_t>(2, text.size()))) {
    if (digit < '0' || digit > '9') return std::nullopt;
    unit /= 10;
    weight += (digit - '0') * unit;
  }
  if (weight > kMaxWeight) return std::nullopt;
  return weight;
}

std::optional<Element> parse_element(std::string_view text) {
  const std::vector<std::string_view> parts = split_unquoted(text, ';');
  Element element;
  element.value = lower_case(parts.front());
  if (element.value.empty()) return std::nullopt;
  for (const std::string_view part : std::span(parts).subspan(1)) {
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string name = lower_case(trim(part.substr(0, equals)));
    const std::string_view value = trim(part.substr(equals + 1));
    if (name == "q") {
      const std::optional<int> weight = parse_weight(value);
      if (!weight) return std::nullopt;
      element.weight = *weight;
    } else if (name == "version") {
      element.version = unquote(value);
    }
  }
  return element;
}

std::vector<Element> parse_list(std::string_view header) {
  std::vector<Element> elements;
  for (const std::string_view part : split_unquoted(header, ',')) {
    std::optional<Element> element = parse_element(part);
    if (element) elements.push_back(std::move(*element));
  }
  return elements;
}

// How closely `range` describes `offer`, as RFC 9110, 12.5.1 ranks them; nothing if it does not.
std::optional<int> specificity(const Element& range, const MediaOffer& offer) {
  if (range.version && std::find(offer.versions.begin(), offer.versions.end(), *range.version) ==
                           offer.versions.end()) {
    return std::nullopt;
  }
  if (range.value == "*/*") return 0;
  if (range.value == offer.type) return range.version ? 3 : 2;
  const std::string_view any_subtype = offer.type.substr(0, offer.type.find('/') + 1);
  if (range.value == std::string(any_subtype) + "*") return 1;
  return std::nullopt;
}

// The weight of the range that describes `offer` best; 0 if none does.
int weight_of(const MediaOffer& offer, const std::vector<Element>& ranges) {
  std::pair<int, int> best(-1, 0);
  for (const Element& range : ranges) {
    const std::optional<int> rank = specificity(range, offer);
    if (rank) best = std::max(best, std::pair(*rank, range.weight));
  }
  return best.second;
}

std::optional<int> weight_of(std::string_view coding, const std::vector<Element>& codings) {
  std::optional<int> weight;
  for (const Element& element : codings) {
    if (element.value == coding) weight = std::max(weight.value_or(0), element.weight);
  }
  return weight;
}

}  // namespace

std::size_t best_media_type(std::string_view accept, std::span<const MediaOffer> offers) {
  const std::vector<Element> ranges = parse_list(accept);
  std::size_t best = 0;
  int best_weight = 0;
  for (std::size_t i = 0; i < offers.size(); ++i) {
    const int weight = weight_of(offers[i], ranges);
    if (weight > best_weight) {
      best = i;
      best_weight = weight;
    }
  }
  return best;
}

bool accepts_gzip(std::string_view accept_encoding) {
  const std::vector<Element> codings = parse_list(accept_encoding);
  // "x-gzip" is the old name of the same coding (RFC 9110, 8.4.1.3).
  std::optional<int> gzip = std::max(weight_of("gzip", codings), weight_of("x-gzip", codings));
  if (!gzip) gzip = weight_of("*", codings);
  return gzip.value_or(0) > 0 && gzip >= weight_of("identity", codings);
}

}  // namespace timewait::web
