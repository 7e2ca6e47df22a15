// `sluice serve`: the process around the Daemon: signals, service manager, exit codes.

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <csignal>

#include "core/base/version.hpp"
#include "server/app/daemon.hpp"
#include "server/app/service_manager.hpp"
#include "server/base/failpoint.hpp"
#include "server/base/files.hpp"
#include "server/base/log.hpp"
#include "server/http/server.hpp"
#include "server/store/store.hpp"
#include "server/task/task.hpp"

namespace sluice::app {

using boost::asio::awaitable;

namespace {

const Logger log{"app"};

void reload(Daemon& daemon, const std::string& file) {
  (void)failpoint("reload");
  tell_service_manager("RELOADING=1");
  auto config = config::load(file);
  auto done = config ? daemon.reload(std::move(*config)) : Result<>(std::move(config).error());
  if (done) {
    log.info("configuration reloaded file={}", file);
  } else {
    log.error("the new configuration is not in force, the old one stays file={} error={}", file, done.error().what);
  }
  tell_service_manager("READY=1");
}

/// Feeds the watchdog, each time only after the store and this thread have made progress.
awaitable<void> feed_watchdog(Daemon& daemon) {
  const auto interval = watchdog_interval();
  if (!interval) co_return;
  while (true) {
    auto counts = co_await daemon.store().read(&store::Reader::counts);
    if (counts) tell_service_manager("WATCHDOG=1");
    co_await sleep_for(*interval);
  }
}

awaitable<void> run(Daemon& daemon, const std::string& file) {
  auto here = co_await boost::asio::this_coro::executor;
  boost::asio::signal_set signals(here, SIGTERM, SIGINT, SIGHUP);
  TaskGroup group(here, [](std::string_view, std::string_view) {});
  group.start("watchdog", feed_watchdog(daemon));
  daemon.start();
  tell_service_manager("READY=1\nSTATUS=serving");
  while (true) {
    const int signal = co_await signals.async_wait(boost::asio::use_awaitable);
    if (signal != SIGHUP) break;
    reload(daemon, file);
  }
  tell_service_manager("STOPPING=1");
  log.info("stopping: finishing what is in hand");
  (void)failpoint("shutdown.drain");
  co_await group.stop();
  co_await daemon.drain();
}

/// Credentials are in this process's memory: no crash writes them down, also where the service manager does not see to it.
void refuse_core_dumps() {
  const rlimit none{0, 0};
  if (::setrlimit(RLIMIT_CORE, &none) != 0 || ::prctl(PR_SET_DUMPABLE, 0) != 0) log.warn("core dumps stay possible error={}", errno_text(errno));
}

ExitCode code_of(const Error& error) {
  switch (error.code) {
    case Errc::unavailable:
    case Errc::timeout: return ExitCode::try_again;
    case Errc::denied: return ExitCode::not_permitted;
    default: return ExitCode::configuration;
  }
}

int refuse(const Error& error) {
  log.error("cannot start error={}", error.what);
  return static_cast<int>(code_of(error));
}

}  // namespace

int serve(const ServeOptions& options) {
  if (::geteuid() == 0 && !options.allow_root) {
    return refuse({Errc::denied, "sluice does not run as root: use deploy/sluice.service, another user, or --allow-root"});
  }
  if (options.debug) set_log_level(LogLevel::debug);
  refuse_core_dumps();
  auto config = config::load(options.config_file);
  if (!config) return refuse(config.error());
  Daemon::Options daemon_options;
  const auto sockets = http::inherited_sockets();
  if (!sockets.empty()) daemon_options.inherited_socket = sockets.front();
  boost::asio::io_context io(1);
  (void)failpoint("startup.recover");
  auto daemon = Daemon::open(io, std::move(*config), daemon_options);
  if (!daemon) return refuse(daemon.error());
  log.info("started version={}", version);
  std::exception_ptr failure;
  boost::asio::co_spawn(io, run(**daemon, options.config_file), [&](std::exception_ptr thrown) {
    failure = thrown;
    io.stop();
  });
  io.run();
  if (failure) std::rethrow_exception(failure);
  return static_cast<int>(ExitCode::done);
}

}  // namespace sluice::app
