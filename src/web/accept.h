// Content negotiation: what a client's Accept and Accept-Encoding ask for (RFC 9110, 12.5.1
// and 12.5.3). Pure functions of untrusted text: any text is allowed, and elements that are
// malformed count as absent.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace timewait::web {

// One representation that the server can send. The text must outlive the offer.
struct MediaOffer {
  std::string_view type;                   // "text/plain", in lower case
  std::vector<std::string_view> versions;  // the values of `version` in a range that match; a range
                                           // without one matches always
};

// Position of the offer to send. `offers` is not empty and in the server's order of preference:
// that order decides among offers that the client wants equally. Where the client wants none of
// them the answer is 0, not an error: a scraper is better served by the default than by 406.
// Parameters other than `version` and `q` never prevent a match.
std::size_t best_media_type(std::string_view accept, std::span<const MediaOffer> offers);

// Whether the client takes gzip, and takes it at least as gladly as an explicitly listed
// `identity`.
bool accepts_gzip(std::string_view accept_encoding);

}  // namespace timewait::web
