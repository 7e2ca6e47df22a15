#include "core/functions/decimal.hpp"

#include <openssl/bn.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>

#include "core/functions/limits.hpp"
#include "core/value/text.hpp"

namespace sluice::functions {
namespace {

constexpr std::int64_t quotient_digits = 16;
constexpr std::int64_t most_digits = 10000;  // products of many numbers grow

struct Free {
  void operator()(BIGNUM* number) const { BN_free(number); }
  void operator()(BN_CTX* context) const { BN_CTX_free(context); }
};
using Big = std::unique_ptr<BIGNUM, Free>;

Big make_big() { return Big(BN_new()); }

class Decimals {
 public:
  Decimals() : context_(BN_CTX_new()) {}

  /// digits * 10^exponent
  struct Number {
    Big digits;
    std::int64_t exponent = 0;
  };

  static Result<Number> from(double x) {
    if (!std::isfinite(x)) return Error{Errc::invalid, "Cannot create a Decimal from " + float_text(x)};
    std::string text = format_float(x, 'e', -1);  // d.ddde±xx
    const std::size_t e = text.find('e');
    std::int64_t exponent = std::stoll(text.substr(e + 1));
    text.resize(e);
    if (const std::size_t point = text.find('.'); point != std::string::npos) {
      exponent -= static_cast<std::int64_t>(text.size() - point - 1);
      text.erase(point, 1);
    }
    return Number{from_digits(text), exponent};
  }

  Number add(const Number& a, const Number& b, bool subtract) {
    const std::int64_t exponent = std::min(a.exponent, b.exponent);
    const Big left = shifted(a, exponent), right = shifted(b, exponent);
    Number sum{make_big(), exponent};
    if (subtract) {
      BN_sub(sum.digits.get(), left.get(), right.get());
    } else {
      BN_add(sum.digits.get(), left.get(), right.get());
    }
    return sum;
  }

  Number multiply(const Number& a, const Number& b) {
    Number product{make_big(), a.exponent + b.exponent};
    BN_mul(product.digits.get(), a.digits.get(), b.digits.get(), context_.get());
    return product;
  }

  Result<Number> divide(const Number& a, const Number& b) {
    if (BN_is_zero(b.digits.get())) return Error{Errc::invalid, "decimal division by 0"};
    // a / b in units of 10^-16: scale whichever side makes the quotient whole.
    const std::int64_t scale = a.exponent - b.exponent + quotient_digits;
    Big dividend = scale >= 0 ? scaled(a.digits.get(), scale) : Big(BN_dup(a.digits.get()));
    Big divisor = scale >= 0 ? Big(BN_dup(b.digits.get())) : scaled(b.digits.get(), -scale);
    Number quotient{make_big(), -quotient_digits};
    Big rest = make_big();
    BN_div(quotient.digits.get(), rest.get(), dividend.get(), divisor.get(), context_.get());
    const bool negative = BN_is_negative(dividend.get()) != BN_is_negative(divisor.get());
    BN_lshift1(rest.get(), rest.get());
    if (BN_ucmp(rest.get(), divisor.get()) >= 0) {
      if (negative) {
        BN_sub_word(quotient.digits.get(), 1);
      } else {
        BN_add_word(quotient.digits.get(), 1);
      }
    }
    return quotient;
  }

  static std::string text_of(const Number& number) {
    const std::unique_ptr<char, void (*)(char*)> digits(BN_bn2dec(number.digits.get()), [](char* text) { OPENSSL_free(text); });
    return std::string(digits.get()) + 'e' + std::to_string(number.exponent);
  }

  static bool is_too_long(const Number& number) {
    return BN_num_bits(number.digits.get()) > most_digits * 10 / 3 || std::abs(number.exponent) > most_digits;
  }

 private:
  static Big from_digits(const std::string& digits) {
    BIGNUM* number = nullptr;
    BN_dec2bn(&number, digits.c_str());
    return Big(number);
  }
  Big scaled(const BIGNUM* number, std::int64_t power) {
    const Big factor = from_digits("1" + std::string(static_cast<std::size_t>(power), '0'));
    Big product = make_big();
    BN_mul(product.get(), number, factor.get(), context_.get());
    return product;
  }
  Big shifted(const Number& number, std::int64_t exponent) { return scaled(number.digits.get(), number.exponent - exponent); }

  std::unique_ptr<BN_CTX, Free> context_;
};

}  // namespace

Result<double> combine_decimals(DecimalOp op, std::span<const double> numbers) {
  Decimals decimals;
  auto total = Decimals::from(numbers[0]);
  if (!total) return std::move(total).error();
  for (double x : numbers.subspan(1)) {
    auto next = Decimals::from(x);
    if (!next) return std::move(next).error();
    switch (op) {
      case DecimalOp::add:
      case DecimalOp::subtract:
        total = decimals.add(*total, *next, op == DecimalOp::subtract);
        break;
      case DecimalOp::multiply:
        total = decimals.multiply(*total, *next);
        break;
      case DecimalOp::divide:
        total = decimals.divide(*total, *next);
        if (!total) return std::move(total).error();
        break;
    }
    if (Decimals::is_too_long(*total)) return past_limit("exact decimal result", most_digits, "digits");
  }
  return parse_float(Decimals::text_of(*total)).value;
}

}  // namespace sluice::functions
