// How a trail's deliveries go, as catalog documents. Each life of a trail has its own: a trail that was
// deleted and made again, under the same name and so the same ARN, shows nothing of the one before.
//
//   delivery/status/<trail ARN>/<created, ms>/<region>   written by the uploader alone
//   delivery/notified/<trail ARN>/<created, ms>/<region>  how its notices went (notices.h)
//   delivery/gap/<trail ARN>/<created, ms>/<region>      files that were never planned: by the follower alone
#pragma once

#include <string>

#include "delivery/delivery.h"

namespace cairn::delivery {

// Whose: a trail's life in a region.
struct StatusName {
  std::string trail_arn;
  Time trail_created;
  std::string region;

  auto operator<=>(const StatusName&) const = default;
  std::string status_key() const;
  std::string gap_key() const;
  std::string notified_key() const;
};

std::string to_document(const Status& status);
Result<Status> status_from(std::string_view document);

struct Gap {
  std::uint64_t files = 0;
  std::uint64_t events = 0;
};
std::string to_document(const Gap& gap);
Result<Gap> gap_from(std::string_view document);

// Removes what was said of trails that are no more. REQUIRES: `living` is what the catalog holds.
Task<Result<void>> remove_ended(catalog::Catalog& catalog, std::vector<const trail::Trail*> living);

}  // namespace cairn::delivery
