// Does what its argument names, which the instrument that it is built with or run under has to
// report.

#include <climits>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <thread>

namespace {

void use_after_free() {
  int* volatile number = new int{1};
  delete number;
  std::printf("%d\n", *number);
}

void leak() { std::printf("%p\n", std::malloc(1000)); }

void overflow() {
  volatile int number = INT_MAX;
  std::printf("%d\n", number + 1);
}

void race() {
  int number = 0;
  std::thread other([&] { ++number; });
  ++number;
  other.join();
  std::printf("%d\n", number);
}

}  // namespace

int main(int count, char** arguments) {
  const std::string_view fault = count == 2 ? arguments[1] : "";
  if (fault == "use-after-free") {
    use_after_free();
  } else if (fault == "leak") {
    leak();
  } else if (fault == "overflow") {
    overflow();
  } else if (fault == "race") {
    race();
  } else {
    return 2;
  }
}
