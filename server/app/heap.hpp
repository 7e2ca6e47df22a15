#pragma once

namespace sluice::app {

/// Makes the heap grow in large steps of large pages, for commands that fill some tens of megabytes and end: taking that memory
/// from the kernel in pages of 4 KiB took a fifth of their time. Not for the daemon, which gives memory back.
void take_large_pages();

}  // namespace sluice::app
