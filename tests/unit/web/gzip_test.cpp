#include "web/gzip.h"

#include <random>
#include <string>

#include <gtest/gtest.h>
#include <zlib.h>

namespace timewait::web {
namespace {

std::string gunzip(const std::string& compressed, std::size_t expected_size) {
  std::string data(expected_size + 1, '\0');  // one more, to see what is too long
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  stream.next_out = reinterpret_cast<Bytef*>(data.data());
  stream.avail_out = static_cast<uInt>(data.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  EXPECT_EQ(stream.avail_in, 0u);
  data.resize(stream.total_out);
  inflateEnd(&stream);
  return data;
}

void expect_round_trip(const std::string& data) {
  const base::Result<std::string> compressed = gzip(data);
  ASSERT_TRUE(compressed);
  EXPECT_TRUE(gunzip(*compressed, data.size()) == data);
}

TEST(Gzip, RoundTripsNothing) { expect_round_trip(""); }

TEST(Gzip, RoundTripsBytesOfEveryValue) {
  std::string data;
  for (int i = 0; i < 256; ++i) data += static_cast<char>(i);
  expect_round_trip(data);
}

TEST(Gzip, RoundTripsWhatCannotBeCompressed) {
  std::mt19937 random(1);
  std::string data(1 << 20, '\0');
  for (char& c : data) c = static_cast<char>(random());
  expect_round_trip(data);
}

TEST(Gzip, MakesTextSmall) {
  std::string data;
  for (int i = 0; i < 10000; ++i)
    data += "timewait_ports_used{peer=\"" + std::to_string(i) + "\"} 1\n";
  expect_round_trip(data);
  EXPECT_LT(gzip(data)->size(), data.size() / 5);
}

}  // namespace
}  // namespace timewait::web
