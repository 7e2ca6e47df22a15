// A small process that uses the store (see workload.hpp) and tells on its standard output what it was told is done; B when a
// backup was made. Its parent kills it.
//   store_victim FOLDER SEED OPERATIONS
// Exit code 0 when all is done, 3 when the store did not open, 5 when there was no backup, 74 when the store ended the process.

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "server/store/store.hpp"
#include "tests/server/store/workload.hpp"

using namespace sluice;
using namespace sluice::store;

static void tell(const std::string& line) {
  const std::string text = line + "\n";
  if (::write(STDOUT_FILENO, text.data(), text.size()) < 0) std::_Exit(1);
}

int main(int argc, char** argv) {
  if (argc != 4) return 64;
  Options options;
  options.folder = argv[1];
  options.key = Secret("0123456789abcdef0123456789abcdef");
  auto store = Store::open(options);
  if (!store) {
    std::fprintf(stderr, "%s\n", store.error().what.c_str());
    return 3;
  }
  use(**store, static_cast<unsigned>(std::atoi(argv[2])), std::atoi(argv[3]), tell);
  const auto copy = std::filesystem::path(argv[1]) / "copy.db";
  std::filesystem::remove(copy);
  if (!(*store)->backup(copy)) return 5;
  tell("B");
  return 0;
}
