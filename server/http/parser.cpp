#include "server/http/parser.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <limits>

namespace sluice::http {

namespace beast = boost::beast;
using beast::error_code;
using beast::string_view;

namespace {

constexpr std::size_t max_chunk_extension = 256;
constexpr std::size_t max_chunk_line = 512;  // size, extension and line ends

class Callbacks final : public beast::http::basic_parser<true> {
 public:
  Request* request = nullptr;
  const std::function<void(std::string_view)>* piece = nullptr;
  bool head_read = false;
  int version = 11;
  std::optional<Refusal> refusal;

 private:
  void on_request_impl(beast::http::verb, string_view method, string_view target, int http_version, error_code&) override {
    request->method = method;
    request->target = target;
    version = http_version;
  }
  void on_field_impl(beast::http::field, string_view name, string_view value, error_code& ec) override {
    if (head_read) return refuse("trailers are not accepted", ec);
    request->fields.push_back({std::string(name), std::string(value)});
  }
  void on_chunk_header_impl(std::uint64_t, string_view extension, error_code& ec) override {
    if (extension.size() > max_chunk_extension) refuse("a chunk extension is too long", ec);
  }
  void on_body_impl_common(string_view body) {
    if (!body.empty()) (*piece)(std::string_view(body.data(), body.size()));
  }
  std::size_t on_body_impl(string_view body, error_code&) override {
    on_body_impl_common(body);
    return body.size();
  }
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override {
    on_body_impl_common(body);
    return body.size();
  }
  void on_header_impl(error_code&) override { head_read = true; }
  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  void on_finish_impl(error_code&) override {}

  void refuse(std::string_view message, error_code& ec) {
    refusal = Refusal{400, "request-malformed", message};
    ec = make_error_code(beast::errc::bad_message);
  }
};

Refusal malformed(std::string_view message) { return {400, "request-malformed", message}; }

/// Beast's reasons, in constant words of ours.
Refusal explain(const error_code& code) {
  using beast::http::error;
  if (code == error::bad_version) return {505, "request-malformed", "the HTTP version must be 1.0 or 1.1"};
  if (code == error::bad_method) return malformed("the method is not known");
  if (code == error::bad_target) return malformed("the request target must be a path");
  if (code == error::bad_field || code == error::bad_value) return malformed("a header field is malformed");
  if (code == error::bad_chunk || code == error::bad_chunk_extension) return malformed("the chunked body is malformed");
  return malformed("the request is malformed");
}

}  // namespace

struct Parser::State {
  Callbacks callbacks;
  Framing framing;
};

Parser::Parser() : state_(std::make_unique<State>()) {
  state_->callbacks.eager(false);
  state_->callbacks.header_limit(std::numeric_limits<std::uint32_t>::max());  // the connection has cut the head already
  state_->callbacks.body_limit(boost::none);                                  // and counts the body as it comes
}
Parser::~Parser() = default;
Parser::Parser(Parser&&) noexcept = default;
Parser& Parser::operator=(Parser&&) noexcept = default;

std::optional<Refusal> Parser::read_head(std::string_view head, const Limits& limits, Request& request) {
  if (auto refusal = check_bytes(head)) return refusal;
  auto& callbacks = state_->callbacks;
  callbacks.request = &request;
  error_code error;
  const auto used = callbacks.put(boost::asio::const_buffer(head.data(), head.size()), error);
  if (callbacks.refusal) return callbacks.refusal;
  // The framing is judged by our own rules first: Beast stops at some of the same faults, but at others it does not.
  const bool named = !request.method.empty();
  if (named && (!error || callbacks.head_read || error == beast::http::error::bad_content_length ||
                error == beast::http::error::multiple_content_length || error == beast::http::error::bad_transfer_encoding)) {
    if (auto refusal = check_head(request, callbacks.version, limits, state_->framing)) return refusal;
  }
  if (error) return explain(error);
  if (used != head.size() || !callbacks.is_header_done()) return malformed("the request is malformed");
  callbacks.eager(true);
  return std::nullopt;
}

Parser::Taken Parser::read_body(std::string_view bytes, const std::function<void(std::string_view)>& piece) {
  Taken taken;
  if (is_done()) return taken;
  state_->callbacks.piece = &piece;
  error_code error;
  taken.bytes = state_->callbacks.put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
  if (state_->callbacks.refusal) {
    taken.refusal = state_->callbacks.refusal;
  } else if (error && error != beast::http::error::need_more) {
    taken.refusal = explain(error);
  } else if (!is_done() && bytes.size() - taken.bytes > max_chunk_line) {
    taken.refusal = malformed("a chunk's first line is too long");
  }
  return taken;
}

bool Parser::is_done() const { return state_->callbacks.is_done(); }
const Framing& Parser::framing() const { return state_->framing; }
bool Parser::keeps_alive() const { return state_->callbacks.keep_alive(); }
bool Parser::is_http_1_0() const { return state_->callbacks.version == 10; }

}  // namespace sluice::http
