// For tests: a bucket in memory with a trail's chain of digests in it, made as CloudTrail makes one.
#pragma once

#include <fmt/format.h>

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "codec/gzip.h"
#include "integrity/digest.h"
#include "integrity/digest_name.h"
#include "integrity/objects.h"
#include "integrity/public_key.h"
#include "integrity/signature.h"

namespace cairn::integrity::testing {

// Slow to make: tests share it.
inline const crypto::RsaPrivateKey& signing_key() {
  static const auto made = crypto::RsaPrivateKey::generate().value();
  return made;
}

class Bucket final : public Objects {
 public:
  struct Entry {
    Object object;
    std::optional<Time> put;
  };

  explicit Bucket(std::string name) : name_(std::move(name)) {}

  std::string bucket() const override { return name_; }
  Task<Result<void>> list(std::function<Result<void>(Listed)> take) override {
    for (const auto& [key, entry] : objects) {
      CAIRN_CO_TRY_VOID(take({.key = key, .put = entry.put, .bytes = entry.object.bytes.size()}));
    }
    co_return Result<void>();
  }
  Task<Result<Object>> get(std::string bucket, std::string key) override {
    ++gets;
    if (unreachable == key) {
      co_return Error{Errc::unavailable, "down"};
    }
    const auto& from = bucket == name_ || bucket.empty() ? objects : elsewhere;
    const auto at = from.find(key);
    if (at == from.end()) {
      co_return Error{Errc::not_found, "NoSuchKey", key};
    }
    co_return at->second.object;
  }

  std::map<std::string, Entry> objects;
  std::map<std::string, Entry> elsewhere;  // in every other bucket
  std::string unreachable;
  std::atomic<std::size_t> gets = 0;

 private:
  const std::string name_;
};

inline Time hour(int number) {
  return parse_rfc3339("2026-03-02T09:30:00Z").value() + std::chrono::hours(number);
}

// Writes digests and log files of one trail for one Region, one after the other. Its hours begin so long
// after hour()'s.
class Writer {
 public:
  explicit Writer(Bucket& bucket, std::string trail = "kestrel-main", Millis shift = {},
                  std::string region = "eu-west-1")
      : bucket_(&bucket), trail_(std::move(trail)), shift_(shift), region_(std::move(region)) {}

  // Put so many minutes into the hour `number`.
  std::string log_file(int number, int minute, std::string_view folder = "CloudTrail") {
    const auto time = hour(number) + shift_ + std::chrono::minutes(minute);
    const auto stamp = basic_minutes(time);
    const auto key = fmt::format("{}/{}/{}/{}/{}/{}/210987654321_{}_{}_{}_{:016}.json.gz", kFolder, folder,
                                 region_, stamp.substr(0, 4), stamp.substr(4, 2), stamp.substr(6, 2), folder,
                                 region_, stamp, ++logs_);
    const auto text = fmt::format(R"({{"Records":[{{"eventID":"{}"}}]}})", key);
    bucket_->objects[key] = {{.bytes = codec::gzip_compress(text), .metadata = {}}, time};
    pending_.push_back({.bucket = bucket_->bucket(), .key = key, .hash = sha256_hex(text)});
    return key;
  }

  // The digest of the hour `number`, with the log files since the last one. Its key.
  std::string digest(int number, std::string prefix = "") {
    auto named = name(number);
    named.prefix = std::move(prefix);
    Digest digest{.account = "210987654321",
                  .start = hour(number) + shift_,
                  .end = hour(number + 1) + shift_,
                  .bucket = bucket_->bucket(),
                  .key = named.key(),
                  .fingerprint = fingerprint_of(key_->public_key()),
                  .previous = std::exchange(previous_, std::nullopt),
                  .log_files = std::exchange(pending_, {})};
    put(digest);
    return digest.key;
  }

  // Signs and stores it, and the next one will name it.
  void put(const Digest& digest) {
    const auto text = to_json(digest);
    const auto signature = sign(*key_, digest, text);
    bucket_->objects[digest.key] = {
        {.bytes = codec::gzip_compress(text),
         .metadata = {{{std::string(kSignatureMetadata), signature},
                       {std::string(kSignatureAlgorithmMetadata), std::string(kSignatureAlgorithm)}}}},
        digest.end + std::chrono::minutes(20)};
    previous_ = PreviousDigest{
        .bucket = digest.bucket, .key = digest.key, .hash = sha256_hex(text), .signature = signature};
  }

  void begin_again() { previous_.reset(); }
  void sign_with(const crypto::RsaPrivateKey& key) { key_ = &key; }
  // What it writes from now on lies there.
  void move_to(Bucket& bucket) { bucket_ = &bucket; }
  // Log files that no digest will list.
  void forget() { pending_.clear(); }

  DigestName name(int number) const {
    return {.account = "210987654321",
            .region = region_,
            .trail = trail_,
            .home_region = "eu-west-1",
            .end = hour(number + 1) + shift_};
  }

  static constexpr std::string_view kFolder = "AWSLogs/210987654321";

 private:
  const crypto::RsaPrivateKey* key_ = &signing_key();
  Bucket* bucket_;
  const std::string trail_;
  const Millis shift_;
  const std::string region_;
  int logs_ = 0;
  std::vector<LogFile> pending_;
  std::optional<PreviousDigest> previous_;
};

}  // namespace cairn::integrity::testing
