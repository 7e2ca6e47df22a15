#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

#include "core/base/digest.hpp"
#include "core/functions/base_coding.hpp"
#include "core/functions/keys.hpp"
#include "core/functions/passwords.hpp"

namespace sluice::functions {
namespace {

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Certificate read(const std::string& pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  return {PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr), X509_free};
}

/// What `openssl x509 -text` says.
std::string shown(const std::string& pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  X509_print_ex(out.get(), read(pem).get(), XN_FLAG_COMPAT, 0);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

CertificateRequest request(std::string name, bool is_ca) {
  return {.common_name = std::move(name), .ips = {}, .dns_names = {}, .valid_seconds = 86400, .is_ca = is_ca, .now = 1700000000};
}

std::string first_line(const std::string& pem) { return pem.substr(0, pem.find('\n')); }

TEST(Keys, AreWrittenInTheFormsThatSprigUses) {
  EXPECT_EQ(first_line(*to_pem(**generate_key("rsa", 2048))), "-----BEGIN RSA PRIVATE KEY-----");
  EXPECT_EQ(first_line(*to_pem(**generate_key("ecdsa", 0))), "-----BEGIN EC PRIVATE KEY-----");
  EXPECT_EQ(first_line(*to_pem(**generate_key("ed25519", 0))), "-----BEGIN PRIVATE KEY-----");
  EXPECT_EQ(*generate_key("unknown", 0), nullptr);
}

TEST(Keys, AreReadBackAndRefusedWithSprigsWords) {
  const std::string pem = *to_pem(**generate_key("ecdsa", 0));
  EXPECT_EQ(*to_pem(**parse_key(pem)), pem);
  EXPECT_EQ(parse_key("nope").error().what, "no PEM data in input");
  EXPECT_EQ(parse_key("-----BEGIN CERTIFICATE-----\nYQ==\n-----END CERTIFICATE-----\n").error().what,
            "no private key data in PEM block of type CERTIFICATE");
  EXPECT_EQ(parse_key("-----BEGIN DH PRIVATE KEY-----\nYQ==\n-----END DH PRIVATE KEY-----\n").error().what,
            "unsupported private key type DH");
}

TEST(Certificates, OfAnAuthoritySignOthers) {
  const PrivateKey ca_key = *generate_key("ecdsa", 0), key = *generate_key("ed25519", 0);
  const KeyPair ca = *make_certificate(request("my ca", true), *ca_key, nullptr);
  CertificateRequest leaf = request("leaf", false);
  leaf.dns_names = {"a.example", "*.b.example"};
  leaf.ips = {"10.0.0.1", "::1", "::ffff:1.2.3.4"};
  const KeyPair pair = *make_certificate(leaf, *key, &ca);
  EXPECT_EQ(X509_verify(read(pair.cert).get(), ca_key.get()), 1);
  EXPECT_EQ(X509_check_private_key(read(pair.cert).get(), key.get()), 1);
  const std::string text = shown(pair.cert);
  for (const char* line : {"Issuer: CN=my ca", "Subject: CN=leaf", "Not Before: Nov 14 22:13:20 2023 GMT", "Not After : Nov 15 22:13:20 2023 GMT",
                           "X509v3 Key Usage: critical\n                Digital Signature, Key Encipherment\n",
                           "TLS Web Server Authentication, TLS Web Client Authentication",
                           "X509v3 Basic Constraints: critical\n                CA:FALSE\n", "X509v3 Authority Key Identifier",
                           "DNS:a.example, DNS:*.b.example, IP Address:10.0.0.1, IP Address:0:0:0:0:0:0:0:1, IP Address:1.2.3.4"})
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
  EXPECT_EQ(text.find("X509v3 Subject Key Identifier"), std::string::npos);
  const std::string ca_text = shown(ca.cert);
  for (const char* line : {"Digital Signature, Key Encipherment, Certificate Sign", "CA:TRUE\n", "X509v3 Subject Key Identifier"})
    EXPECT_NE(ca_text.find(line), std::string::npos) << line;
  EXPECT_EQ(ca_text.find("X509v3 Authority Key Identifier"), std::string::npos);
}

TEST(Certificates, IdentifyTheirKeyByAnotherHashInHelm4) {
  const PrivateKey key = *generate_key("ecdsa", 0);
  CertificateRequest wanted = request("ca", true);
  auto identifier = [&](KeyIdentifier how) {
    wanted.identifier = how;
    const Certificate certificate = read(make_certificate(wanted, *key, nullptr)->cert);
    const ASN1_OCTET_STRING* bytes = X509_get0_subject_key_id(certificate.get());
    return std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(bytes)), static_cast<std::size_t>(ASN1_STRING_length(bytes)));
  };
  const Certificate certificate = read(make_certificate(wanted, *key, nullptr)->cert);
  const ASN1_BIT_STRING* bits = X509_get0_pubkey_bitstr(certificate.get());
  const std::string_view key_bits(reinterpret_cast<const char*>(ASN1_STRING_get0_data(bits)), static_cast<std::size_t>(ASN1_STRING_length(bits)));
  EXPECT_EQ(to_hex(identifier(KeyIdentifier::sha256)), to_hex(sha256(key_bits)).substr(0, 40));
  EXPECT_EQ(identifier(KeyIdentifier::sha1).size(), 20U);
  EXPECT_NE(identifier(KeyIdentifier::sha1), identifier(KeyIdentifier::sha256));
}

TEST(Certificates, SayWhatIsWrongWithTheirSigner) {
  const PrivateKey key = *generate_key("ecdsa", 0);
  const KeyPair ca = *make_certificate(request("ca", true), *key, nullptr);
  KeyPair bad = ca;
  bad.cert = "nothing";
  EXPECT_EQ(make_certificate(request("x", false), *key, &bad).error().what, "unable to decode certificate");
  bad = ca;
  bad.key = "nothing";
  EXPECT_EQ(make_certificate(request("x", false), *key, &bad).error().what, "error parsing private key: no PEM data in input");
  bad.key = *to_pem(**generate_key("ecdsa", 0));
  EXPECT_EQ(make_certificate(request("x", false), *key, &bad).error().what,
            "error creating certificate: x509: provided PrivateKey doesn't match parent's PublicKey");
  CertificateRequest named = request("x", false);
  named.dns_names = {"\xc3\xa9.example"};
  EXPECT_EQ(make_certificate(named, *key, nullptr).error().what,
            "error creating certificate: x509: \"\xc3\xa9.example\" cannot be encoded as an IA5String");
}

TEST(Certificates, OfOnesOwnAreCheckedAndDecoded) {
  const PrivateKey key = *generate_key("ecdsa", 0);
  const KeyPair pair = *make_certificate(request("x", false), *key, nullptr);
  EXPECT_EQ(check_key_pair(to_base64(pair.cert), to_base64(pair.key))->cert, pair.cert);
  EXPECT_EQ(check_key_pair("!!", "x").error().what, "unable to decode base64 certificate");
  EXPECT_EQ(check_key_pair(to_base64("x"), "!").error().what, "unable to decode base64 private key");
  EXPECT_EQ(check_key_pair(to_base64("x"), to_base64("y")).error().what, "unable to decode certificate");
}

TEST(Passwords, AreHashedWithBcrypt) {
  const std::string hash = *hash_password("pw", std::string(16, 's'));
  EXPECT_EQ(hash.substr(0, 7), "$2a$10$");
  EXPECT_EQ(hash.size(), 60U);
  EXPECT_EQ(*hash_password("pw", std::string(16, 's')), hash);
  EXPECT_EQ(hash_password(std::string(73, 'a'), std::string(16, 's')).error().what, "bcrypt: password length exceeds 72 bytes");
}

TEST(Passwords, AreDerivedByTheMasterPasswordScheme) {
  EXPECT_EQ(derive_password(*master_key("s3cret", "jane"), 1, "long", "shop.test"), "WideFuluGovi5]");
  EXPECT_EQ(derive_password(*master_key("p", "u"), 1, "pin", "s"), "2461");
  EXPECT_FALSE(is_password_type("nope"));
}

TEST(Aes, DecryptsWhatItEncrypted) {
  const std::string iv(16, 'i');
  for (const char* text : {"", "plain text", "0123456789abcdef"}) EXPECT_EQ(*decrypt_aes("key", *encrypt_aes("key", text, iv)), text);
  EXPECT_EQ(decrypt_aes("k", "!!").error().what, "illegal base64 data at input byte 0");
  EXPECT_EQ(decrypt_aes("k", "YWJj").error().what, "runtime error: slice bounds out of range [:16] with capacity 3");
  EXPECT_EQ(decrypt_aes("k", to_base64(iv)).error().what, "runtime error: index out of range [-1]");
  EXPECT_EQ(decrypt_aes("k", to_base64(iv + "x")).error().what, "crypto/cipher: input not full blocks");
}

TEST(Base64, BlamesThePositionThatGoBlames) {
  auto bad_at = [](std::string_view text) { return decode_base64(text).bad_at; };
  EXPECT_EQ(decode_base64("YW\nJj\r\n").bytes, "abc");
  EXPECT_EQ(decode_base64("YQ\n=\n=\n").bytes, "a");
  EXPECT_EQ(bad_at("!!"), 0U);
  EXPECT_EQ(bad_at("YWJjZ"), 4U);
  EXPECT_EQ(bad_at("YQ="), 3U);
  EXPECT_EQ(bad_at("YQ=x"), 2U);
  EXPECT_EQ(bad_at("YQ==x"), 4U);
  EXPECT_EQ(bad_at("Y==="), 1U);
}

TEST(Base32, BlamesThePositionThatGoBlames) {
  EXPECT_EQ(encode_base32("hello!"), "NBSWY3DPEE======");
  EXPECT_EQ(decode_base32("NBSWY3DP\nEE======").bytes, "hello!");
  EXPECT_EQ(decode_base32("NBSWY3D").bad_at, 0U);
  EXPECT_EQ(decode_base32("nope").bad_at, 0U);
  EXPECT_EQ(decode_base32("NB1").bad_at, 2U);
  EXPECT_EQ(decode_base32("ME=====").bad_at, 7U);
  EXPECT_EQ(decode_base32("MEE=====").bad_at, 3U);
}

}  // namespace
}  // namespace sluice::functions
