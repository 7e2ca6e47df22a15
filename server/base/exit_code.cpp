#include "server/base/exit_code.hpp"

#include <unistd.h>

namespace sluice {

void exit_now(ExitCode code) noexcept { ::_exit(static_cast<int>(code)); }

}  // namespace sluice
