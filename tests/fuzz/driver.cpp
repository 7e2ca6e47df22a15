// Feeds a fuzz entry without libFuzzer: every file under the given paths, then changed copies of them.
//   fuzz_yaml [-runs=N] [-max_total_time=SECONDS] [-seed=N] path...
// The input at hand is kept in fuzz_yaml.input of the working directory while it runs, so that a crash leaves it behind.

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Random = std::mt19937_64;

void run(const std::string& input, const std::string& kept_in) {
  std::ofstream(kept_in, std::ios::binary | std::ios::trunc) << input;
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

std::size_t below(Random& random, std::size_t bound) { return bound == 0 ? 0 : random() % bound; }

/// A few bytes removed, doubled, replaced, or taken over from another input.
std::string change(std::string input, const std::vector<std::string>& inputs, Random& random) {
  constexpr std::string_view special = "\n \t:-#'\"{}[],&*!|>%@`?\\\r=.+~0e_xu<\x01\x7f\x80\xc2\x85\xe2\xef\xff";
  for (std::size_t changes = 1 + below(random, 5); changes > 0; --changes) {
    const std::size_t at = below(random, input.size() + 1);
    switch (below(random, 4)) {
      case 0: input.erase(at, 1 + below(random, 8)); break;
      case 1: input.insert(at, 1 + below(random, 3), special[below(random, special.size())]); break;
      case 2: input.insert(at, input.substr(below(random, input.size() + 1), below(random, 24))); break;
      default: {
        const std::string& other = inputs[below(random, inputs.size())];
        input.insert(at, other.substr(below(random, other.size() + 1), below(random, 24)));
      }
    }
  }
  if (input.size() > 4096) input.resize(4096);
  return input;
}

std::vector<std::string> read_inputs(const std::vector<std::string>& paths) {
  std::vector<std::string> inputs;
  const auto add = [&](const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  };
  for (const std::string& path : paths) {
    if (!std::filesystem::is_directory(path)) {
      add(path);
      continue;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
      if (entry.is_regular_file()) add(entry.path());
    }
  }
  return inputs;
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t runs = 0, seed = 1;
  std::chrono::seconds time{0};
  std::vector<std::string> paths;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument.starts_with("-runs=")) {
      runs = std::strtoull(argument.c_str() + 6, nullptr, 10);
    } else if (argument.starts_with("-max_total_time=")) {
      time = std::chrono::seconds(std::strtoull(argument.c_str() + 16, nullptr, 10));
      runs = std::numeric_limits<std::uint64_t>::max();
    } else if (argument.starts_with("-seed=")) {
      seed = std::strtoull(argument.c_str() + 6, nullptr, 10);
    } else {
      paths.push_back(argument);
    }
  }
  const std::vector<std::string> inputs = read_inputs(paths);
  if (inputs.empty()) {
    std::fputs("no inputs: give files or folders\n", stderr);
    return 64;
  }
  const std::string kept_in = std::filesystem::path(argv[0]).filename().string() + ".input";
  Random random(seed);
  const auto end = std::chrono::steady_clock::now() + time;
  for (const std::string& input : inputs) run(input, kept_in);
  std::uint64_t done = 0;
  for (; done < runs && (time.count() == 0 || std::chrono::steady_clock::now() < end); ++done)
    run(change(inputs[below(random, inputs.size())], inputs, random), kept_in);
  std::printf("%llu runs, seed %llu\n", static_cast<unsigned long long>(done), static_cast<unsigned long long>(seed));
  std::filesystem::remove(kept_in);
  return 0;
}
