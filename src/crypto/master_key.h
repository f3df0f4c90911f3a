// MasterKey: the 32 bytes under which every stored secret is sealed. Lives in a file of 64 hexadecimal digits
// and a newline, readable by its owner alone (`openssl rand -hex 32` makes one); nodes of a cluster share it.
// Losing it loses all that was sealed.
#pragma once

#include <array>
#include <filesystem>

#include "base/result.h"
#include "crypto/secret.h"

namespace cairn::crypto {

class MasterKey {
 public:
  static constexpr std::size_t kBytes = 32;
  using Id = std::array<std::byte, 8>;

  static MasterKey generate();
  // Errc::denied: group or others may read or write the file. Errc::not_found. Errc::corrupt: not a key.
  static Result<MasterKey> load(const std::filesystem::path& file);
  // Also makes the file, with mode 0600, when it is missing: it would survive a power loss before this
  // returns, is whole or absent, and of several processes that race all return the same key.
  static Result<MasterKey> load_or_create(const std::filesystem::path& file);

  std::span<const std::byte> bytes() const { return key_.bytes(); }
  // Says which key it is, and nothing about its bytes.
  const Id& id() const { return id_; }
  // A key of its own for a purpose ("s3 objects"), from which neither this one nor another purpose's can be told.
  Secret derive(std::string_view purpose) const;
  MasterKey clone() const { return MasterKey(key_.clone()); }

 private:
  explicit MasterKey(Secret key);

  Secret key_;
  Id id_;
};

}  // namespace cairn::crypto
