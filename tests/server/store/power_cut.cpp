#include "tests/server/store/power_cut.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace sluice::store {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t sector = 512;

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// One write of at most a sector, or, without bytes, a truncation.
struct Change {
  std::size_t at = 0;
  std::string bytes;
};

void apply(std::string& content, const Change& change) {
  if (change.bytes.empty()) {
    content.resize(std::min(content.size(), change.at));
    return;
  }
  if (content.size() < change.at + change.bytes.size()) content.resize(change.at + change.bytes.size());
  content.replace(change.at, change.bytes.size(), change.bytes);
}

/// What a disk has of one file.
struct Kept {
  std::string flushed;
  bool name_flushed = false;
  bool removed = false;  ///< and the removal is not flushed
  std::vector<Change> pending;

  void write(std::size_t at, std::string_view bytes) {
    while (!bytes.empty()) {
      const auto size = std::min(bytes.size(), sector - at % sector);
      pending.push_back({at, std::string(bytes.substr(0, size))});
      at += size;
      bytes.remove_prefix(size);
    }
  }
  void flush() {
    for (const Change& one : pending) apply(flushed, one);
    pending.clear();
    name_flushed = true;  // SQLite flushes the folder with the first flush of a file that it made
  }
};

}  // namespace

struct PowerCutDisk::State {
  explicit State(std::uint32_t seed) : random(seed) {}

  mutable std::mutex guard;
  std::mt19937 random;
  fs::path folder, remains;
  std::map<std::string, Kept> files;
  std::uint64_t instant = 0, passed = 0;
  bool is_cut = true;
  sqlite3_vfs* real = nullptr;
  sqlite3_vfs ours{};

  bool chance(double of_one) { return std::bernoulli_distribution(of_one)(random); }

  Kept* open(const char* path, bool is_new) {
    if (!path || fs::path(path).parent_path() != folder) return nullptr;
    const auto [at, fresh] = files.try_emplace(path);
    Kept& file = at->second;
    if (fresh && !is_new) {
      file.flushed = content_of(path);
      file.name_flushed = true;
    } else if (file.removed) {
      file = Kept{};
    }
    return &file;
  }

  /// To be called before each change, with the guard held.
  void pass() {
    if (++passed == instant) cut();
  }

  void cut() {
    if (is_cut) return;
    is_cut = true;
    static constexpr double shares[] = {0, 0.1, 0.5, 0.9, 1};
    const double share = shares[std::uniform_int_distribution<std::size_t>(0, std::size(shares) - 1)(random)];
    fs::create_directories(remains);
    fs::permissions(remains, fs::perms::owner_all);
    for (auto& [path, file] : files) {
      if ((!file.name_flushed || file.removed) && chance(0.5)) continue;
      const std::string content = left_of(file, share);
      const fs::path target = remains / fs::path(path).filename();
      std::ofstream(target, std::ios::binary) << content;
      fs::permissions(target, fs::perms::owner_read | fs::perms::owner_write);
    }
  }

  std::string left_of(const Kept& file, double share) {
    std::string content = file.flushed;
    std::vector<Change> some;
    std::ranges::copy_if(file.pending, std::back_inserter(some), [&](const Change&) { return chance(share); });
    if (!some.empty() && chance(0.3)) std::ranges::shuffle(some, random);
    if (!some.empty() && chance(0.3)) {
      Change& torn = some[std::uniform_int_distribution<std::size_t>(0, some.size() - 1)(random)];
      if (torn.bytes.size() > 1) torn.bytes.resize(std::uniform_int_distribution<std::size_t>(1, torn.bytes.size() - 1)(random));
    }
    for (const Change& one : some) apply(content, one);
    return content;
  }
};

namespace {

PowerCutDisk::State* disk = nullptr;  // SQLite's functions have nothing else to find it by

/// A file of ours; the real one lies behind it.
struct File {
  sqlite3_file base;
  Kept* kept;
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

File* mine(sqlite3_file* file) { return reinterpret_cast<File*>(file); }
const sqlite3_io_methods* methods(sqlite3_file* file) { return mine(file)->real()->pMethods; }

template <auto member, class... Arguments>
int pass_on(sqlite3_file* file, Arguments... arguments) {
  return (methods(file)->*member)(mine(file)->real(), arguments...);
}

template <class Note>
void note(sqlite3_file* file, Note what) {
  if (!mine(file)->kept) return;
  const std::lock_guard lock{disk->guard};
  disk->pass();
  what(*mine(file)->kept);
}

int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
  note(file, [&](Kept& kept) {
    kept.write(static_cast<std::size_t>(at), {static_cast<const char*>(bytes), static_cast<std::size_t>(size)});
  });
  return pass_on<&sqlite3_io_methods::xWrite>(file, bytes, size, at);
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
  note(file, [&](Kept& kept) { kept.pending.push_back({static_cast<std::size_t>(size), {}}); });
  return pass_on<&sqlite3_io_methods::xTruncate>(file, size);
}

/// Costs nothing: the machine that runs the test stays on.
int sync(sqlite3_file* file, int flags) {
  if (!mine(file)->kept) return pass_on<&sqlite3_io_methods::xSync>(file, flags);
  note(file, [](Kept& kept) { kept.flush(); });
  return SQLITE_OK;
}

void barrier(sqlite3_file* file) { methods(file)->xShmBarrier(mine(file)->real()); }

const sqlite3_io_methods ours{.iVersion = 2,
                              .xClose = &pass_on<&sqlite3_io_methods::xClose>,
                              .xRead = &pass_on<&sqlite3_io_methods::xRead, void*, int, sqlite3_int64>,
                              .xWrite = &write,
                              .xTruncate = &truncate,
                              .xSync = &sync,
                              .xFileSize = &pass_on<&sqlite3_io_methods::xFileSize, sqlite3_int64*>,
                              .xLock = &pass_on<&sqlite3_io_methods::xLock, int>,
                              .xUnlock = &pass_on<&sqlite3_io_methods::xUnlock, int>,
                              .xCheckReservedLock = &pass_on<&sqlite3_io_methods::xCheckReservedLock, int*>,
                              .xFileControl = &pass_on<&sqlite3_io_methods::xFileControl, int, void*>,
                              .xSectorSize = &pass_on<&sqlite3_io_methods::xSectorSize>,
                              .xDeviceCharacteristics = &pass_on<&sqlite3_io_methods::xDeviceCharacteristics>,
                              .xShmMap = &pass_on<&sqlite3_io_methods::xShmMap, int, int, int, void volatile**>,
                              .xShmLock = &pass_on<&sqlite3_io_methods::xShmLock, int, int, int>,
                              .xShmBarrier = &barrier,
                              .xShmUnmap = &pass_on<&sqlite3_io_methods::xShmUnmap, int>,
                              .xFetch = nullptr,
                              .xUnfetch = nullptr};

int open(sqlite3_vfs*, sqlite3_filename path, sqlite3_file* file, int flags, int* given_flags) {
  mine(file)->base.pMethods = nullptr;
  {
    const std::lock_guard lock{disk->guard};
    mine(file)->kept = disk->open(path, path && !fs::exists(path));
  }
  const int code = disk->real->xOpen(disk->real, path, mine(file)->real(), flags, given_flags);
  if (mine(file)->real()->pMethods) mine(file)->base.pMethods = &ours;
  return code;
}

int remove(sqlite3_vfs*, const char* path, int sync_folder) {
  {
    const std::lock_guard lock{disk->guard};
    if (const auto found = disk->files.find(path); found != disk->files.end()) {
      disk->pass();
      found->second.removed = true;
      if (sync_folder) found->second = Kept{};
    }
  }
  return disk->real->xDelete(disk->real, path, sync_folder);
}

}  // namespace

PowerCutDisk::PowerCutDisk(std::uint32_t seed) : state_(std::make_unique<State>(seed)) {
  disk = state_.get();
  disk->real = sqlite3_vfs_find(nullptr);
  disk->ours = *disk->real;
  disk->ours.zName = "power-cut";
  disk->ours.szOsFile = static_cast<int>(sizeof(File)) + disk->real->szOsFile;
  disk->ours.xOpen = &open;
  disk->ours.xDelete = &remove;
  sqlite3_vfs_register(&disk->ours, 1);
}

PowerCutDisk::~PowerCutDisk() {
  sqlite3_vfs_unregister(&disk->ours);
  sqlite3_vfs_register(disk->real, 1);
  disk = nullptr;
}

void PowerCutDisk::watch(const fs::path& folder, std::uint64_t instant, const fs::path& remains) {
  const std::lock_guard lock{state_->guard};
  state_->folder = folder;
  state_->remains = remains;
  state_->files.clear();
  state_->instant = instant;
  state_->passed = 0;
  state_->is_cut = false;
}

void PowerCutDisk::cut_now() {
  const std::lock_guard lock{state_->guard};
  state_->cut();
}

bool PowerCutDisk::is_cut() const {
  const std::lock_guard lock{state_->guard};
  return state_->is_cut;
}

std::uint64_t PowerCutDisk::passed() const {
  const std::lock_guard lock{state_->guard};
  return state_->passed;
}

}  // namespace sluice::store
