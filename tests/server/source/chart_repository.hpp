#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <mutex>
#include <regex>
#include <utility>

#include "core/base/digest.hpp"
#include "server/source/charts.hpp"
#include "tests/server/net/stub_server.hpp"
#include "tests/server/source/packed_chart.hpp"

namespace sluice::test {

/// A chart repository on loopback that serves `files` and notes what it is asked.
class ChartRepository : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "sluice-charts-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    cache_ = name;
    archive_ = packed_chart("redis", "21.2.9");
    files_["/charts/redis-21.2.9.tgz"] = archive_;
    files_["/charts/index.yaml"] = index(to_hex(sha256(archive_)), "redis-21.2.9.tgz");
    server_ = std::make_unique<StubServer>([this](StubServer::Peer& peer) { serve(peer); });
    state_.file = "helmfile.yaml";
    state_.repositories.push_back({.name = "bitnami", .url = server_->url() + "/charts"});
  }
  void TearDown() override {
    server_.reset();
    std::filesystem::remove_all(cache_);
  }

  static std::string index(const std::string& digest, const std::string& url) {
    return "apiVersion: v1\nentries:\n  redis:\n  - name: redis\n    version: 21.2.9\n    digest: " + digest +
           "\n    urls:\n    - " + url + "\n";
  }

  void serve(StubServer::Peer& peer) {
    for (std::string request = peer.read_request(); !request.empty(); request = peer.read_request()) {
      const std::string path = request.substr(4, request.find(" HTTP/") - 4);
      const std::lock_guard lock(mutex_);
      asked_.push_back(path);
      last_request_ = request;
      const auto file = files_.find(path);
      const bool known = request.find("If-None-Match: \"e1\"") != std::string::npos;
      if (redirects_.contains(path)) {
        peer.write(answer(302, "", "Location: " + redirects_[path] + "\r\n"));
      } else if (status_ != 200) {
        peer.write(answer(status_, ""));
      } else if (file == files_.end()) {
        peer.write(answer(404, ""));
      } else if (known) {
        peer.write(answer(304, ""));
      } else {
        peer.write(answer(200, file->second, "ETag: \"e1\"\r\n"));
      }
    }
  }

  source::ChartsOptions options() {
    source::ChartsOptions options;
    options.cache = cache_;
    options.mirrors = mirrors_;
    options.rules.may_speak_plainly = [](const std::string&) { return true; };
    return options;
  }
  source::Charts charts() { return source::Charts(options()); }

  helmfile::Release release(const std::string& version) {
    helmfile::Release release;
    release.name = "cache";
    release.chart.reference = "bitnami/redis";
    release.chart.from = helmfile::ChartSource::From::repository;
    release.chart.repository = "bitnami";
    release.chart.url = state_.repositories[0].url;
    release.chart.name = "redis";
    release.chart.version = version;
    return release;
  }

  /// "21.2.9", or what went wrong, with the ports out of the way.
  std::string outcome(const std::string& version) { return outcome(version, options()); }
  std::string outcome(const std::string& version, source::ChartsOptions options) {
    source::Charts source(std::move(options));
    const Tree none;
    auto obtained = source.chart_of(state_, release(version), helmfile::files_of(none));
    if (obtained) return obtained->version;
    const std::string text = std::string(to_string(obtained.error().code)) + ": " + obtained.error().what;
    return std::regex_replace(text, std::regex("127\\.0\\.0\\.1:[0-9]+"), "127.0.0.1:PORT");
  }

  std::vector<std::string> take_asked() {
    const std::lock_guard lock(mutex_);
    return std::exchange(asked_, {});
  }

  std::filesystem::path cache_;
  std::string archive_;
  std::mutex mutex_;
  std::map<std::string, std::string> files_, redirects_, mirrors_;
  std::vector<std::string> asked_;
  std::string last_request_;
  int status_ = 200;
  helmfile::State state_;
  std::unique_ptr<StubServer> server_;
};

}  // namespace sluice::test
