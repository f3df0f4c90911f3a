// What is Cairn's own and not AWS's: everything below /_cairn/.
#pragma once

#include <string>

#include "base/metrics.h"
#include "front/door.h"
#include "http/http.h"
#include "node/live_paths.h"

namespace cairn::node {

bool is_own_path(const codec::RequestHead& head);

struct OwnPaths {
  const Metrics& metrics;
  front::Door& door;
  LivePaths& live;
  std::string waits_for;  // what it is not ready without; empty: ready
  std::string complaint;  // of what does not work although it is ready: a full disk, a history that cannot
                          // all be read, a delivery that stands; empty: none
};
Task<http::Response> own_path(OwnPaths on, http::Request& request);

}  // namespace cairn::node
