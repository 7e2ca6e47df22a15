#pragma once

// core/base/base.hpp
//
// What every other folder speaks in: Result and Error, a Secret that cannot be logged, positions in a file, the tree of a
// commit, hashes and the text forms of bytes.
//   not:  anything that touches the world
// Read next: result.hpp, secret.hpp.

#include "core/base/digest.hpp"
#include "core/base/result.hpp"
#include "core/base/secret.hpp"
#include "core/base/tree.hpp"
