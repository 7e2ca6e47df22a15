#pragma once

// Rendering in a process of its own, which holds no credential and can reach nothing (server/base/confine.hpp): a template that
// finds a hole in the engine finds nothing behind it, and one that crashes takes nobody along.
// Parent and child speak by turns over two pipes: the parent asks for one step (load, render, inputs); until the child gives
// the outcome, it may ask back for what TreeWorld offers. Messages: render_messages.hpp.

#include <memory>
#include <string>

#include "core/base/result.hpp"
#include "server/worker/tree_render.hpp"

namespace sluice::worker {

/// A renderer in a new process of `program`, a sluice. Its charts come from `world.chart_of` as bytes
/// (ChartsOptions::only_bytes). It is killed with the object.
/// Errors of its calls, beside the renderer's: "render-crashed: ...", when the process ended or said what makes no sense;
/// "render-timeout: ..." after two minutes without a word.
Result<std::unique_ptr<TreeRenderer>> start_render_process(const std::string& program, TreeInput input, TreeWorld world);

/// What main() does as that process: `sluice render-worker`, speaking on descriptors 0 and 1.
inline constexpr const char* render_worker_command = "render-worker";
int run_render_worker();

}  // namespace sluice::worker
