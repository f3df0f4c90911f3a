// The checksums of one upload: those that the caller sent or announced are computed while the body streams,
// and compared at its end. MD5 always: it is the ETag.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "codec/headers.h"
#include "crypto/hash.h"
#include "front/service.h"
#include "services/s3/documents.h"

namespace cairn::services::s3 {

class Checksums {
 public:
  // Reads Content-MD5, x-amz-checksum-…, x-amz-trailer and x-amz-sdk-checksum-algorithm. InvalidDigest,
  // InvalidRequest. `also` is computed too, whether the caller sends it or not.
  static Result<Checksums, aws::Fault> wanted(const codec::Headers& headers, std::string_view also = {});

  // Did the sender give any?
  bool any() const { return content_md5_.has_value() || !hashes_->running.empty(); }

  void add(std::span<const std::byte> piece) { hashes_->add(piece); }
  // Compares all with what was promised, in headers or trailers: BadDigest.
  Result<void, aws::Fault> finish(const codec::Headers* trailers);

  // After finish().
  const std::string& etag() const { return etag_; }
  const std::vector<Checksum>& computed() const { return computed_; }

  class Running;  // one algorithm
  struct Hashes {
    void add(std::span<const std::byte> piece);
    crypto::Md5 md5;
    std::vector<std::shared_ptr<Running>> running;
  };
  // For who adds on another thread, and may be gone before it has: one thread at a time.
  const std::shared_ptr<Hashes>& hashes() const { return hashes_; }

 private:
  std::shared_ptr<Hashes> hashes_ = std::make_shared<Hashes>();
  std::optional<std::string> content_md5_;  // raw bytes
  std::string etag_;
  std::vector<Checksum> computed_;
};

// Of bytes that are all here, as it is shown. REQUIRES: an algorithm that S3 names.
std::string checksum_of(std::string_view algorithm, std::span<const std::byte> bytes);

}  // namespace cairn::services::s3
