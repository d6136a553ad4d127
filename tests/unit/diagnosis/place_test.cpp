#include "diagnosis/place.h"

#include <gmock/gmock.h>

namespace timewait::diagnosis {
namespace {

Place place_of(const std::string& name, const std::string& path) {
  analysis::NamespaceState state;
  state.name = name;
  state.path = path;
  return Place(state);
}

TEST(Place, WhereTheUserIs) {
  EXPECT_EQ(place_of("", "").command("ss"), "ss");
  EXPECT_EQ(place_of("", "").as_root(), "as root");
  EXPECT_THAT(place_of("", "").of_sysctls(), testing::HasSubstr("without quotation marks"));
}

TEST(Place, AnotherNamespace) {
  const Place named = place_of("app", "/run/netns/app");
  EXPECT_EQ(named.command("ss"), "nsenter --net=/run/netns/app ss");
  EXPECT_EQ(named.sysctl("a.b", "1"), "nsenter --net=/run/netns/app sysctl -w a.b=1");
  EXPECT_EQ(named.as_root(), "as root in network namespace app");
  EXPECT_EQ(place_of("", "/run/netns/app").as_root(),
            "as root in network namespace /run/netns/app");
}

TEST(Place, APathIsOneWordOfTheShell) {
  EXPECT_EQ(place_of("", "/a b;c'd").command("ss"), "nsenter --net='/a b;c'\\''d' ss");
}

}  // namespace
}  // namespace timewait::diagnosis
