#include "server/config/config.hpp"

#include <algorithm>
#include <cctype>

#include "server/base/files.hpp"
#include "server/config/reader.hpp"

namespace sluice::config {

namespace {

void read_server(Section& section, Server& server) {
  section.text("listen", server.listen);
  const auto colon = server.listen.rfind(':');
  if (colon == std::string::npos || colon + 1 == server.listen.size()) {
    section.problem("listen", "expected ADDRESS:PORT, found \"" + server.listen + "\"");
  }
  section.text("public_url", server.public_url);
  if (!server.public_url.empty() && !server.public_url.starts_with("https://") && !server.public_url.starts_with("http://")) {
    section.problem("public_url", "expected a URL that begins with https:// or http://, found \"" + server.public_url + "\"");
  }
  while (server.public_url.ends_with('/')) server.public_url.pop_back();
  section.section("tls", [&](Section& tls) {
    Tls read;
    tls.required_text("certificate", read.certificate);
    tls.required_credential("key", read.key);
    server.tls = read;
  });
  section.texts("trusted_proxies", server.trusted_proxies);
  section.section("open", [&](Section& open) {
    open.boolean("metrics", server.open_metrics);
    open.boolean("badge", server.open_badge);
  });
}

void read_cluster(Section& section, Cluster& cluster) {
  section.required_credential("kubeconfig", cluster.kubeconfig);
  section.text("context", cluster.context);
  section.texts("allow", cluster.allow);
  if (cluster.allow.empty())
    section.problem("allow", "list the endpoints that may be connected to, such as [\"203.0.113.7:6443\"]");
  for (const auto& endpoint : cluster.allow) {
    if (endpoint.rfind(':') == std::string::npos) section.problem("allow", "expected HOST:PORT, found \"" + endpoint + "\"");
  }
  section.text("identity", cluster.identity);
}

void read_protection(Section& section, deployment::Protection& rules) {
  section.section("reviewers", [&](Section& reviewers) {
    reviewers.texts("users", rules.reviewers);
    reviewers.integer("required", 0, 6, rules.required);
    reviewers.boolean("prevent_self_review", rules.prevent_self_review);
    if (!rules.reviewers.empty() && rules.required > static_cast<int>(rules.reviewers.size())) {
      reviewers.problem("required", "more approvals are required than there are users");
    }
  });
  section.duration("wait_timer", rules.wait_timer);
  if (rules.wait_timer > std::chrono::hours(24 * 30)) section.problem("wait_timer", "must be at most 720h");
  section.texts("branches", rules.branches);
  section.texts("tags", rules.tags);
  section.duration("expires_after", rules.expires_after);
  if (rules.expires_after > std::chrono::hours(24 * 30) || rules.expires_after <= std::chrono::milliseconds(0)) {
    section.problem("expires_after", "must be more than 0 and at most 720h");
  }
  int queue = rules.queue == deployment::QueueOrder::fifo ? 1 : 0;
  section.choice("queue", {"latest", "fifo"}, queue);
  rules.queue = queue == 1 ? deployment::QueueOrder::fifo : deployment::QueueOrder::latest;
}

void read_exec(Section& section, ExecPolicy& policy) {
  section.elements("allow", [&](const YAML::Node& node, const std::string&) {
    std::vector<std::string> command;
    const bool texts =
        node.IsSequence() && std::all_of(node.begin(), node.end(), [](const YAML::Node& word) { return word.IsScalar(); });
    if (!texts || node.size() == 0)
      return section.problem("allow", "expected a list of argument lists, such as [[\"/usr/bin/jq\", \"-r\", \".x\"]]");
    for (const auto& word : node) command.push_back(word.Scalar());
    policy.allow.push_back(std::move(command));
  });
  int kubectl = 0;
  section.choice("kubectl", {"deny", "native"}, kubectl);
  policy.native_kubectl = kubectl == 1;
  section.boolean("allow_empty", policy.allow_empty);
}

std::optional<int> read_risk(Section& section, const char* key) {
  std::string word;
  section.text(key, word);
  if (word.empty()) return std::nullopt;
  if (word == "auto") return 0;
  if (word == "approve") return 1;
  if (word.size() == 1 && word[0] >= '0' && word[0] <= '6') return word[0] - '0';
  section.problem(key, "expected auto, approve or a number of approvals up to 6, found \"" + word + "\"");
  return std::nullopt;
}

void read_secret_object(Section& section, SecretObject& object) {
  section.required_text("namespace", object.namespace_);
  section.required_text("name", object.name);
  section.credential("env_file", object.env_file);
  section.credential_map("files", object.files);
  if (object.env_file.has_value() == !object.files.empty()) section.problem("env_file", "give either env_file or files");
}

bool is_variable_name(const std::string& name) {
  const auto fits = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
  return !name.empty() && !std::isdigit(static_cast<unsigned char>(name[0])) && std::all_of(name.begin(), name.end(), fits);
}

void read_environment(Section& section, Environment& environment) {
  section.required_text("cluster", environment.cluster);
  read_protection(section, environment.protection);
  section.text_map("variables", environment.variables);
  section.credential_map("secrets", environment.secrets);
  for (const auto& [name, value] : environment.variables) {
    if (!is_variable_name(name)) section.problem("variables", "\"" + name + "\" is no name of an environment variable");
    if (environment.secrets.contains(name)) section.problem("secrets", "\"" + name + "\" is also a variable");
  }
  for (const auto& [name, source] : environment.secrets) {
    if (!is_variable_name(name)) section.problem("secrets", "\"" + name + "\" is no name of an environment variable");
  }
  section.list("secret_objects", [&](Section& object) { read_secret_object(object, environment.secret_objects.emplace_back()); });
  section.section("exec", [&](Section& exec) { read_exec(exec, environment.exec); });
  section.section("risk", [&](Section& risk) {
    environment.risk.image_only = read_risk(risk, "image_only");
    environment.risk.data_loss = read_risk(risk, "data_loss");
  });
}

struct EventKeys {
  const char* event;
  std::vector<const char*> conditions;
};

const std::vector<EventKeys>& event_keys() {
  static const std::vector<EventKeys> all{
      {"push", {"branch", "tag"}},
      {"workflow_run", {"workflow", "branch", "conclusion"}},
      {"release", {"action", "tag"}},
      {"repository_dispatch", {"type"}},
      {"registry_package", {"package", "tag"}},
      {"manual", {}},
  };
  return all;
}

void read_trigger(Section& section, Target& target) {
  if (section.names().size() != 1) {
    section.problem("push", "expected one event, such as {push: {branch: main}}");
  }
  for (const auto& [event, conditions] : event_keys()) {
    if (!section.has(event)) {
      // `{manual:}` has no value and still counts
      const auto names = section.names();
      if (std::find(names.begin(), names.end(), event) == names.end()) continue;
    }
    Trigger trigger;
    trigger.event = event;
    section.section(event, [&](Section& rule) {
      for (const char* condition : conditions) {
        if (rule.has(condition)) rule.text(condition, trigger.conditions[condition]);
      }
    });
    target.on.push_back(std::move(trigger));
  }
}

void read_target(Section& section, Target& target) {
  section.list("on", [&](Section& trigger) { read_trigger(trigger, target); });
  section.text("selector", target.selector);
  section.section("image", [&](Section& image) {
    image.required_text("wait_for", target.image);
    image.text("user", target.image_user);
    image.credential("password", target.image_password);
    image.text("token_host", target.image_token_host);
    if (target.image_user.empty() != !target.image_password) image.problem("user", "user and password go together");
  });
}

void read_layout(Section& section, Repository& repository) {
  const int given = section.has("helmfile") + section.has("chart") + section.has("manifests");
  if (given != 1) section.problem("helmfile", "give exactly one of helmfile, chart and manifests");
  section.text("helmfile", repository.path);
  if (section.has("chart")) {
    repository.layout = Layout::chart;
    section.text("chart", repository.path);
    section.texts("values", repository.values);
    section.required_text("release", repository.release);
    section.required_text("namespace", repository.namespace_);
  } else if (section.has("manifests")) {
    repository.layout = Layout::manifests;
    section.text("manifests", repository.path);
    section.text("release", repository.release);
    section.required_text("namespace", repository.namespace_);
  }
  if (repository.path.starts_with('/') || repository.path.find("..") != std::string::npos) {
    section.problem(repository.layout == Layout::helmfile ? "helmfile" : "chart", "must be a path inside the repository");
  }
}

/// Whom to tell of a repository's deployments: GitHub, where its token is at hand, unless the file says otherwise.
void read_reports(Section& section, Repository& repository) {
  const bool is_on_github = repository.url.starts_with("https://github.com/");
  repository.github_api = "https://api.github.com";
  if (is_on_github && repository.token) repository.report = {"status", "deployment"};
  section.section("github", [&](Section& github) {
    if (github.has("report")) repository.report.clear();
    github.texts("report", repository.report);
    for (const std::string& one : repository.report) {
      if (one != "status" && one != "deployment") github.problem("report", "expected status or deployment, found \"" + one + "\"");
    }
    github.text("api", repository.github_api);
    const std::string& api = repository.github_api;
    if (!api.starts_with("https://") && !api.starts_with("http://127.0.0.1:")) github.problem("api", "expected https://…, found \"" + api + "\"");
    if (!repository.report.empty() && !repository.token) github.problem("report", "needs the repository's token");
  });
}

void read_repository(Section& section, Repository& repository) {
  section.required_text("name", repository.name);
  section.required_text("url", repository.url);
  const std::string& url = repository.url;
  const bool scp_form = url.find('@') < url.find(':') && url.find("://") == std::string::npos;
  if (!url.empty() && !url.starts_with("https://") && !url.starts_with("ssh://") && !url.starts_with("/") && !scp_form) {
    section.problem("url", "expected https://…, ssh://…, git@host:path or an absolute path, found \"" + url + "\"");
  }
  if (url.starts_with("https://") && url.find('@') != std::string::npos) {
    section.problem("url", "a credential must not be part of the URL; use token");
  }
  section.text("user", repository.user);
  if (repository.user.find_first_of("\r\n") != std::string::npos) section.problem("user", "must be one line");
  section.credential("token", repository.token);
  section.text("certificate_authority", repository.certificate_authority);
  section.credential("webhook_secret", repository.webhook_secret);
  section.section("ssh", [&](Section& ssh) {
    ssh.credential("key", repository.ssh_key);
    ssh.required_text("known_hosts", repository.known_hosts);
  });
  const bool is_https = url.starts_with("https://");
  const bool is_ssh = url.starts_with("ssh://") || scp_form;
  if (!url.empty() && !is_https) {
    for (const char* key : {"user", "certificate_authority"}) {
      if (section.has(key)) section.problem(key, "is for https URLs");
    }
  }
  if (is_ssh && repository.known_hosts.empty()) section.problem("ssh", "an ssh URL needs ssh.known_hosts with the host's pinned key");
  if (!url.empty() && !is_ssh && !repository.known_hosts.empty()) section.problem("ssh", "is for ssh URLs");
  read_reports(section, repository);
  read_layout(section, repository);
  section.sections("environments", [&](const std::string& name, Section& target) {
    Target& read = repository.environments[name];
    read.environment = name;
    read_target(target, read);
  });
}

void read_notification(Section& section, Notification& notification) {
  section.section("webhook", [&](Section& webhook) {
    webhook.required_credential("url", notification.url);
    int format = 0;
    webhook.choice("format", {"json", "ntfy", "slack"}, format);
    notification.format = format == 1 ? "ntfy" : format == 2 ? "slack" : "json";
  });
}

/// What no single section can see: names that other sections must have.
void check_references(Section& root, const Config& config) {
  const auto known = [](const auto& map) {
    std::vector<std::string> names;
    for (const auto& [name, value] : map) names.push_back(name);
    return names;
  };
  root.sections("environments", [&](const std::string& name, Section& section) {
    const std::string& cluster = config.environments.at(name).cluster;
    if (!cluster.empty() && !config.clusters.contains(cluster)) {
      const std::string guess = nearest(cluster, known(config.clusters));
      section.problem("cluster",
                      "there is no cluster \"" + cluster + "\"" + (guess.empty() ? "" : ", did you mean \"" + guess + "\"?"));
    }
    for (const auto& key : section.names()) section.has(key.c_str());  // checked before
  });
  for (std::size_t i = 0; i < config.repositories.size(); ++i) {
    for (const auto& [environment, target] : config.repositories[i].environments) {
      if (config.environments.contains(environment)) continue;
      const std::string guess = nearest(environment, known(config.environments));
      root.problem("repositories", config.repositories[i].name + ": there is no environment \"" + environment + "\"" +
                                       (guess.empty() ? "" : ", did you mean \"" + guess + "\"?"));
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (config.repositories[i].name == config.repositories[j].name) {
        root.problem("repositories", "\"" + config.repositories[i].name + "\" is listed twice");
      }
    }
  }
}

void read_root(Section& root, Config& config) {
  root.required_text("data_dir", config.data_dir);
  if (!config.data_dir.empty() && config.data_dir[0] != '/') root.problem("data_dir", "must be an absolute path");
  root.credential("encryption_key", config.encryption_key);
  root.section("server", [&](Section& section) { read_server(section, config.server); });
  root.sections("clusters", [&](const std::string& name, Section& section) {
    config.clusters[name].name = name;
    read_cluster(section, config.clusters[name]);
  });
  root.sections("environments", [&](const std::string& name, Section& section) {
    config.environments[name].name = name;
    read_environment(section, config.environments[name]);
  });
  root.list("repositories", [&](Section& section) { read_repository(section, config.repositories.emplace_back()); });
  root.text_map("chart_mirrors", config.chart_mirrors);
  root.texts("dns_names", config.dns_names);
  root.texts("remote_sources", config.remote_sources);
  for (const std::string& source : config.remote_sources) {
    if (source.find("://") == std::string::npos) root.problem("remote_sources", "\"" + source + "\": expected how an address begins, such as https://github.com/me/");
  }
  root.section("tokens", [](Section& section) {
    if (!section.names().empty())
      section.problem(section.names()[0].c_str(), "tokens are not kept in this file; make one with `sluice token create`");
  });
  root.list("notify", [&](Section& section) { read_notification(section, config.notify.emplace_back()); });
  check_references(root, config);
}

}  // namespace

Result<Config> parse(std::string_view text, const std::string& file) {
  Config config;
  config.file = file;
  Problems problems(file);
  try {
    const YAML::Node document = YAML::Load(std::string(text));
    if (!document.IsMap()) {
      problems.add(document, "", "expected a mapping with data_dir, clusters, environments and repositories");
    } else {
      Section root(document, "", problems);
      read_root(root, config);
      root.finish();
    }
  } catch (const YAML::Exception& error) {
    return Error{Errc::invalid, file + ":" + std::to_string(error.mark.line + 1) + ":" + std::to_string(error.mark.column + 1) +
                                    ": " + error.msg};
  }
  if (!problems.empty()) return Error{Errc::invalid, problems.text()};
  return config;
}

Result<Config> load(const std::string& file) {
  auto text = read_file(file, 4u << 20);
  if (!text) return std::move(text).error().during("reading the configuration");
  return parse(*text, file);
}

deployment::Protection rules_for(const Environment& environment, bool is_image_only, bool may_lose_data) {
  deployment::Protection rules = environment.protection;
  if (may_lose_data && environment.risk.data_loss) {
    rules.required = *environment.risk.data_loss;
  } else if (is_image_only && environment.risk.image_only) {
    rules.required = *environment.risk.image_only;
  }
  return rules;
}

const Repository* find_repository(const Config& config, std::string_view name) {
  const auto same = [name](const Repository& repository) {
    return std::equal(name.begin(), name.end(), repository.name.begin(), repository.name.end(),
                      [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
  };
  const auto found = std::find_if(config.repositories.begin(), config.repositories.end(), same);
  return found == config.repositories.end() ? nullptr : &*found;
}

}  // namespace sluice::config
