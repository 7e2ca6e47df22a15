#include "core/gotemplate/executor.hpp"
#include "core/gotemplate/values_methods.hpp"
#include "core/value/text.hpp"

namespace sluice::gotemplate {

// ---- pipelines and commands

Operand Executor::evaluate(NodeId pipeline) {
  charge(1);
  check_stack();
  at_ = pipeline;
  const Node& node = nodes_[pipeline];
  Operand value;
  if (node.data != nothing) {
    value = evaluate_word(node.data);
  } else {
    for (std::uint32_t i = 0; i < node.count; ++i) {
      value = evaluate_command(tree_->lists[node.first + i], i == 0 ? nullptr : &value);
      if (value.is_wrapped) value = {.value = std::move(value.value)};
    }
  }
  // What was in an interface is taken out of it: a nil interface becomes no value at all.
  if (value.is_wrapped) value = {.value = std::move(value.value)};
  if (node.variables > 0) declare(node, value);
  return value;
}

void Executor::declare(const Node& pipeline, const Operand& value) {
  for (std::uint32_t i = 0; i < pipeline.variables; ++i) {
    const Declaration& declaration = tree_->declarations[pipeline.variable + i];
    if (declaration.slot == nothing) fail("undefined variable: " + std::string(tree_->names[declaration.name]));
    variables_[slots_ + declaration.slot] = value;
  }
}

Operand Executor::evaluate_command(NodeId command, const Operand* piped) {
  const Node& node = nodes_[command];
  const NodeId first = tree_->lists[node.first];
  const Arguments arguments{&tree_->lists[node.first] + 1, node.count - 1, piped};
  if (nodes_[first].kind == NodeKind::function) {
    charge(1);
    at_ = first;
    return call_function(first, command, arguments);
  }
  return evaluate_first(first, arguments);
}

Operand Executor::evaluate_word(NodeId word) { return evaluate_first(word, {}); }

/// The first word of a command, if it is no function.
Operand Executor::evaluate_first(NodeId word, const Arguments& arguments) {
  charge(1);
  const Node& node = nodes_[word];
  if (node.kind == NodeKind::pipeline) {
    not_a_function(word, arguments);
    return evaluate(word);
  }
  at_ = word;
  switch (node.kind) {
    case NodeKind::field: return field_chain(dot_, word, node.first, node.count, arguments);
    case NodeKind::variable: {
      const Operand& value = variable(node);
      if (node.count == 1) {
        not_a_function(word, arguments);
        if (options_.wants_source_map) note_element(value.value);
        return value;
      }
      const Operand receiver = value;  // a method's arguments may declare variables
      return field_chain(receiver, word, node.first + 1, node.count - 1, arguments);
    }
    case NodeKind::chain: {
      if (nodes_[node.data].kind == NodeKind::nil) fail("indirection through explicit nil in " + tree_->print(word));
      at_ = node.data;
      const Operand receiver =
          nodes_[node.data].kind == NodeKind::function ? call_function(node.data, node.data, {}) : evaluate(node.data);
      return field_chain(receiver, word, node.first, node.count, arguments);
    }
    default: break;
  }
  not_a_function(word, arguments);
  switch (node.kind) {
    case NodeKind::dot:
      if (options_.wants_source_map) note_element(dot_.value);
      return dot_;
    case NodeKind::nil: fail("nil is not a command");
    case NodeKind::boolean:
    case NodeKind::string: return {.value = tree_->constants[node.data]};
    case NodeKind::number: return ideal_number(word);
    default: fail("can't evaluate command " + quoted(tree_->print(word)));
  }
}

void Executor::not_a_function(NodeId word, const Arguments& arguments) {
  if (arguments.any()) fail("can't give argument to non-function " + tree_->print(word));
}

Operand Executor::ideal_number(NodeId node) {
  at_ = node;
  const Number& number = tree_->numbers[nodes_[node].data];
  if (number.overflows) fail(tree_->print(node) + " overflows int");
  return {.value = number.ideal};
}

const Operand& Executor::variable(const Node& node) {
  if (node.data != nothing) {
    const Operand& value = variables_[slots_ + node.data];
    if (!value.is_unset) return value;
    if (node.variable != nothing && !variables_[slots_ + node.variable].is_unset) return variables_[slots_ + node.variable];
  }
  fail("undefined variable: " + std::string(tree_->names[node.first]));
}

// ---- fields

const Value* Executor::find_plain(NodeId word) {
  const Node& node = nodes_[word];
  const Value* value = nullptr;
  std::uint32_t first = node.first;
  if (node.kind == NodeKind::field) {
    value = &dot_.value;
  } else if (node.kind == NodeKind::variable && node.data != nothing) {
    const Operand& operand = variables_[slots_ + node.data];
    if (operand.is_unset) return nullptr;
    value = &operand.value;
    ++first;
  } else {
    return nullptr;
  }
  for (std::uint32_t i = first; i < node.first + node.count; ++i) {
    const std::string_view name = tree_->names[i];
    if (!value->is_map() || (is_values(value->map_type()) && find_values_method(name))) return nullptr;
    value = value->find(name);
    if (!value) return nullptr;
  }
  return value;
}

Operand Executor::field_chain(const Operand& receiver, NodeId node, std::uint32_t first, std::uint32_t count,
                              const Arguments& arguments) {
  charge(count);
  // Through maps that have the keys, nothing is copied.
  const Value* plain = &receiver.value;
  bool is_wrapped = receiver.is_wrapped;
  std::uint32_t i = 0;
  for (; i < count && plain->is_map(); ++i) {
    if (i + 1 == count && arguments.any()) break;
    const std::string_view name = tree_->names[first + i];
    if (is_values(plain->map_type()) && find_values_method(name)) break;
    const Value* element = plain->find(name);
    if (!element) break;
    is_wrapped = plain->map_type() != MapType::strings;
    plain = element;
  }
  if (options_.wants_source_map && i > 0) {
    const Value* holder = &receiver.value;
    for (std::uint32_t step = 0; step + 1 < i; ++step) holder = holder->find(tree_->names[first + step]);
    reads_.push_back({*holder, std::string(tree_->names[first + i - 1])});
  }
  Operand value{.value = *plain, .is_wrapped = is_wrapped, .is_addressable = i == 0 && receiver.is_addressable};
  for (; i < count; ++i) value = field(value, tree_->names[first + i], node, i + 1 == count ? arguments : Arguments());
  return value;
}

Operand Executor::field(const Operand& receiver, std::string_view name, NodeId node, const Arguments& arguments) {
  if (receiver.is_invalid()) {
    if (options_.missing_key == MissingKey::error) fail("nil data; no entry for key " + quoted(name));
    return {};
  }
  if (receiver.value.is_nil()) fail("nil pointer evaluating interface {}." + std::string(name));
  if (receiver.value.is_map()) {
    const Method* method = is_values(receiver.value.map_type()) ? find_values_method(name) : nullptr;
    return method ? call_method(*method, receiver, node, arguments) : map_element(receiver, name, arguments);
  }
  if (receiver.value.is_list() && is_versions(receiver.value.list_type())) {
    if (const Method* method = find_versions_method(name)) return call_method(*method, receiver, node, arguments);
  }
  if (receiver.value.is_object()) {
    if (const Method* method = receiver.value.object()->method(name)) return call_method(*method, receiver, node, arguments);
    Operand element;
    if (object_field(receiver, name, arguments, element)) return element;
  }
  fail("can't evaluate field " + std::string(name) + " in type " +
       std::string(receiver.is_wrapped ? "interface {}" : sluice::type_name(receiver.value)));
}

Operand Executor::map_element(const Operand& receiver, std::string_view name, const Arguments& arguments) {
  if (arguments.any()) fail(std::string(name) + " is not a method but has arguments");
  const bool of_strings = receiver.value.map_type() == MapType::strings;
  if (const Value* element = receiver.value.find(name)) return {.value = *element, .is_wrapped = !of_strings};
  if (options_.missing_key == MissingKey::error) fail("map has no entry for key " + quoted(name));
  if (of_strings) return {.value = Value::of_string({})};
  return {.value = {}, .is_wrapped = true};
}

bool Executor::object_field(const Operand& receiver, std::string_view name, const Arguments& arguments, Operand& out) {
  const Object& object = *receiver.value.object();
  const std::string_view kind = object.go_kind();
  if (kind == "map") {
    if (arguments.any()) fail(std::string(name) + " is not a method but has arguments");
    if (object.field(name, out.value)) return true;
    if (options_.missing_key == MissingKey::error) fail("map has no entry for key " + quoted(name));
    out.value = Value::of_bytes({});
    return true;
  }
  if (!object.field(name, out.value)) return false;
  if (arguments.any()) fail(std::string(name) + " has arguments but cannot be invoked as function");
  out.is_addressable = kind == "ptr" || receiver.is_addressable;
  if (receiver.value.secret_bit()) out.value.set_secret_bit(true);
  return true;
}

}  // namespace sluice::gotemplate
