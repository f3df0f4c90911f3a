// What a digest says of a log file: whose events, the hash of its JSON, and when the events were. And the log
// files that are in their bucket and in no digest yet.
//
// Catalog: "delivery/undigested/<trail ARN>/<account>/<region>/<plan's number, 20 digits>", written with the
// commit that ends the file's plan, gone with the commit that has it in a digest. Values.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "catalog/catalog.h"

namespace cairn::delivery {

struct Listing {
  std::string account;  // whose records they are
  std::string hash;     // lower-case hexadecimal SHA-256 of the JSON before compression
  std::optional<Time> newest{};
  std::optional<Time> oldest{};

  friend bool operator==(const Listing&, const Listing&) = default;
};
boost::json::object to_json(const Listing& listing);
Result<Listing> listing_from(const boost::json::object& object);
// Of {"Records":[…]}. What has no time counts for none.
Listing listing_of(std::string account, std::string_view json);
// Whose records a log file has, by its key.
std::string account_in(std::string_view key);

// Where a chain of digests is: a trail's files of one account and Region.
struct Lane {
  std::string trail_arn{};
  std::string account{};
  std::string region{};

  auto operator<=>(const Lane&) const = default;
  std::string path() const;  // "<trail ARN>/<account>/<region>"
};

struct Undigested {
  Lane lane{};
  Time trail_created{};
  std::uint64_t number = 0;  // the plan's
  std::string bucket{};
  std::string key{};
  Time delivered{};
  Listing listing{};

  std::string catalog_key() const;
  std::string document() const;
};
inline constexpr std::string_view kUndigestedPrefix = "delivery/undigested/";
std::string undigested_prefix(const Lane& lane);
Result<Undigested> undigested_from(const catalog::Document& document);

}  // namespace cairn::delivery
