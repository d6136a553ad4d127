#include "config/web_values.h"

#include <algorithm>
#include <array>

#include "config/value_text.h"
#include "tls/names.h"

namespace timewait::config {
namespace {

using std::chrono::nanoseconds;

constexpr std::size_t kMaxNameBytes = 1024;  // of an alternative name
constexpr std::size_t kMaxUserBytes = 128;
constexpr std::size_t kMaxHeaderBytes = 2048;
constexpr std::uint32_t kMaxBurst = 1'000'000;
constexpr nanoseconds kMaxRequestInterval = std::chrono::hours(24);

struct DurationUnit {
  std::string_view name;
  double nanoseconds;
};

// Those of Go's time.ParseDuration. "µ" has two code points.
constexpr std::array<DurationUnit, 8> kUnits = {{{"ns", 1},
                                                 {"us", 1e3},
                                                 {"\u00b5s", 1e3},
                                                 {"\u03bcs", 1e3},
                                                 {"ms", 1e6},
                                                 {"s", 1e9},
                                                 {"m", 60e9},
                                                 {"h", 3600e9}}};

// "1m30s", "1.5s", "0": numbers with units, in any order.
std::optional<nanoseconds> parse_go_duration(std::string_view text) {
  if (text == "0") return nanoseconds(0);
  double total = 0;
  do {
    const std::size_t number_end = std::min(text.find_first_not_of("0123456789."), text.size());
    const std::size_t unit_end =
        std::min(text.find_first_of("0123456789.", number_end), text.size());
    const std::optional<double> number = parse_decimal(text.substr(0, number_end));
    const std::string_view unit_name = text.substr(number_end, unit_end - number_end);
    const auto unit = std::find_if(kUnits.begin(), kUnits.end(),
                                   [&](const DurationUnit& u) { return u.name == unit_name; });
    if (!number || unit == kUnits.end()) return std::nullopt;
    total += *number * unit->nanoseconds;
    text.remove_prefix(unit_end);
  } while (!text.empty());
  constexpr auto kMax = static_cast<double>(kMaxRequestInterval.count());
  return nanoseconds(static_cast<std::int64_t>(std::min(total, 2 * kMax)));
}

// What of bcrypt's own base64 a character stands for: 0 to 63; or nothing.
std::optional<unsigned> bcrypt_digit(char c) {
  constexpr std::string_view kDigits =
      "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  const std::size_t at = kDigits.find(c);
  if (at == std::string_view::npos) return std::nullopt;
  return static_cast<unsigned>(at);
}

template <typename T>
base::Result<T> known(std::optional<T> found, std::string_view text, std::string_view what) {
  if (!found) return wrong(text, "is not a known " + std::string(what));
  return *found;
}

base::Result<std::string> one_of(std::string_view text,
                                 std::initializer_list<std::string_view> allowed) {
  if (std::find(allowed.begin(), allowed.end(), text) == allowed.end()) {
    return wrong(text, "is not a value that this header may have");
  }
  return std::string(text);
}

}  // namespace

base::Result<std::string> parse_file_name(std::string_view text) {
  return parse_text(text, kMaxPathBytes);
}

base::Result<std::string> parse_pem(std::string_view text) { return std::string(text); }

base::Result<tls::ClientAuth> parse_client_auth(std::string_view text) {
  return known(tls::parse_client_auth(text), text, "way to ask for client certificates");
}

base::Result<std::string> parse_alternative_name(std::string_view text) {
  return parse_text(text, kMaxNameBytes);
}

base::Result<tls::Version> parse_tls_version(std::string_view text) {
  return known(tls::parse_version(text), text, "version");
}

base::Result<std::optional<tls::CipherSuite>> parse_cipher_suite(std::string_view text) {
  const auto suite = tls::parse_cipher_suite(text);
  if (!suite) return wrong(text, suite.error().message);
  return *suite;
}

base::Result<tls::Curve> parse_curve(std::string_view text) {
  return known(tls::parse_curve(text), text, "curve");
}

base::Result<bool> parse_http2(std::string_view text) {
  base::Result<bool> wanted = parse_switch(text);
  if (wanted && *wanted) return base::Error{"this server speaks HTTP/1.1 and not HTTP/2"};
  return wanted;
}

base::Result<std::string> parse_header_value(std::string_view text) {
  const auto is_printable = [](char c) { return c >= ' ' && c <= '~'; };
  if (text.size() > kMaxHeaderBytes) return wrong(text, "is too long");
  if (!std::all_of(text.begin(), text.end(), is_printable)) {
    return wrong(text, "holds a character that is not printable ASCII");
  }
  if (text.empty() || text.front() == ' ' || text.back() == ' ') {
    return wrong(text, "begins or ends with a space");
  }
  return std::string(text);
}

base::Result<std::string> parse_content_type_options(std::string_view text) {
  return one_of(text, {"nosniff"});
}

base::Result<std::string> parse_frame_options(std::string_view text) {
  return one_of(text, {"deny", "sameorigin"});
}

base::Result<std::string> parse_user_name(std::string_view text) {
  if (text.find(':') != std::string_view::npos) {
    return wrong(text, "holds a \":\", at which a client's name ends");  // RFC 7617, 2
  }
  return parse_text(text, kMaxUserBytes);
}

// crypt_r(3) takes no other, and what it computes never equals one with stray bits: those after the
// 128 bits of salt and the 184 of hash.
base::Result<std::string> parse_bcrypt_hash(std::string_view text) {
  constexpr std::size_t kSize = 60;
  constexpr std::size_t kSaltAt = 7;
  constexpr std::size_t kLastOfSalt = kSaltAt + 21;
  if (text.size() != kSize ||
      !(text.starts_with("$2a$") || text.starts_with("$2b$") || text.starts_with("$2y$")) ||
      text[6] != '$') {
    return base::Error{"is not a bcrypt hash"};
  }
  const std::string_view cost = text.substr(4, 2);
  if (!is_integer(cost) || cost < "04" || cost > "16") {
    return base::Error{"is a bcrypt hash with a cost that is not 04 to 16"};
  }
  const std::string_view digits = text.substr(kSaltAt);
  if (!std::all_of(digits.begin(), digits.end(), [](char c) { return bcrypt_digit(c); })) {
    return base::Error{"is a bcrypt hash with a character that none has"};
  }
  if (*bcrypt_digit(text[kLastOfSalt]) % 16 != 0 || *bcrypt_digit(text.back()) % 4 != 0) {
    return base::Error{"is a damaged bcrypt hash, which no password could match"};
  }
  return std::string(text);
}

base::Result<nanoseconds> parse_request_interval(std::string_view text) {
  if (text != "0" && is_integer(text)) return wrong(text, "has no unit");
  const std::optional<nanoseconds> interval = parse_go_duration(text);
  if (!interval) return wrong(text, "is not a duration");
  if (*interval > kMaxRequestInterval) return wrong(text, "is too long");
  return *interval;
}

base::Result<std::uint32_t> parse_burst(std::string_view text) {
  return parse_integer_within(text, 1, kMaxBurst);
}

}  // namespace timewait::config
