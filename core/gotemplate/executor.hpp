#pragma once

// The engine's inside. executor.cpp walks a body's steps, evaluate.cpp computes pipelines and fields, call.cpp checks arguments
// and calls functions, builtins.hpp has Go's own functions.
//
// Statements need no C++ recursion, so {{template}} may nest 100,000 deep; expressions and include recurse, watched by a guard
// of the thread's stack. A failure throws Failure, which include and the front door catch.

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/gotemplate/gotemplate.hpp"
#include "core/gotemplate/operand.hpp"
#include "core/gotemplate/tree.hpp"

namespace sluice::gotemplate {

/// How much of the calling thread's stack may still be used.
class StackGuard {
 public:
  StackGuard();
  bool is_low() const noexcept { return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)) < lowest_; }

 private:
  std::uintptr_t lowest_;
};

class Executor final : public Call {
 public:
  struct Failure {
    TemplateError error;
  };

  Executor(const TemplateSet& set, const Options& options);
  Result<Text> execute(std::string_view name, const Value& dot);
  const SourceMap& source_map() const { return map_; }
  std::uint64_t steps_left() const { return steps_left_; }

  Result<Text> execute_template(std::string_view name, const Value& dot) override;
  Result<Text> parse_and_execute(const Text& text, const Value& dot, Stage& failed_at) override;
  Result<> spend(std::uint64_t steps) override;
  void expect_marks() override { has_secrets_ = true; }

 private:
  /// Words after the first of a command, and the piped value that comes last, if any.
  struct Arguments {
    const NodeId* words = nullptr;
    std::uint32_t count = 0;
    const Operand* piped = nullptr;
    bool any() const { return count > 0 || piped; }
    std::uint32_t size() const { return count + (piped ? 1 : 0); }
  };
  /// Where execution goes on when a template's body ends.
  struct Frame {
    Template current;
    std::uint32_t step = 0;
    std::uint32_t slots = 0;
    std::size_t blocks = 0;
    NodeId at = nothing;
    Operand dot;
  };
  /// A with or range that is being executed.
  struct Block {
    Operand outer_dot;
    Value subject = {};                    // of a range
    std::vector<Map::Entry> entries = {};  // of a range over a map: as it was at the start
    std::int64_t index = 0, count = 0;
  };

  // executor.cpp
  Result<Text> run_to_text(const TemplateSet& set, const Template& start, const Value& dot);
  void run(const Template& start, Operand dot);
  void enter(const Template& next, Operand dot);
  void leave();
  void take_step(const Step& step);
  void write_text(const Step& step);
  void print_action(const Step& step);
  void print_traced(const Step& step, std::size_t begin, NodeId pipe);
  void print(const Operand& operand);
  Text placed(const Text& text) const;
  void print_object(const Operand& operand);
  void begin_with(const Step& step);
  void begin_range(const Step& step);
  void next_element(const Step& step);
  void set_element(const Node& pipeline);
  void drop_blocks(std::uint32_t count);
  void invoke(const Step& step);
  void charge_output(std::size_t begin);
  void trace_text(std::size_t begin, std::size_t pos);
  void trace(std::size_t begin, std::size_t pos, NodeId expression);
  bool is_as_included(std::string_view printed) const;
  void note_element(const Value& value);
  void trace_string(const Value& value, std::size_t begin, std::size_t pos, NodeId pipeline);

  // evaluate.cpp
  Operand evaluate(NodeId pipeline);
  Operand evaluate_command(NodeId command, const Operand* piped);
  Operand evaluate_word(NodeId word);
  Operand evaluate_first(NodeId word, const Arguments& arguments);
  void declare(const Node& pipeline, const Operand& value);
  const Operand& variable(const Node& node);
  Operand field_chain(const Operand& receiver, NodeId node, std::uint32_t first, std::uint32_t count, const Arguments& arguments);
  Operand field(const Operand& receiver, std::string_view name, NodeId node, const Arguments& arguments);
  Operand map_element(const Operand& receiver, std::string_view name, const Arguments& arguments);
  bool object_field(const Operand& receiver, std::string_view name, const Arguments& arguments, Operand& out);
  /// The value of a word without computing anything or counting references: null unless it is a plain path through maps.
  const Value* find_plain(NodeId word);
  void not_a_function(NodeId word, const Arguments& arguments);
  Operand ideal_number(NodeId node);

  // call.cpp
  Operand call_function(NodeId word, NodeId reported, const Arguments& arguments);
  Operand call_builtin(const Node& function, NodeId reported, const Arguments& arguments);
  Operand call_and_or(bool is_or, const Arguments& arguments);
  Value call_printer(Builtin builtin, const Arguments& arguments);
  Operand call_method(const Method& method, const Operand& receiver, NodeId node, const Arguments& arguments);
  void check_arity(std::string_view name, std::size_t fixed, bool is_variadic, const Arguments& arguments);
  Value argument(const Parameter& parameter, NodeId word);
  Value literal_argument(const Parameter& parameter, NodeId word);
  Value convert(const Operand& operand, const Parameter& parameter);
  Operand builtin_argument(NodeId word);
  [[noreturn]] void fail_call(std::string_view name, NodeId reported, Error inner, std::span<const Value> arguments);
  std::string mask_secrets(std::string text, std::span<const Value> arguments) const;

  [[noreturn]] void fail(const std::string& text, Errc code = Errc::invalid);
  std::string frame_text(const std::string& text) const;
  std::string text_of(const Value& value) const;  // for error texts
  void charge(std::uint64_t steps) {
    if (steps_left_ < steps) out_of_steps();
    steps_left_ -= steps;
  }
  [[noreturn]] void out_of_steps();
  void check_stack();
  void poll_stop();
  bool is_stopped() const;

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  template <class T>
  using ByText = std::unordered_map<std::string, T, Hash, std::equal_to<>>;

  // What is executed now.
  const TemplateSet* set_;
  Template current_;
  const Tree* tree_ = nullptr;
  const Node* nodes_ = nullptr;
  const Step* steps_ = nullptr;
  std::uint32_t step_ = 0;
  std::uint32_t slots_ = 0;
  NodeId at_ = nothing;  // the node visited last, which errors name
  Operand dot_;
  TextBuilder* out_ = nullptr;

  std::vector<Frame> frames_;
  std::vector<Block> blocks_;
  std::size_t first_block_ = 0;
  std::vector<Operand> variables_;
  std::deque<TextBuilder> buffers_;  // one per nested execution; kept for their capacity
  std::size_t buffers_used_ = 0;
  std::uint32_t depth_ = 0;  // of {{template}}
  ByText<std::uint32_t> included_;  // how often each name is being included

  Options options_;
  std::uint64_t steps_left_;
  std::uint64_t next_poll_;
  std::size_t output_ = 0;
  bool has_secrets_;
  StackGuard guard_;
  TemplateError cause_;  // of the last nested execution that failed
  ByText<std::shared_ptr<const Tree>> texts_;  // of tpl, parsed
  std::size_t texts_size_ = 0;

  SourceMap map_;
  std::vector<ValueRead> reads_;  // of the action at hand, if a map is wanted
  struct Traced {
    Text text;
    SourceMap map;
  };
  Traced included_trace_;  // of the last include
};

}  // namespace sluice::gotemplate
