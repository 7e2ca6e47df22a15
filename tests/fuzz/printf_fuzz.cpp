// Uses bytes as a format of printf over one argument of each kind, and as a number and a string to quote.

#include <cstdint>

#include "core/value/fmt.hpp"
#include "core/value/text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Text format(text.substr(0, 64));
  const std::vector<Value> arguments = {Value::of_int(-42),
                                        Value::of_string(Text::secret(text)),
                                        Value::of_float(1234.5),
                                        Value(),
                                        Value::of_bool(true),
                                        Value::new_list({Value::of_uint64(7), Value::of_string(format)}),
                                        Value::new_map({{text, Value::of_bytes(format)}}),
                                        Value::of_complex(1, -2)};
  (void)sprintf(format, arguments);
  (void)parse_float(text);
  (void)parse_int(text, 0);
  (void)quoted(text);
  return 0;
}
