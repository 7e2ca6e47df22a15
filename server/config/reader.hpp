#pragma once

#include <yaml-cpp/yaml.h>

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/credential.hpp"

namespace sluice::config {

/// What is wrong with a file, collected so that all of it can be told at once.
class Problems {
 public:
  explicit Problems(std::string file) : file_(std::move(file)) {}
  /// `key` is dotted: "clusters.vps.allow[0]".
  void add(const YAML::Node& at, const std::string& key, const std::string& text);
  bool empty() const { return lines_.empty(); }
  std::string text() const;

 private:
  struct Line {
    int line;
    int column;
    std::string text;
  };
  std::string file_;
  std::vector<Line> lines_;
};

/// One mapping of the file. Every key that is asked for is a known one; `finish` reports all others.
///
/// Values that are missing or of another type leave what the caller passed in as it was, with a problem noted where it is one.
class Section {
 public:
  Section(YAML::Node node, std::string key, Problems& problems);

  bool has(const char* key);
  void text(const char* key, std::string& into);
  void required_text(const char* key, std::string& into);
  /// One of `allowed`; gives its index.
  void choice(const char* key, std::initializer_list<const char*> allowed, int& into);
  void boolean(const char* key, bool& into);
  void integer(const char* key, int least, int most, int& into);
  void duration(const char* key, std::chrono::milliseconds& into);
  void texts(const char* key, std::vector<std::string>& into);
  void text_map(const char* key, std::map<std::string, std::string>& into);
  /// {file: …}, {credential: …} or {env: …}; text is refused.
  void credential(const char* key, std::optional<CredentialSource>& into);
  void required_credential(const char* key, CredentialSource& into);
  void credential_map(const char* key, std::map<std::string, CredentialSource>& into);

  /// The mapping under `key`, if there is one.
  void section(const char* key, const std::function<void(Section&)>& read);
  /// Each mapping of the mapping under `key`, by name.
  void sections(const char* key, const std::function<void(const std::string& name, Section&)>& read);
  /// Each mapping of the list under `key`.
  void list(const char* key, const std::function<void(Section&)>& read);
  /// Each element of the list under `key`, as it is.
  void elements(const char* key, const std::function<void(const YAML::Node&, const std::string& key)>& read);

  /// Notes a problem at `key`, or at the section itself if there is no such key.
  void problem(const char* key, const std::string& text);
  const std::string& key() const { return key_; }
  std::vector<std::string> names() const;  ///< all keys in it
  void finish();

 private:
  YAML::Node get(const char* key);
  std::string path(const std::string& key) const { return key_.empty() ? key : key_ + "." + key; }
  bool scalar(const char* key, std::string& into);

  YAML::Node node_;
  std::string key_;
  Problems& problems_;
  std::vector<std::string> known_;
};

/// "90s", "15m", "72h", "0m"; nothing if `text` is no such thing.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
/// "25MiB", "16KiB", "1GiB", "512B"
std::optional<std::uint64_t> parse_size(std::string_view text);

/// The candidate that `word` was probably meant to be; empty if none is close.
std::string nearest(const std::string& word, const std::vector<std::string>& candidates);

}  // namespace sluice::config
