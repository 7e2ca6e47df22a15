// Keys, certificates, passwords.

#include <algorithm>
#include <functional>
#include <memory>

#include "core/base/digest.hpp"
#include "core/functions/keys.hpp"
#include "core/functions/passwords.hpp"
#include "core/functions/support.hpp"
#include "core/functions/world.hpp"
#include "core/value/fmt.hpp"
#include "core/value/segments.hpp"
#include "core/value/walk.hpp"

namespace sluice::functions {
namespace {

constexpr std::string_view certificate_type = "sprig.certificate";

/// A certificate and its key, in PEM.
struct Pair {
  Text cert, key;
};

/// A pair that is made when it is first read: charts ask for many that they then do not use, as where a Secret exists already, or
/// where another template fails, and a key takes a tenth of a second.
class LazyPair {
 public:
  using Maker = std::function<Result<Pair>()>;
  explicit LazyPair(Pair pair) : pair_(std::move(pair)) {}
  explicit LazyPair(Maker make) : make_(std::move(make)) {}

  bool is_made() const noexcept { return make_ == nullptr; }
  /// Throws NotMade.
  const Pair& get() {
    if (make_) {
      auto made = make_();
      if (!made) throw NotMade(made.error().what);
      pair_ = std::move(*made);
      make_ = nullptr;
    }
    return pair_;
  }

 private:
  Pair pair_;
  Maker make_;
};

class CertificateObject final : public Object {
 public:
  explicit CertificateObject(LazyPair pair) : pair_(std::make_shared<LazyPair>(std::move(pair))) {}

  const Pair& pair() const { return pair_->get(); }
  std::string_view go_type() const override { return certificate_type; }
  bool field(std::string_view name, Value& out) const override {
    if (name != "Cert" && name != "Key") return false;
    const auto part = name == "Cert" ? &Pair::cert : &Pair::key;
    constexpr std::size_t usual_size = 1700;  // of a PEM text with an RSA key
    out = make_text(pair_->is_made() ? pair().*part : Text::later(usual_size, {}, [pair = pair_, part] { return pair->get().*part; }));
    return true;
  }
  std::string default_text() const override { return '{' + pair().cert.str() + ' ' + pair().key.str() + '}'; }
  Value to_plain() const override { return Value::new_map({{"Cert", make_text(pair().cert)}, {"Key", make_text(pair().key)}}); }
  Value to_plain_yaml() const override { return Value::new_map({{"cert", make_text(pair().cert)}, {"key", make_text(pair().key)}}); }
  bool equals(const Object& other) const override {
    const auto* same = dynamic_cast<const CertificateObject*>(&other);
    return same && same->pair().cert == pair().cert && same->pair().key == pair().key;
  }

 private:
  std::shared_ptr<LazyPair> pair_;
};

// --- certificates

Result<std::vector<std::string>> texts_of(const Value& list, std::string_view doing) {
  std::vector<std::string> texts;
  for (const Value& item : list.items()) {
    if (!item.is_string()) return failure(std::string(doing) + ": " + masked(to_text(item)) + " is not a string");
    texts.emplace_back(item.str());
  }
  return texts;
}

/// What the functions for certificates have in common; each takes its arguments in its own order.
struct Wish {
  const Value* name = nullptr;
  const Value* ips = nullptr;
  const Value* dns_names = nullptr;
  const Value* days = nullptr;
  const Value* ca = nullptr;   // signs; null: signs itself
  const Value* key = nullptr;  // null: a new one
  bool is_ca = false;
};

Result<CertificateRequest> to_request(const Call& call, const Wish& wish, KeyIdentifier identifier) {
  CertificateRequest request;
  request.common_name = wish.name->str();
  request.is_ca = wish.is_ca;
  request.identifier = identifier;
  if (wish.ips) {
    auto ips = texts_of(*wish.ips, "error parsing ip");
    if (!ips) return std::move(ips).error();
    for (const std::string& ip : *ips)
      if (!is_ip(ip)) return failure("error parsing ip: " + ip);
    request.ips = std::move(*ips);
  }
  if (wish.dns_names) {
    auto names = texts_of(*wish.dns_names, "error processing alternate dns name");
    if (!names) return std::move(names).error();
    request.dns_names = std::move(*names);
  }
  auto now = read_clock(call);
  if (!now) return std::move(now).error();
  constexpr std::int64_t second = 1000000000;
  request.now = now->nanoseconds / second;
  // Go's Duration overflows after 292 years: so does the end of such a certificate.
  constexpr std::uint64_t day = 86400ULL * second;
  const auto length = static_cast<std::int64_t>(static_cast<std::uint64_t>(wish.days->as_int()) * day);
  request.valid_seconds = length / second;
  return request;
}

/// What a certificate is made from; outlives the call that asked for it.
struct Order {
  CertificateRequest request;
  Value key;  ///< PEM; nil: a new one
  Value ca;   ///< nil: signs itself
  bool is_signed = false;
};

Result<Value> make_certificate_parts(const Order& order) {
  auto key = order.key.is_nil() ? generate_key("rsa", 2048) : parse_key(order.key.str());
  if (!key) return order.key.is_nil() ? std::move(key).error() : std::move(key).error().during("parsing private key");
  const auto* ca = order.ca.is_object() ? dynamic_cast<const CertificateObject*>(order.ca.object()) : nullptr;
  const KeyPair signer = ca ? KeyPair{ca->pair().cert.str(), ca->pair().key.str()} : KeyPair{};
  auto pair = make_certificate(order.request, **key, order.is_signed ? &signer : nullptr);
  if (!pair) return std::move(pair).error();
  return Value::new_map({{"cert", make_text(pair->cert)}, {"key", make_text(pair->key)}});
}

Result<Pair> make_pair(const Outside& outside, const std::string& function, const Order& order) {
  const auto make = [&order] { return make_certificate_parts(order); };
  auto made = outside.once ? outside.once(function, make) : make();
  if (!made) return std::move(made).error();
  const Value* cert = made->find("cert");
  const Value* key = made->find("key");
  if (!cert || !key) return failure("a recorded certificate lacks its parts");
  const bool secret_key = has_marks(order.key);
  return Pair{Text(cert->str()), secret_key ? Text::secret(key->str()) : Text(key->str())};
}

/// Whether nothing that the template gave can make this fail.
bool is_sure(const Order& order) {
  const auto is_ascii = [](const std::string& name) { return std::ranges::all_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x80; }); };
  return order.key.is_nil() && (!order.is_signed || order.ca.is_object()) && std::ranges::all_of(order.request.dns_names, is_ascii);
}

Result<Value> make_certificate_value(const Call& call, const Wish& wish, KeyIdentifier identifier) {
  auto request = to_request(call, wish, identifier);
  if (!request) return std::move(request).error();
  if (auto allowed = count_costly_call(call); !allowed) return std::move(allowed).error();
  Order order{std::move(*request), wish.key ? *wish.key : Value(), wish.ca ? *wish.ca : Value(), wish.ca != nullptr};
  const Outside& outside = outside_of(call);
  const std::string function(call.function_name());
  const auto* host = call.host<FunctionHost>();
  if (!host || !is_sure(order)) {
    auto pair = make_pair(outside, function, order);
    if (!pair) return std::move(pair).error();
    return Value::of_object(make_ref<CertificateObject>(LazyPair(std::move(*pair))));
  }
  return Value::of_object(make_ref<CertificateObject>(LazyPair(
      [&outside, function, order = std::move(order), life = std::weak_ptr(host->life)]() -> Result<Pair> {
        if (life.expired()) return failure(function + ": the render that asked for this certificate is over");
        return make_pair(outside, function, order);
      })));
}

template <KeyIdentifier id>
Result<Value> gen_ca(Call& call, Arguments args) {
  return make_certificate_value(call, {.name = &args[0], .days = &args[1], .is_ca = true}, id);
}
template <KeyIdentifier id>
Result<Value> gen_ca_with_key(Call& call, Arguments args) {
  return make_certificate_value(call, {.name = &args[0], .days = &args[1], .key = &args[2], .is_ca = true}, id);
}
Result<Value> gen_self_signed(Call& call, Arguments args) {
  const Wish wish{.name = &args[0], .ips = &args[1], .dns_names = &args[2], .days = &args[3], .key = args.size() > 4 ? &args[4] : nullptr};
  return make_certificate_value(call, wish, KeyIdentifier::sha1);
}
Result<Value> gen_signed(Call& call, Arguments args) {
  const Wish wish{.name = &args[0],
                  .ips = &args[1],
                  .dns_names = &args[2],
                  .days = &args[3],
                  .ca = &args[4],
                  .key = args.size() > 5 ? &args[5] : nullptr};
  return make_certificate_value(call, wish, KeyIdentifier::sha1);
}

Result<Value> build_custom_cert(Call&, Arguments args) {
  auto pair = check_key_pair(args[0].str(), args[1].str());
  if (!pair) return std::move(pair).error();
  return Value::of_object(make_ref<CertificateObject>(LazyPair({has_marks(args[0]) ? Text::secret(pair->cert) : Text(pair->cert),
                                                                has_marks(args[1]) ? Text::secret(pair->key) : Text(pair->key)})));
}

Result<Value> gen_private_key(Call& call, Arguments args) {
  const std::string type(args[0].str());
  if (!type.empty() && type != "rsa" && type != "dsa" && type != "ecdsa" && type != "ed25519") return make_text("Unknown type " + type);
  return once(call, "genPrivateKey " + type, [&]() -> Result<Value> {
    auto key = generate_key(type, 4096);
    if (!key) return std::move(key).error();
    auto pem = to_pem(**key);
    if (!pem) return std::move(pem).error();
    return make_text(*pem);
  });
}

// --- passwords

/// The hash of `password` behind `prefix`. The salt is drawn now; the hash, which takes a twentieth of a second, is made when it is
/// read.
Result<Value> bcrypt_text(Call& call, const std::string& prefix, std::string_view password) {
  if (auto allowed = count_costly_call(call); !allowed) return std::move(allowed).error();
  auto salt = random_bytes(call, 16);
  if (!salt) return std::move(salt).error();
  const auto failed = [prefix](const Error& error) { return Text(prefix + "failed to encrypt string with bcrypt: " + error.what); };
  if (auto fits = check_password(password); !fits) return make_text(failed(fits.error()));
  return make_text(Text::later(prefix.size() + 60, {}, [prefix, failed, password = Secret(std::string(password)), salt = *salt] {
    auto hash = hash_password(password.reveal(), salt);
    return hash ? Text(prefix + *hash) : failed(hash.error());
  }));
}

Result<Value> bcrypt(Call& call, Arguments args) { return bcrypt_text(call, "", args[0].str()); }

Result<Value> htpasswd(Call& call, Arguments args) {
  const std::string user(args[0].str());
  if (user.find(':') != std::string::npos) return make_text("invalid username: " + user);
  return bcrypt_text(call, user + ':', args[1].str());
}

/// Made once for all the passwords of a user that a plan derives.
Result<Secret> kept_master_key(const Call& call, std::string_view password, std::string_view user) {
  const std::string who = to_hex(sha256(std::to_string(user.size()) + ':' + std::string(user) + std::string(password)));
  CostlyWork* const work = costly_work(call);
  if (work) {
    if (const auto known = work->master_keys.find(who); known != work->master_keys.end()) return known->second;
  }
  if (auto allowed = count_costly_call(call); !allowed) return std::move(allowed).error();
  auto key = master_key(password, user);
  if (key && work) work->master_keys.emplace(who, *key);
  return key;
}

Result<Value> derive_password_value(Call& call, Arguments args) {
  const std::string_view type = args[1].str();
  if (!is_password_type(type)) return make_text("cannot find password template " + std::string(type));
  auto key = kept_master_key(call, args[2].str(), args[3].str());
  if (!key) return std::move(key).error();
  return make_text(derive_password(*key, static_cast<std::uint32_t>(args[0].as_uint()), type, args[4].str()));
}

Result<Value> encrypt(Call& call, Arguments args) {
  if (args[1].str().empty()) return make_text("");
  auto iv = random_bytes(call, 16);
  if (!iv) return std::move(iv).error();
  auto encrypted = encrypt_aes(args[0].str(), args[1].str(), *iv);
  if (!encrypted) return std::move(encrypted).error();
  return make_text(*encrypted);
}

Result<Value> decrypt(Call&, Arguments args) {
  auto text = decrypt_aes(args[0].str(), args[1].str());
  if (!text) return std::move(text).error();
  return make_text(*text);
}

}  // namespace

void add_crypto_functions(FunctionTable& table, Helm helm) {
  constexpr GoType integer = GoType::int_, string = GoType::string, list = GoType::list_any;
  constexpr auto sha1 = KeyIdentifier::sha1, sha256 = KeyIdentifier::sha256;
  const Parameter certificate(GoType::object, certificate_type);
  const bool is_helm4 = helm == Helm::v4;
  define(table, {
                    {"genPrivateKey", {string}, gen_private_key},
                    {"genCA", {string, integer}, is_helm4 ? gen_ca<sha256> : gen_ca<sha1>},
                    {"genCAWithKey", {string, integer, string}, is_helm4 ? gen_ca_with_key<sha256> : gen_ca_with_key<sha1>},
                    {"genSelfSignedCert", {string, list, list, integer}, gen_self_signed},
                    {"genSelfSignedCertWithKey", {string, list, list, integer, string}, gen_self_signed},
                    {"genSignedCert", {string, list, list, integer, certificate}, gen_signed},
                    {"genSignedCertWithKey", {string, list, list, integer, certificate, string}, gen_signed},
                    {"buildCustomCert", {string, string}, build_custom_cert},
                    {"bcrypt", {string}, bcrypt},
                    {"htpasswd", {string, string}, htpasswd},
                    {"derivePassword", {GoType::uint32, string, string, string, string}, derive_password_value},
                    {"encryptAES", {string, string}, encrypt},
                    {"decryptAES", {string, string}, decrypt},
                });
}

}  // namespace sluice::functions
