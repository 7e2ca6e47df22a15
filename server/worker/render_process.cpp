#include "server/worker/render_process.hpp"

#include <functional>
#include <map>

#include "server/base/process.hpp"
#include "server/worker/render_messages.hpp"

namespace sluice::worker {

using plan::Json;

namespace {

constexpr std::chrono::seconds longest_silence{120};

template <class T, class Convert>
Json outcome_of(Result<T> result, Convert convert) {
  return result ? outcome(convert(std::move(*result))) : outcome(result.error());
}

Json same(std::string text) { return text; }

Json entries(const std::vector<helmfile::FileEntry>& list) {
  Json wire = Json::array();
  for (const auto& [name, kind] : list) wire.push_back(Json::array({name, static_cast<int>(kind)}));
  return wire;
}

/// What the child may ask, by name; what is not there it gets to know from `offers`.
using Answers = std::map<std::string, std::function<Json(const Json& with)>, std::less<>>;

Answers answers_of(const TreeWorld& world) {
  Answers answers;
  const helmfile::Outside& outside = world.outside;
  const functions::Outside& functions = world.functions;
  answers["read"] = [&outside](const Json& path) { return outcome_of(outside.files.read(path), same); };
  answers["kind"] = [&outside](const Json& path) { return outcome(static_cast<int>(outside.files.kind(path))); };
  answers["list"] = [&outside](const Json& path) { return outcome_of(outside.files.list(path), entries); };
  if (outside.variable) {
    answers["variable"] = [&outside](const Json& name) {
      const auto found = outside.variable(name);
      return outcome(found ? Json::array({found->text, found->secret}) : Json());
    };
  }
  if (outside.exec) {
    answers["exec"] = [&outside](const Json& call) {
      return outcome_of(outside.exec(call_from_wire(call)), [](const helmfile::ExecOutput& output) { return to_wire(output); });
    };
  }
  if (outside.fetch) answers["fetch"] = [&outside](const Json& address) { return outcome_of(outside.fetch(address), same); };
  if (functions.now) {
    answers["now"] = [&functions](const Json&) { return outcome_of(functions.now(), [](functions::Moment now) { return Json(now.nanoseconds); }); };
  }
  if (functions.random_bytes) answers["random"] = [&functions](const Json& size) { return outcome_of(functions.random_bytes(size.get<std::size_t>()), same); };
  if (functions.host_by_name) answers["host"] = [&functions](const Json& host) { return outcome_of(functions.host_by_name(host.get<std::string>()), same); };
  if (functions.zone_file) answers["zone"] = [&functions](const Json& zone) { return outcome_of(functions.zone_file(zone.get<std::string>()), same); };
  if (functions.schema) answers["schema"] = [&functions](const Json& url) { return outcome_of(functions.schema(url), same); };
  answers["object"] = [&world](const Json& query) {
    return outcome_of(world.find_object(query_from_wire(query)), [](std::optional<Json> found) { return found ? Json::array({std::move(*found)}) : Json::array(); });
  };
  answers["chart"] = [&world](const Json& question) {
    const ChartQuestion asked = question_from_wire(question);
    return outcome_of(world.chart_of(asked.state, asked.release), [](const source::ObtainedChart& chart) { return to_wire(chart); });
  };
  return answers;
}

class ProcessTree final : public TreeRenderer {
 public:
  ProcessTree(Conversation child, TreeInput input, TreeWorld world)
      : child_(std::move(child)), input_(std::move(input)), world_(std::move(world)), answers_(answers_of(world_)) {}

  Result<TreeContents> load() override {
    Json offers = Json::array();
    for (const auto& [name, answer] : answers_) offers.push_back(name);
    return read_outcome(call("load", Json::array({to_wire(input_), std::move(offers)})), &contents_from_wire);
  }
  Result<RenderedRelease> render(std::size_t index, const ReleaseFacts& facts) override {
    return read_outcome(call("render", Json::array({index, to_wire(facts)})), &rendered_from_wire);
  }
  Result<std::string> inputs() override {
    return read_outcome(call("inputs", Json()), [](const Json& text) { return text.get<std::string>(); });
  }
  Result<> clean_up() override {
    auto done = call("clean_up", Json());
    return done ? Result<>() : std::move(done).error();
  }

 private:
  Result<> write(const Json& message) { return child_.write(to_frame(message)); }

  Result<Json> read() {
    auto head = child_.read_exactly(frame_head);
    if (!head) return std::move(head).error();
    auto length = frame_length(*head);
    if (!length) return std::move(length).error();
    auto bytes = child_.read_exactly(*length);
    if (!bytes) return std::move(bytes).error();
    return from_frame(*bytes);
  }

  /// One step of the child, with answers to what it asks meanwhile.
  Result<Json> converse(std::string_view step, Json with) {
    if (auto sent = write(Json{{"step", step}, {"with", std::move(with)}}); !sent) return std::move(sent).error();
    while (true) {
      auto message = read();
      if (!message) return message;
      const auto question = message->find("ask");
      if (question == message->end()) return message;
      const auto answer = answers_.find(question->get_ref<const std::string&>());
      if (answer == answers_.end()) return Error{Errc::invalid, "it asked for what there is not"};
      if (auto sent = write(answer->second(message->at("with"))); !sent) return std::move(sent).error();
    }
  }

  Result<Json> call(std::string_view step, Json with) try {
    if (is_lost_) return lost("it has ended before");
    auto message = converse(step, std::move(with));
    if (message) return from_outcome(*message);
    if (message.error().code != Errc::timeout) return lost(message.error().what);
    is_lost_ = true;
    static_cast<void>(child_.end());
    return Error{Errc::timeout, "render-timeout: the process that renders was silent for " + std::to_string(longest_silence.count()) + " s"};
  } catch (const Json::exception&) {
    return lost("it said what makes no sense");
  }

  template <class Convert>
  auto read_outcome(Result<Json> answer, Convert convert) -> Result<decltype(convert(*answer))> try {
    if (!answer) return std::move(answer).error();
    return convert(*answer);
  } catch (const Json::exception&) {
    return lost("it said what makes no sense");
  }

  Error lost(const std::string& why) {
    if (!is_lost_) how_ = child_.end();
    is_lost_ = true;
    return {Errc::invalid, "render-crashed: the process that renders ended with " + how_ + " (" + why + ")"};
  }

  Conversation child_;
  TreeInput input_;
  TreeWorld world_;
  Answers answers_;
  bool is_lost_ = false;
  std::string how_;
};

}  // namespace

Result<std::unique_ptr<TreeRenderer>> start_render_process(const std::string& program, TreeInput input, TreeWorld world) {
  ProcessRequest request;
  request.arguments = {program, render_worker_command};
  request.environment = {"LC_ALL=C.UTF-8"};
  request.folder = "/";
  request.limit = longest_silence;
  auto child = Conversation::start(request);
  if (!child) return std::move(child).error().during("starting the process that renders");
  return std::unique_ptr<TreeRenderer>(std::make_unique<ProcessTree>(std::move(*child), std::move(input), std::move(world)));
}

}  // namespace sluice::worker
