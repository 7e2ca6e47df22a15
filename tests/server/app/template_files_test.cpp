// `sluice template` with charts that are somewhere else, and with files that it writes beside its output.

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "core/base/digest.hpp"
#include "server/base/process.hpp"
#include "tests/server/net/stub_server.hpp"
#include "tests/server/source/packed_chart.hpp"

namespace sluice::app {
namespace {

namespace fs = std::filesystem;
using test::answer;
using test::packed;
using test::StubServer;

std::string web(const std::string& version) {
  return packed({{"web/Chart.yaml", "apiVersion: v2\nname: web\nversion: " + version + "\n"},
                 {"web/values.yaml", "a:\n  b: 1\n"},
                 {"web/templates/web.yaml", "v: {{ .Chart.Version }}\nb: {{ .Values.a.b }}\n"}});
}

/// What template prints for web with these lines.
std::string printed(const std::string& lines) { return "---\n# Source: web/templates/web.yaml\n" + lines; }

class TemplateFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "sluice-template-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    files_ = {{"/web-0.1.0.tgz", web("0.1.0")}, {"/web-0.2.0.tgz", web("0.2.0")}};
    files_["/index.yaml"] =
        "apiVersion: v1\nentries:\n  web:\n  - {name: web, version: 0.2.0, urls: [web-0.2.0.tgz]}\n  - {name: web, version: 0.1.0, urls: [web-0.1.0.tgz]}\n";
    server_ = std::make_unique<StubServer>([this](StubServer::Peer& peer) {
      for (std::string request = peer.read_request(); !request.empty(); request = peer.read_request()) {
        const auto file = files_.find(request.substr(4, request.find(" HTTP/") - 4));
        peer.write(file == files_.end() ? answer(404, "") : answer(200, file->second));
      }
    });
  }
  void TearDown() override {
    server_.reset();
    fs::remove_all(folder_);
  }

  ProcessResult run(std::vector<std::string> arguments) {
    ProcessRequest request;
    request.arguments = {SLUICE_PROGRAM, "template"};
    request.arguments.insert(request.arguments.end(), arguments.begin(), arguments.end());
    request.environment = {"HOME=" + folder_.string()};
    request.folder = folder_.string();
    const auto result = run_process(request);
    EXPECT_TRUE(result) << result.error().what;
    return result ? *result : ProcessResult{};
  }

  fs::path folder_;
  std::map<std::string, std::string> files_;
  std::unique_ptr<StubServer> server_;
};

TEST_F(TemplateFiles, TakesAChartFromARepository) {
  EXPECT_EQ(run({"rel", "web", "--repo", server_->url()}).output, printed("v: 0.2.0\nb: 1\n"));
  EXPECT_EQ(run({"rel", "web", "--repo", server_->url(), "--version", "<0.2.0", "--set", "a.b=2"}).output, printed("v: 0.1.0\nb: 2\n"));
  EXPECT_EQ(run({"rel", "web", "--repo", server_->url(), "--helm", "4"}).output, printed("v: 0.2.0\nb: 1\n"));
  const ProcessResult none = run({"rel", "other", "--repo", server_->url()});
  EXPECT_EQ(none.error_output,
            "Error: chart \"other\" of release \"rel\": the repository " + server_->url() + " has no chart \"other\"\n");
  EXPECT_EQ(none.exit_code, 1);
}

TEST_F(TemplateFiles, TakesAChartFromAUrl) {
  EXPECT_EQ(run({"rel", server_->url() + "/web-0.1.0.tgz"}).output, printed("v: 0.1.0\nb: 1\n"));
}

/// What a registry says of a chart with this archive.
std::string manifest_of(const std::string& archive) {
  return R"({"config":{"mediaType":"application/vnd.cncf.helm.config.v1+json","digest":"sha256:00"},"layers":[{"mediaType":)"
         R"("application/vnd.cncf.helm.chart.content.v1.tar+gzip","digest":"sha256:)" + to_hex(sha256(archive)) + "\"}]}";
}

TEST_F(TemplateFiles, TakesAChartFromARegistry) {
  const std::string path = "/v2/charts/web/";
  files_[path + "tags/list?n=1000"] = R"({"name":"charts/web","tags":["latest","0.1.0","0.2.0"]})";
  for (const std::string version : {"0.1.0", "0.2.0"}) {
    const std::string archive = files_["/web-" + version + ".tgz"];
    files_[path + "manifests/" + version] = manifest_of(archive);
    files_[path + "blobs/sha256:" + to_hex(sha256(archive))] = archive;
  }
  const std::string host = "127.0.0.1:" + std::to_string(server_->port());
  const std::string chart = "oci://" + host + "/charts/web";
  EXPECT_EQ(run({"rel", chart, "--plain-http"}).output, printed("v: 0.2.0\nb: 1\n"));
  EXPECT_EQ(run({"rel", chart, "--plain-http", "--version", "0.1.0", "--helm", "4"}).output, printed("v: 0.1.0\nb: 1\n"));
  const auto error_of = [&](std::vector<std::string> flags) {
    flags.insert(flags.begin(), {"rel", chart});
    const ProcessResult result = run(flags);
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_EQ(result.output, "");
    return result.error_output;
  };
  const std::string start = "Error: chart \"" + chart + "\" of release \"rel\": ";
  EXPECT_EQ(error_of({"--plain-http", "--version", "0.3.0"}),
            start + "http://" + host + "/v2/charts/web/manifests/0.3.0 answers 404: there is no such file\n");
  EXPECT_EQ(error_of({"--plain-http", "--version", ">=1"}),
            start + "chart " + chart + ": no version matches \">=1\": it offers 0.2.0, 0.1.0\n");
  files_[path + "manifests/0.9.0"] = R"({"config":{"mediaType":"application/vnd.oci.image.config.v1+json"},"layers":[]})";
  EXPECT_EQ(error_of({"--plain-http", "--version", "0.9.0"}),
            start + host + "/charts/web:0.9.0 is no Helm chart: its manifest has no config of type application/vnd.cncf.helm.config.v1+json\n");
}

TEST_F(TemplateFiles, PrefersWhatIsOnTheDisk) {
  fs::create_directories(folder_ / "web/templates");
  std::ofstream(folder_ / "web/Chart.yaml") << "apiVersion: v2\nname: web\nversion: 0.0.1\n";
  std::ofstream(folder_ / "web/templates/web.yaml") << "v: {{ .Chart.Version }}\n";
  EXPECT_EQ(run({"rel", "web", "--repo", server_->url()}).output, printed("v: 0.0.1\n"));
}

TEST_F(TemplateFiles, WritesASourceMap) {
  std::ofstream(folder_ / "prod.yaml") << "\na: {b: 3}\n";
  ASSERT_EQ(run({"rel", "web", "--repo", server_->url(), "-f", "prod.yaml", "--source-map", "map.json"}).output, printed("v: 0.2.0\nb: 3\n"));
  std::ostringstream map;
  map << std::ifstream(folder_ / "map.json").rdbuf();
  EXPECT_EQ(map.str(),
            "{\"lines\": [\n"
            "{\"line\":1,\"template\":\"web/templates/web.yaml\"},\n"
            "{\"line\":2,\"template\":\"web/templates/web.yaml\"},\n"
            "{\"line\":3,\"template\":\"web/templates/web.yaml\",\"template_line\":1},\n"
            "{\"line\":4,\"template\":\"web/templates/web.yaml\",\"template_line\":2,\"values\":[{\"file\":\"prod.yaml\",\"file_line\":2,"
            "\"path\":\"a.b\",\"printed\":true}]}\n"
            "]}\n");
}

TEST_F(TemplateFiles, WritesNoSourceMapOfOtherFiles) {
  EXPECT_EQ(run({"rel", "web", "--repo", server_->url(), "--output-dir", "out", "--source-map", "map.json"}).error_output,
            "Error: --source-map tells the lines of the standard output, which --output-dir leaves empty: give one of them\n");
}

}  // namespace
}  // namespace sluice::app
