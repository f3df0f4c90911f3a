// Tested by descriptors_test.cc and conformance/test_connections.py.
#include "node/descriptors.h"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "base/error.h"
#include "base/log.h"

namespace cairn::node {

namespace {

constexpr std::size_t kFiles = 256;           // of the journal, the history, the catalog, blobs
constexpr std::size_t kForOneConnection = 2;  // its own, and one to where its call is relayed or its file
constexpr std::size_t kConnectionsMin = 16;

}  // namespace

std::size_t connections_beside_files(std::size_t wanted, std::size_t descriptors) {
  const auto left = descriptors - std::min(descriptors, kFiles);
  return std::min(wanted, std::max(kConnectionsMin, left / kForOneConnection));
}

std::size_t raise_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    log::warn("cannot see how many files may be open", {{"error", system_error(errno, "getrlimit").text()}});
    return kFiles;
  }
  if (limit.rlim_cur < limit.rlim_max) {
    const auto before = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) {
      log::warn("cannot raise how many files may be open",
                {{"error", system_error(errno, "setrlimit").text()}});
      limit.rlim_cur = before;
    }
  }
  return limit.rlim_cur == RLIM_INFINITY ? std::numeric_limits<std::size_t>::max() : limit.rlim_cur;
}

}  // namespace cairn::node
