// The other side of render_process.cpp: what runs in the process that renders.

#include <unistd.h>

#include <cerrno>
#include <map>
#include <new>
#include <set>

#include "server/base/confine.hpp"
#include "server/worker/inputs.hpp"
#include "server/worker/render_messages.hpp"
#include "server/worker/render_process.hpp"

namespace sluice::worker {

using plan::Json;

namespace {

/// The parent is gone, or writes what is no message: there is nobody to answer.
struct ParentGone {};

void write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(1, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) throw ParentGone();
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

std::string read_exactly(std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t have = 0;
  while (have < size) {
    const ssize_t count = ::read(0, bytes.data() + have, size - have);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) throw ParentGone();
    have += static_cast<std::size_t>(count);
  }
  return bytes;
}

Json read_message() {
  const auto length = frame_length(read_exactly(frame_head));
  if (!length) throw ParentGone();
  return from_frame(read_exactly(*length));
}

Result<Json> ask(const char* what, Json with) {
  write_all(to_frame(Json{{"ask", what}, {"with", std::move(with)}}));
  return from_outcome(read_message());
}

template <class Read>
auto ask(const char* what, Json with, Read read) -> Result<decltype(read(Json()))> {
  auto answer = ask(what, std::move(with));
  if (!answer) return std::move(answer).error();
  return read(*answer);
}

std::string text(const Json& wire) { return wire.get<std::string>(); }

std::vector<helmfile::FileEntry> entries(const Json& wire) {
  std::vector<helmfile::FileEntry> list;
  for (const Json& one : wire) list.push_back({one.at(0).get<std::string>(), static_cast<helmfile::FileKind>(one.at(1).get<int>())});
  return list;
}

/// The world as the parent answers for it; it names in `offers` what there is.
TreeWorld world_beyond(const std::set<std::string>& offers) {
  TreeWorld world;
  helmfile::Outside& outside = world.outside;
  functions::Outside& functions = world.functions;
  outside.files.read = [](const std::string& path) { return ask("read", path, text); };
  outside.files.kind = [](const std::string& path) {
    auto kind = ask("kind", path);
    return kind ? static_cast<helmfile::FileKind>(kind->get<int>()) : helmfile::FileKind::none;
  };
  outside.files.list = [](const std::string& path) { return ask("list", path, entries); };
  if (offers.contains("variable")) {
    outside.variable = [](const std::string& name) -> std::optional<helmfile::Variable> {
      const auto found = ask("variable", name);
      if (!found || found->is_null()) return std::nullopt;
      return helmfile::Variable{found->at(0).get<std::string>(), found->at(1).get<bool>()};
    };
  }
  if (offers.contains("exec")) outside.exec = [](const helmfile::ExecCall& call) { return ask("exec", to_wire(call), output_from_wire); };
  if (offers.contains("fetch")) outside.fetch = [](const std::string& address) { return ask("fetch", address, text); };
  if (offers.contains("now")) {
    functions.now = [] { return ask("now", Json(), [](const Json& wire) { return functions::Moment{wire.get<std::int64_t>()}; }); };
  }
  if (offers.contains("random")) functions.random_bytes = [](std::size_t size) { return ask("random", size, text); };
  if (offers.contains("host")) functions.host_by_name = [](std::string_view host) { return ask("host", host, text); };
  if (offers.contains("zone")) functions.zone_file = [](std::string_view zone) { return ask("zone", zone, text); };
  if (offers.contains("schema")) functions.schema = [](const std::string& url) { return ask("schema", url, text); };
  world.find_object = [](const functions::ObjectQuery& query) {
    return ask("object", to_wire(query), [](const Json& found) { return found.empty() ? std::nullopt : std::optional<Json>(found.at(0)); });
  };
  // a chart that several releases use is loaded once
  world.chart_of = [known = std::make_shared<std::map<std::string, source::ObtainedChart>>()](
                       const helmfile::State& state, const helmfile::Release& release) -> Result<source::ObtainedChart> {
    auto chart = ask("chart", chart_question(state, release), chart_from_wire);
    if (!chart) return chart;
    if (const auto before = known->find(chart->digest); before != known->end()) return before->second;
    if (auto loaded = source::load_obtained(*chart); !loaded) {
      return std::move(loaded).error().during("chart \"" + release.chart.reference + "\" of release \"" + release.name + "\"");
    }
    known->emplace(chart->digest, *chart);
    return chart;
  };
  return world;
}

template <class T, class Convert>
Json outcome_of(const Result<T>& result, Convert convert) {
  return result ? outcome(convert(*result)) : outcome(result.error());
}

class Steps {
 public:
  Json step(const Json& message) try {
    const auto& name = message.at("step").get_ref<const std::string&>();
    const Json& with = message.at("with");
    if (name == "load") {
      tree_ = make_tree_renderer(input_from_wire(with.at(0)), world_beyond(with.at(1).get<std::set<std::string>>()));
      return outcome_of(tree_->load(), [](const TreeContents& contents) { return to_wire(contents); });
    }
    if (name == "render") {
      return outcome_of(tree_->render(with.at(0).get<std::size_t>(), facts_from_wire(with.at(1))), [](const RenderedRelease& rendered) { return to_wire(rendered); });
    }
    if (name == "clean_up") {
      const auto done = tree_->clean_up();
      return done ? outcome(Json()) : outcome(done.error());
    }
    return outcome_of(tree_->inputs(), [](const std::string& inputs) { return Json(inputs); });
  } catch (const std::bad_alloc&) {
    return outcome(Error{Errc::invalid, "render-memory: rendering took more than the memory it may use (1 GiB)"});
  }

 private:
  std::unique_ptr<TreeRenderer> tree_;
};

}  // namespace

int run_render_worker() {
  // what a first render sets up may open files: the end of the stack is read from one
  static_cast<void>(expand("start", "{{ .Commit.Sha | sha256sum }}", {}, ""));
  if (auto shut_off = confine({}); !shut_off) {
    // the first step is answered with the reason
    try {
      static_cast<void>(read_message());
      write_all(to_frame(outcome(shut_off.error())));
    } catch (const ParentGone&) {
    }
    ::_exit(1);
  }
  Steps steps;
  try {
    while (true) write_all(to_frame(steps.step(read_message())));
  } catch (const ParentGone&) {
  }
  ::_exit(0);  // no destructors: nothing is open that matters, and the sanitizers may not look around in here
}

}  // namespace sluice::worker
