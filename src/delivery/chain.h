// A chain of digests: of a trail's files of one account and Region, from where the trail began to log (or
// validation was turned on) until it stops. Each digest has an interval, and names the digest before it.
//
// Catalog: "delivery/chain/<trail ARN>/<account>/<region>"; written with each digest, and kept when the chain
// is closed: the next chain of the same place (of a trail made again under the same name, too) must not have
// a digest that ends in the same second, which would have the same key. Values; times are whole seconds.
#pragma once

#include <optional>
#include <string>

#include "delivery/listing.h"
#include "integrity/digest.h"
#include "trail/trail.h"

namespace cairn::delivery {

// Where its digests go.
struct Destination {
  std::string bucket{};
  std::string prefix{};
  std::string organization{};
  std::string kms_key{};  // the trail's, as it was last

  friend bool operator==(const Destination&, const Destination&) = default;
};
Destination destination_of(const trail::Trail& trail);

// What makes a chain this one, and not the trail's former one.
struct Origin {
  Time created{};  // the trail's
  Time since{};    // trail::Trail::chained(); the minute and second of all its digests but the last

  friend bool operator==(const Origin&, const Origin&) = default;
};
// None: the trail makes no digests now.
std::optional<Origin> origin_of(const trail::Trail& trail);

struct Chain {
  Lane lane{};
  Origin origin{};
  Destination destination{};
  bool open = true;
  // The interval that is open; closed: the last one.
  Time start{};
  Time end{};
  std::optional<integrity::PreviousDigest> previous{};  // none: this interval's digest is the first

  friend bool operator==(const Chain&, const Chain&) = default;

  std::string catalog_key() const;
  std::string document() const;

  // A digest was made of the interval; the next one ends at the next full step since the origin. After a
  // while in which nobody was there to make digests it ends at the last step that is over: one digest has it
  // all. `more`: the digest could not hold all, and the next one is due at once.
  void advance(integrity::PreviousDigest made, Millis step, Time now, bool more);
  void close(integrity::PreviousDigest made);

  // When the open interval ends by a clock that says `now`: at `end`; or sooner, if `end` was set by a clock
  // that ran ahead and was put back. A clock that is behind `start`: a second after that.
  Time ends(Millis step, Time now) const;
  // The interval ends as soon as it can.
  void end_now(Time now);
};
inline constexpr std::string_view kChainPrefix = "delivery/chain/";
Result<Chain> chain_from(const catalog::Document& document);

Time whole_seconds(Time time);
// Of the trail's home Region: its first digest is empty, and ends when the chain begins. `former`: the last
// chain of the lane; the new one is after it.
Chain chain_at_home(Lane lane, Origin origin, Destination destination, Millis step, const Chain* former);
// Of another Region, or account: it begins with the step in which its first file was delivered.
Chain chain_from_file(Lane lane, Origin origin, Destination destination, Time delivered, Millis step,
                      const Chain* former);

}  // namespace cairn::delivery
