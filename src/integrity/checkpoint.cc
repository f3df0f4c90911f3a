#include "integrity/checkpoint.h"

#include <algorithm>
#include <iterator>
#include <map>

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

// Whose digest it is, and where: all that its key says but the time.
using Owner = std::pair<std::string, DigestName>;

Owner owner_of(const Kept& kept) {
  auto name = *parse_digest_key(kept.key);
  name.end = Time{};
  return {kept.bucket, std::move(name)};
}

Time end_of(const Kept& kept) {
  return parse_digest_key(kept.key)->end;
}

Place place_of(const Kept& kept) {
  return {kept.bucket, kept.key};
}

std::map<Owner, Time> newest_of(const std::vector<Kept>& chains) {
  std::map<Owner, Time> newest;
  for (const auto& kept : chains) {
    auto& end = newest.emplace(owner_of(kept), end_of(kept)).first->second;
    end = std::max(end, end_of(kept));
  }
  return newest;
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

Ends::Ends(const Checkpoint& checkpoint) {
  std::ranges::transform(checkpoint.chains, std::inserter(kept_, kept_.end()), place_of);
}

void Ends::add(const Chain& chain) {
  if (std::ranges::any_of(chain, [](const auto& judged) { return judged.verdict.state != State::valid; })) {
    return;
  }
  std::set<Place> named;
  for (const auto& judged : chain) {
    if (const auto& previous = judged.digest->previous) {
      named.insert({previous->bucket, previous->key});
    }
  }
  for (const auto& judged : chain) {
    const auto& digest = *judged.digest;
    if (!named.contains({digest.bucket, digest.key})) {
      last_.push_back({digest.bucket, digest.key, judged.hash, judged.signature});
    }
  }
  std::ranges::set_intersection(named, kept_, std::inserter(continued_, continued_.end()));
}

// Where a part of the time is looked at, the newest in it may be one that others continue from: not if a
// newer one was kept.
void advance(Checkpoint& checkpoint, const Ends& seen) {
  auto& chains = checkpoint.chains;
  std::erase_if(chains, [&](const Kept& kept) { return seen.continued_.contains(place_of(kept)); });
  const auto kept = newest_of(chains);
  const auto newest = newest_of(seen.last_);
  auto known = seen.kept_;
  for (const auto& last : seen.last_) {
    const auto owner = owner_of(last);
    const auto at = kept.find(owner);
    const bool is_older = at != kept.end() && end_of(last) == newest.at(owner) && end_of(last) < at->second;
    if (!is_older && known.insert(place_of(last)).second) {
      chains.push_back(last);
    }
  }
}

std::vector<Kept> kept_since(const Checkpoint& checkpoint, const std::optional<Time>& from) {
  const auto newest = newest_of(checkpoint.chains);
  auto wanted = checkpoint.chains;
  std::erase_if(wanted, [&](const Kept& kept) {
    return from && end_of(kept) < *from && end_of(kept) != newest.at(owner_of(kept));
  });
  return wanted;
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
