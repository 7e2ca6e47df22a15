#include "server/app/template_command.hpp"
namespace sluice::app { int run_lint(const std::vector<std::string>&) { return 70; } }
