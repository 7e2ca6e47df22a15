#include "core/gotemplate/tree.hpp"

#include <algorithm>
#include <array>

#include "core/value/text.hpp"

namespace sluice::gotemplate {

Builtin find_builtin(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, Builtin>, 19> builtins{{{"and", Builtin::and_},
                                                                                   {"or", Builtin::or_},
                                                                                   {"not", Builtin::not_},
                                                                                   {"eq", Builtin::eq},
                                                                                   {"ne", Builtin::ne},
                                                                                   {"lt", Builtin::lt},
                                                                                   {"le", Builtin::le},
                                                                                   {"gt", Builtin::gt},
                                                                                   {"ge", Builtin::ge},
                                                                                   {"len", Builtin::len},
                                                                                   {"index", Builtin::index},
                                                                                   {"slice", Builtin::slice},
                                                                                   {"call", Builtin::call},
                                                                                   {"print", Builtin::print},
                                                                                   {"printf", Builtin::printf},
                                                                                   {"println", Builtin::println},
                                                                                   {"html", Builtin::html},
                                                                                   {"js", Builtin::js},
                                                                                   {"urlquery", Builtin::urlquery}}};
  for (const auto& [text, builtin] : builtins) {
    if (text == name) return builtin;
  }
  return Builtin::none;
}

namespace {

/// Writes nodes back as text.
struct Printer {
  const Tree& tree;
  std::string out;

  void names(std::uint32_t first, std::uint32_t count) {
    for (std::uint32_t i = first; i < first + count; ++i) (out += '.') += tree.names[i];
  }

  void pipeline(const Node& node) {
    for (std::uint32_t i = 0; i < node.variables; ++i) {
      if (i > 0) out += ", ";
      out += tree.names[tree.declarations[node.variable + i].name];
    }
    if (node.variables > 0) out += node.assigns ? " = " : " := ";
    for (std::uint32_t i = 0; i < node.count; ++i) {
      if (i > 0) out += " | ";
      write(tree.lists[node.first + i]);
    }
  }

  void operand(NodeId id) {
    const bool is_pipeline = tree.nodes[id].kind == NodeKind::pipeline;
    if (is_pipeline) out += '(';
    write(id);
    if (is_pipeline) out += ')';
  }

  void invocation(const Node& node) {
    out += "{{template ";
    append_quoted(out, tree.invoked[node.first]);
    if (node.data != nothing) {
      out += ' ';
      write(node.data);
    }
    out += "}}";
  }

  void write(NodeId id) {
    const Node& node = tree.nodes[id];
    switch (node.kind) {
      case NodeKind::pipeline: return pipeline(node);
      case NodeKind::command:
        for (std::uint32_t i = 0; i < node.count; ++i) {
          if (i > 0) out += ' ';
          operand(tree.lists[node.first + i]);
        }
        return;
      case NodeKind::function: out += tree.names[node.first]; return;
      case NodeKind::dot: out += '.'; return;
      case NodeKind::nil: out += "nil"; return;
      case NodeKind::boolean: out += tree.constants[node.data].as_bool() ? "true" : "false"; return;
      case NodeKind::number:
      case NodeKind::string: out += std::string_view(tree.source).substr(node.pos, node.end - node.pos); return;
      case NodeKind::field: return names(node.first, node.count);
      case NodeKind::variable:
        out += tree.names[node.first];
        return names(node.first + 1, node.count - 1);
      case NodeKind::chain:
        operand(node.data);
        return names(node.first, node.count);
      case NodeKind::invocation: return invocation(node);
      case NodeKind::action:
        out += "{{";
        write(node.data);
        out += "}}";
        return;
    }
  }
};

}  // namespace

std::string Tree::print(NodeId id) const {
  Printer printer{*this, {}};
  printer.write(id);
  return std::move(printer.out);
}

Tree::Place Tree::place(std::size_t pos) const {
  const std::string_view before = std::string_view(source).substr(0, pos);
  const std::size_t newline = before.rfind('\n');
  return {.line = 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')),
          .column = newline == std::string_view::npos ? before.size() : before.size() - newline - 1};
}

}  // namespace sluice::gotemplate
