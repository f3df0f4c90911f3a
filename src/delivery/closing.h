// Closing: everything that one commit of the follower makes: files, the cursor behind them, and the trails as
// they are then. It is fixed when the buffers close and lives until its commit is known to have happened;
// until then the follower takes nothing more. One thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "delivery/buffers.h"
#include "delivery/ledger.h"
#include "delivery/plan.h"
#include "delivery/status.h"
#include "delivery/uploader.h"

namespace cairn::delivery {

struct Closing {
  State next;                  // next.plans rises with each plan
  std::vector<Closed> closed;  // those before `made` gave their bytes away
  std::size_t made = 0;        // how many are in plans or gaps
  std::vector<Plan> plans;
  std::map<QueueName, Spooled> planned;  // what `plans` adds to each
  std::map<StatusName, Gap> gaps;        // files that the spool had no room for
  std::vector<catalog::Write> trails;
  std::vector<catalog::Write> echoes;  // those that wait, and those that do no more
};

}  // namespace cairn::delivery
