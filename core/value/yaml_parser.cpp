#include "core/value/yaml_parser.hpp"

#include <algorithm>

namespace sluice::yaml {

bool Parser::next_document() {
  nodes_before_ += nodes_.size();
  nodes_.clear();
  anchors_.clear();
  if (!first_) {
    while (peek() == TokenKind::document_end) scanner_.skip();
  }
  const TokenKind kind = peek();
  const bool implicit =
      first_ && kind != TokenKind::version_directive && kind != TokenKind::tag_directive && kind != TokenKind::document_start;
  first_ = false;
  if (kind == TokenKind::stream_end) return false;
  read_directives();
  if (implicit) {
    parse_node(Context::block, 1);
  } else {
    if (peek() != TokenKind::document_start)
      scanner_.fail_parsing("did not find expected <document start>", scanner_.peek().start);
    const TokenKind content = skip_and_peek();
    if (content == TokenKind::version_directive || content == TokenKind::tag_directive || content == TokenKind::document_start ||
        content == TokenKind::document_end || content == TokenKind::stream_end) {
      add_empty(scanner_.peek().start);
    } else {
      parse_node(Context::block, 1);
    }
  }
  if (peek() == TokenKind::document_end) scanner_.skip();
  tag_directives_.clear();
  return true;
}

void Parser::read_directives() {
  bool versioned = false;
  for (TokenKind kind = peek(); kind == TokenKind::version_directive || kind == TokenKind::tag_directive;
       kind = skip_and_peek()) {
    const Token& token = scanner_.peek();
    if (kind == TokenKind::tag_directive) {
      add_tag_directive(token.value, token.suffix, false, token.start);
      continue;
    }
    if (versioned) scanner_.fail_parsing("found duplicate %YAML directive", token.start);
    const auto point = token.value.find('.');
    const auto is_one = [](std::string_view number) { return number == "1" || number == "01"; };
    if (!is_one(token.value.substr(0, point)) || !is_one(token.value.substr(point + 1))) {
      scanner_.fail_parsing("found incompatible YAML document", token.start);
    }
    versioned = true;
  }
  add_tag_directive("!", "!", true, {});
  add_tag_directive("!!", yaml_tag_prefix, true, {});
}

void Parser::add_tag_directive(std::string_view handle, std::string_view prefix, bool may_repeat, const Mark& where) {
  const auto same = [&](const auto& directive) { return directive.first == handle; };
  if (std::any_of(tag_directives_.begin(), tag_directives_.end(), same)) {
    if (!may_repeat) scanner_.fail_parsing("found duplicate %TAG directive", where);
    return;
  }
  tag_directives_.emplace_back(handle, prefix);
}

std::uint32_t Parser::add(NodeKind kind, const Mark& where) {
  const auto index = static_cast<std::uint32_t>(nodes_.size());
  if (nodes_before_ + index >= limits_.max_nodes) {
    const std::string limit = std::to_string(limits_.max_nodes);
    throw Fault{"yaml-too-many-nodes: more than " + limit + " nodes, limit " + limit, true};
  }
  nodes_.push_back({.kind = kind,
                    .line = where.line,
                    .column = where.column,
                    .offset = static_cast<std::uint32_t>(where.offset),
                    .end = index + 1});
  return index;
}

/// A scalar that is not there: null, unless a tag says otherwise.
void Parser::add_empty(const Mark& where) { nodes_[add(NodeKind::scalar, where)].implicit = true; }

void Parser::parse_alias() {
  const Token& token = scanner_.peek();
  const auto found = anchors_.find(token.value);
  if (found == anchors_.end()) throw Fault{"unknown anchor '" + std::string(token.value) + "' referenced"};
  Node& node = nodes_[add(NodeKind::alias, token.start)];
  node.target = found->second;
  node.value = token.value;
  scanner_.skip();
}

/// An anchor, a tag, or both in either order.
Parser::Properties Parser::read_properties() {
  Properties properties{.start = scanner_.peek().start};
  std::string_view handle, suffix;
  Mark tag_mark;
  bool tagged = false;
  for (int i = 0; i < 2; ++i) {
    const Token& token = scanner_.peek();
    if (token.kind == TokenKind::anchor && properties.anchor.empty()) {
      properties.anchor = token.value;
    } else if (token.kind == TokenKind::tag && !tagged) {
      tagged = true;
      handle = token.value;
      suffix = token.suffix;
      tag_mark = token.start;
    } else {
      break;
    }
    skip_and_peek();
  }
  if (tagged) properties.tag = resolve_tag(handle, suffix, properties.start, tag_mark);
  return properties;
}

std::string_view Parser::resolve_tag(std::string_view handle, std::string_view suffix, const Mark& node, const Mark& tag) {
  if (handle.empty()) return suffix;
  for (const auto& [known, prefix] : tag_directives_) {
    if (known != handle) continue;
    tags_.begin();
    tags_.append(prefix);
    tags_.append(suffix);
    return tags_.view();
  }
  scanner_.fail_parsing("found undefined tag handle", tag, node);
}

void Parser::parse_node(Context context, int depth) {
  if (peek() == TokenKind::alias) return parse_alias();
  if (depth > limits_.max_depth) {
    const std::string limit = std::to_string(limits_.max_depth);
    throw Fault{"yaml-too-deep: more than " + limit + " levels, limit " + limit + " (limits.yaml_depth)", true};
  }
  const Properties properties = read_properties();
  const Token& token = scanner_.peek();
  NodeKind kind = NodeKind::scalar;
  void (Parser::*parse_children)(int) = nullptr;
  const bool block = context != Context::flow;
  switch (token.kind) {
    case TokenKind::block_entry:
      if (context == Context::block_or_indentless) {
        kind = NodeKind::sequence;
        parse_children = &Parser::parse_indentless_sequence;
      }
      break;
    case TokenKind::flow_sequence_start:
      kind = NodeKind::sequence;
      parse_children = &Parser::parse_flow_sequence;
      break;
    case TokenKind::flow_mapping_start:
      kind = NodeKind::mapping;
      parse_children = &Parser::parse_flow_mapping;
      break;
    case TokenKind::block_sequence_start:
      if (block) {
        kind = NodeKind::sequence;
        parse_children = &Parser::parse_block_sequence;
      }
      break;
    case TokenKind::block_mapping_start:
      if (block) {
        kind = NodeKind::mapping;
        parse_children = &Parser::parse_block_mapping;
      }
      break;
    default: break;
  }
  const bool is_scalar = token.kind == TokenKind::scalar;
  if (!is_scalar && !parse_children && properties.anchor.empty() && properties.tag.empty()) {
    scanner_.fail_parsing("did not find expected node content", token.start, properties.start);
  }
  const std::uint32_t index = add(kind, properties.start);
  Node& node = nodes_[index];
  node.tag = properties.tag;
  node.implicit = properties.tag.empty();
  if (!properties.anchor.empty()) anchors_[properties.anchor] = index;
  if (is_scalar) {
    node.value = token.value;
    node.implicit = (properties.tag.empty() && token.plain) || properties.tag == "!";
    scanner_.skip();
  } else if (parse_children) {
    (this->*parse_children)(depth);
    close(index);
  }
}

void Parser::parse_block_sequence(int depth) {
  const Mark begin = scanner_.peek().start;
  scanner_.skip();
  for (;;) {
    const TokenKind kind = peek();
    if (kind == TokenKind::block_end) break;
    if (kind != TokenKind::block_entry) {
      scanner_.fail_parsing("did not find expected '-' indicator", scanner_.peek().start, begin);
    }
    const TokenKind item = skip_and_peek();
    if (item == TokenKind::block_entry || item == TokenKind::block_end) {
      add_empty(scanner_.peek().start);
    } else {
      parse_node(Context::block, depth + 1);
    }
  }
  scanner_.skip();
}

/// A sequence whose dashes stand no deeper than the key before them.
void Parser::parse_indentless_sequence(int depth) {
  while (peek() == TokenKind::block_entry) {
    const TokenKind item = skip_and_peek();
    if (item == TokenKind::block_entry || item == TokenKind::key || item == TokenKind::value || item == TokenKind::block_end) {
      add_empty(scanner_.peek().start);
    } else {
      parse_node(Context::block, depth + 1);
    }
  }
}

void Parser::parse_block_mapping(int depth) {
  const Mark begin = scanner_.peek().start;
  scanner_.skip();
  const auto parse_part = [&] {
    const TokenKind part = skip_and_peek();
    if (part == TokenKind::key || part == TokenKind::value || part == TokenKind::block_end) {
      add_empty(scanner_.peek().start);
    } else {
      parse_node(Context::block_or_indentless, depth + 1);
    }
  };
  for (;;) {
    const TokenKind kind = peek();
    if (kind == TokenKind::block_end) break;
    if (kind != TokenKind::key) scanner_.fail_parsing("did not find expected key", scanner_.peek().start, begin);
    parse_part();
    if (peek() == TokenKind::value) {
      parse_part();
    } else {
      add_empty(scanner_.peek().start);
    }
  }
  scanner_.skip();
}

void Parser::parse_flow_sequence(int depth) {
  const Mark begin = scanner_.peek().start;
  scanner_.skip();
  for (bool first = true;; first = false) {
    TokenKind kind = peek();
    if (kind == TokenKind::flow_sequence_end) break;
    if (!first) {
      if (kind != TokenKind::flow_entry) {
        scanner_.fail_parsing("did not find expected ',' or ']'", scanner_.peek().start, begin);
      }
      kind = skip_and_peek();
    }
    if (kind == TokenKind::key) {
      parse_flow_pair(depth + 1);
    } else if (kind != TokenKind::flow_sequence_end) {
      parse_node(Context::flow, depth + 1);
    } else {
      break;
    }
  }
  scanner_.skip();
}

/// key: value as an item of a flow sequence, a mapping of its own.
void Parser::parse_flow_pair(int depth) {
  const std::uint32_t index = add(NodeKind::mapping, scanner_.peek().start);
  nodes_[index].implicit = true;
  TokenKind kind = skip_and_peek();
  if (kind != TokenKind::value && kind != TokenKind::flow_entry && kind != TokenKind::flow_sequence_end) {
    parse_node(Context::flow, depth + 1);
  } else {
    add_empty(scanner_.peek().start);
    scanner_.skip();  // as libyaml does, even if it is the end of the sequence
  }
  kind = peek();
  if (kind == TokenKind::value)
    kind = skip_and_peek();
  else
    kind = TokenKind::flow_entry;
  if (kind != TokenKind::flow_entry && kind != TokenKind::flow_sequence_end) {
    parse_node(Context::flow, depth + 1);
  } else {
    add_empty(scanner_.peek().start);
  }
  close(index);
}

void Parser::parse_flow_mapping(int depth) {
  const Mark begin = scanner_.peek().start;
  scanner_.skip();
  const auto parse_part = [&] {
    const TokenKind part = skip_and_peek();
    if (part != TokenKind::flow_entry && part != TokenKind::flow_mapping_end && part != TokenKind::value) {
      parse_node(Context::flow, depth + 1);
    } else {
      add_empty(scanner_.peek().start);
    }
  };
  for (bool first = true;; first = false) {
    TokenKind kind = peek();
    if (kind == TokenKind::flow_mapping_end) break;
    if (!first) {
      if (kind != TokenKind::flow_entry) {
        scanner_.fail_parsing("did not find expected ',' or '}'", scanner_.peek().start, begin);
      }
      kind = skip_and_peek();
    }
    if (kind == TokenKind::key) {
      parse_part();
      if (peek() == TokenKind::value) {
        const TokenKind part = skip_and_peek();
        if (part != TokenKind::flow_entry && part != TokenKind::flow_mapping_end) {
          parse_node(Context::flow, depth + 1);
        } else {
          add_empty(scanner_.peek().start);
        }
      } else {
        add_empty(scanner_.peek().start);
      }
    } else if (kind != TokenKind::flow_mapping_end) {
      parse_node(Context::flow, depth + 1);
      add_empty(scanner_.peek().start);
    } else {
      break;
    }
  }
  scanner_.skip();
}

}  // namespace sluice::yaml
