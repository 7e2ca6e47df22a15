#include <gtest/gtest.h>

#include <vector>

#include "tests/server/http/live_server.hpp"

namespace sluice::http {
namespace {

struct Case {
  std::string name;
  std::string raw;
  int status = 400;
};

std::string post(const std::string& fields, const std::string& body) {
  return "POST /echo HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + body;
}
std::string get(const std::string& target) { return "GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n"; }

/// What two readers of HTTP could read in two ways, and what no client of ours sends.
std::vector<Case> framing_cases() {
  const std::string chunk = "1\r\na\r\n0\r\n\r\n";
  return {
      {"chunked on HTTP/1.0", "POST /echo HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk},
      {"gzip, chunked", post("Transfer-Encoding: gzip, chunked\r\n", chunk)},
      {"chunked, chunked", post("Transfer-Encoding: chunked, chunked\r\n", chunk)},
      {"identity", post("Transfer-Encoding: identity\r\n", "")},
      {"chunked;q=1", post("Transfer-Encoding: chunked;q=1\r\n", chunk)},
      {"xchunked", post("Transfer-Encoding: xchunked\r\n", chunk)},
      {"empty transfer encoding", post("Transfer-Encoding:\r\n", "")},
      {"two transfer encodings", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", chunk)},
      {"identity before chunked", post("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n", chunk)},
      {"chunked with length", post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", chunk)},
      {"length with chunked", post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", chunk)},
      {"length 0 with chunked", post("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", chunk)},
      {"repeated equal lengths", post("Content-Length: 1\r\nContent-Length: 1\r\n", "a")},
      {"repeated different lengths", post("Content-Length: 1\r\nContent-Length: 2\r\n", "ab")},
      {"listed lengths", post("Content-Length: 1, 1\r\n", "a")},
      {"length with plus", post("Content-Length: +1\r\n", "a")},
      {"negative length", post("Content-Length: -1\r\n", "a")},
      {"hex length", post("Content-Length: 0x1\r\n", "a")},
      {"length with a letter", post("Content-Length: 1a\r\n", "a")},
      {"length with a fraction", post("Content-Length: 1.0\r\n", "a")},
      {"empty length", post("Content-Length:\r\n", "")},
      {"length beyond 64 bits", post("Content-Length: 99999999999999999999\r\n", "a")},
      {"body on GET", "GET /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na"},
      {"chunked GET", "GET /hello HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk},
      {"body on HEAD", "HEAD /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na"},
      {"trailer", post("Transfer-Encoding: chunked\r\n", "1\r\na\r\n0\r\nX-A: b\r\n\r\n")},
      {"signature as a trailer", post("Transfer-Encoding: chunked\r\nTrailer: X-Hub-Signature-256\r\n",
                                      "1\r\na\r\n0\r\nX-Hub-Signature-256: sha256=00\r\n\r\n")},
      {"chunk size is no number", post("Transfer-Encoding: chunked\r\n", "x\r\na\r\n0\r\n\r\n")},
      {"chunk size with 0x", post("Transfer-Encoding: chunked\r\n", "0x1\r\na\r\n0\r\n\r\n")},
      {"negative chunk size", post("Transfer-Encoding: chunked\r\n", "-1\r\na\r\n0\r\n\r\n")},
      {"chunk size beyond 64 bits", post("Transfer-Encoding: chunked\r\n", "11111111111111111\r\na\r\n0\r\n\r\n")},
      {"chunk without its line end", post("Transfer-Encoding: chunked\r\n", "1\r\nab\r\n0\r\n\r\n")},
      {"chunk extension too long", post("Transfer-Encoding: chunked\r\n", "1;a=" + std::string(300, 'b') + "\r\na\r\n0\r\n\r\n")},
      {"chunk extension without end", post("Transfer-Encoding: chunked\r\n", "1;a=" + std::string(2000, 'b'))},
      {"gzip body", post("Content-Encoding: gzip\r\nContent-Length: 1\r\n", "a"), 415},
      {"identity encoding", post("Content-Encoding: identity\r\nContent-Length: 1\r\n", "a"), 415},
  };
}

std::vector<Case> field_cases() {
  std::vector<Case> cases = {
      {"no Host", "GET /hello HTTP/1.1\r\n\r\n"},
      {"no Host on HTTP/1.0", "GET /hello HTTP/1.0\r\n\r\n"},
      {"empty Host", "GET /hello HTTP/1.1\r\nHost:\r\n\r\n"},
      {"two Hosts", "GET /hello HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"},
      {"folded with a space", "GET /hello HTTP/1.1\r\nHost: a\r\nX-A: b\r\n c\r\n\r\n"},
      {"folded with a tab", "GET /hello HTTP/1.1\r\nHost: a\r\nX-A: b\r\n\tc\r\n\r\n"},
      {"folded first line", "GET /hello HTTP/1.1\r\n Host: a\r\n\r\n"},
      {"space before the colon", "GET /hello HTTP/1.1\r\nHost : a\r\n\r\n"},
      {"empty name", "GET /hello HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n"},
      {"no colon", "GET /hello HTTP/1.1\r\nHost: a\r\nX-A\r\n\r\n"},
      {"LF only", "GET /hello HTTP/1.1\nHost: a\n\n"},
      {"one LF", "GET /hello HTTP/1.1\r\nHost: a\nX-A: b\r\n\r\n"},
      {"CR only", "GET /hello HTTP/1.1\r\nHost: a\rX-A: b\r\n\r\n"},
      {"CR CR LF", "GET /hello HTTP/1.1\r\nHost: a\r\r\n\r\n"},
      {"line before the request", "\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"header too large", "GET /hello HTTP/1.1\r\nHost: a\r\nX-A: " + std::string(17000, 'b') + "\r\n\r\n", 431},
      {"header without end", "GET /hello HTTP/1.1\r\nHost: a\r\nX-A: " + std::string(17000, 'b'), 431},
  };
  for (const char* name : {"Authorization", "Content-Type", "X-Hub-Signature-256", "X-GitHub-Event", "X-GitHub-Delivery",
                           "X-GitHub-Hook-ID", "x-github-anything", "Cookie", "Origin"}) {
    const std::string once = std::string(name) + ": a\r\n";
    cases.push_back({std::string("repeated ") + name, post(once + once + "Content-Length: 0\r\n", "")});
  }
  std::string many = "GET /hello HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 100; ++i) many += "X-" + std::to_string(i) + ": b\r\n";
  cases.push_back({"101 fields", many + "\r\n"});
  for (int byte = 0; byte < 0x20; ++byte) {
    if (byte == '\t') continue;
    cases.push_back({"byte " + std::to_string(byte) + " in a value",
                     std::string("GET /hello HTTP/1.1\r\nHost: a\r\nX-A: b") + static_cast<char>(byte) + "c\r\n\r\n"});
    cases.push_back({"byte " + std::to_string(byte) + " in a name",
                     std::string("GET /hello HTTP/1.1\r\nHost: a\r\nX") + static_cast<char>(byte) + "A: b\r\n\r\n"});
  }
  cases.push_back({"DEL in a value", "GET /hello HTTP/1.1\r\nHost: a\r\nX-A: b\x7f\r\n\r\n"});
  for (const char byte : std::string("()<>@,;\\\"/[]?={} \x80\xff"))
    cases.push_back({std::string("separator ") + byte + " in a name",
                     std::string("GET /hello HTTP/1.1\r\nHost: a\r\nX") + byte + "A: b\r\n\r\n"});
  return cases;
}

std::vector<Case> request_line_cases() {
  std::vector<Case> cases = {
      {"lower-case method", "get /hello HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"mixed-case method", "Get /hello HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"unknown method", "BREW /hello HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"CONNECT", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"TRACE", "TRACE /hello HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"no method", " /hello HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"no target", "GET HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"no version", "GET /hello\r\nHost: a\r\n\r\n"},
      {"two spaces", "GET  /hello HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"space at the end", "GET /hello HTTP/1.1 \r\nHost: a\r\n\r\n", 505},
      {"tab between", "GET\t/hello\tHTTP/1.1\r\nHost: a\r\n\r\n"},
      {"HTTP/2.0", "GET /hello HTTP/2.0\r\nHost: a\r\n\r\n", 505},
      {"HTTP/1.2", "GET /hello HTTP/1.2\r\nHost: a\r\n\r\n", 505},
      {"HTTP/0.9", "GET /hello HTTP/0.9\r\nHost: a\r\n\r\n", 505},
      {"HTTP/1.10", "GET /hello HTTP/1.10\r\nHost: a\r\n\r\n", 505},
      {"http/1.1", "GET /hello http/1.1\r\nHost: a\r\n\r\n", 505},
      {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"TLS on a plain port", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11)},
      {"absolute form", get("http://a/hello")},
      {"authority form", get("a:80")},
      {"asterisk", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"no slash first", get("hello")},
      {"dot dot", get("/a/../hello")},
      {"dot dot last", get("/a/..")},
      {"encoded dot dot", get("/a/%2e%2e/hello")},
      {"half encoded dot dot", get("/a/.%2E/hello")},
      {"encoded slash", get("/a%2fb")},
      {"encoded backslash", get("/a%5cb")},
      {"backslash", get("/a\\b")},
      {"encoded NUL", get("/a%00b")},
      {"encoded line feed", get("/a%0ab")},
      {"encoded DEL", get("/a%7f")},
      {"broken escape", get("/a%2")},
      {"escape of no hex", get("/a%zz")},
      {"fragment", get("/a#b")},
      {"target too long", get("/" + std::string(5000, 'a')), 414},
  };
  for (int byte = 0; byte < 0x20; ++byte)
    cases.push_back({"byte " + std::to_string(byte) + " in the target", get(std::string("/a") + static_cast<char>(byte) + "b")});
  for (int byte = 0x7f; byte < 0x100; ++byte)
    cases.push_back({"byte " + std::to_string(byte) + " in the target", get(std::string("/a") + static_cast<char>(byte) + "b")});
  for (const char* method : {"GETT", "GE", "G\x80T", "POST/", "P(ST", "put", "PROPFIND", "LOCK", "M-SEARCH", "SOURCE", "LINK"})
    cases.push_back({std::string("method ") + method, std::string(method) + " /hello HTTP/1.1\r\nHost: a\r\n\r\n"});
  return cases;
}

Router routes() {
  Router router;
  router.add(open_route("GET", "/hello"));
  router.add(open_route("POST", "/echo"));
  return router;
}

std::vector<Case> all_cases() {
  std::vector<Case> all;
  for (const auto& part : {framing_cases(), field_cases(), request_line_cases()}) all.insert(all.end(), part.begin(), part.end());
  return all;
}

ServerOptions wide_open() {
  ServerOptions options;
  options.limits.connections_per_address = 2000;
  return options;
}

TEST(Malformed, IsRefusedAndTheConnectionEnds) {
  LiveServer live(routes(), wide_open());
  const auto cases = all_cases();
  for (const auto& each : cases) {
    RawClient client(live.port());
    client.send(each.raw);
    client.finish();
    const auto answer = client.read_all();
    EXPECT_EQ(status_of(answer), each.status) << each.name << "\n" << answer;
    EXPECT_EQ(answer.find("Date: "), answer.rfind("Date: ")) << each.name << ": answered twice";
    EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos) << each.name;
    EXPECT_EQ(answer.find("<hangs>"), std::string::npos) << each.name;
  }
  EXPECT_GE(cases.size(), 300U);
}

TEST(Malformed, IsRefusedWhereverItIsCutInTwo) {
  LiveServer live(routes(), wide_open());
  for (const auto& each : all_cases()) {
    if (each.raw.size() > 200) continue;
    for (std::size_t cut = 1; cut < each.raw.size(); ++cut) {
      RawClient client(live.port());
      client.send(std::string_view(each.raw).substr(0, cut));
      client.send(std::string_view(each.raw).substr(cut));
      client.finish();
      const auto status = status_of(client.read_all());
      ASSERT_TRUE(status >= 400 && status < 600) << each.name << " cut at " << cut << ": " << status;
    }
  }
}

TEST(Malformed, DoesNotSmuggleASecondRequest) {
  LiveServer live(routes(), wide_open());
  RawClient client(live.port());
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" +
              get("/hello"));
  client.finish();
  const auto answer = client.read_all();
  EXPECT_EQ(status_of(answer), 400);
  EXPECT_EQ(answer.find("/hello"), std::string::npos);
}

TEST(Malformed, GetsConstantTextsInTheErrorShape) {
  LiveServer live(routes(), wide_open());
  RawClient client(live.port());
  client.send("GET /hello HTTP/1.1\r\n\r\n");
  client.finish();
  const auto answer = client.read_all();
  const auto body = answer.substr(answer.find("\r\n\r\n") + 4);
  EXPECT_EQ(body,
            "{\"type\":\"urn:sluice:request-malformed\",\"title\":\"Bad Request\",\"status\":400,"
            "\"detail\":\"the Host field is missing\",\"code\":\"request-malformed\",\"message\":\"the Host field is missing\","
            "\"retryable\":false}\n");
  EXPECT_NE(answer.find("Content-Type: application/problem+json\r\n"), std::string::npos);
  EXPECT_EQ(answer.find("Server:"), std::string::npos);
}

}  // namespace
}  // namespace sluice::http
