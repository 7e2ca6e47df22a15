#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/value/value.hpp"

namespace sluice::chart {

/// Reads YAML data into Go-like structs, with the error texts of sigs.k8s.io/yaml and encoding/json: scalars become texts where a
/// text is wanted, field names match in any case, the first error is kept and reading goes on.
class Decoder {
 public:
  /// `type` names the Go type of the whole: "chart.Metadata".
  explicit Decoder(std::string_view type) : type_(type), struct_(type.substr(type.rfind('.') + 1)) {}

  /// Calls `field(name, element)` for each entry of the struct `value`, in the order of its keys; null is an empty struct.
  template <class Field>
  void read_struct(const Value& value, std::string_view go_type, const Field& field) {
    if (value.is_nil()) return;
    if (!value.is_map()) return fail(value, go_type);
    if (!value.map()) return;
    for (const auto& [key, element] : *value.map()) field(key.view(), element);
  }
  /// Runs `read` with `name` as the innermost part of the path, inside the struct type `in_struct` ("" for one without a name).
  template <class Read>
  void at(std::string_view name, const Read& read) {
    const std::size_t size = path_.size();
    if (size) path_ += '.';
    path_ += name;
    read();
    path_.resize(size);
  }
  /// Runs `read` for the fields of a struct inside the outermost one.
  template <class Read>
  void inside(std::string_view struct_name, const Read& read) {
    const std::string_view outer = std::exchange(struct_, struct_name);
    read();
    struct_ = outer;
  }

  void read_text(std::string_view name, const Value& value, std::string& into);
  void read_bool(std::string_view name, const Value& value, bool& into);
  void read_texts(std::string_view name, const Value& value, std::vector<std::string>& into);

  /// Notes that `value` cannot be read into `go_type` at the path in force.
  void fail(const Value& value, std::string_view go_type);
  Result<> finish() const { return error_ ? Result<>(*error_) : Result<>(); }

 private:
  void put_text(const Value& value, std::string& into);

  std::string_view type_;
  std::string_view struct_;
  std::string path_;
  std::optional<Error> error_;
};

/// Whether a key of JSON names the field `name` (lower-case ASCII where it matters): in any case.
bool names_field(std::string_view key, std::string_view name);

}  // namespace sluice::chart
