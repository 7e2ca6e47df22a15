-- wrk: signed deliveries of 8 KiB, each with a GUID of its own. Argument: the files of bodies (see tests/bench/run), without
-- the thread's number at their end.
local bodies
local thread_count = 0
local counter = 0

function setup(thread)
  thread:set("number", thread_count)
  thread_count = thread_count + 1
end

function init(args)
  bodies = dofile(args[1] .. "." .. number)
  counter = number * 1000000000
end

function request()
  counter = counter + 1
  local one = bodies[counter % #bodies + 1]
  return wrk.format("POST", nil, {
    ["Content-Type"] = "application/json",
    ["X-GitHub-Event"] = "push",
    ["X-GitHub-Delivery"] = string.format("%08x-0000-4000-8000-%012x", number, counter),
    ["X-GitHub-Hook-ID"] = "1",
    ["X-Hub-Signature-256"] = "sha256=" .. one[2],
  }, one[1])
end
