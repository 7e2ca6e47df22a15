#include "core/gotemplate/gotemplate.hpp"

#include "core/gotemplate/executor.hpp"

namespace sluice::gotemplate {

Renderer::Renderer(const TemplateSet& set, const Options& options) : executor_(std::make_unique<Executor>(set, options)) {}
Renderer::~Renderer() = default;

Result<Text> Renderer::execute(std::string_view name, const Value& dot) { return executor_->execute(name, dot); }
const SourceMap& Renderer::source_map() const { return executor_->source_map(); }
std::uint64_t Renderer::steps_left() const { return executor_->steps_left(); }

Result<Text> execute(const TemplateSet& set, std::string_view name, const Value& dot, const Options& options) {
  return Renderer(set, options).execute(name, dot);
}

}  // namespace sluice::gotemplate
