#pragma once

// server/kube/kube.hpp
//
// The Kubernetes API of one cluster: who we are there, what it serves, and every request to it.
//   in:   a kubeconfig, the allow list of addresses, paths and bodies
//   out:  JSON answers, or an Error whose text holds no value of an object
//   not:  what to send and in which order (core/plan, server/worker), whether an object is ready (core/track)
// Trust: TLS always, the kubeconfig's CA alone, only allowed addresses, no redirects, no proxies, no programs.
// Repeats only what is safe to repeat, within a budget that all requests of one Cluster share.
// Read next: kubeconfig.hpp, cluster.hpp, discovery.hpp, status.hpp.

#include "server/kube/allow_list.hpp"
#include "server/kube/cluster.hpp"
#include "server/kube/discovery.hpp"
#include "server/kube/kubeconfig.hpp"
#include "server/kube/status.hpp"
