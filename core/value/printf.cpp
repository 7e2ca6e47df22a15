// Go's printf formats: flags, explicit indices, width and precision, verbs.

#include <optional>

#include "core/value/fmt.hpp"
#include "core/value/printer.hpp"
#include "core/value/unicode.hpp"

namespace sluice {
namespace {

constexpr std::int64_t largest_number = 1'000'000;  // of a width or precision; Go's own bound

class Format {
 public:
  Format(const Text& format, std::span<const Value> arguments)
      : text_(format), format_(format.view()), arguments_(arguments), printer_(out_) {}

  Text run() {
    while (at_ < format_.size()) {
      const std::size_t literal = at_;
      at_ = std::min(format_.find('%', at_), format_.size());
      if (at_ > literal) append_literal(literal);
      if (at_ < format_.size()) {
        ++at_;
        if (!directive()) break;
      }
    }
    if (!reordered_ && next_ < arguments_.size()) append_extra();
    return out_.finish();
  }

 private:
  using Flags = Printer::Flags;

  void append_literal(std::size_t begin) {
    if (text_.has_marks()) {
      out_.append(text_.substr(begin, at_));
    } else {
      out_.append(format_.substr(begin, at_ - begin));
    }
  }

  bool at(char c) const { return at_ < format_.size() && format_[at_] == c; }

  /// One %..., after the percent sign. False at the end of the format.
  bool directive() {
    printer_.flags = Flags{};
    good_index_ = true;
    after_index_ = false;
    read_flags();
    read_index();
    read_width();
    if (at('.')) read_precision();
    if (!after_index_) read_index();
    if (at_ == format_.size()) {
      out_.append("%!(NOVERB)");
      return false;
    }
    const Rune verb = decode_rune(format_.substr(at_));
    const std::string_view verb_text = format_.substr(at_, verb.size);
    at_ += verb.size;
    if (verb.value == U'%') {
      out_.append('%');
    } else if (!good_index_) {
      append_problem(verb_text, "(BADINDEX)");
    } else if (next_ >= arguments_.size()) {
      append_problem(verb_text, "(MISSING)");
    } else {
      print_argument(verb.value);
    }
    return true;
  }

  void print_argument(char32_t verb) {
    Flags& flags = printer_.flags;
    if (verb == U'v') {
      flags.sharp_v = std::exchange(flags.sharp, false);
      flags.plus_v = std::exchange(flags.plus, false);
    }
    printer_.print(arguments_[next_++], verb);
  }

  void append_problem(std::string_view verb, std::string_view problem) {
    out_.append("%!");
    out_.append(verb);
    out_.append(problem);
  }

  void read_flags() {
    for (; at_ < format_.size(); ++at_) {
      switch (format_[at_]) {
        case '#': printer_.flags.sharp = true; break;
        case '0': printer_.flags.zero = true; break;
        case '+': printer_.flags.plus = true; break;
        case '-': printer_.flags.minus = true; break;
        case ' ': printer_.flags.space = true; break;
        default: return;
      }
    }
  }

  /// [3]: the next argument is the third.
  void read_index() {
    after_index_ = false;
    if (!at('[')) return;
    reordered_ = true;
    const std::size_t close = format_.find(']', at_);
    if (format_.size() - at_ < 3 || close == std::string_view::npos) {
      good_index_ = false;
      ++at_;
      return;
    }
    const std::size_t begin = std::exchange(at_, at_ + 1) + 1;
    const auto number = read_number();
    const bool is_number = number && at_ == close && close > begin;
    at_ = close + 1;
    if (is_number && *number >= 1 && static_cast<std::size_t>(*number) <= arguments_.size()) {
      next_ = static_cast<std::size_t>(*number) - 1;
      after_index_ = true;
    } else {
      good_index_ = false;
      after_index_ = is_number;
    }
  }

  /// Decimal digits; nothing if there are none or the number is too large.
  std::optional<std::int64_t> read_number() {
    std::optional<std::int64_t> number;
    while (at_ < format_.size() && format_[at_] >= '0' && format_[at_] <= '9') {
      number = number.value_or(0) * 10 + (format_[at_] - '0');
      if (*number > largest_number) {
        at_ = format_.size();
        return std::nullopt;
      }
      ++at_;
    }
    return number;
  }

  /// The argument of a `*`.
  std::optional<std::int64_t> number_from_argument() {
    after_index_ = false;
    if (next_ >= arguments_.size()) return std::nullopt;
    const Value& argument = arguments_[next_++];
    if (!argument.is_integer() && argument.kind() != Kind::uint64) return std::nullopt;
    const std::int64_t number = argument.as_int();
    if (number > largest_number || number < -largest_number) return std::nullopt;
    return number;
  }

  void read_width() {
    Flags& flags = printer_.flags;
    std::optional<std::int64_t> width;
    if (at('*')) {
      ++at_;
      width = number_from_argument();
      if (!width) out_.append("%!(BADWIDTH)");
      if (width.value_or(0) < 0) {
        width = -*width;
        flags.minus = true;
        flags.zero = false;
      }
    } else {
      width = read_number();
      if (after_index_ && width) good_index_ = false;
    }
    flags.has_width = width.has_value();
    flags.width = static_cast<std::size_t>(width.value_or(0));
  }

  void read_precision() {
    Flags& flags = printer_.flags;
    ++at_;
    if (after_index_) good_index_ = false;
    read_index();
    std::optional<std::int64_t> precision;
    if (at('*')) {
      ++at_;
      precision = number_from_argument();
      if (precision.value_or(0) < 0) precision.reset();
      if (!precision) out_.append("%!(BADPREC)");
    } else {
      precision = read_number();
      if (!precision) precision = 0;
    }
    flags.has_precision = precision.has_value();
    flags.precision = static_cast<std::size_t>(precision.value_or(0));
  }

  void append_extra() {
    printer_.flags = Flags{};
    out_.append("%!(EXTRA ");
    const char* separator = "";
    for (; next_ < arguments_.size(); ++next_) {
      const Value& argument = arguments_[next_];
      out_.append(separator);
      separator = ", ";
      if (argument.is_nil()) {
        out_.append("<nil>");
      } else {
        out_.append(type_name(argument));
        out_.append('=');
        printer_.print(argument, U'v');
      }
    }
    out_.append(')');
  }

  const Text& text_;
  std::string_view format_;
  std::span<const Value> arguments_;
  TextBuilder out_;
  Printer printer_;
  std::size_t at_ = 0;
  std::size_t next_ = 0;  // the argument that comes next
  bool good_index_ = true;
  bool after_index_ = false;
  bool reordered_ = false;
};

}  // namespace

Text sprintf(const Text& format, std::span<const Value> arguments) { return Format(format, arguments).run(); }

}  // namespace sluice
