// Runs a fuzzer's function over every file of a folder, without libFuzzer.
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
  if (argc != 2) return EXIT_FAILURE;
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    std::cout << entry.path().filename() << std::endl;  // before it ends this
    std::ifstream file(entry.path(), std::ios::binary);
    std::vector<std::uint8_t> bytes;
    for (std::istreambuf_iterator<char> at(file), end; at != end; ++at) {
      bytes.push_back(static_cast<std::uint8_t>(*at));
    }
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    ++count;
  }
  std::cout << count << " inputs replayed\n";
  return count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
