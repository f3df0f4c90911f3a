// Bytes at rest in blocks, each sealed by itself (AES-256-GCM): written as they come, and a range is read
// without the rest. BlockSealer and BlockOpener are used by one thread at a time.
//
// Sealed: one block behind the other, each kPlainBytes of ciphertext (the last has what is left) | tag (16).
// A block's nonce is its number, so a key seals one stream and never another. That none is missing at the
// end, the length says, which is kept elsewhere (docs/formats/s3.md), or a mark of the last block in its
// nonce (sealed_file.h, whose blocks are shorter).
#pragma once

#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/secret.h"

struct evp_cipher_ctx_st;

namespace cairn::crypto {

struct Blocks {
  static constexpr std::size_t kKeyBytes = 32;
  static constexpr std::size_t kPlainBytes = 64U << 10;
  static constexpr std::size_t kTagBytes = 16;
  static constexpr std::size_t kSealedBytes = kPlainBytes + kTagBytes;

  // Of so many plain bytes. None are sealed to none.
  static constexpr std::uint64_t sealed_size(std::uint64_t plain) {
    return plain + (plain + kPlainBytes - 1) / kPlainBytes * kTagBytes;
  }
};

namespace detail {

struct CipherFree {
  void operator()(evp_cipher_ctx_st* context) const;
};
using Cipher = std::unique_ptr<evp_cipher_ctx_st, CipherFree>;

}  // namespace detail

// REQUIRES: a key of kKeyBytes that seals nothing else.
class BlockSealer {
 public:
  explicit BlockSealer(const Secret& key);

  // Seals as much of `plain` as the block has room for, into `out`: what was taken is returned, as much was
  // written. REQUIRES: `out` has room for it.
  std::size_t add(ByteView plain, std::span<std::byte> out);
  bool block_is_full() const { return filled_ == Blocks::kPlainBytes; }
  bool block_is_empty() const { return filled_ == 0; }
  // Ends the block: its tag, kTagBytes, into `out`. The next add() begins another. REQUIRES: it is not empty;
  // all but the last are full.
  void end_block(std::span<std::byte> out);
  // A whole block at once, marked as the last or not, and its tag. REQUIRES: the block before it was ended,
  // or sealed so; `out` has room for both; none comes after the last.
  void seal_block(ByteView plain, bool last, std::span<std::byte> out);

 private:
  void end(std::span<std::byte> out);

  detail::Cipher cipher_;
  std::uint64_t number_ = 0;
  std::size_t filled_ = 0;
};

class BlockOpener {
 public:
  explicit BlockOpener(const Secret& key);

  // Opens a whole block in its place: its plain bytes, a part of `sealed`. Errc::corrupt: it was changed, or
  // is another, or is not marked as `last` says.
  Result<std::span<std::byte>> open(std::uint64_t number, std::span<std::byte> sealed, bool last = false);

 private:
  detail::Cipher cipher_;
};

}  // namespace cairn::crypto
