#pragma once

// How what a render takes and gives crosses between two processes of this same program: as CBOR, structs as arrays of their
// members. Reading throws nlohmann::json::exception on what does not fit: the other side has gone mad, or was taken over.
// Each conversion names all members of its struct, so that a new one does not compile before it has been thought of here.

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "server/worker/tree_render.hpp"

namespace sluice::worker {

/// Length (8 bytes, little end first) and CBOR.
std::string to_frame(const plan::Json& message);
inline constexpr std::size_t frame_head = 8;
inline constexpr std::size_t max_frame = std::size_t{512} << 20;
/// The length that follows. Errors: invalid, past max_frame.
Result<std::size_t> frame_length(std::string_view head);
plan::Json from_frame(std::string_view bytes);

/// An outcome: {"ok": ...} or {"error": [code, what]}.
plan::Json outcome(plan::Json value);
plan::Json outcome(const Error& error);
Result<plan::Json> from_outcome(const plan::Json& message);

plan::Json to_wire(const TreeInput& input);
TreeInput input_from_wire(const plan::Json& wire);
plan::Json to_wire(const TreeContents& contents);
TreeContents contents_from_wire(const plan::Json& wire);
plan::Json to_wire(const ReleaseFacts& facts);
ReleaseFacts facts_from_wire(const plan::Json& wire);
plan::Json to_wire(const RenderedRelease& rendered);
RenderedRelease rendered_from_wire(const plan::Json& wire);

plan::Json to_wire(const helmfile::ExecCall& call);
helmfile::ExecCall call_from_wire(const plan::Json& wire);
plan::Json to_wire(const helmfile::ExecOutput& output);
helmfile::ExecOutput output_from_wire(const plan::Json& wire);
plan::Json to_wire(const functions::ObjectQuery& query);
functions::ObjectQuery query_from_wire(const plan::Json& wire);

/// What source::Charts looks at to get a chart: of the state its name, its place and its repositories, of the release its name
/// and its chart.
plan::Json chart_question(const helmfile::State& state, const helmfile::Release& release);
struct ChartQuestion {
  helmfile::State state;
  helmfile::Release release;
};
ChartQuestion question_from_wire(const plan::Json& wire);
/// A chart that was obtained with ChartsOptions::only_bytes.
plan::Json to_wire(const source::ObtainedChart& chart);
source::ObtainedChart chart_from_wire(const plan::Json& wire);

}  // namespace sluice::worker
