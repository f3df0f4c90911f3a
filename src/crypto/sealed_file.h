// Files that are sealed as a whole (AES-256-GCM in blocks of 8 KiB): written as they come, and read at any
// place without the rest. docs/formats/sealed.md.
//
// A file has a key of its own, made of the caller's key and of a salt in the file's head; a block's number
// and whether it is the last one are its nonce. So a block that was changed, moved or taken from another file
// does not open, nor does the last block of a file that was cut or continued. What is wrong is Errc::corrupt,
// never other bytes. Who may have the same key twice (a copied folder that goes on) draws another salt.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/input.h"
#include "crypto/blocks.h"
#include "crypto/secret.h"

namespace cairn::crypto {

struct SealedFile {
  static constexpr std::size_t kKeyBytes = 32;
  static constexpr std::size_t kHeadBytes = 40;  // magic (8) | salt (32)
  static constexpr std::size_t kPlainBytes = 8U << 10;
  static constexpr std::size_t kBlockBytes = kPlainBytes + Blocks::kTagBytes;

  // There is one block at least.
  static constexpr std::uint64_t blocks(std::uint64_t plain) {
    return plain == 0 ? 1 : (plain + kPlainBytes - 1) / kPlainBytes;
  }
  static constexpr std::uint64_t sealed_size(std::uint64_t plain) {
    return kHeadBytes + plain + blocks(plain) * Blocks::kTagBytes;
  }
  // Errc::corrupt: no sealed file has this size.
  static Result<std::uint64_t> plain_size(std::uint64_t sealed);
  // Are these the first kHeadBytes of one, as far as can be seen without a key?
  static bool is_head(ByteView head);
};

// Used by one thread at a time.
class FileSealer {
 public:
  // REQUIRES: a key of SealedFile::kKeyBytes.
  explicit FileSealer(const Secret& key);

  // Appends to `out` what of the sealed file is ready: about as much as `plain`, the head first.
  void add(ByteView plain, std::string& out);
  // The last block. REQUIRES: called once, after all that is added.
  void finish(std::string& out);

 private:
  FileSealer(const Secret& key, std::string head);
  void end_block(bool last, std::string& out);

  std::string head_;  // until it is in `out`
  BlockSealer sealer_;
  std::string plain_;  // of the block that is being filled
};

// The whole at once.
std::string seal_file(const Secret& key, ByteView plain);

// The key of one file: what its head and the caller's key make. Thread-safe.
class FileOpener {
 public:
  // Errc::corrupt: it is no head of a sealed file.
  static Result<FileOpener> of(const Secret& key, ByteView head);

  // Opens blocks that follow each other, each in its place, and moves their plain bytes together at the
  // front: these are returned. `first` is the number of the first one, `count` that of all blocks of the
  // file. Errc::corrupt. REQUIRES: whole blocks.
  Result<std::span<std::byte>> open(std::uint64_t first, std::uint64_t count,
                                    std::span<std::byte> sealed) const;

 private:
  explicit FileOpener(Secret key) : key_(std::make_shared<const Secret>(std::move(key))) {}

  std::shared_ptr<const Secret> key_;
};

// The plain bytes of a sealed file; a reading opens the blocks that it touches. Errc::corrupt: it is none, or
// has a size that none has.
Result<std::unique_ptr<const Input>> sealed_input(std::unique_ptr<const Input> sealed, const Secret& key);

}  // namespace cairn::crypto
