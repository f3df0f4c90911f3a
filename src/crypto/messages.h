// Many messages under one key, each sealed by itself (AES-256-GCM) and opened in any order: entries of a log,
// slots of a file. Made for about a microsecond a message.
//
// Sealed:  key id (4) | salt (16) | counter u32 | ciphertext | tag (16)
//
// A sealer draws salts at random and counts under each: the salt makes a key of its own from the given one,
// the counter is the nonce. So no nonce comes twice under a key, whoever else seals under the given one: a
// process that was killed, a copy of it on another machine, another node. The key id tells that a message was
// sealed under another key, and nothing about the key.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/secret.h"

struct evp_cipher_ctx_st;

namespace cairn::crypto {

struct Messages {
  static constexpr std::size_t kIdBytes = 4;
  static constexpr std::size_t kSaltBytes = 16;
  static constexpr std::size_t kTagBytes = 16;
  static constexpr std::size_t kHeadBytes = kIdBytes + kSaltBytes + sizeof(std::uint32_t);
  static constexpr std::size_t kOverheadBytes = kHeadBytes + kTagBytes;
  static constexpr std::uint32_t kSaltMessagesMax = std::numeric_limits<std::uint32_t>::max();

  using Id = std::array<std::byte, kIdBytes>;
  using Salt = std::array<std::byte, kSaltBytes>;
};

namespace detail {

struct MessageCipherFree {
  void operator()(evp_cipher_ctx_st* context) const;
};
using MessageCipher = std::unique_ptr<evp_cipher_ctx_st, MessageCipherFree>;

}  // namespace detail

// MessageParts, of plaintext and of associated data, count as one text each.
using MessageParts = std::initializer_list<ByteView>;

// Thread-safe; as many threads seal at once as want to.
class MessageSealer {
 public:
  // The key is for one purpose (MasterKey::derive). A salt is given up after `salt_messages_max` messages.
  explicit MessageSealer(Secret key, std::uint32_t salt_messages_max = Messages::kSaltMessagesMax);
  ~MessageSealer();
  MessageSealer(const MessageSealer&) = delete;
  MessageSealer& operator=(const MessageSealer&) = delete;

  // REQUIRES: `out` is as long as the plaintext and Messages::kOverheadBytes.
  void seal(MessageParts associated_data, MessageParts plaintext, std::span<std::byte> out) const;

 private:
  struct Stream;
  std::unique_ptr<Stream> take() const;
  void give_back(std::unique_ptr<Stream> stream) const;

  const Secret key_;
  const Messages::Id id_;
  const std::uint32_t salt_messages_max_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Stream>> idle_;  // guarded: one for each thread that sealed at once
};

// One thread at a time. Remembers the keys of the salts it met lately.
class MessageOpener {
 public:
  explicit MessageOpener(const Secret& key);

  // Errc::denied: sealed under another key. Errc::corrupt: changed, cut, or sealed with other associated
  // data; what is in `out` then means nothing. REQUIRES: `out` is as long as the plaintext; `sealed` may be
  // any bytes.
  Result<void> open(MessageParts associated_data, ByteView sealed, std::span<std::byte> out);

  // Of a sealed message of so many bytes; 0 of one that is cut.
  static constexpr std::size_t plain_bytes(std::size_t sealed) {
    return sealed < Messages::kOverheadBytes ? 0 : sealed - Messages::kOverheadBytes;
  }

 private:
  struct Known {
    Messages::Salt salt{};
    std::uint64_t used = 0;  // when: a number that rises
    detail::MessageCipher cipher;
  };
  static constexpr std::size_t kKnownMax =
      8;  // as many sealers' streams may be mixed without a new key each time

  evp_cipher_ctx_st* cipher_of(ByteView salt);

  const Secret key_;
  const Messages::Id id_;
  std::array<Known, kKnownMax> known_;
  std::uint64_t uses_ = 0;
};

}  // namespace cairn::crypto
