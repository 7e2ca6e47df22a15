#pragma once

// server/net/net.hpp
//
// Outgoing HTTP/1.1, over TLS or plain: one Client for each set of trust rules (a cluster, a chart repository, GitHub).
//   in:   Request (method, absolute URL, headers, body), Limits (deadlines and caps)
//   out:  Response, or an Error: `denied` when the trust rules say no, `unavailable` and `timeout` when it is worth a retry,
//         `invalid` when the answer is not HTTP or passes a cap
//   not:  following redirects, retrying, environment proxies, cookies: the caller decides what a 3xx or 503 means
// Why our own Request and Response: Beast's templates cost 20 s a file, so they live in client.cpp alone.
// Read next: url.hpp, client.hpp, tls.hpp.

#include "server/net/client.hpp"
#include "server/net/url.hpp"
