#pragma once

// server/task/task.hpp
//
// What coroutines need beyond Boost.Asio: owners for spawned tasks, deadlines, and a way to run work on another thread.
//   TaskGroup      spawns tasks, reports how each ended, cancels and awaits all of them at shutdown
//   with_deadline  bounds one awaited operation in time
//   on             runs blocking work on a WorkThread and resumes here with its value
//   Bell           lets tasks wait until something changed
//   not:           sockets (server/net, server/http), what the tasks do
// All of it is named in sluice itself, as core/base is: nearly every server file speaks these words.
// One thread runs the io_context. All of this except WorkThread::post is for that thread only.
// Why: `operator||` of awaitables is no deadline, it waits for a success; a detached coroutine has no owner at shutdown.

#include "server/task/bell.hpp"
#include "server/task/deadline.hpp"
#include "server/task/task_group.hpp"
#include "server/task/work_thread.hpp"
