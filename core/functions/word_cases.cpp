// snakecase, kebabcase and camelcase. Follows: xstrings 1.5.0, whose rules for digits are found nowhere else.

#include "core/functions/words.hpp"
#include "core/value/unicode.hpp"

namespace sluice::functions {
namespace {

enum class WordKind { invalid, number, upper, letters, connector, punctuation, other };

struct Word {
  WordKind kind = WordKind::invalid;
  std::string_view text;
};

bool is_connector(char32_t rune) { return rune == '-' || rune == '_' || is_space(rune); }

/// Letters that have a case or at least an alphabet: not the ideographs, which make words of their own.
bool is_alphabetic(char32_t rune) {
  if (!is_letter(rune)) return false;
  const bool ideograph = (rune >= 0x4E00 && rune <= 0x9FCC) || (rune >= 0x3400 && rune <= 0x4D85) ||
                         (rune >= 0x20000 && rune <= 0x2B81D);
  return !ideograph;
}

/// The text from a position on; bytes that are not UTF-8 belong to the character before them.
struct Ahead {
  char32_t rune = replacement_rune;
  std::size_t size = 0;
};

Ahead look_ahead(std::string_view text, std::size_t at, char32_t before) {
  Ahead ahead;
  while (at + ahead.size < text.size()) {
    const Rune rune = decode_rune(text.substr(at + ahead.size));
    ahead.size += rune.size;
    if (rune.value != replacement_rune) {
      ahead.rune = rune.value;
      return ahead;
    }
  }
  ahead.rune = before;
  return ahead;
}

/// The end of the run of characters like `wanted` that goes on at `at`. `last` is the character that ended it.
template <class Wanted>
std::size_t run_end(std::string_view text, std::size_t at, char32_t& last, Wanted wanted) {
  while (at < text.size()) {
    const Ahead next = look_ahead(text, at, last);
    last = next.rune;
    if (!wanted(next.rune)) break;
    at += next.size;
  }
  return at;
}

bool goes_on_small(char32_t rune) { return is_alphabetic(rune) && !is_upper(rune); }

/// "HTTPStatus" is "HTTP" and "Status": the last capital belongs to the word of small letters behind it.
std::size_t capitals_end(std::string_view text, std::size_t first_size) {
  if (first_size >= text.size()) return first_size;
  char32_t last = U'A';
  const Ahead second = look_ahead(text, first_size, last);
  if (!is_upper(second.rune)) {
    if (!is_alphabetic(second.rune)) return first_size;
    last = second.rune;
    return run_end(text, first_size + second.size, last, goes_on_small);
  }
  std::size_t end = first_size + second.size, last_size = second.size;
  while (end < text.size()) {
    const Ahead next = look_ahead(text, end, second.rune);
    if (!is_upper(next.rune)) return is_alphabetic(next.rune) ? end - last_size : end;
    last_size = next.size;
    end += next.size;
  }
  return end;
}

/// Takes the first word off `rest`.
Word take_word(std::string_view& rest) {
  Word word;
  const Ahead first = look_ahead(rest, 0, replacement_rune);
  std::size_t end = first.size;
  char32_t last = first.rune;
  if (first.rune == replacement_rune) {
    word.kind = WordKind::invalid;
  } else if (is_connector(first.rune)) {
    word.kind = WordKind::connector;
    end = run_end(rest, end, last, is_connector);
  } else if (is_punct(first.rune)) {
    word.kind = WordKind::punctuation;
    end = run_end(rest, end, last, is_punct);
  } else if (is_upper(first.rune)) {
    word.kind = WordKind::upper;
    end = capitals_end(rest, end);
  } else if (is_alphabetic(first.rune)) {
    word.kind = WordKind::letters;
    end = run_end(rest, end, last, goes_on_small);
  } else if (is_number(first.rune)) {
    word.kind = WordKind::number;
    end = run_end(rest, end, last, is_number);
  } else {
    word.kind = WordKind::other;
    end = run_end(rest, end, last, [](char32_t rune) {
      return !is_connector(rune) && !is_alphabetic(rune) && !is_number(rune) && !is_punct(rune);
    });
  }
  word.text = rest.substr(0, end);
  rest.remove_prefix(end);
  return word;
}

class Joiner {
 public:
  Joiner(std::string_view text, char connector) : rest_(text), connector_(connector) {}

  std::string join() {
    if (rest_.empty()) return {};
    word_ = take_word(rest_);
    while (!rest_.empty()) {
      if (word_.kind != WordKind::connector) write(word_);
      const Word previous = word_;
      word_ = take_word(rest_);
      if (previous.kind == WordKind::connector) {
        write(previous);
      } else if (previous.kind == WordKind::number) {
        write_letters_and_numbers();
        connect();
      } else if (previous.kind == WordKind::punctuation) {
        continue;
      } else if (word_.kind != WordKind::number) {
        if (word_.kind != WordKind::connector && word_.kind != WordKind::punctuation) out_ += connector_;
      } else if (!rest_.empty()) {
        place_number();
      }
    }
    write(word_);
    return std::move(out_);
  }

 private:
  /// A number sticks to the word before it, unless small letters follow: then it starts a word with them.
  void place_number() {
    Word number = word_;
    word_ = take_word(rest_);
    if (word_.kind != WordKind::letters) {
      write(number);
      if (word_.kind != WordKind::connector && word_.kind != WordKind::punctuation) out_ += connector_;
      return;
    }
    out_ += connector_;
    write(number);
    write_letters_and_numbers();
    connect();
  }

  void write_letters_and_numbers() {
    while (word_.kind == WordKind::letters || word_.kind == WordKind::number) {
      write(word_);
      word_ = rest_.empty() ? Word{} : take_word(rest_);
    }
  }

  void connect() {
    if (word_.kind != WordKind::invalid && word_.kind != WordKind::connector && word_.kind != WordKind::punctuation)
      out_ += connector_;
  }

  void write(const Word& word) {
    if (word.kind != WordKind::upper && word.kind != WordKind::connector) {
      out_ += word.text;
      return;
    }
    for (std::string_view text = word.text; !text.empty();) {
      const Rune rune = decode_rune(text);
      text.remove_prefix(rune.size);
      if (is_connector(rune.value)) {
        out_ += connector_;
      } else {
        append_rune(out_, is_upper(rune.value) ? to_lower(rune.value) : rune.value);
      }
    }
  }

  std::string out_;
  std::string_view rest_;
  Word word_;
  char connector_;
};

}  // namespace

std::string to_separated(std::string_view text, char connector) { return Joiner(text, connector).join(); }

std::string to_camel_case(std::string_view text) {
  std::string out;
  auto take = [&text] {
    const Rune rune = decode_rune(text);
    text.remove_prefix(rune.size);
    return rune.value;
  };
  if (text.empty()) return out;
  char32_t current = 0;
  bool in_capitals = false;
  // Connectors at the start stay as they are.
  while (!text.empty()) {
    current = take();
    if (!is_connector(current)) {
      in_capitals = is_upper(current);
      current = to_upper(current);
      break;
    }
    append_rune(out, current);
  }
  while (!text.empty()) {
    const char32_t previous = current;
    current = take();
    if (is_connector(previous) && !is_connector(current)) {
      in_capitals = is_upper(current);
      current = to_upper(current);
      continue;
    }
    if (!is_connector(previous)) {
      if (in_capitals && is_upper(current)) {
        current = to_lower(current);
      } else {
        in_capitals = false;
      }
    }
    append_rune(out, previous);
  }
  append_rune(out, current);
  return out;
}

}  // namespace sluice::functions
