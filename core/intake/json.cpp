#include "core/intake/json.hpp"

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

namespace sluice::intake {

namespace {

using nlohmann::json;

/// Follows the events without building anything; false ends the parse.
class Door : public nlohmann::json_sax<json> {
 public:
  std::string problem;

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override {
    keys_.emplace_back();
    return is_shallow();
  }
  bool end_object() override {
    keys_.pop_back();
    return true;
  }
  bool start_array(std::size_t) override {
    keys_.emplace_back();
    return is_shallow();
  }
  bool end_array() override { return end_object(); }
  bool key(string_t& name) override {
    if (keys_.back().insert(name).second) return true;
    problem = "a key appears twice in one object";
    return false;
  }
  bool parse_error(std::size_t position, const std::string&, const json::exception&) override {
    problem = "not JSON from byte " + std::to_string(position) + " on";
    return false;
  }

 private:
  bool is_shallow() {
    if (keys_.size() <= max_json_depth) return true;
    problem = "json-too-deep: nested deeper than " + std::to_string(max_json_depth) + " levels";
    return false;
  }
  std::vector<std::set<std::string>> keys_;
};

}  // namespace

Result<json> read_json(std::string_view text) {
  Door door;
  if (!json::sax_parse(text, &door)) return Error{Errc::invalid, door.problem};
  return json::parse(text);
}

}  // namespace sluice::intake
