#pragma once

// core/deployment/deployment.hpp
//
// What may happen to a deployment: its states and the ways between them, who may approve, until when, and the one gate
// before a push.
//   in:   the state, the plan's digest, the approvals, the rules of the environment, a person's wish, what time it is
//   out:  the next state, or an Error whose text begins with a stable code ("approval-expired: ...")
//   not:  remembering anything (server/store calls these functions inside its transactions), pushing (server/kube)
// Follows GitHub Environments: required reviewers, self-review, wait timer, branch and tag patterns.
// Differs: an approval is for one plan, by its digest, and ends; GitHub approves a run before anything is computed.
//
// Why one gate: every way to a writing call (first start, resume after a crash, retry, rollback) asks `may_start`, so that
// there is one place to read and to test.
// Read next: state.hpp, decision.hpp, gate.hpp.

#include "core/deployment/decision.hpp"
#include "core/deployment/gate.hpp"
#include "core/deployment/moment.hpp"
#include "core/deployment/pattern.hpp"
#include "core/deployment/person.hpp"
#include "core/deployment/protection.hpp"
#include "core/deployment/queue.hpp"
#include "core/deployment/state.hpp"
