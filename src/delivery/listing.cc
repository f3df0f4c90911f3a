// Tested by listing_test.cc.
#include "delivery/listing.h"

#include <fmt/format.h>

#include <vector>

#include "codec/base64.h"
#include "crypto/hash.h"
#include "event/view.h"
#include "json/json.h"
#include "json/records.h"

namespace cairn::delivery {
namespace {

constexpr std::int64_t kFormat = 1;
constexpr std::size_t kHashChars = 64;

json::value millis_or_null(const std::optional<Time>& time) {
  return time ? json::value(time->time_since_epoch().count()) : json::value(nullptr);
}

std::optional<Time> time_in(const json::object& object, std::string_view member) {
  const auto millis = json::find_int(object, member);
  return millis ? std::optional<Time>(Time{Millis{*millis}}) : std::nullopt;
}

std::string text_in(const json::object& object, std::string_view member) {
  return std::string(json::find_string(object, member).value_or(""));
}

}  // namespace

boost::json::object to_json(const Listing& listing) {
  return {{"account", listing.account},
          {"sha256", listing.hash},
          {"newest", millis_or_null(listing.newest)},
          {"oldest", millis_or_null(listing.oldest)}};
}

Result<Listing> listing_from(const boost::json::object& object) {
  Listing listing{.account = text_in(object, "account"),
                  .hash = text_in(object, "sha256"),
                  .newest = time_in(object, "newest"),
                  .oldest = time_in(object, "oldest")};
  if (listing.account.empty() || listing.hash.size() != kHashChars) {
    return Error{Errc::corrupt, "what a digest is to say of a log file lacks a member"};
  }
  return listing;
}

Listing listing_of(std::string account, std::string_view json) {
  Listing listing{.account = std::move(account), .hash = codec::hex_encode(crypto::sha256(json))};
  std::vector<json::Record> records;
  constexpr json::SplitLimits kLimits{
      .bytes_max = 256U << 20, .record_bytes_max = 64U << 20, .records_max = 1'000'000};
  if (!json::split_records(json, kLimits, records)) {
    return listing;
  }
  for (const auto& record : records) {
    if (const auto view = event::borrowed_view(record.raw)) {
      listing.newest = std::max(listing.newest.value_or(view->time), view->time);
      listing.oldest = std::min(listing.oldest.value_or(view->time), view->time);
    }
  }
  return listing;
}

std::string account_in(std::string_view key) {
  const auto name = key.substr(key.rfind('/') + 1);
  return std::string(name.substr(0, name.find('_')));
}

std::string Lane::path() const {
  return fmt::format("{}/{}/{}", trail_arn, account, region);
}

std::string undigested_prefix(const Lane& lane) {
  return fmt::format("{}{}/", kUndigestedPrefix, lane.path());
}

std::string Undigested::catalog_key() const {
  return fmt::format("{}{:020}", undigested_prefix(lane), number);
}

std::string Undigested::document() const {
  return json::serialize(json::object{{"v", kFormat},
                                      {"trail", lane.trail_arn},
                                      {"account", lane.account},
                                      {"region", lane.region},
                                      {"trailCreated", trail_created.time_since_epoch().count()},
                                      {"number", number},
                                      {"bucket", bucket},
                                      {"key", key},
                                      {"delivered", delivered.time_since_epoch().count()},
                                      {"listing", to_json(listing)}});
}

Result<Undigested> undigested_from(const catalog::Document& document) {
  const Error not_written{Errc::corrupt, "a log file's document for its digest is not what was written",
                          document.key};
  const auto object = json::parse_object(document.value);
  const auto* listing = object ? json::find_object(*object, "listing") : nullptr;
  const auto delivered = object ? time_in(*object, "delivered") : std::nullopt;
  if (listing == nullptr || !delivered || json::find_int(*object, "v") != kFormat) {
    return not_written;
  }
  CAIRN_TRY(auto listed, listing_from(*listing));
  Undigested file{.lane = {.trail_arn = text_in(*object, "trail"),
                           .account = text_in(*object, "account"),
                           .region = text_in(*object, "region")},
                  .trail_created = time_in(*object, "trailCreated").value_or(Time{}),
                  .number = static_cast<std::uint64_t>(json::find_int(*object, "number").value_or(0)),
                  .bucket = text_in(*object, "bucket"),
                  .key = text_in(*object, "key"),
                  .delivered = *delivered,
                  .listing = std::move(listed)};
  const bool sound = document.key == file.catalog_key() && !file.bucket.empty() && !file.key.empty();
  return sound ? Result<Undigested>(std::move(file)) : not_written;
}

}  // namespace cairn::delivery
