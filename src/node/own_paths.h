// What is Cairn's own and not AWS's: everything below /_cairn/.
#pragma once

#include <string>

#include "base/metrics.h"
#include "front/door.h"
#include "http/http.h"

namespace cairn::node {

bool is_own_path(const codec::RequestHead& head);

struct OwnPaths {
  const Metrics& metrics;
  front::Door& door;
  bool ready;
  std::string complaint;  // of a full disk, or a history that cannot all be read; empty: none
};
Task<http::Response> own_path(OwnPaths on, http::Request& request);

}  // namespace cairn::node
