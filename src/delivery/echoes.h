// Echoes: records of calls that delivering makes itself: the PutObject of a file, its GenerateDataKey, the
// Publish to a topic. A trail that takes them would have a file for each file, for ever. So an echo never
// opens a file: it waits for another record of its file, at most Options::echoes_wait_max, and meanwhile lies
// in the catalog, behind the cursor.
//
// Catalog: "delivery/echoes/<trail ARN>/<account>/<region>/<folder>", written with each commit of the
// follower that finds more of them, gone with the one that has them in a plan. Values.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "catalog/catalog.h"
#include "event/view.h"

namespace cairn::delivery {

// Whoever's trail it was that the call was made for.
bool is_echo(const event::View& view);

struct Echoes {
  std::string trail_arn{};
  std::string account{};
  std::string region{};
  std::string folder{};  // trail::folder_of()
  Time since{};          // of the first, by the clock of ages
  std::string file{};    // {"Records":[…]}

  friend bool operator==(const Echoes&, const Echoes&) = default;

  std::string catalog_key() const;
  std::string document() const;
};
inline constexpr std::string_view kEchoesPrefix = "delivery/echoes/";
Result<Echoes> echoes_from(const catalog::Document& document);

}  // namespace cairn::delivery
