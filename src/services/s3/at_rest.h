// How objects' bytes lie on the disk: sealed, each object's and each part's with a key of its own, made of a
// salt in the document and of a root that the master key gives; or of a data key instead, where KMS has made
// one, or the caller brought one (encryption.h). Without the master key, KMS's leave or the caller's key they
// are nothing.
//
// Thread-safe. Inside services/s3, and for who makes the service.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "blob/blob.h"
#include "crypto/blocks.h"
#include "crypto/master_key.h"
#include "services/s3/documents.h"

namespace cairn::services::s3 {

class AtRest {
 public:
  explicit AtRest(const crypto::MasterKey& key);

  // Of a key that has sealed nothing yet.
  Seal new_seal() const;
  // Errc::denied: the seal is of another master key, or of a data key, and there is none.
  Result<crypto::Secret> key(const Seal& seal, const crypto::Secret* data_key) const;
  // What tells a caller's key from others, and says nothing of it to who has not the master key. Base64.
  std::string mark_of(const crypto::Secret& customer_key) const;

 private:
  const std::string master_;
  const crypto::Secret root_;
};

// Few bytes, as one block at most. Errc::corrupt: what is to be opened was changed.
std::string seal_small(const crypto::Secret& key, std::string_view plain);
Result<std::string> open_small(const crypto::Secret& key, std::string sealed);

// Seals what is written to a blob. Memory is one block.
class SealedWriter {
 public:
  SealedWriter(const crypto::Secret& key, std::unique_ptr<blob::Writer> to);

  Task<Result<void>> write(std::span<const std::byte> plain);
  // As the blob's.
  Task<Result<void>> commit();

 private:
  crypto::BlockSealer sealer_;
  std::unique_ptr<blob::Writer> to_;
  std::vector<std::byte> block_;
  std::size_t filled_ = 0;
};

}  // namespace cairn::services::s3
