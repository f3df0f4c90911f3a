#include "integrity/checkpoint.h"

#include <algorithm>

#include "json/json.h"

namespace cairn::integrity {
namespace {

constexpr std::int64_t kVersion = 1;

Error not_a_checkpoint(std::string_view why) {
  return {Errc::invalid, "not a checkpoint of cairn verify", std::string(why)};
}

Result<Kept> kept_from(const json::value& value) {
  const auto* object = value.if_object();
  if (object == nullptr) {
    return not_a_checkpoint("chains");
  }
  const auto text = [&](std::string_view member) {
    return std::string(json::find_string(*object, member).value_or(""));
  };
  Kept kept{
      .bucket = text("bucket"), .key = text("key"), .hash = text("hash"), .signature = text("signature")};
  const auto name = parse_digest_key(kept.key);
  if (!name || name->key() != kept.key || kept.hash.empty() || kept.signature.empty()) {
    return not_a_checkpoint("chains");
  }
  return kept;
}

// Which chain a digest's key is of: all that it says but the time.
DigestName chain_of(const Kept& kept) {
  auto name = *parse_digest_key(kept.key);
  name.end = Time{};
  return name;
}

}  // namespace

std::string to_json(const Checkpoint& checkpoint) {
  json::array chains;
  for (const auto& kept : checkpoint.chains) {
    chains.push_back(json::object{
        {"bucket", kept.bucket}, {"key", kept.key}, {"hash", kept.hash}, {"signature", kept.signature}});
  }
  return json::serialize(json::object{{"version", kVersion}, {"chains", std::move(chains)}}) + "\n";
}

Result<Checkpoint> checkpoint_from(std::string_view text) {
  CAIRN_TRY(const auto object, json::parse_object(text, {.bytes_max = kCheckpointBytesMax, .depth_max = 8}));
  const auto version = json::find_int(object, "version");
  if (!version || *version < 1) {
    return not_a_checkpoint("version");
  }
  if (*version > kVersion) {
    return not_a_checkpoint("it is of a later version");
  }
  const auto* list = json::find_array(object, "chains");
  if (list == nullptr) {
    return not_a_checkpoint("chains");
  }
  Checkpoint checkpoint;
  for (const auto& value : *list) {
    CAIRN_TRY(auto kept, kept_from(value));
    checkpoint.chains.push_back(std::move(kept));
  }
  return checkpoint;
}

std::optional<Kept> newest_of(const Chain& chain) {
  if (chain.empty() || chain.back().verdict.state != State::valid) {
    return std::nullopt;
  }
  const auto& newest = chain.back();
  return Kept{
      .bucket = newest.digest->bucket, .key = newest.key, .hash = newest.hash, .signature = newest.signature};
}

void advance(Checkpoint& checkpoint, const Kept& seen) {
  const auto same = [&](const Kept& kept) {
    return kept.bucket == seen.bucket && chain_of(kept) == chain_of(seen);
  };
  const auto at = std::ranges::find_if(checkpoint.chains, same);
  if (at == checkpoint.chains.end()) {
    checkpoint.chains.push_back(seen);
  } else if (parse_digest_key(at->key)->end < parse_digest_key(seen.key)->end) {
    *at = seen;
  }
}

std::optional<Finding> compare(const Kept& kept, const JudgedDigest& now) {
  Finding finding{.weight = Weight::invalid,
                  .subject = "Checkpoint",
                  .bucket = kept.bucket,
                  .key = kept.key,
                  .what = "this digest file was there, and is not: its chain was cut off"};
  if (now.verdict.state == State::unlooked) {
    finding.weight = Weight::unlooked;
    finding.what = now.verdict.why;
    return finding;
  }
  if (now.hash == kept.hash && (now.signature == kept.signature || now.signature.empty())) {
    return std::nullopt;
  }
  if (!now.hash.empty()) {
    finding.what = "this digest file is not the one that was there";
  }
  return finding;
}

}  // namespace cairn::integrity
