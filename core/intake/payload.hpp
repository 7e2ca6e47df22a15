#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::intake {

/// Thrown when a payload has not the shape of its event; becomes an Error in `judge`.
struct WrongShape {
  std::string what;
};

/// Reads the members of one JSON object. `path` is what messages call it ("workflow_run.head_repository").
class Payload {
 public:
  Payload(const nlohmann::json& object, std::string path);

  Payload object(std::string_view name) const;
  std::optional<Payload> optional_object(std::string_view name) const;  ///< nothing when absent or null
  std::string text(std::string_view name) const;
  std::string optional_text(std::string_view name) const;  ///< empty when absent or null
  std::int64_t number(std::string_view name) const;
  bool flag(std::string_view name) const;  ///< false when absent
  /// Whether the list `name` holds the text `item`; nothing when there is no such list.
  std::optional<bool> lists(std::string_view name, std::string_view item) const;

 private:
  const nlohmann::json* find(std::string_view name) const;
  std::string path_of(std::string_view name) const;
  const nlohmann::json& object_;
  std::string path_;
};

/// 40 or 64 lower-case hex digits.
bool is_object_id(std::string_view text);

}  // namespace sluice::intake
