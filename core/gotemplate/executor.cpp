#include "core/gotemplate/executor.hpp"

#include <algorithm>

#include "core/value/fmt.hpp"
#include "core/value/text.hpp"
#include "core/value/walk.hpp"

namespace sluice::gotemplate {

namespace {

constexpr std::uint64_t steps_between_polls = 4096;
constexpr std::size_t bytes_per_step = 32;
constexpr std::size_t kept_texts = std::size_t{4} << 20;  // bytes of tpl texts whose parsed form is kept

}  // namespace

Executor::Executor(const TemplateSet& set, const Options& options)
    : set_(&set),
      options_(options),
      steps_left_(options.budget.steps),
      next_poll_(options.budget.steps),
      has_secrets_(options.has_secrets) {
  host_ = options.host;
}

// ---- limits and failures

void Executor::fail(const std::string& text, Errc code) { throw Failure{{code, frame_text(text)}}; }

std::string Executor::frame_text(const std::string& text) const {
  const std::string name = current_.body ? current_.body->name : std::string();
  if (!tree_ || at_ == nothing) return "template: " + name + ": " + text;
  const auto place = tree_->place(nodes_[at_].pos);
  return "template: " + tree_->name + ":" + std::to_string(place.line) + ":" + std::to_string(place.column) + ": executing " +
         quoted(name) + " at <" + tree_->print(at_) + ">: " + text;
}

std::string Executor::text_of(const Value& value) const {
  return has_secrets_ && has_marks(value) ? "(secret)" : to_text(value).str();
}

void Executor::out_of_steps() {
  steps_left_ = 0;
  fail("template-too-many-steps: more than " + std::to_string(options_.budget.steps) + " steps");
}

Result<> Executor::spend(std::uint64_t steps) {
  if (steps_left_ >= steps) {
    steps_left_ -= steps;
    if (steps_left_ < next_poll_ && is_stopped()) return Error{Errc::cancelled, "stopped"};
    return {};
  }
  steps_left_ = 0;
  return Error{Errc::invalid, "template-too-many-steps: more than " + std::to_string(options_.budget.steps) + " steps"};
}

void Executor::check_stack() {
  if (guard_.is_low()) fail("template-too-deep: expressions and includes are nested deeper than the thread's stack allows");
}

void Executor::poll_stop() {
  next_poll_ = steps_left_ > steps_between_polls ? steps_left_ - steps_between_polls : 0;
  if (is_stopped()) fail("stopped", Errc::cancelled);
}

bool Executor::is_stopped() const { return options_.budget.stop && options_.budget.stop->load(std::memory_order_relaxed); }

void Executor::charge_output(std::size_t begin) {
  const std::size_t written = out_->size() - begin;
  charge(written / bytes_per_step);
  if (out_->size() + output_ > options_.budget.output) {
    fail("template-output-too-large: more than " + std::to_string(options_.budget.output) + " bytes");
  }
}

// ---- executions

Result<Text> Executor::execute(std::string_view name, const Value& dot) {
  map_.clear();
  const Template start = set_->find(name);
  if (!start) {
    return Error{Errc::not_found, "template: no template " + quoted(name) + " associated with template " + quoted(set_->name())};
  }
  auto text = run_to_text(*set_, start, dot);
  if (!text) return to_error(cause_, options_.errors);
  output_ += text->expected_size();
  return text;
}

/// Executes in a buffer of its own, then goes on as before. After an error, `cause_` has its chain.
Result<Text> Executor::run_to_text(const TemplateSet& set, const Template& start, const Value& dot) {
  if (buffers_used_ == buffers_.size()) buffers_.emplace_back();
  TextBuilder& buffer = buffers_[buffers_used_++];
  buffer.truncate(0);
  const TemplateSet* outer_set = std::exchange(set_, &set);
  TextBuilder* outer_out = std::exchange(out_, &buffer);
  const std::string_view outer_name = name_;
  const std::uint32_t outer_depth = std::exchange(depth_, 0);
  SourceMap outer_map;
  outer_map.swap(map_);
  const auto restore = [&] {
    set_ = outer_set;
    out_ = outer_out;
    name_ = outer_name;
    depth_ = outer_depth;
    --buffers_used_;
  };
  const std::size_t frames = frames_.size();
  const std::size_t blocks = blocks_.size();
  const std::size_t variables = variables_.size();
  const auto unwind = [&](TemplateError error) {
    cause_ = std::move(error);
    blocks_.resize(blocks);
    frames_.resize(frames + 1);
    leave();
    variables_.resize(variables);
    restore();
    map_.swap(outer_map);
    return Error{cause_.code, cause_.text};
  };
  try {
    run(start, {.value = dot});
  } catch (Failure& failure) {
    return unwind(std::move(failure.error));
  } catch (const TooLarge& problem) {
    return unwind({Errc::invalid, frame_text(problem.what())});
  } catch (const NotMade& problem) {
    return unwind({Errc::invalid, frame_text(problem.what())});
  }
  Text text = buffer.text();
  restore();
  if (options_.wants_source_map && outer_out) {
    included_trace_ = {text, std::move(map_)};
    map_ = std::move(outer_map);
  }
  return text;
}

Result<Text> Executor::execute_template(std::string_view name, const Value& dot) {
  auto counter = included_.find(name);
  if (counter == included_.end()) counter = included_.emplace(std::string(name), 0).first;
  std::uint32_t& active = counter->second;
  if (active > options_.budget.include_depth) {
    return Error{Errc::invalid, "rendering template has a nested reference name: " + std::string(name) + ": unable to execute template"};
  }
  const Template start = set_->find(name);
  if (!start) {
    cause_ = {Errc::invalid, "template: no template " + quoted(name) + " associated with template " + quoted(set_->name())};
    return Error{cause_.code, cause_.text};
  }
  check_stack();
  ++active;
  auto text = run_to_text(*set_, start, dot);
  --active;
  return text;
}

Result<Text> Executor::parse_and_execute(const Text& text, const Value& dot, Stage& failed_at) {
  failed_at = Stage::parsing;
  if (text.view().find("{{") == std::string_view::npos) return text;
  check_stack();
  std::shared_ptr<const Tree> tree;
  if (const auto known = texts_.find(text.view()); known != texts_.end()) {
    tree = known->second;
  } else {
    charge(text.size());
    auto parsed = parse(set_->name(), text.str(), set_->functions());
    if (!parsed) return std::move(parsed).error();
    tree = std::move(*parsed);
    if (texts_size_ + text.size() <= kept_texts) {
      texts_size_ += text.size();
      texts_.emplace(text.str(), tree);
    }
  }
  failed_at = Stage::executing;
  TemplateSet with_text(*set_, nullptr);
  with_text.add(tree);
  const auto own = std::find_if(tree->bodies.begin(), tree->bodies.end(), [&](const Body& body) { return body.name == tree->name; });
  auto result = run_to_text(with_text, {tree.get(), &*own}, dot);
  // Which byte of the text made which byte of the result is not followed.
  if (result && text.has_marks()) return result->marked();
  return result;
}

void Executor::enter(const Template& next, Operand dot) {
  frames_.push_back({current_, step_, slots_, first_block_, at_, std::move(dot_)});
  slots_ = static_cast<std::uint32_t>(variables_.size());
  variables_.resize(slots_ + next.body->slots);
  variables_[slots_] = dot;
  dot_ = std::move(dot);
  current_ = next;
  tree_ = next.tree;
  nodes_ = tree_->nodes.data();
  steps_ = next.body->steps.data();
  step_ = 0;
  first_block_ = blocks_.size();
  at_ = nothing;
}

/// Back to the frame before.
void Executor::leave() {
  Frame& frame = frames_.back();
  variables_.resize(slots_);
  current_ = frame.current;
  tree_ = current_.tree;
  nodes_ = tree_ ? tree_->nodes.data() : nullptr;
  steps_ = tree_ ? current_.body->steps.data() : nullptr;
  step_ = frame.step;
  slots_ = frame.slots;
  first_block_ = frame.blocks;
  at_ = frame.at;
  dot_ = std::move(frame.dot);
  frames_.pop_back();
}

void Executor::run(const Template& start, Operand dot) {
  const std::size_t bottom = frames_.size();
  enter(start, std::move(dot));
  while (frames_.size() > bottom) {
    charge(1);
    if (steps_left_ < next_poll_) poll_stop();
    take_step(steps_[step_++]);
  }
}

void Executor::take_step(const Step& step) {
  switch (step.kind) {
    case StepKind::text: return write_text(step);
    case StepKind::print: return print_action(step);
    case StepKind::evaluate: evaluate(step.node); return;
    case StepKind::if_: {
      const Node& pipeline = nodes_[step.node];
      const Value* plain = pipeline.variables == 0 && pipeline.data != nothing ? find_plain(pipeline.data) : nullptr;
      if (!(plain ? is_truthy(*plain) : is_truthy(evaluate(step.node).value))) step_ = step.a;
      return;
    }
    case StepKind::with: return begin_with(step);
    case StepKind::leave: return drop_blocks(1);
    case StepKind::range: return begin_range(step);
    case StepKind::next: return next_element(step);
    case StepKind::drop: return drop_blocks(step.b);
    case StepKind::forget:
      for (std::uint32_t slot = step.a; slot < step.b; ++slot) variables_[slots_ + slot] = {.value = {}, .is_unset = true};
      return;
    case StepKind::jump: step_ = step.a; return;
    case StepKind::invocation: return invoke(step);
    case StepKind::end:
      if (depth_ > 0) --depth_;
      leave();
      return;
  }
}

void Executor::write_text(const Step& step) {
  const std::size_t begin = out_->size();
  out_->append(std::string_view(tree_->source).substr(step.a, step.b));
  charge_output(begin);
  if (options_.wants_source_map) trace_text(begin, step.a);
}

// ---- printing

void Executor::print_action(const Step& step) {
  const std::size_t begin = out_->size();
  const NodeId pipe = nodes_[step.node].data;
  const Node& pipeline = nodes_[pipe];
  if (options_.wants_source_map) return print_traced(step, begin, pipe);
  const Value* plain = pipeline.data != nothing ? find_plain(pipeline.data) : nullptr;
  at_ = step.node;
  if (plain && !plain->is_object()) {
    charge(1);
    if (plain->is_string() && !has_secrets_) {
      out_->append(plain->str());
    } else if (plain->is_nil()) {
      out_->append("<no value>");
    } else {
      append_text(*out_, *plain);
    }
  } else {
    const Operand value = evaluate(pipe);
    at_ = step.node;
    print(value);
  }
  charge_output(begin);
}

/// The same, noting what was looked up for it.
void Executor::print_traced(const Step& step, std::size_t begin, NodeId pipe) {
  std::vector<ValueRead> outer;
  outer.swap(reads_);
  included_trace_ = {};
  at_ = step.node;
  const Operand value = evaluate(pipe);
  at_ = step.node;
  print(value);
  trace_string(value.value, begin, nodes_[step.node].pos, pipe);
  reads_ = std::move(outer);
  charge_output(begin);
}

void Executor::print(const Operand& operand) {
  const Value& value = operand.value;
  switch (value.kind()) {
    case Kind::nil: out_->append("<no value>"); return;
    case Kind::string:
      if (has_secrets_) {
        out_->append(value.text());
      } else if (options_.output_may_wait && value.is_pending()) {
        out_->append_later(placed(value.text()));
      } else {
        out_->append(value.str());
      }
      return;
    case Kind::object: return print_object(operand);
    default: append_text(*out_, value);
  }
}

/// The same text, whose failure names the place that prints it.
Text Executor::placed(const Text& text) const {
  return Text::later(text.expected_size(), {&text, 1}, [text, frame = frame_text("")]() -> Text {
    try {
      (void)text.view();
      return text;
    } catch (const NotMade& problem) {
      throw NotMade(frame + problem.what());
    }
  });
}

/// An action reaches methods of a field's address, which a function's argument does not.
void Executor::print_object(const Operand& operand) {
  const std::size_t begin = out_->size();
  Object& object = *operand.value.object();
  std::string text;
  if (object.string_method(text)) {
    out_->append(text);
  } else if (const Method* method = operand.is_addressable ? object.method("String") : nullptr; method && method->parameters.empty()) {
    auto printed = method->call(operand.value, {});
    if (!printed) fail("error calling String: " + printed.error().what);
    out_->append(printed->text());
  } else {
    const std::string plain = object.default_text();
    out_->append(object.go_kind() == "ptr" && plain.starts_with('&') ? plain.substr(1) : plain);
  }
  if (operand.value.secret_bit()) out_->mark_from(begin);
}

// ---- with, range, template

void Executor::begin_with(const Step& step) {
  Operand value = evaluate(step.node);
  if (!is_truthy(value.value)) {
    step_ = step.a;
    return;
  }
  blocks_.push_back({.outer_dot = std::move(dot_)});
  dot_ = std::move(value);
}

void Executor::drop_blocks(std::uint32_t count) {
  const std::size_t first = blocks_.size() - count;
  dot_ = std::move(blocks_[first].outer_dot);
  blocks_.resize(first);
}

void Executor::begin_range(const Step& step) {
  Operand value = evaluate(step.node);
  const Node& pipeline = nodes_[step.node];
  Block block;
  switch (value.value.kind()) {
    case Kind::nil: break;
    case Kind::list:
    case Kind::bytes: block.count = static_cast<std::int64_t>(value.value.size()); break;
    case Kind::int_:
    case Kind::int64: block.count = std::max<std::int64_t>(0, value.value.as_int()); break;
    case Kind::uint64: block.count = static_cast<std::int64_t>(std::min<std::uint64_t>(value.value.as_uint(), INT64_MAX)); break;
    case Kind::map:
      if (const Map* map = value.value.map()) block.entries.assign(map->begin(), map->end());
      block.count = static_cast<std::int64_t>(block.entries.size());
      break;
    case Kind::object:
      if (!value.value.object()->entries(block.entries)) fail("range can't iterate over " + text_of(value.value));
      block.count = static_cast<std::int64_t>(block.entries.size());
      break;
    default: fail("range can't iterate over " + text_of(value.value));
  }
  const Kind kind = value.value.kind();
  if (pipeline.variables > 1 && (kind == Kind::int_ || kind == Kind::int64 || kind == Kind::uint64)) {
    fail("can't use " + text_of(value.value) + " to iterate over more than one variable");
  }
  if (block.count == 0) {
    step_ = step.a;
    return;
  }
  block.subject = std::move(value.value);
  block.outer_dot = std::move(dot_);
  blocks_.push_back(std::move(block));
  set_element(pipeline);
}

void Executor::next_element(const Step& step) {
  Block& block = blocks_.back();
  if (++block.index >= block.count) return drop_blocks(1);
  set_element(nodes_[step.node]);
  step_ = step.a;
}

/// Makes the current element of the innermost range the dot, and sets the range's variables.
void Executor::set_element(const Node& pipeline) {
  Block& block = blocks_.back();
  const auto index = static_cast<std::size_t>(block.index);
  Operand element, key;
  switch (block.subject.kind()) {
    case Kind::list:
      if (index < block.subject.items().size()) element.value = block.subject.items()[index];
      element.is_wrapped = block.subject.list_type() == ListType::any;
      key.value = Value::of_int(block.index);
      break;
    case Kind::bytes:
      element.value = Value::of_uint64(static_cast<unsigned char>(block.subject.str()[index]));
      key.value = Value::of_int(block.index);
      break;
    case Kind::int_: element.value = Value::of_int(block.index); break;
    case Kind::int64: element.value = Value::of_int64(block.index); break;
    case Kind::uint64: element.value = Value::of_uint64(index); break;
    default:
      element.value = std::move(block.entries[index].value);
      element.is_wrapped = block.subject.is_map() && block.subject.map_type() != MapType::strings;
      if (pipeline.variables > 1) key.value = Value::of_string(block.entries[index].key);
  }
  if (block.subject.secret_bit()) element.value.set_secret_bit(true);
  if (pipeline.variables > 0) {
    const Declaration* names = &tree_->declarations[pipeline.variable];
    const auto set = [&](const Declaration& name, const Operand& value) {
      if (name.slot == nothing) fail("undefined variable: " + std::string(tree_->names[name.name]));
      variables_[slots_ + name.slot] = value;
    };
    if (pipeline.variables > 1) set(names[0], key);
    set(names[pipeline.variables - 1], element);
  }
  dot_ = std::move(element);
}

void Executor::invoke(const Step& step) {
  at_ = step.node;
  const Node& node = nodes_[step.node];
  const std::string& name = tree_->invoked[node.first];
  const Template next = set_->find(name);
  if (!next) fail("template " + quoted(name) + " not defined");
  if (depth_ == options_.budget.template_depth) {
    fail("exceeded maximum template depth (" + std::to_string(options_.budget.template_depth) + ")");
  }
  Operand dot;
  if (node.data != nothing) dot = evaluate(node.data);
  ++depth_;
  enter(next, std::move(dot));
}

}  // namespace sluice::gotemplate
