// One digest: what is in it, written, signed and spooled. Tested by digests_test.cc.
#include <algorithm>

#include "aws/ids.h"
#include "codec/checksum.h"
#include "codec/gzip.h"
#include "delivery/digests.h"
#include "integrity/digest_name.h"
#include "integrity/signature.h"

namespace cairn::delivery {
namespace {

constexpr std::size_t kWaitingPage = 1000;

std::string key_of(const Chain& chain) {
  const auto arn = aws::Arn::parse(chain.lane.trail_arn);
  return integrity::DigestName{.prefix = chain.destination.prefix,
                               .organization = chain.destination.organization,
                               .account = chain.lane.account,
                               .region = chain.lane.region,
                               .trail = std::string(arn ? arn->resource_id() : ""),
                               .home_region = std::string(arn ? arn->region() : ""),
                               .end = chain.end,
                               .backfill = false}
      .key();
}

integrity::Digest digest_of(const Chain& chain, const std::vector<Undigested>& files,
                            std::string fingerprint) {
  integrity::Digest digest{.account = chain.lane.account,
                           .start = chain.start,
                           .end = chain.end,
                           .bucket = chain.destination.bucket,
                           .key = key_of(chain),
                           .fingerprint = std::move(fingerprint),
                           .newest_event = {},
                           .oldest_event = {},
                           .previous = chain.previous,
                           .log_files = {}};
  for (const auto& file : files) {
    const auto& [account, hash, newest, oldest] = file.listing;
    digest.log_files.push_back({.bucket = file.bucket,
                                .key = file.key,
                                .hash = hash,
                                .newest_event = newest,
                                .oldest_event = oldest});
    if (newest && oldest) {
      digest.newest_event = std::max(digest.newest_event.value_or(*newest), *newest);
      digest.oldest_event = std::min(digest.oldest_event.value_or(*oldest), *oldest);
    }
  }
  return digest;
}

}  // namespace

bool Digests::has_room(const Chain& chain) const {
  const auto spooled = uploader_.spooled(chain.lane.trail_arn, chain.destination.bucket);
  return spooled.bytes < options_.spool_bytes_max && spooled.files < options_.spool_files_max;
}

// Nothing: not yet.
Result<std::optional<Digests::Made>> Digests::make(const Lane& lane, const Place& place, Due due, Time now,
                                                   std::uint64_t number) {
  auto chain = *place.chain;
  if (!has_room(chain)) {
    return std::optional<Made>();
  }
  const auto ends = chain.ends(step_, now);
  chain.end = ends;
  if (due == Due::last || now < ends) {
    chain.end_now(now);
  }
  CAIRN_TRY(auto content, content_of(lane, chain.end));
  bool is_last = due == Due::last && !content.more;
  if (is_last && content.left &&
      !place.forced) {  // delivered in this second: the last digest ends with the next one
    chain.end = ends;
    if (now < chain.end) {
      return std::optional<Made>();
    }
    CAIRN_TRY(content, content_of(lane, chain.end));
    is_last = false;
  }
  CAIRN_TRY(auto made, close(std::move(chain), std::move(content), is_last, now, number));
  return std::optional(std::move(made));
}

// What is in the lane's bucket and in no digest, by the plans' numbers.
Task<Result<std::vector<Undigested>>> Digests::waiting(Lane lane, std::size_t limit) {
  std::vector<Undigested> files;
  std::string after;
  while (files.size() < limit) {
    CAIRN_CO_TRY(const auto page, co_await catalog_.scan(undigested_prefix(lane), after,
                                                         std::min(kWaitingPage, limit - files.size())));
    if (page.empty()) {
      break;
    }
    after = page.back().key;
    for (const auto& document : page) {
      CAIRN_CO_TRY(auto file, undigested_from(document));
      files.push_back(std::move(file));
    }
  }
  co_return files;
}

// What was delivered before the interval's end, or by a clock that is put back since, as much of it as one
// digest holds.
Result<Digests::Content> Digests::content_of(const Lane& lane, Time end) {
  CAIRN_TRY(auto files, async::run(executor_, waiting(lane, options_.digest_files_max + 1)));
  const auto now = clock_.now();
  Content content;
  for (auto& file : files) {
    const bool is_in = file.delivered < end || file.delivered > now;
    if (is_in && content.files.size() < options_.digest_files_max) {
      content.files.push_back(std::move(file));
    } else {
      content.more = content.more || is_in;
      content.left = content.left ? std::move(content.left) : std::optional(std::move(file));
    }
  }
  return content;
}

// Written, signed, and in the spool.
Result<Digests::Made> Digests::close(Chain chain, Content content, bool is_last, Time now,
                                     std::uint64_t number) {
  CAIRN_TRY(const auto* key, signer_.key_for(chain.lane.region, chain.end));
  const auto digest = digest_of(chain, content.files, key->shown.fingerprint);
  const auto text = integrity::to_json(digest);
  const auto signature = integrity::sign(key->pair, digest, text);
  const auto bytes = codec::gzip_compress(text);
  const auto arn = aws::Arn::parse(chain.lane.trail_arn);
  Plan plan{.number = number,
            .trail_arn = chain.lane.trail_arn,
            .trail_created = chain.origin.created,
            .account = std::string(arn ? arn->account() : ""),
            .region = chain.lane.region,
            .home_region = std::string(arn ? arn->region() : ""),
            .bucket = digest.bucket,
            .key = digest.key,
            .spool = new_spool_name(),
            .kms_key = chain.destination.kms_key,
            .bytes = bytes.size(),
            .events = 0,
            .crc32c = codec::crc32c(bytes),
            .made = age(),
            .refused = {},
            .unreadable = {},
            .listing = {},
            .digest = DigestPlan{.account = chain.lane.account, .signature = signature}};
  if (auto put = async::run(executor_, blob_.put(plan.spool, std::as_bytes(std::span(bytes)))); !put) {
    static_cast<void>(async::run(executor_, blob_.remove(plan.spool)));  // it may be there all the same
    return std::move(put).error();
  }
  integrity::PreviousDigest previous{.bucket = digest.bucket,
                                     .key = digest.key,
                                     .hash = integrity::sha256_hex(text),
                                     .signature = signature};
  if (is_last) {
    chain.close(std::move(previous));
  } else {
    chain.advance(std::move(previous), step_, now, content.more);
  }
  Made made{.lane = chain.lane,
            .plan = std::move(plan),
            .chain = {},
            .writes = {},
            .left = std::move(content.left)};
  for (const auto& file : content.files) {
    made.writes.push_back({file.catalog_key(), std::nullopt, std::nullopt});
  }
  made.writes.push_back({chain.catalog_key(), chain.document(), std::nullopt});
  made.chain = std::move(chain);
  return made;
}

}  // namespace cairn::delivery
