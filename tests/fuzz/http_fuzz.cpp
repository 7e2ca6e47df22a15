// Reads bytes as a request, through the parser and the gate. What the gate lets pass has one reading: where the body is cut in two must
// make no difference, and nothing of what it refuses may be left in method, path or fields.

#include <algorithm>
#include <string>

#include "server/http/parser.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

using namespace sluice;
using fuzz::must;

struct Outcome {
  int status = 0;  ///< of the refusal; 0: none
  bool done = false;
  std::string body;
  http::Request request;
  bool operator==(const Outcome& other) const { return status == other.status && done == other.done && body == other.body; }
};

/// The body's bytes arrive in two pieces, the first of `first` bytes.
Outcome read(std::string_view head, std::string_view rest, std::size_t first) {
  Outcome outcome;
  http::Parser parser;
  if (const auto refusal = parser.read_head(head, http::Limits(), outcome.request)) {
    outcome.status = refusal->status;
    return outcome;
  }
  const auto piece = [&outcome](std::string_view bytes) { outcome.body += bytes; };
  std::string buffer;
  for (const std::string_view part : {rest.substr(0, first), rest.substr(first)}) {
    buffer += part;
    while (!parser.is_done() && !buffer.empty()) {
      const auto taken = parser.read_body(buffer, piece);
      if (taken.refusal) {
        outcome.status = taken.refusal->status;
        return outcome;
      }
      must(taken.bytes <= buffer.size());
      if (taken.bytes == 0) break;
      buffer.erase(0, taken.bytes);
    }
  }
  outcome.done = parser.is_done();
  return outcome;
}

void must_be_strict(const http::Request& request) {
  must(request.method == "GET" || request.method == "HEAD" || request.method == "POST" || request.method == "PUT" || request.method == "DELETE" ||
       request.method == "PATCH" || request.method == "OPTIONS");
  must(request.path.starts_with('/') && fuzz::has_no_control(request.path));
  must(("/" + request.path + "/").find("/../") == std::string::npos);
  must(request.fields.size() <= http::Limits().fields);
  int hosts = 0, lengths = 0, codings = 0;
  for (const auto& field : request.fields) {
    must(fuzz::has_no_control(field.name) && fuzz::has_no_control(field.value) && !field.name.empty());
    hosts += http::same_name(field.name, "Host");
    lengths += http::same_name(field.name, "Content-Length");
    codings += http::same_name(field.name, "Transfer-Encoding");
  }
  must(hosts == 1 && lengths + codings <= 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  (void)http::percent_decode(text, true);
  (void)http::form_value(text, "token");
  const auto end = text.find("\r\n\r\n");
  if (end == text.npos) return 0;
  const auto head = text.substr(0, end + 4), rest = text.substr(end + 4);
  const Outcome whole = read(head, rest, rest.size());
  if (whole.status == 0) must_be_strict(whole.request);
  for (std::size_t first = 0; first < std::min<std::size_t>(rest.size(), 64); ++first) must(read(head, rest, first) == whole);
  return 0;
}
