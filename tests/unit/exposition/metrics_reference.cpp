#include <iostream>

#include "exposition/reference.h"

int main() {
  std::cout << timewait::exposition::metrics_reference();
  return std::cout.flush() ? 0 : 1;
}
