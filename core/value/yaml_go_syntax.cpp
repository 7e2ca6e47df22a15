#include "core/value/yaml_go_syntax.hpp"

#include <algorithm>

#include "core/value/text.hpp"
#include "core/value/yaml_resolve.hpp"

namespace sluice::yaml {
namespace {

constexpr std::size_t enough = 4096;  // bytes; more of a broken document helps nobody

void append_scalar(std::string& out, const Node& node) {
  const bool typed = node.tag.starts_with(yaml_tag_prefix) && !node.tag.ends_with(":str") && !node.tag.ends_with(":binary");
  if (!node.implicit && !typed) return append_quoted(out, node.value);
  const Scalar scalar = resolve(node.value);
  switch (scalar.type) {
    case Scalar::Type::text:
    case Scalar::Type::timestamp: return append_quoted(out, node.value);
    case Scalar::Type::null: out += "interface {}(nil)"; return;
    case Scalar::Type::boolean: out += scalar.boolean ? "true" : "false"; return;
    case Scalar::Type::integer: return append_int(out, scalar.integer);
    case Scalar::Type::unsigned_integer: out += "0x"; return append_uint(out, scalar.unsigned_integer, 16);
    case Scalar::Type::floating: return append_float(out, scalar.floating);
  }
}

void append_node(std::string& out, const std::vector<Node>& nodes, std::uint32_t index, int depth) {
  if (out.size() > enough || depth > 100) return;
  const Node& node = nodes[index];
  switch (node.kind) {
    case NodeKind::scalar: return append_scalar(out, node);
    case NodeKind::alias: return append_node(out, nodes, node.target, depth + 1);
    case NodeKind::sequence: {
      out += "[]interface {}{";
      for (std::uint32_t item = index + 1; item < node.end; item = nodes[item].end) {
        if (item != index + 1) out += ", ";
        append_node(out, nodes, item, depth + 1);
      }
      out += '}';
      return;
    }
    case NodeKind::mapping: {
      std::vector<std::string> entries;
      for (std::uint32_t key = index + 1; key < node.end;) {
        const std::uint32_t value = nodes[key].end;
        std::string entry;
        append_node(entry, nodes, key, depth + 1);
        entry += ':';
        append_node(entry, nodes, value, depth + 1);
        entries.push_back(std::move(entry));
        key = nodes[value].end;
      }
      std::sort(entries.begin(), entries.end());
      out += "map[interface {}]interface {}{";
      for (std::size_t i = 0; i < entries.size(); ++i) out += (i > 0 ? ", " : "") + entries[i];
      out += '}';
      return;
    }
  }
}

}  // namespace

std::string go_syntax(const std::vector<Node>& nodes, std::uint32_t index) {
  std::string out;
  if (nodes[index].kind == NodeKind::scalar && nodes[index].implicit && resolve(nodes[index].value).type == Scalar::Type::null) {
    return "<nil>";
  }
  append_node(out, nodes, index, 0);
  return out;
}

}  // namespace sluice::yaml
