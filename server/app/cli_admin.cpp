// token, audit, backup, replay: administration on the data folder, beside a running daemon or without one.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "core/deployment/pattern.hpp"
#include "core/intake/intake.hpp"
#include "server/app/cli.hpp"
#include "server/base/credential.hpp"
#include "server/base/log.hpp"
#include "server/base/log_text.hpp"
#include "server/config/config.hpp"
#include "server/store/admin.hpp"
#include "server/webhook/settings.hpp"

namespace sluice::app {

namespace {

using store::Admin;

/// Where the data is: named itself, or by the configuration.
struct Place {
  std::string config;
  std::string data_dir;
  std::string output = "text";

  void add_to(CLI::App& command) {
    command.add_option("-c,--config", config, "configuration file, which names the data folder")->envname("SLUICE_CONFIG");
    command.add_option("--data-dir", data_dir, "the data folder itself");
  }
  void add_output_to(CLI::App& command) {
    command.add_option("-o,--output", output, "text or json")->check(CLI::IsMember({"text", "json"}));
  }
  bool as_json() const { return output == "json"; }
};

Result<config::Config> load(const Place& place) {
  if (place.config.empty()) return Error{Errc::invalid, "name the configuration with -c FILE"};
  return config::load(place.config);
}

Result<Admin> open(const Place& place) {
  set_log_level(LogLevel::warn);  // a command's output is for people
  if (!place.data_dir.empty()) return Admin::open(place.data_dir);
  if (place.config.empty()) return Error{Errc::invalid, "name the configuration with -c FILE, or the data folder with --data-dir"};
  auto loaded = load(place);
  if (!loaded) return std::move(loaded).error();
  return Admin::open(loaded->data_dir);
}

int fail(const Error& error) {
  std::cerr << "Error: " << error.what << "\n";
  return 1;
}

void print(const nlohmann::json& document) { std::cout << document.dump(2) << "\n"; }

std::string time_or(const std::optional<WallTime>& time, const char* otherwise) { return time ? to_rfc3339(*time) : otherwise; }

// ---- token -----------------------------------------------------------------------------------------------------------

struct TokenFlags {
  Place place;
  std::string name, person, expires;
  std::int64_t person_id = 0;
  std::vector<std::string> roles, environments;
  std::string which;
};

/// "90d", "12h", or a time such as 2027-01-01T00:00:00Z.
Result<std::optional<WallTime>> read_expiry(const std::string& text) {
  if (text.empty()) return std::optional<WallTime>{};
  const bool is_span = text.size() <= 7 && text.find_first_not_of("0123456789") == text.size() - 1 && (text.back() == 'd' || text.back() == 'h');
  if (!is_span) {
    auto time = parse_rfc3339(text);
    if (!time) return Error{Errc::invalid, "--expires: expected days such as 90d, hours such as 12h, or a time such as 2027-01-01T00:00:00Z, found \"" + shown(text, 40) + "\""};
    return std::optional<WallTime>{*time};
  }
  const auto count = std::stol(text.substr(0, text.size() - 1));
  const auto span = text.back() == 'd' ? std::chrono::hours{24 * count} : std::chrono::hours{count};
  return std::optional<WallTime>{system_clock().wall() + span};
}

Result<store::NewToken> read_flags(const TokenFlags& flags) {
  store::NewToken token{.name = flags.name, .person = {}, .expires = {}};
  token.person.name = flags.person;
  token.person.id = flags.person_id;
  token.person.environments = flags.environments;
  for (const auto& name : flags.roles) {
    const auto role = deployment::parse_role(name);
    if (!role) return Error{Errc::invalid, "--role: expected viewer, approver, operator or admin, found \"" + shown(name, 40) + "\""};
    token.person.roles.push_back(*role);
  }
  auto expires = read_expiry(flags.expires);
  if (!expires) return std::move(expires).error();
  token.expires = *expires;
  return token;
}

nlohmann::json to_json(const store::Token& token) {
  nlohmann::json out{{"id", token.id},
                     {"name", token.name},
                     {"person", token.person.name},
                     {"person_id", token.person.id},
                     {"environments", token.person.environments},
                     {"created", to_rfc3339(token.created)}};
  for (const auto role : token.person.roles) out["roles"].push_back(deployment::to_string(role));
  if (token.expires) out["expires"] = to_rfc3339(*token.expires);
  if (token.last_used) out["last_used"] = to_rfc3339(*token.last_used);
  if (token.revoked) out["revoked"] = to_rfc3339(*token.revoked);
  return out;
}

int create_token(const TokenFlags& flags) {
  auto token = read_flags(flags);
  if (!token) return fail(token.error());
  auto admin = open(flags.place);
  if (!admin) return fail(admin.error());
  auto made = admin->create_token(*token);
  if (!made) return fail(made.error());
  if (flags.place.as_json()) {
    auto document = to_json(made->record);
    document["token"] = made->text.reveal();
    print(document);
  } else {
    std::cout << made->text.reveal() << "\n";
    std::cerr << "token " << made->record.id << " of " << shown(made->record.person.name) << ", expires "
              << time_or(made->record.expires, "never") << "; it is shown this once only\n";
  }
  return 0;
}

std::string joined(const std::vector<std::string>& names, const char* none) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : ",") + name;
  return out.empty() ? none : out;
}

int list_tokens(const TokenFlags& flags) {
  auto admin = open(flags.place);
  if (!admin) return fail(admin.error());
  auto tokens = admin->tokens();
  if (!tokens) return fail(tokens.error());
  if (flags.place.as_json()) {
    auto document = nlohmann::json::array();
    for (const auto& token : *tokens) document.push_back(to_json(token));
    print(document);
    return 0;
  }
  std::printf("%-4s %-20s %-16s %-18s %-16s %-25s %-25s %s\n", "ID", "NAME", "PERSON", "ROLES", "ENVIRONMENTS", "EXPIRES", "LAST USED", "STATE");
  for (const auto& token : *tokens) {
    std::vector<std::string> roles;
    for (const auto role : token.person.roles) roles.emplace_back(deployment::to_string(role));
    const bool over = token.expires && *token.expires <= system_clock().wall();
    std::printf("%-4lld %-20s %-16s %-18s %-16s %-25s %-25s %s\n", static_cast<long long>(token.id), shown(token.name).c_str(),
                shown(token.person.name).c_str(), joined(roles, "-").c_str(), shown(joined(token.person.environments, "all")).c_str(),
                time_or(token.expires, "never").c_str(), time_or(token.last_used, "never").c_str(),
                token.revoked ? "revoked" : over ? "expired" : "in force");
  }
  return 0;
}

/// By number, or by the name of the one in force.
Result<std::int64_t> find_token(const Admin& admin, const std::string& which) {
  auto tokens = admin.tokens();
  if (!tokens) return std::move(tokens).error();
  for (const auto& token : *tokens) {
    if (!token.revoked && (token.name == which || std::to_string(token.id) == which)) return token.id;
  }
  return Error{Errc::not_found, "there is no token " + shown(which, 80) + " in force; see sluice token list"};
}

int revoke_token(const TokenFlags& flags) {
  auto admin = open(flags.place);
  if (!admin) return fail(admin.error());
  auto id = find_token(*admin, flags.which);
  if (!id) return fail(id.error());
  if (auto done = admin->revoke_token(*id, "administrator"); !done) return fail(done.error());
  std::cout << "token " << *id << " is revoked\n";
  return 0;
}

void add_token_commands(CLI::App& app, int& exit_code) {
  auto* token = app.add_subcommand("token", "tokens of the API and the page")->require_subcommand(1);
  auto flags = std::make_shared<TokenFlags>();
  auto* create = token->add_subcommand("create", "make a token and show it, once");
  flags->place.add_to(*create);
  flags->place.add_output_to(*create);
  create->add_option("--name", flags->name, "what the token is for")->required();
  create->add_option("--role", flags->roles, "viewer, approver, operator or admin; several with commas")->required()->delimiter(',');
  create->add_option("--environment", flags->environments, "the only environments it is for (default: all)")->delimiter(',');
  create->add_option("--expires", flags->expires, "90d, 12h, or a time such as 2027-01-01T00:00:00Z (default: never)");
  create->add_option("--person", flags->person, "GitHub login of its owner, as reviewers are listed (default: the token's name)");
  create->add_option("--github-id", flags->person_id, "GitHub's number of its owner, for the rule against self-review");
  create->callback([flags, &exit_code] { exit_code = create_token(*flags); });

  auto* list = token->add_subcommand("list", "all tokens, without their texts");
  flags->place.add_to(*list);
  flags->place.add_output_to(*list);
  list->callback([flags, &exit_code] { exit_code = list_tokens(*flags); });

  auto* revoke = token->add_subcommand("revoke", "end a token at once");
  flags->place.add_to(*revoke);
  revoke->add_option("TOKEN", flags->which, "its number or its name")->required();
  revoke->callback([flags, &exit_code] { exit_code = revoke_token(*flags); });
}

// ---- audit, backup ---------------------------------------------------------------------------------------------------

int verify_audit(const Place& place) {
  auto admin = open(place);
  if (!admin) return fail(admin.error());
  auto verdict = admin->verify_audit();
  if (!verdict) return fail(verdict.error());
  if (place.as_json()) {
    nlohmann::json document{{"rows", verdict->rows}, {"ok", !verdict->first_bad}, {"head", verdict->head}};
    if (verdict->first_bad) document.update({{"first_bad", *verdict->first_bad}, {"problem", verdict->problem}});
    print(document);
  } else if (verdict->first_bad) {
    std::cout << "the audit is broken at row " << *verdict->first_bad << ": " << verdict->problem << "\n";
  } else {
    std::cout << "the audit is whole: " << verdict->rows << " rows, the last has hash " << verdict->head << "\n";
  }
  return verdict->first_bad ? 1 : 0;
}

int back_up(const Place& place, const std::string& file) {
  auto admin = open(place);
  if (!admin) return fail(admin.error());
  if (auto done = admin->backup(file); !done) return fail(done.error());
  std::cout << "the database is copied to " << file << " and the copy was checked; keep the encryption key with it, but apart\n";
  return 0;
}

// ---- replay ----------------------------------------------------------------------------------------------------------

/// What a stored delivery asks for under the configuration as it is now.
int replay(const Place& place, std::int64_t id) {
  auto loaded = load(place);
  if (!loaded) return fail(loaded.error());
  if (!loaded->encryption_key) return fail({Errc::invalid, "encryption_key is missing; without it no delivery can be read"});
  auto key = read_credential(*loaded->encryption_key, EnvironmentSecrets::allow);
  if (!key) return fail(std::move(key).error().during("encryption_key"));
  auto admin = Admin::open(place.data_dir.empty() ? loaded->data_dir : place.data_dir);
  if (!admin) return fail(admin.error());
  auto delivery = admin->delivery({id}, *key);
  if (!delivery) return fail(delivery.error());
  if (!delivery->body) return fail({Errc::not_found, "the body of this delivery was removed after 14 days"});
  const auto verdict =
      intake::judge({delivery->event, delivery->guid, *delivery->body}, webhook::rules_of(*loaded), &deployment::matches);
  if (!verdict) return fail(verdict.error());
  std::cout << "delivery " << id << ": " << shown(delivery->event) << " of " << shown(delivery->repository) << ", received "
            << to_rfc3339(delivery->received) << "\n";
  if (verdict->deployments.empty()) std::cout << "asks for no deployment: " << shown(verdict->reason) << "\n";
  for (const auto& one : verdict->deployments) {
    std::cout << "asks for " << shown(one.environment) << " at " << shown(one.ref) << " " << shown(one.commit) << " " << shown(one.title) << "\n";
  }
  return 0;
}

}  // namespace

void add_admin_commands(CLI::App& app, int& exit_code) {
  add_token_commands(app, exit_code);

  auto place = std::make_shared<Place>();
  auto* audit = app.add_subcommand("audit", "the record of decisions and writes")->require_subcommand(1);
  auto* verify = audit->add_subcommand("verify", "check that no row was changed, moved or removed");
  place->add_to(*verify);
  place->add_output_to(*verify);
  verify->callback([place, &exit_code] { exit_code = verify_audit(*place); });

  auto file = std::make_shared<std::string>();
  auto* backup = app.add_subcommand("backup", "copy the database while it is in use, and check the copy");
  place->add_to(*backup);
  backup->add_option("FILE", *file, "where to; must not exist")->required();
  backup->callback([place, file, &exit_code] { exit_code = back_up(*place, *file); });

  auto id = std::make_shared<std::int64_t>();
  auto dry_run = std::make_shared<bool>();
  auto* again = app.add_subcommand("replay", "what a stored delivery asks for under the present configuration");
  place->add_to(*again);
  again->add_option("DELIVERY", *id, "its number")->required();
  again->add_flag("--dry-run", *dry_run, "only tell; nothing else is possible: deploying by hand is sluice trigger")->required();
  again->callback([place, id, &exit_code] { exit_code = replay(*place, *id); });
}

}  // namespace sluice::app
