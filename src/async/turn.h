// Turns: who works long without waiting for anything lets others have the loop now and then.
#pragma once

#include <cstddef>

#include "async/task.h"

namespace cairn::async {

// Suspends until all who are ready on this loop now have had it.
Task<void> turn();

// How much is done on this thread's loop between two turns, whoever does it. A loop is one thread, so this
// counts what its tasks do one behind the other.
//
//   if (Share::takes(rows)) {
//     co_await async::turn();
//   }
class Share {
 public:
  static constexpr std::size_t kMax = 256;  // of what takes some microseconds each

  // Counts so many more. True: that was enough, somebody else's turn now.
  static bool takes(std::size_t more);
};

}  // namespace cairn::async
