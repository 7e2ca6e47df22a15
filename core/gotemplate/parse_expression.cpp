#include <algorithm>

#include "core/gotemplate/parser_impl.hpp"
#include "core/value/text.hpp"

namespace sluice::gotemplate {

NodeId Parser::add(const Node& node) {
  tree_.nodes.push_back(node);
  return static_cast<NodeId>(tree_.nodes.size() - 1);
}

NodeId Parser::add_list(Node node, std::size_t begin) {
  node.first = static_cast<std::uint32_t>(tree_.lists.size());
  node.count = static_cast<std::uint32_t>(items_.size() - begin);
  tree_.lists.insert(tree_.lists.end(), items_.begin() + static_cast<std::ptrdiff_t>(begin), items_.end());
  items_.resize(begin);
  return add(node);
}

std::uint32_t Parser::add_name(std::string_view name) {
  tree_.names.push_back(name);
  return static_cast<std::uint32_t>(tree_.names.size() - 1);
}

void Parser::unset_since(std::size_t count) {
  for (std::size_t i = count; i < scope_.variables.size(); ++i) scope_.variables[i].is_set = false;
}

/// A pipeline that is not in parentheses. Whether declarations inside its parentheses are reached (`and` may skip them) shows
/// only at run time, so their slots begin unset.
NodeId Parser::statement_pipeline(const char* context) {
  unsure_from_ = nothing;
  const NodeId pipe = pipeline(context, TokenKind::right_delimiter);
  if (unsure_from_ != nothing) {
    add_step({.kind = StepKind::forget, .a = unsure_from_, .b = static_cast<std::uint32_t>(scope_.variables.size())});
  }
  return pipe;
}

NodeId Parser::pipeline(const char* context, TokenKind closing) {
  Node node{.kind = NodeKind::pipeline, .pos = peek_not_space().pos};
  const auto names = declarations(context, node.assigns);
  const std::size_t declared = scope_.variables.size();
  declare(node, names);
  const std::size_t begin = items_.size();
  for (;;) {
    const Token token = next_not_space();
    if (token.kind == closing) break;
    switch (token.kind) {
      case TokenKind::boolean:
      case TokenKind::character_constant:
      case TokenKind::complex:
      case TokenKind::dot:
      case TokenKind::field:
      case TokenKind::identifier:
      case TokenKind::number:
      case TokenKind::nil:
      case TokenKind::raw_string:
      case TokenKind::string:
      case TokenKind::variable:
      case TokenKind::left_parenthesis:
        backup();
        items_.push_back(command());
        break;
      default: unexpected(token, context);
    }
  }
  const std::span<const NodeId> commands = std::span(items_).subspan(begin);
  check_pipeline(commands, context);
  for (std::size_t i = declared; i < declared + names.size(); ++i) {
    scope_.variables[i].is_set = scope_.variables[i].slot != nothing;
  }
  const Node& first = tree_.nodes[commands[0]];
  if (commands.size() == 1 && first.count == 1) {
    const NodeId word = tree_.lists[first.first];
    if (tree_.nodes[word].kind != NodeKind::function) node.data = word;
  }
  return add_list(node, begin);
}

/// The variables in front of := or =. Up to three tokens are looked at before it is known that there are none.
std::vector<std::string_view> Parser::declarations(const char* context, bool& assigns) {
  const bool is_range = std::string_view(context) == "range";
  std::vector<std::string_view> names;
  for (;;) {
    const Token variable = peek_not_space();
    if (variable.kind != TokenKind::variable) return names;
    next();
    const Token after = peek();
    const Token sign = peek_not_space();
    if (sign.kind == TokenKind::assign || sign.kind == TokenKind::declare) {
      assigns = sign.kind == TokenKind::assign;
      next_not_space();
      names.push_back(variable.text);
      return names;
    }
    if (sign.kind != TokenKind::character || sign.text != ",") {
      if (after.kind == TokenKind::space) {
        backup3(variable, after);
      } else {
        backup2(variable);
      }
      return names;
    }
    next_not_space();
    names.push_back(variable.text);
    if (!is_range || names.size() > 1) fail("too many declarations in " + std::string(context));
    const TokenKind following = peek_not_space().kind;
    if (following != TokenKind::variable && following != TokenKind::right_delimiter && following != TokenKind::right_parenthesis) {
      fail("range can only initialize variables");
    }
  }
}

/// Gives each name a slot, or finds the slot that is assigned to. The pipeline's own commands do not see them yet.
void Parser::declare(Node& node, std::span<const std::string_view> names) {
  if (names.empty()) return;
  node.variables = static_cast<std::uint8_t>(names.size());
  node.variable = static_cast<std::uint32_t>(tree_.declarations.size());
  const std::size_t visible = scope_.variables.size();
  for (const std::string_view name : names) {
    std::uint32_t slot = nothing;
    if (node.assigns) {
      for (std::size_t i = visible; i-- > 0 && slot == nothing;) {
        const Variable& known = scope_.variables[i];
        if (known.name == name && known.is_set) slot = known.slot;
      }
      scope_.variables.push_back({.name = name});
    } else {
      slot = static_cast<std::uint32_t>(scope_.variables.size());
      if (parentheses_ > 0 && unsure_from_ == nothing) unsure_from_ = slot;
      scope_.variables.push_back({.name = name, .slot = slot, .is_set = false, .is_sure = parentheses_ == 0});
    }
    scope_.body.slots = std::max(scope_.body.slots, static_cast<std::uint32_t>(scope_.variables.size()));
    tree_.declarations.push_back({.name = add_name(name), .slot = slot});
  }
}

void Parser::check_pipeline(std::span<const NodeId> commands, const char* context) const {
  if (commands.empty()) fail("missing value for " + std::string(context));
  for (std::size_t i = 1; i < commands.size(); ++i) {
    switch (tree_.nodes[tree_.lists[tree_.nodes[commands[i]].first]].kind) {
      case NodeKind::boolean:
      case NodeKind::dot:
      case NodeKind::nil:
      case NodeKind::number:
      case NodeKind::string: fail("non executable command in pipeline stage " + std::to_string(i + 1));
      default: break;
    }
  }
}

NodeId Parser::command() {
  const Node node{.kind = NodeKind::command, .pos = peek_not_space().pos};
  const std::size_t begin = items_.size();
  for (;;) {
    peek_not_space();
    if (const NodeId word = operand(); word != nothing) items_.push_back(word);
    const Token token = next();
    if (token.kind == TokenKind::space) continue;
    if (token.kind == TokenKind::right_delimiter || token.kind == TokenKind::right_parenthesis) {
      backup();
    } else if (token.kind != TokenKind::pipe) {
      unexpected(token, "operand");
    }
    break;
  }
  if (items_.size() == begin) fail("empty command");
  return add_list(node, begin);
}

NodeId Parser::operand() {
  const NodeId node = term();
  return node == nothing || peek().kind != TokenKind::field ? node : chained(node);
}

/// Fields glued to a term. A field or variable takes them as its own; its place is then that of the first of them.
NodeId Parser::chained(NodeId base) {
  Node chain = tree_.nodes[base];
  const bool is_literal = chain.kind == NodeKind::boolean || chain.kind == NodeKind::string || chain.kind == NodeKind::number ||
                          chain.kind == NodeKind::nil || chain.kind == NodeKind::dot;
  const bool extends = chain.kind == NodeKind::field || chain.kind == NodeKind::variable;
  const std::uint32_t pos = peek().pos;
  if (!extends) {
    chain = {.kind = NodeKind::chain, .first = static_cast<std::uint32_t>(tree_.names.size()), .data = base};
  }
  chain.pos = pos;
  for (; peek().kind == TokenKind::field; ++chain.count) add_name(next().text.substr(1));
  if (is_literal) fail("unexpected . after term " + quoted(tree_.print(base)));
  if (!extends) return add(chain);
  tree_.nodes[base] = chain;
  return base;
}

NodeId Parser::term() {
  const Token token = next_not_space();
  switch (token.kind) {
    case TokenKind::identifier: return function(token);
    case TokenKind::dot: return add({.kind = NodeKind::dot, .pos = token.pos});
    case TokenKind::nil: return add({.kind = NodeKind::nil, .pos = token.pos});
    case TokenKind::variable: return variable(token);
    case TokenKind::field:
      return add({.kind = NodeKind::field, .pos = token.pos, .first = add_name(token.text.substr(1)), .count = 1});
    case TokenKind::boolean:
      tree_.constants.push_back(Value::of_bool(token.text == "true"));
      return add({.kind = NodeKind::boolean, .pos = token.pos, .data = static_cast<std::uint32_t>(tree_.constants.size() - 1)});
    case TokenKind::character_constant:
    case TokenKind::complex:
    case TokenKind::number: return number(token);
    case TokenKind::string:
    case TokenKind::raw_string: return string(token);
    case TokenKind::left_parenthesis: {
      const Nesting nesting(*this);
      ++parentheses_;
      const NodeId pipe = pipeline("parenthesized pipeline", TokenKind::right_parenthesis);
      --parentheses_;
      return pipe;
    }
    default: backup(); return nothing;
  }
}

NodeId Parser::function(const Token& token) {
  Node node{.kind = NodeKind::function, .pos = token.pos};
  node.function = functions_.find(token.text);
  if (!node.function) node.builtin = find_builtin(token.text);
  if (!node.function && node.builtin == Builtin::none) fail("function " + quoted(token.text) + " not defined");
  node.first = add_name(token.text);
  node.count = 1;
  return add(node);
}

NodeId Parser::variable(const Token& token) {
  bool is_known = false;
  Node node{.kind = NodeKind::variable, .pos = token.pos};
  for (std::size_t i = scope_.variables.size(); i-- > 0;) {
    const Variable& candidate = scope_.variables[i];
    if (candidate.name != token.text) continue;
    is_known = true;
    if (!candidate.is_set) continue;
    if (node.data == nothing) {
      node.data = candidate.slot;
      if (candidate.is_sure) break;
    } else {
      node.variable = candidate.slot;
      break;
    }
  }
  if (!is_known) fail("undefined variable " + quoted(token.text));
  node.first = add_name(token.text);
  node.count = 1;
  return add(node);
}

NodeId Parser::number(const Token& token) {
  auto parsed = read_number(token.text, token.kind);
  if (!parsed) fail(parsed.error().what);
  tree_.numbers.push_back(std::move(*parsed));
  return add({.kind = NodeKind::number,
              .pos = token.pos,
              .data = static_cast<std::uint32_t>(tree_.numbers.size() - 1),
              .end = token.pos + static_cast<std::uint32_t>(token.text.size())});
}

NodeId Parser::string(const Token& token) {
  const std::string_view inside = token.text.substr(1, token.text.size() - 2);
  const bool is_plain = std::all_of(inside.begin(), inside.end(), [](char c) { return c >= ' ' && c <= '~' && c != '\\'; });
  if (is_plain) {
    tree_.constants.push_back(Value::of_string(inside));
  } else {
    auto text = unquote(token.text);
    if (!text) fail("invalid syntax");
    tree_.constants.push_back(Value::of_string(*text));
  }
  return add({.kind = NodeKind::string,
              .pos = token.pos,
              .data = static_cast<std::uint32_t>(tree_.constants.size() - 1),
              .end = token.pos + static_cast<std::uint32_t>(token.text.size())});
}

}  // namespace sluice::gotemplate
