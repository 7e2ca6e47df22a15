#include "core/gotemplate/parser.hpp"

#include "core/gotemplate/parser_impl.hpp"
#include "core/value/text.hpp"
#include "core/value/unicode.hpp"

namespace sluice::gotemplate {

namespace {

/// As Go's "%.10q...": the first ten characters of a long token.
std::string describe(const Token& token) {
  if (token.kind == TokenKind::end_of_file) return "EOF";
  if (token.kind > TokenKind::keyword) return "<" + std::string(token.text) + ">";
  if (token.text.size() <= 10) return quoted(token.text);
  std::size_t size = 0;
  for (int i = 0; i < 10 && size < token.text.size(); ++i) size += decode_rune(token.text.substr(size)).size;
  return quoted(token.text.substr(0, size)) + "...";
}

bool is_blank(std::string_view text) {
  while (!text.empty()) {
    const Rune rune = decode_rune(text);
    if (!is_space(rune.value)) return false;
    text.remove_prefix(rune.size);
  }
  return true;
}

}  // namespace

Parser::Parser(Tree& tree, const FunctionTable& functions, const ParseLimits& limits)
    : tree_(tree), functions_(functions), limits_(limits), lexer_(tree.source) {
  // about what templates have: growing the largest tables took longer than filling them
  std::size_t actions = 0;
  const std::string_view source = tree.source;
  for (std::size_t at = source.find("{{"); at != source.npos; at = source.find("{{", at + 2)) ++actions;
  tree.nodes.reserve(actions * 5);
  tree.lists.reserve(actions * 3);
  tree.names.reserve(actions * 3);
  scope_.body.steps.reserve(actions * 2 + 2);
}

// ---- tokens

Token Parser::next() {
  if (scope_.ahead > 0) {
    --scope_.ahead;
  } else {
    scope_.tokens[0] = lexer_.next();
  }
  return scope_.tokens[scope_.ahead];
}

Token Parser::peek() {
  if (scope_.ahead > 0) return scope_.tokens[scope_.ahead - 1];
  scope_.ahead = 1;
  return scope_.tokens[0] = lexer_.next();
}

void Parser::backup2(const Token& first) {
  scope_.tokens[1] = first;
  scope_.ahead = 2;
}

void Parser::backup3(const Token& first, const Token& second) {
  scope_.tokens[1] = second;
  scope_.tokens[2] = first;
  scope_.ahead = 3;
}

Token Parser::next_not_space() {
  Token token = next();
  while (token.kind == TokenKind::space) token = next();
  return token;
}

Token Parser::peek_not_space() {
  const Token token = next_not_space();
  backup();
  return token;
}

Token Parser::expect(TokenKind kind, const char* context) {
  const Token token = next_not_space();
  if (token.kind != kind) unexpected(token, context);
  return token;
}

void Parser::fail(const std::string& text) const {
  const auto line = tree_.place(scope_.tokens[0].pos).line;
  throw Failure{"template: " + tree_.name + ":" + std::to_string(line) + ": " + text};
}

void Parser::unexpected(const Token& token, const std::string& context) const {
  if (token.kind != TokenKind::error) fail("unexpected " + describe(token) + " in " + context);
  std::string text(token.text);
  const auto action_line = tree_.place(scope_.action_pos).line;
  if (scope_.in_action && action_line != tree_.place(token.pos).line) {
    text += text.ends_with(" action") ? " started at " : " in action started at ";
    text += tree_.name + ":" + std::to_string(action_line);
  }
  fail(text);
}

// ---- bodies

std::uint32_t Parser::add_step(const Step& step) {
  Body& body = scope_.body;
  if (body.is_empty && step.kind != StepKind::end) {
    body.is_empty = step.kind == StepKind::text && is_blank(std::string_view(tree_.source).substr(step.a, step.b));
  }
  body.steps.push_back(step);
  return here() - 1;
}

void Parser::finish_body() {
  add_step({.kind = StepKind::end});
  Body& body = scope_.body;
  for (Body& known : tree_.bodies) {
    if (known.name != body.name) continue;
    if (known.is_empty) {
      known = std::move(body);
    } else if (!body.is_empty) {
      fail("template: multiple definition of template " + quoted(body.name));
    }
    return;
  }
  tree_.bodies.push_back(std::move(body));
}

void Parser::parse_file() {
  scope_.body.name = tree_.name;
  for (Token token = peek(); token.kind != TokenKind::end_of_file; token = peek()) {
    if (token.kind == TokenKind::left_delimiter) {
      const Token delimiter = next();
      if (next_not_space().kind == TokenKind::define) {
        define();
        continue;
      }
      backup2(delimiter);
    }
    if (const auto closing = statement()) fail(*closing == Closing::end ? "unexpected {{end}}" : "unexpected {{else}}");
  }
  finish_body();
}

void Parser::define() {
  Scope outer = std::exchange(scope_, Scope());
  scope_.body.name = template_name(next_not_space(), "define clause");
  expect(TokenKind::right_delimiter, "define clause");
  if (statements() == Closing::else_) fail("unexpected {{else}} in define clause");
  finish_body();
  scope_ = std::move(outer);
}

std::string Parser::template_name(const Token& token, const char* context) const {
  if (token.kind != TokenKind::string && token.kind != TokenKind::raw_string) unexpected(token, context);
  auto name = unquote(token.text);
  if (!name) fail("invalid syntax");
  return std::move(*name);
}

// ---- statements

Parser::Closing Parser::statements() {
  const Nesting nesting(*this);
  while (peek_not_space().kind != TokenKind::end_of_file) {
    if (const auto closing = statement()) return *closing;
  }
  fail("unexpected EOF");
}

std::optional<Parser::Closing> Parser::statement() {
  const Token token = next_not_space();
  if (token.kind == TokenKind::text) {
    add_step({.kind = StepKind::text, .a = token.pos, .b = static_cast<std::uint32_t>(token.text.size())});
    return std::nullopt;
  }
  if (token.kind != TokenKind::left_delimiter) unexpected(token, "input");
  scope_.in_action = true;
  scope_.action_pos = token.pos;
  const auto closing = action();
  scope_.in_action = false;
  return closing;
}

std::optional<Parser::Closing> Parser::action() {
  const Token token = next_not_space();
  switch (token.kind) {
    case TokenKind::end: expect(TokenKind::right_delimiter, "end"); return Closing::end;
    case TokenKind::else_: {
      const Token following = peek_not_space();
      // "else if" and "else with" leave their second word to whoever opened the block.
      if (following.kind != TokenKind::if_ && following.kind != TokenKind::with) expect(TokenKind::right_delimiter, "else");
      return Closing::else_;
    }
    case TokenKind::if_: if_or_with(StepKind::if_); break;
    case TokenKind::with: if_or_with(StepKind::with); break;
    case TokenKind::range: range(); break;
    case TokenKind::break_: leave_range("{{break}}"); break;
    case TokenKind::continue_: leave_range("{{continue}}"); break;
    case TokenKind::template_: invocation(); break;
    case TokenKind::block: block(); break;
    default: backup(); print_or_declare();
  }
  return std::nullopt;
}

void Parser::print_or_declare() {
  const std::uint32_t pos = peek().pos;
  const NodeId pipe = statement_pipeline("command");
  if (tree_.nodes[pipe].variables > 0) {
    add_step({.kind = StepKind::evaluate, .node = pipe});
  } else {
    add_step({.kind = StepKind::print, .node = add({.kind = NodeKind::action, .pos = pos, .data = pipe})});
  }
}

void Parser::if_or_with(StepKind kind) {
  const Nesting nesting(*this);
  const bool is_with = kind == StepKind::with;
  const std::size_t variables = scope_.variables.size();
  const NodeId pipe = statement_pipeline(is_with ? "with" : "if");
  const std::uint32_t test = add_step({.kind = kind, .node = pipe});
  const std::size_t head_variables = scope_.variables.size();
  scope_.open_blocks += is_with ? 1 : 0;
  const Closing closing = statements();
  scope_.open_blocks -= is_with ? 1 : 0;
  if (is_with) add_step({.kind = StepKind::leave});
  if (closing == Closing::else_) {
    unset_since(head_variables);
    const std::uint32_t past_else = add_step({.kind = StepKind::jump});
    scope_.body.steps[test].a = here();
    if (peek().kind == (is_with ? TokenKind::with : TokenKind::if_)) {
      next();
      if_or_with(kind);
    } else {
      statements_of_else();
    }
    scope_.body.steps[past_else].a = here();
  } else {
    scope_.body.steps[test].a = here();
  }
  scope_.variables.resize(variables);
}

void Parser::statements_of_else() {
  if (statements() == Closing::else_) fail("expected end; found {{else}}");
}

void Parser::range() {
  const Nesting nesting(*this);
  const std::size_t variables = scope_.variables.size();
  const NodeId pipe = statement_pipeline("range");
  const std::uint32_t start = add_step({.kind = StepKind::range, .node = pipe});
  const std::size_t head_variables = scope_.variables.size();
  scope_.loops.push_back({.blocks = scope_.open_blocks++});
  const Closing closing = statements();
  --scope_.open_blocks;
  const Loop loop = std::move(scope_.loops.back());
  scope_.loops.pop_back();
  const std::uint32_t next = add_step({.kind = StepKind::next, .a = start + 1, .node = pipe});
  std::vector<Step>& steps = scope_.body.steps;
  for (const std::uint32_t jump : loop.continues) steps[jump].a = next;
  if (closing == Closing::else_) {
    unset_since(head_variables);
    const std::uint32_t past_else = add_step({.kind = StepKind::jump});
    steps[start].a = here();
    statements_of_else();
    steps[past_else].a = here();
  } else {
    steps[start].a = here();
  }
  for (const std::uint32_t jump : loop.breaks) steps[jump].a = here();
  scope_.variables.resize(variables);
}

void Parser::leave_range(const std::string& action) {
  const Token token = next_not_space();
  if (token.kind != TokenKind::right_delimiter) unexpected(token, action);
  if (scope_.loops.empty()) fail(action + " outside {{range}}");
  Loop& loop = scope_.loops.back();
  const bool is_break = action == "{{break}}";
  const std::uint32_t dropped = scope_.open_blocks - loop.blocks - (is_break ? 0 : 1);
  if (dropped > 0) add_step({.kind = StepKind::drop, .b = dropped});
  const std::uint32_t jump = add_step({.kind = StepKind::jump});
  (is_break ? loop.breaks : loop.continues).push_back(jump);
}

void Parser::invocation() {
  const Token token = next_not_space();
  const std::string name = template_name(token, "template clause");
  NodeId pipe = nothing;
  if (next_not_space().kind != TokenKind::right_delimiter) {
    backup();
    pipe = statement_pipeline("template clause");
  }
  add_invocation(token, name, pipe);
}

void Parser::add_invocation(const Token& token, const std::string& name, NodeId pipe) {
  tree_.invoked.push_back(name);
  const auto index = static_cast<std::uint32_t>(tree_.invoked.size() - 1);
  const NodeId node = add({.kind = NodeKind::invocation, .pos = token.pos, .first = index, .data = pipe});
  add_step({.kind = StepKind::invocation, .node = node});
}

void Parser::block() {
  const Token token = next_not_space();
  const std::string name = template_name(token, "block clause");
  const NodeId pipe = statement_pipeline("block clause");
  Scope outer = std::exchange(scope_, Scope());
  scope_.body.name = name;
  const Closing closing = statements();
  if (closing == Closing::end) finish_body();
  scope_ = std::move(outer);
  if (closing == Closing::else_) fail("unexpected {{else}} in block clause");
  add_invocation(token, name, pipe);
}

Result<std::shared_ptr<const Tree>> parse(std::string name, std::string source, const FunctionTable& functions,
                                          const ParseLimits& limits) {
  if (source.size() > limits.source) {
    return Error{Errc::invalid, "template: " + name + ":1: template-too-large: " + std::to_string(source.size()) + " bytes, limit " +
                                    std::to_string(limits.source)};
  }
  const auto tree = std::make_shared<Tree>(std::move(name), std::move(source));
  try {
    Parser(*tree, functions, limits).parse_file();
  } catch (const Parser::Failure& failure) {
    return Error{Errc::invalid, failure.text};
  }
  return std::shared_ptr<const Tree>(tree);
}

}  // namespace sluice::gotemplate
