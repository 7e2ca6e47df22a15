// What was decided, as the release of the plan and of its diff.

#include "server/worker/planner.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/digest.hpp"
#include "core/plan/clean.hpp"

namespace sluice::worker {

namespace asio = boost::asio;
using plan::Action;
using plan::Desired;
using plan::Json;
using plan::Operation;
using plan::Verb;

namespace {

bool same_hooks(const std::vector<plan::NewRecord::Hook>& a, const std::vector<plan::NewRecord::Hook>& b) {
  const auto texts = [](const std::vector<plan::NewRecord::Hook>& hooks) {
    std::vector<std::string> out;
    for (const auto& hook : hooks) {
      if (runs_at_push(hook)) out.push_back(hook.path + "\n" + hook.manifest);
    }
    std::sort(out.begin(), out.end());
    return out;
  };
  return texts(a) == texts(b);
}

}  // namespace

bool Planner::is_changed(const Work& work) const {
  const auto changes = [](const Candidate& candidate) { return candidate.action.verb != Verb::unchanged; };
  if (work.is_install() || work.history.last()->status != "deployed") return true;
  if (std::any_of(work.objects.begin(), work.objects.end(), changes) || !work.removals.empty()) return true;
  return !same_hooks(hooks_of(*work.current), work.rendered.hooks);
}

plan::HookAction Planner::hook_action(const plan::NewRecord::Hook& hook, const Desired& object) const {
  plan::HookAction out{hook.path, hook.name, hook.kind, hook.events, hook.weight, hook.delete_policies, {}};
  if (const auto place = places_->find(object.id, object.api_version)) out.create = plan::create_action(object, *place);
  return out;
}

void Planner::add_shown(Work& work, const Candidate& candidate, const plan::Masker& masker) {
  auto shown = plan::show(
      {candidate.action, &candidate.wanted, candidate.last, candidate.live, candidate.result ? &*candidate.result : nullptr},
      masker);
  shown.notes.insert(shown.notes.end(), candidate.notes.begin(), candidate.notes.end());
  work.diff.objects.push_back(std::move(shown));
}

/// Follows: helm upgrade --labels: on top of those of the last revision, "null" takes one away.
static plan::ReleaseLabels labels_of(const Work& work) {
  plan::ReleaseLabels labels;
  const bool begins_anew = work.is_install() || work.operation;
  if (!begins_anew) labels = work.history.last()->labels;
  for (const auto& [key, value] : work.input.labels) labels[key] = value;
  std::erase_if(labels, [](const auto& label) { return label.second == "null"; });
  return labels;
}

void Planner::finish(Work& work) {
  const plan::Masker masker(mask_key_, work.full_name());
  auto& out = work.out;
  out.name = work.input.name;
  out.namespace_ = work.input.namespace_;
  out.group = work.input.group;
  out.options = work.input.options;
  const auto* last = work.history.last();
  out.last_revision = last ? last->revision : 0;
  out.last_status = last ? last->status : "";
  out.deployed_revision = work.history.deployed() ? work.history.deployed()->revision : 0;
  if (work.operation) {
    out.operation = *work.operation;
  } else if (!work.input.installed) {
    out.operation = Operation::uninstall;
  } else {
    out.operation = !is_changed(work) ? Operation::unchanged : work.is_install() ? Operation::install : Operation::upgrade;
  }
  work.diff.release = out.name;
  work.diff.namespace_ = out.namespace_;
  work.diff.operation = plan::to_string(out.operation);
  work.diff.chart = work.rendered.chart;
  for (auto* list : {&work.crds, &work.objects}) {
    for (const auto& candidate : *list) add_shown(work, candidate, masker);
  }
  for (const auto& removal : work.removals)
    work.diff.objects.push_back(plan::show({removal, nullptr, work.find_last(removal.id), live_.find(removal.id), nullptr}, masker));
  for (const auto& candidate : work.objects) {
    if (!candidate.wanted.secret_paths.empty()) work.secret_places[candidate.wanted.id] = candidate.wanted.secret_paths;
  }
  finish_commands(work, masker);
  if (out.operation == Operation::unchanged) return;

  for (auto& crd : work.crds) out.crds.push_back(std::move(crd.action));
  for (auto& candidate : work.objects) out.actions.push_back(std::move(candidate.action));
  std::move(work.removals.begin(), work.removals.end(), std::back_inserter(out.actions));
  for (std::size_t i = 0; i < work.hooks.size(); ++i) {
    if (!runs_at_push(work.rendered.hooks[i])) continue;
    out.hooks.push_back(hook_action(work.rendered.hooks[i], work.hooks[i]));
  }
  if (out.operation == Operation::uninstall) return;
  out.revision = out.last_revision + 1;
  work.diff.revision = out.revision;
  plan::NewRecord record;
  record.name = out.name;
  record.namespace_ = out.namespace_;
  record.revision = out.revision;
  record.chart = work.rendered.chart_record ? work.rendered.chart_record() : Json();
  record.config = std::move(work.rendered.config);
  record.manifest = std::move(work.rendered.manifest);
  record.notes = std::move(work.rendered.notes);
  record.hooks = std::move(work.rendered.hooks);
  record.labels = labels_of(work);
  out.record = plan::to_text(plan::to_json(record));
}

/// Which of its commands the release's operation comes by.
static bool comes_by(const std::string& event, Operation operation) {
  if (event == "preapply" || event == "cleanup") return true;
  if (event == "preuninstall" || event == "postuninstall") return operation == Operation::uninstall;
  return operation != Operation::unchanged && operation != Operation::rollback;
}

void Planner::finish_commands(Work& work, const plan::Masker& masker) {
  for (std::size_t i = 0; i < work.input.commands.size(); ++i) {
    CommandToPlan& command = work.input.commands[i];
    if (!comes_by(command.command.event, work.out.operation)) continue;
    work.diff.commands.push_back(std::move(command.shown));
    for (auto& one : work.applied) {
      if (one.command != i) continue;
      one.candidate.notes.push_back("applied by the hook " + command.command.name + " at " + command.command.event);
      add_shown(work, one.candidate, masker);
      command.command.apply.push_back(std::move(one.candidate.action));
    }
    work.out.commands.push_back(std::move(command.command));
  }
}

}  // namespace sluice::worker
