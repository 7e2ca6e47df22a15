#pragma once

// The parser's inside: statements are in parser.cpp, expressions in parse_expression.cpp.

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/gotemplate/lexer.hpp"
#include "core/gotemplate/parser.hpp"

namespace sluice::gotemplate {

class Parser {
 public:
  struct Failure {
    std::string text;
  };
  Parser(Tree& tree, const FunctionTable& functions, const ParseLimits& limits);
  /// Throws Failure.
  void parse_file();

 private:
  /// What ended a list of statements.
  enum class Closing { end, else_ };

  struct Variable {
    std::string_view name;
    std::uint32_t slot = nothing;
    bool is_set = false;    ///< false: the parser lets it pass, but at run time this declaration has not happened
    bool is_sure = true;    ///< false: whether it has happened is only known at run time
  };
  struct Loop {
    std::uint32_t blocks;  ///< blocks open around it
    std::vector<std::uint32_t> continues = {}, breaks = {};
  };
  /// What each named template has for itself.
  struct Scope {
    std::array<Token, 3> tokens{};  ///< read ahead; [0] is the newest, whose line is the one that errors name
    std::size_t ahead = 0;
    bool in_action = false;
    std::uint32_t action_pos = 0;
    std::vector<Variable> variables{{"$", 0, true}};
    std::vector<Loop> loops;
    std::uint32_t open_blocks = 0;  ///< with and range blocks around here at run time
    Body body;
  };
  /// Counts how deep blocks and parentheses are nested.
  class Nesting {
   public:
    explicit Nesting(Parser& parser) : depth_(parser.depth_) {
      if (++depth_ > parser.limits_.nesting) parser.fail("max expression depth exceeded");
    }
    ~Nesting() { --depth_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;

   private:
    std::uint32_t& depth_;
  };

  Token next();
  Token peek();
  void backup() { ++scope_.ahead; }
  void backup2(const Token& first);
  void backup3(const Token& first, const Token& second);
  Token next_not_space();
  Token peek_not_space();
  Token expect(TokenKind kind, const char* context);
  [[noreturn]] void fail(const std::string& text) const;
  [[noreturn]] void unexpected(const Token& token, const std::string& context) const;

  void define();
  void finish_body();
  std::string template_name(const Token& token, const char* context) const;
  Closing statements();
  void statements_of_else();
  std::optional<Closing> statement();
  std::optional<Closing> action();
  void print_or_declare();
  void if_or_with(StepKind kind);
  void range();
  void leave_range(const std::string& action);
  void invocation();
  void add_invocation(const Token& token, const std::string& name, NodeId pipe);
  void block();
  std::uint32_t add_step(const Step& step);
  std::uint32_t here() const { return static_cast<std::uint32_t>(scope_.body.steps.size()); }
  void unset_since(std::size_t count);

  NodeId statement_pipeline(const char* context);
  NodeId pipeline(const char* context, TokenKind closing);
  std::vector<std::string_view> declarations(const char* context, bool& assigns);
  void declare(Node& node, std::span<const std::string_view> names);
  void check_pipeline(std::span<const NodeId> commands, const char* context) const;
  NodeId command();
  NodeId operand();
  NodeId term();
  NodeId chained(NodeId base);
  NodeId variable(const Token& token);
  NodeId function(const Token& token);
  NodeId number(const Token& token);
  NodeId string(const Token& token);
  NodeId add(const Node& node);
  /// Adds `node` with the items collected since `begin` as its list.
  NodeId add_list(Node node, std::size_t begin);
  std::uint32_t add_name(std::string_view name);

  Tree& tree_;
  const FunctionTable& functions_;
  const ParseLimits& limits_;
  Lexer lexer_;
  Scope scope_;
  std::vector<NodeId> items_;  ///< of the lists that are being read, the innermost one's last
  std::uint32_t depth_ = 0;
  std::uint32_t parentheses_ = 0;
  std::uint32_t unsure_from_ = nothing;  ///< the lowest slot declared inside parentheses of this statement
};

}  // namespace sluice::gotemplate
