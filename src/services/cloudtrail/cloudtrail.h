// CloudTrail's API: trails, their status and tags, and the event history.
// What it answers is the table in cloudtrail.cc; docs/reference/coverage.md lists all 60 operations.
#pragma once

#include <functional>
#include <memory>

#include "aws/client.h"
#include "base/live.h"
#include "catalog/catalog.h"
#include "front/service.h"
#include "store/store.h"

namespace cairn::services::cloudtrail {

struct Options {
  Live<bool> require_bucket_policy = true;
  Live<std::uint64_t> trails_per_region = std::uint64_t{5};
  Live<Millis> retention = Millis{90LL * 86'400'000};  // of the event history
};

// All references outlive the service.
struct Dependencies {
  catalog::Catalog& catalog;
  store::Store& history;
  std::function<bool()> history_ready;  // false: the store has not yet read what was in the journal at start
  aws::Client& s3;                      // verifies a trail's bucket
  Options options;
};

std::unique_ptr<front::Service> make_cloudtrail(Dependencies dependencies);

}  // namespace cairn::services::cloudtrail
