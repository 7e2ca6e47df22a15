// RSA keys as PKCS#1 has them: two random primes and what follows from them.
//
// Why not EVP_PKEY_keygen: OpenSSL 3 searches its primes by the rules of FIPS 186-4, with a slow gcd for every candidate. That is
// twice the time, and charts that make a key for each of their parts spend nearly all of theirs there. The primes are OpenSSL's
// in both cases.

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <memory>
#include <utility>

#include "core/functions/keys.hpp"

namespace sluice::functions {
namespace {

constexpr BN_ULONG exponent = 65537;

template <auto close>
struct Closer {
  template <class T>
  void operator()(T* handle) const noexcept {
    close(handle);
  }
};
using Numbers = std::unique_ptr<BN_CTX, Closer<BN_CTX_free>>;
using ParameterBuilder = std::unique_ptr<OSSL_PARAM_BLD, Closer<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Closer<OSSL_PARAM_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Closer<EVP_PKEY_CTX_free>>;

/// A prime with the two highest bits set, so that the product of two has all its bits; one less has no factor `exponent`.
bool make_prime(BIGNUM* prime, int bits, BN_CTX* numbers) {
  do {
    if (BN_generate_prime_ex2(prime, bits, 0, nullptr, nullptr, nullptr, numbers) != 1) return false;
  } while (BN_mod_word(prime, exponent) == 1);
  return true;
}

struct RsaNumbers {
  BIGNUM *n, *e, *d, *p, *q, *d_p, *d_q, *q_inverse;
};

/// Follows: RFC 8017, 3.2: d is the inverse of e modulo lcm(p - 1, q - 1).
bool make_numbers(RsaNumbers& rsa, int bits, BN_CTX* numbers) {
  for (BIGNUM** number : {&rsa.n, &rsa.e, &rsa.d, &rsa.p, &rsa.q, &rsa.d_p, &rsa.d_q, &rsa.q_inverse}) *number = BN_CTX_get(numbers);
  BIGNUM* const p_1 = BN_CTX_get(numbers);
  BIGNUM* const q_1 = BN_CTX_get(numbers);
  BIGNUM* const product = BN_CTX_get(numbers);
  BIGNUM* const common = BN_CTX_get(numbers);
  BIGNUM* const modulus = BN_CTX_get(numbers);
  if (!modulus || !make_prime(rsa.p, bits / 2, numbers)) return false;
  do {
    if (!make_prime(rsa.q, bits / 2, numbers)) return false;
  } while (BN_cmp(rsa.p, rsa.q) == 0);
  if (BN_cmp(rsa.p, rsa.q) < 0) BN_swap(rsa.p, rsa.q);
  for (BIGNUM* secret : {rsa.p, rsa.q, p_1, q_1, modulus, rsa.d}) BN_set_flags(secret, BN_FLG_CONSTTIME);
  return BN_set_word(rsa.e, exponent) && BN_mul(rsa.n, rsa.p, rsa.q, numbers) && BN_sub(p_1, rsa.p, BN_value_one()) &&
         BN_sub(q_1, rsa.q, BN_value_one()) && BN_mul(product, p_1, q_1, numbers) && BN_gcd(common, p_1, q_1, numbers) &&
         BN_div(modulus, nullptr, product, common, numbers) && BN_mod_inverse(rsa.d, rsa.e, modulus, numbers) &&
         BN_mod(rsa.d_p, rsa.d, p_1, numbers) && BN_mod(rsa.d_q, rsa.d, q_1, numbers) &&
         BN_mod_inverse(rsa.q_inverse, rsa.q, rsa.p, numbers);
}

EVP_PKEY* to_key(const RsaNumbers& rsa) {
  const ParameterBuilder builder(OSSL_PARAM_BLD_new());
  const std::pair<const char*, BIGNUM*> named[] = {{OSSL_PKEY_PARAM_RSA_N, rsa.n},
                                                   {OSSL_PKEY_PARAM_RSA_E, rsa.e},
                                                   {OSSL_PKEY_PARAM_RSA_D, rsa.d},
                                                   {OSSL_PKEY_PARAM_RSA_FACTOR1, rsa.p},
                                                   {OSSL_PKEY_PARAM_RSA_FACTOR2, rsa.q},
                                                   {OSSL_PKEY_PARAM_RSA_EXPONENT1, rsa.d_p},
                                                   {OSSL_PKEY_PARAM_RSA_EXPONENT2, rsa.d_q},
                                                   {OSSL_PKEY_PARAM_RSA_COEFFICIENT1, rsa.q_inverse}};
  for (const auto& [name, number] : named) {
    if (!builder || OSSL_PARAM_BLD_push_BN(builder.get(), name, number) != 1) return nullptr;
  }
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* key = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters.get()) != 1)
    return nullptr;
  return key;
}

}  // namespace

PrivateKey generate_rsa_key(int bits) {
  const Numbers numbers(BN_CTX_secure_new());  // clears what it holds when it is freed
  if (!numbers) return nullptr;
  BN_CTX_start(numbers.get());
  RsaNumbers rsa{};
  PrivateKey key(make_numbers(rsa, bits, numbers.get()) ? to_key(rsa) : nullptr);
  BN_CTX_end(numbers.get());
  return key;
}

}  // namespace sluice::functions
