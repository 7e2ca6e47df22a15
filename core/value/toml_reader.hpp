#pragma once

// The pieces of the TOML reader. Only for toml_reader.cpp, toml_scalars.cpp and toml_tables.cpp.
// Follows: BurntSushi/toml 1.4 (lexer and parser in one), with its error texts and its idea of where an error is.

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/value/toml.hpp"

namespace sluice::toml {

/// Why reading stopped; thrown inside the reader and caught at its front door.
struct Fault {
  std::string text;
};

using Key = std::vector<std::string>;

struct Table;

/// What a key of a table holds: a value, a table, or an array of tables.
struct Item {
  Value value;
  std::unique_ptr<Table> table;
  std::vector<std::unique_ptr<Table>> tables;
  bool is_array_of_tables = false;
};

struct Table {
  std::map<std::string, Item, std::less<>> items;
};

Value to_value(Table& table);

/// The tables that have been begun so far, and which of them only because a deeper one was named.
class Tables {
 public:
  struct Clash {
    std::string text;  ///< "Key 'a' has already been defined."
  };

  /// Goes to the table `key`, making it and its parents. Throws Clash.
  void enter(Key key, bool array);
  /// Sets `key` in the table at hand. Throws Clash.
  void set(const std::string& key, Value value);
  void declare_implicit(const Key& key);
  void declare_array(const std::string& key);

  Key context;  ///< the table at hand
  Table root;

 private:
  void set_item(const std::string& key, Item item);
  std::set<std::string> implicit_, arrays_;
};

class Reader {
 public:
  Reader(std::string_view text, const TomlOptions& options) : text_(text), options_(options) {}
  Value run();

 private:
  static constexpr char32_t eof = 0xFFFFFFFF;

  // ---- characters (toml_reader.cpp)
  [[noreturn]] void fail(std::string_view problem, int line) const;
  [[noreturn]] void fail(std::string_view problem) const;
  [[noreturn]] void fail_before(std::string_view problem) const;
  /// What was `found` is wrong. Helm 4's library counts a line break to the line that it ends.
  [[noreturn]] void fail_at(char32_t found, std::string_view problem) const;
  char32_t peek();
  char32_t next();
  bool accept(char c);
  void skip_blanks();
  static std::string show(char32_t c);
  static std::string show_plain(char32_t c);
  std::string_view since(std::size_t begin) const { return text_.substr(begin, at_ - begin); }

  // ---- structure (toml_reader.cpp)
  void read_line();
  void read_comment();
  void end_line();
  void read_header();
  void read_entry();
  Key read_dotted_key();
  void add_key_part(Key& key);
  std::string read_key_part();
  Value read_value(int depth);
  Value read_array(int depth);
  Value read_inline_table(int depth);
  template <class Change>
  void change_tables(const Change& change, int line);

  // ---- scalars (toml_scalars.cpp)
  std::string read_basic_string();
  std::string read_raw_string();
  std::string read_multiline_string();
  std::string read_multiline_raw_string();
  void read_escape(std::string& out, bool multiline);
  void read_unicode_escape(std::string& out, int digits);
  Value read_string_value(char quote);
  Value read_number_or_date();
  Value read_signed_number();
  Value read_based_number();
  Value read_word();
  Value to_integer(std::string_view text, int line);
  Value to_float(std::string_view text, int line);
  Value to_time(std::string_view text, int line);

  std::string_view text_;
  const TomlOptions& options_;
  std::size_t at_ = 0;
  int line_ = 1;
  bool at_end_ = false;  // the last next() found the end
  std::size_t string_begin_ = 0;
  int key_line_ = 1;  // of the key part read last but one: where clashes are reported
  Tables tables_;
  std::string current_key_;
  bool inline_in_array_ = false;
};

}  // namespace sluice::toml
