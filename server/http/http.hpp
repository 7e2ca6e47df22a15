#pragma once

// server/http/http.hpp
//
// Incoming HTTP/1.1, with and without TLS: a listener, bounded connections, a strict gate, a router.
//   in:   bytes from anybody; Routes from server/webhook and server/api, each with the access it demands
//   out:  a Request to the route's handler, its Response to the client
//   not:  what the routes do, who a caller is (the Guard that server/api gives to the Router says)
// Order of checks: connection caps, TLS, header, gate, route and method, guard, declared length, body under budget, handler.
// Nothing later runs when something earlier fails. Every wait has an absolute deadline that no single byte moves.
// Why the gate checks what Beast has parsed already: Beast 1.81 accepts requests that two parties can read in two ways.
// Beast appears in parser.cpp alone. Read next: message.hpp, router.hpp, server.hpp.

#include "server/http/limits.hpp"
#include "server/http/message.hpp"
#include "server/http/problem.hpp"
#include "server/http/router.hpp"
#include "server/http/server.hpp"
