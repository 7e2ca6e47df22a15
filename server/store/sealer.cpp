#include "server/store/sealer.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <memory>
#include <new>

#include "server/base/random.hpp"
#include "server/store/sqlite.hpp"

namespace sluice::store {

namespace {

constexpr char version = 1;
constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, Closer<EVP_CIPHER_CTX_free>>;

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string associated(const Place& place) {
  return std::string(1, version) + std::string(place.table) + '\0' + std::string(place.column) + '\0' + std::to_string(place.row);
}

void must(int done) {
  if (done != 1) throw std::bad_alloc();
}

}  // namespace

Sealer::Sealer(const Secret& key)
    : has_key_(true),
      seal_key_(hmac_sha256(key.reveal(), "sluice store: sealing, version 1")),
      fingerprint_key_(hmac_sha256(key.reveal(), "sluice store: fingerprints, version 1")) {}

Sealer::~Sealer() {
  OPENSSL_cleanse(seal_key_.data(), seal_key_.size());
  OPENSSL_cleanse(fingerprint_key_.data(), fingerprint_key_.size());
}

std::string Sealer::seal(std::string_view text, const Place& place) const {
  if (!has_key_) throw StorageError{StorageError::Kind::failed, "no key was given, and " + std::string(place.table) + " is sealed"};
  const std::string nonce = random_bytes(nonce_size);
  std::string out = version + nonce;
  out.resize(1 + nonce_size + text.size() + tag_size);
  const Cipher cipher{EVP_CIPHER_CTX_new()};
  const std::string aad = associated(place);
  int size = 0;
  must(cipher != nullptr);
  must(EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, seal_key_.data(), bytes(nonce)));
  must(EVP_EncryptUpdate(cipher.get(), nullptr, &size, bytes(aad), static_cast<int>(aad.size())));
  must(EVP_EncryptUpdate(cipher.get(), bytes(out) + 1 + nonce_size, &size, bytes(text), static_cast<int>(text.size())));
  must(EVP_EncryptFinal_ex(cipher.get(), bytes(out) + 1 + nonce_size + size, &size));
  must(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, tag_size, bytes(out) + out.size() - tag_size));
  return out;
}

Result<std::string> Sealer::open(std::string_view sealed, const Place& place) const {
  const Error wrong{Errc::invalid, std::string(place.table) + " " + std::to_string(place.row) + ": the sealed " + std::string(place.column) +
                                       " cannot be opened: it was changed, or the key is another one"};
  if (!has_key_) return Error{Errc::invalid, std::string(place.table) + ": no key was given, so sealed values cannot be read"};
  if (sealed.size() < 1 + nonce_size + tag_size || sealed[0] != version) return wrong;
  const std::string_view nonce = sealed.substr(1, nonce_size);
  const std::string_view text = sealed.substr(1 + nonce_size, sealed.size() - 1 - nonce_size - tag_size);
  std::string tag{sealed.substr(sealed.size() - tag_size)};
  std::string out(text.size(), '\0');
  const Cipher cipher{EVP_CIPHER_CTX_new()};
  const std::string aad = associated(place);
  int size = 0;
  must(cipher != nullptr);
  must(EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, seal_key_.data(), bytes(nonce)));
  must(EVP_DecryptUpdate(cipher.get(), nullptr, &size, bytes(aad), static_cast<int>(aad.size())));
  must(EVP_DecryptUpdate(cipher.get(), bytes(out), &size, bytes(text), static_cast<int>(text.size())));
  must(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, tag_size, bytes(tag)));
  if (EVP_DecryptFinal_ex(cipher.get(), bytes(out) + size, &size) != 1) return wrong;
  return out;
}

std::string Sealer::fingerprint(std::string_view value) const {
  return to_hex(hmac_sha256({reinterpret_cast<const char*>(fingerprint_key_.data()), fingerprint_key_.size()}, value)).substr(0, 16);
}

}  // namespace sluice::store
