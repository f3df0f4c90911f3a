// Tested by chain_test.cc.
#include "delivery/chain.h"

#include <algorithm>

#include "json/json.h"

namespace cairn::delivery {
namespace {

constexpr std::int64_t kChainFormat = 1;
constexpr Millis kSecond{1'000};
constexpr std::int64_t kSecondsMax = 253'402'300'799;  // the year 9999's last

std::int64_t seconds(Time time) {
  return time.time_since_epoch() / kSecond;
}

Time from_seconds(std::int64_t count) {
  return Time{count * kSecond};
}

// The last full step since the origin that is not after it.
Time step_before(Time origin, Millis step, Time time) {
  const auto behind = time - origin;
  auto steps = behind / step;
  if (behind % step < Millis{0}) {
    --steps;
  }
  return origin + steps * step;
}

json::value previous_json(const std::optional<integrity::PreviousDigest>& previous) {
  if (!previous) {
    return nullptr;
  }
  return json::object{{"bucket", previous->bucket},
                      {"key", previous->key},
                      {"sha256", previous->hash},
                      {"signature", previous->signature}};
}

void after(Chain& chain, const Chain* former) {
  if (former != nullptr) {
    chain.start = std::max(chain.start, former->end);
    chain.end = std::max(chain.end, chain.start + kSecond);
  }
}

}  // namespace

Destination destination_of(const trail::Trail& trail) {
  return {.bucket = trail.bucket,
          .prefix = trail.prefix,
          .organization = trail.organization,
          .kms_key = trail.kms_key};
}

std::optional<Origin> origin_of(const trail::Trail& trail) {
  const auto since = trail.chained();
  return since ? std::optional(Origin{.created = trail.created, .since = *since}) : std::nullopt;
}

Time whole_seconds(Time time) {
  return from_seconds(seconds(time));
}

std::string Chain::catalog_key() const {
  return std::string(kChainPrefix) + lane.path();
}

std::string Chain::document() const {
  json::object document{{"v", kChainFormat},
                        {"trail", lane.trail_arn},
                        {"account", lane.account},
                        {"region", lane.region},
                        {"created", origin.created.time_since_epoch().count()},
                        {"since", origin.since.time_since_epoch().count()},
                        {"bucket", destination.bucket},
                        {"prefix", destination.prefix},
                        {"organization", destination.organization},
                        {"open", open},
                        {"start", seconds(start)},
                        {"end", seconds(end)},
                        {"previous", previous_json(previous)}};
  if (!destination.kms_key.empty()) {
    document["kmsKey"] = destination.kms_key;
  }
  return json::serialize(document);
}

Result<Chain> chain_from(const catalog::Document& document) {
  const Error not_written{Errc::corrupt, "a chain of digests is not what was written", document.key};
  const auto object = json::parse_object(document.value);
  if (!object || json::find_int(*object, "v") != kChainFormat) {
    return not_written;
  }
  const auto text = [](const json::object& in, std::string_view member) {
    return std::string(json::find_string(in, member).value_or(""));
  };
  const auto number = [&](std::string_view member) { return json::find_int(*object, member).value_or(0); };
  const auto second = [&](std::string_view member) {
    const auto count = number(member);
    return from_seconds(count < -kSecondsMax || count > kSecondsMax ? 0 : count);
  };
  Chain chain{.lane = {.trail_arn = text(*object, "trail"),
                       .account = text(*object, "account"),
                       .region = text(*object, "region")},
              .origin = {.created = Time{Millis{number("created")}}, .since = Time{Millis{number("since")}}},
              .destination = {.bucket = text(*object, "bucket"),
                              .prefix = text(*object, "prefix"),
                              .organization = text(*object, "organization"),
                              .kms_key = text(*object, "kmsKey")},
              .open = json::find_bool(*object, "open").value_or(false),
              .start = second("start"),
              .end = second("end")};
  bool sound =
      document.key == chain.catalog_key() && !chain.destination.bucket.empty() && chain.start < chain.end;
  if (const auto* previous = json::find_object(*object, "previous")) {
    chain.previous = integrity::PreviousDigest{.bucket = text(*previous, "bucket"),
                                               .key = text(*previous, "key"),
                                               .hash = text(*previous, "sha256"),
                                               .signature = text(*previous, "signature")};
    sound = sound && !chain.previous->key.empty() && !chain.previous->signature.empty();
  }
  return sound ? Result<Chain>(std::move(chain)) : not_written;
}

void Chain::advance(integrity::PreviousDigest made, Millis step, Time now, bool more) {
  previous = std::move(made);
  start = end;
  if (more) {
    end = start + kSecond;
    return;
  }
  const auto origin_second = whole_seconds(origin.since);
  end = std::max(step_before(origin_second, step, start) + step, step_before(origin_second, step, now));
}

Time Chain::ends(Millis step, Time now) const {
  if (now < start) {
    return start + kSecond;
  }
  const auto origin_second = whole_seconds(origin.since);
  return std::min(
      end, std::max(step_before(origin_second, step, start) + step, step_before(origin_second, step, now)));
}

void Chain::end_now(Time now) {
  end = std::max(whole_seconds(now), start + kSecond);
}

void Chain::close(integrity::PreviousDigest made) {
  previous = std::move(made);
  open = false;
}

Chain chain_at_home(Lane lane, Origin origin, Destination destination, Millis step, const Chain* former) {
  const auto begins = whole_seconds(origin.since);
  Chain chain{.lane = std::move(lane),
              .origin = origin,
              .destination = std::move(destination),
              .start = begins - step,
              .end = begins};
  after(chain, former);
  return chain;
}

Chain chain_from_file(Lane lane, Origin origin, Destination destination, Time delivered, Millis step,
                      const Chain* former) {
  const auto begins = step_before(whole_seconds(origin.since), step, whole_seconds(delivered));
  Chain chain{.lane = std::move(lane),
              .origin = origin,
              .destination = std::move(destination),
              .start = begins,
              .end = begins + step};
  after(chain, former);
  return chain;
}

}  // namespace cairn::delivery
