#pragma once

// Makes a flat tree of nodes of a YAML document from the scanner's tokens. Only for the YAML reader's own files.
// Follows: the parser of libyaml as ported to Go (goyaml.v2): the same look-ahead, so that the first error is the same.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/value/yaml_scanner.hpp"

namespace sluice::yaml {

inline constexpr std::string_view yaml_tag_prefix = "tag:yaml.org,2002:";

enum class NodeKind : std::uint8_t { scalar, sequence, mapping, alias };

/// Nodes stand in document order; the children of a collection follow it, up to the index `end`.
struct Node {
  NodeKind kind = NodeKind::scalar;
  bool implicit = false;   ///< a plain scalar without a tag: its text decides its type
  std::uint32_t line = 0;  ///< all from 0; columns in characters
  std::uint32_t column = 0;
  std::uint32_t offset = 0;  ///< in bytes, after a byte order mark
  std::uint32_t end = 0;     ///< the index after the node and all that is in it
  std::uint32_t target = 0;  ///< of an alias: the index of the node it stands for
  std::string_view value{};  ///< of a scalar: its text; of an alias: its name
  std::string_view tag{};    ///< in full: "tag:yaml.org,2002:int"; empty if there is none
};

class Parser {
 public:
  struct Limits {
    int max_depth;
    std::size_t max_nodes;
  };

  Parser(std::string_view text, Limits limits) : scanner_(text), limits_(limits) {
    nodes_.reserve(std::min<std::size_t>(text.size() / 32, 65'536));
  }

  /// Reads the next document into nodes(); false at the end of the stream. Throws Fault.
  bool next_document();
  const std::vector<Node>& nodes() const { return nodes_; }

 private:
  enum class Context : std::uint8_t { flow, block, block_or_indentless };

  struct Properties {
    std::string_view anchor{}, tag{};
    Mark start{};
  };

  void read_directives();
  void add_tag_directive(std::string_view handle, std::string_view prefix, bool may_repeat, const Mark& where);
  void parse_node(Context context, int depth);
  Properties read_properties();
  std::string_view resolve_tag(std::string_view handle, std::string_view suffix, const Mark& node, const Mark& tag);
  void parse_alias();
  void parse_block_sequence(int depth);
  void parse_indentless_sequence(int depth);
  void parse_block_mapping(int depth);
  void parse_flow_sequence(int depth);
  void parse_flow_pair(int depth);
  void parse_flow_mapping(int depth);
  std::uint32_t add(NodeKind kind, const Mark& where);
  void add_empty(const Mark& where);
  void close(std::uint32_t node) { nodes_[node].end = static_cast<std::uint32_t>(nodes_.size()); }
  TokenKind peek() { return scanner_.peek().kind; }
  TokenKind skip_and_peek() {
    scanner_.skip();
    return peek();
  }

  Scanner scanner_;
  Limits limits_;
  std::vector<Node> nodes_;
  std::size_t nodes_before_ = 0;  // in documents read earlier
  std::unordered_map<std::string_view, std::uint32_t> anchors_;
  std::vector<std::pair<std::string_view, std::string_view>> tag_directives_;
  Arena tags_;
  bool first_ = true;
};

}  // namespace sluice::yaml
