#include "server/worker/commands.hpp"

#include "server/kube/cluster.hpp"
#include "server/worker/wait.hpp"

namespace sluice::worker {

namespace asio = boost::asio;

namespace {

/// The text of a failure quotes what clusters say, and hooks like to put it into a shell's command line.
std::string harmless(std::string text) {
  for (char& c : text) {
    const bool is_control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    if (is_control || std::string_view("\"'`$\\;|&<>*?!#~{}").find(c) != std::string_view::npos) c = ' ';
  }
  return text;
}

/// The command as it runs after `why`.
plan::Command after(plan::Command command, const std::string& why) {
  if (why.empty() || command.arguments_on_failure.empty()) return command;
  const std::string failure = harmless(why);
  command.arguments = std::move(command.arguments_on_failure);
  for (auto& argument : command.arguments) {
    for (auto at = argument.find(plan::failure_mark); at != std::string::npos; at = argument.find(plan::failure_mark, at + failure.size()))
      argument.replace(at, plan::failure_mark.size(), failure);
  }
  return command;
}

asio::awaitable<Result<>> run_program(const PushRequest& request, Sender& sender, const plan::Command& command,
                                      const std::string& failure) {
  const std::string name = "hook[" + command.name + "]";
  if (!request.run) co_return Error{Errc::unsupported, name + ": programs beside a push are not run here"};
  plan::Command exact = after(command, failure);
  auto output = co_await request.run(std::move(exact));
  if (!output) co_return std::move(output).error().during(name);
  if (command.show_output && !output->text.empty()) sender.note(Note::Level::info, name + ": " + output->text);
  if (output->exit_code == 0) co_return Result<>();
  co_return Error{Errc::invalid, name + ": command `" + command.program + "` exited with status " +
                                     std::to_string(output->exit_code) +
                                     (output->error_text.empty() ? "" : ": " + output->error_text)};
}

/// Objects in their order; definitions among them are waited for, since what comes next may need them.
asio::awaitable<Result<>> apply_objects(kube::Cluster& cluster, Sender& sender, std::string step, const std::vector<plan::Action>& actions) {
  WaitRequest wait;
  for (std::size_t i = 0; i < actions.size(); ++i) {
    const auto& action = actions[i];
    auto sent = co_await sender.send(step, static_cast<int>(i), action);
    if (!sent) co_return std::move(sent).error();
    const bool defines = action.id.kind == "CustomResourceDefinition" && action.verb == plan::Verb::create;
    if (defines) wait.objects.push_back({action.id, action.api_version, action.object_path});
  }
  if (wait.objects.empty()) co_return Result<>();
  wait.limit = std::chrono::seconds(60);
  auto ready = co_await wait_until_ready(cluster, std::move(wait));
  cluster.forget_discovery();
  co_return ready;
}

}  // namespace

asio::awaitable<Result<>> run_commands(kube::Cluster& cluster, const PushRequest& request, Sender& sender, std::string release,
                                       const std::vector<plan::Command>& commands, std::string event, std::string failure) {
  int number = 0;
  for (const auto& command : commands) {
    if (command.event != event) continue;
    sender.note(Note::Level::info, event + ": hook " + command.name);
    const JournalEntry entry{release, "hook " + event, number, "run", command.name};
    if (request.journal.sending) {
      auto written = co_await request.journal.sending(entry);
      if (!written) co_return std::move(written).error();
    }
    auto done = Result<>();
    if (command.apply.empty()) {
      done = co_await run_program(request, sender, command, failure);
    } else {
      done = co_await apply_objects(cluster, sender, "hook " + event + " " + std::to_string(number), command.apply);
    }
    if (!done) co_return std::move(done).error();
    if (request.journal.confirmed) {
      auto written = co_await request.journal.confirmed(entry, "", "");
      if (!written) co_return std::move(written).error();
    }
    ++number;
  }
  co_return Result<>();
}

}  // namespace sluice::worker
