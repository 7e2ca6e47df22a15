#include "server/app/local_kubectl.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>

#include "server/worker/kubectl.hpp"
#include "server/worker/kubectl_shim.hpp"
#include "server/worker/tree.hpp"

namespace sluice::app {

static std::string path_variable() {
  const char* path = std::getenv("PATH");
  return path ? path : "/usr/local/bin:/usr/bin:/bin";
}

/// The file of a program in PATH, or nothing.
static std::string find_installed(const std::string& program) {
  const std::string path = path_variable();
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find(':', begin), path.size());
    std::string file = path.substr(begin, end - begin) + "/" + program;
    if (file.front() == '/' && file.size() > program.size() + 1 && ::access(file.c_str(), X_OK) == 0) return file;
    begin = end + 1;
  }
  return {};
}

void stand_in_for_kubectl(worker::TreeRequest& request) {
  auto world = std::make_shared<worker::KubectlWorld>();
  request.connect_kubectl = [world](worker::KubectlWorld given) { *world = std::move(given); };
  auto gave_secret = std::make_shared<bool>(false);
  const auto answer = [world, gave_secret, real = find_installed("kubectl"), exec = request.outside.exec](const std::vector<std::string>& arguments) {
    auto answered = worker::answer_kubectl(arguments, *world);
    *gave_secret = *gave_secret || (answered && answered->output.secret);
    if (answered) return std::move(answered->output);
    helmfile::ExecOutput failed{1, "", "error: " + answered.error().what + "\n", false};
    if (answered.error().code != Errc::unsupported || real.empty()) return failed;
    helmfile::ExecCall call;
    call.program = real;
    call.arguments = arguments;
    auto output = exec(call);
    return output ? std::move(*output) : failed;
  };
  request.outside.exec = [world, gave_secret, answer, exec = request.outside.exec](const helmfile::ExecCall& call) -> Result<helmfile::ExecOutput> {
    if (!world->resource) return exec(call);  // no cluster yet
    if (call.program == "kubectl") return answer(call.arguments);
    auto door = worker::KubectlDoor::open(answer);
    if (!door) return std::move(door).error();
    const std::string variable = (*door)->variable();
    const std::size_t equal = variable.find('=');
    helmfile::ExecCall with_kubectl = call;
    with_kubectl.environment["PATH"] = (*door)->folder().string() + ":" + path_variable();
    with_kubectl.environment[variable.substr(0, equal)] = variable.substr(equal + 1);
    *gave_secret = false;
    auto output = exec(with_kubectl);
    door->reset();  // its thread has ended
    if (output) output->secret = output->secret || *gave_secret;
    return output;
  };
}

}  // namespace sluice::app
