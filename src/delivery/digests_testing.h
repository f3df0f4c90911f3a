// For tests of digests: what lies in the buckets, checked as an auditor would: each digest's signature with a
// listed key, its hash chain, each log file's hash; and told as text.
#pragma once

#include "delivery/delivery_testing.h"
#include "integrity/digest.h"
#include "integrity/digest_name.h"
#include "integrity/public_key.h"
#include "integrity/signature.h"
#include "json/json.h"
#include "signing/signing_keys.h"

namespace cairn::delivery::testing {

// It takes long to make keys: those of two Regions at kStart, made once for all tests, sealed by the_sealer().
inline const crypto::Sealer& the_sealer() {
  static const crypto::Sealer sealer{crypto::MasterKey::generate()};
  return sealer;
}
inline const std::map<std::string, std::string>& made_keys() {
  static const auto keys = [] {
    std::map<std::string, std::string> made;
    for (const auto* region : {"eu-west-1", "us-east-1"}) {
      made[signing::document_key(region, signing::window_start(kStart))] =
          signing::make_key(the_sealer(), region, kStart).value().stored.document();
    }
    return made;
  }();
  return keys;
}

struct Audit {
  // By account and Region, a line for each digest in the order of their ends: "09:15:00-10:15:00 begins 2
  // files".
  std::map<std::string, std::vector<std::string>> lanes;
  std::vector<std::string> faults;
  std::multiset<std::string> listed;  // "bucket/key", by digests
  std::set<std::string> delivered;    // "bucket/key", log files
};

namespace detail {

struct ReadDigest {
  integrity::Digest digest;
  std::string text;
  std::string signature;
};

inline std::string metadata_of(const FakeS3::Put& put, std::string_view name) {
  const auto* metadata = json::find_object(put.call.input, "Metadata");
  return metadata == nullptr ? "" : std::string(json::find_string(*metadata, name).value_or(""));
}

inline std::optional<ReadDigest> read_digest(const FakeS3::Put& put, Audit& audit) {
  const auto text = codec::gzip_decompress(put.body, 64U << 20);
  auto digest = text ? integrity::digest_from(*text) : Result<integrity::Digest>(text.error());
  if (!digest) {
    audit.faults.push_back(put.key + ": " + digest.error().text());
    return std::nullopt;
  }
  if (digest->bucket != put.bucket || digest->key != put.key ||
      metadata_of(put, "signature-algorithm") != "SHA256withRSA") {
    audit.faults.push_back(put.key + ": is not where it says");
  }
  return ReadDigest{.digest = *std::move(digest), .text = *text, .signature = metadata_of(put, "signature")};
}

inline void check_signature(const ReadDigest& read, const std::vector<integrity::PublicKey>& keys,
                            Audit& audit) {
  for (const auto& key : keys) {
    if (key.fingerprint == read.digest.fingerprint && key.valid_from <= read.digest.end &&
        read.digest.end <= key.valid_until) {
      const auto known = crypto::RsaPublicKey::from_pkcs1(key.der);
      if (known && integrity::verifies(*known, read.digest, read.text, read.signature)) {
        return;
      }
    }
  }
  audit.faults.push_back(read.digest.key + ": no key of its time verifies it");
}

inline void check_chain(const ReadDigest& read, const ReadDigest* before, Audit& audit) {
  const auto& previous = read.digest.previous;
  if (before != nullptr && read.digest.start < before->digest.end && previous) {
    audit.faults.push_back(read.digest.key + ": begins before the former one ends");
  }
  if (!previous) {
    return;
  }
  if (before == nullptr || previous->key != before->digest.key || previous->bucket != before->digest.bucket ||
      previous->hash != integrity::sha256_hex(before->text) || previous->signature != before->signature) {
    audit.faults.push_back(read.digest.key + ": does not go on from the former one");
  }
}

}  // namespace detail

// `keys`: of a Region.
inline Audit audit(const std::vector<FakeS3::Put>& puts,
                   const std::function<std::vector<integrity::PublicKey>(const std::string&)>& keys) {
  Audit audit;
  std::map<std::string, std::string> hashes;  // of log files
  std::map<std::string, std::map<Time, detail::ReadDigest>> digests;
  std::map<std::string, std::string> bodies;
  for (const auto& put : puts) {
    const auto name = put.bucket + "/" + put.key;
    if (const auto [at, first] = bodies.emplace(name, put.body); !first) {
      if (at->second != put.body) {
        audit.faults.push_back(name + ": was put again with other bytes");
      }
      continue;
    }
    if (!is_digest(put)) {
      hashes[name] = integrity::sha256_hex(codec::gzip_decompress(put.body, 64U << 20).value());
      audit.delivered.insert(name);
    } else if (auto read = detail::read_digest(put, audit)) {
      const auto place = integrity::parse_digest_key(put.key);
      const auto lane =
          read->digest.account + " " + (place ? place->region : "?") + " " + (place ? place->trail : "?");
      const auto end = read->digest.end;
      if (!digests[lane].emplace(end, *std::move(read)).second) {
        audit.faults.push_back(name + ": two digests end at once");
      }
    }
  }
  for (const auto& [lane, chain] : digests) {
    const detail::ReadDigest* before = nullptr;
    for (const auto& [end, read] : chain) {
      const auto region = integrity::parse_digest_key(read.digest.key)->region;
      detail::check_signature(read, keys(region), audit);
      detail::check_chain(read, before, audit);
      for (const auto& file : read.digest.log_files) {
        audit.listed.insert(file.bucket + "/" + file.key);
        if (hashes[file.bucket + "/" + file.key] != file.hash) {
          audit.faults.push_back(file.key + ": has another hash");
        }
      }
      audit.lanes[lane].push_back(
          rfc3339(read.digest.start).substr(11, 8) + "-" + rfc3339(end).substr(11, 8) +
          (read.digest.previous ? "" : " begins") +
          (read.digest.log_files.empty() ? "" : " " + std::to_string(read.digest.log_files.size())));
      before = &read;
    }
  }
  return audit;
}

}  // namespace cairn::delivery::testing
