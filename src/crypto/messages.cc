// Tested by messages_test.cc and messages_fuzz.cc.
#include "crypto/messages.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "crypto/hash.h"
#include "crypto/random.h"

namespace cairn::crypto {
namespace {

constexpr std::size_t kMessageKeyBytes = 32;
constexpr std::size_t kMessageNonceBytes = 12;

Messages::Id id_of(const Secret& key) {
  CAIRN_CHECK(key.size() == kMessageKeyBytes);
  const auto digest = hmac_sha256(key.bytes(), "cairn messages: key id");
  Messages::Id id;
  std::copy_n(digest.begin(), id.size(), id.begin());
  return id;
}

detail::MessageCipher message_cipher(const Secret& key, ByteView salt, bool encrypt) {
  static const EVP_CIPHER* const algorithm = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  CAIRN_CHECK(algorithm != nullptr);
  const Secret own(hmac_sha256(key.bytes(), "cairn messages: salt " + std::string(salt.text())));
  detail::MessageCipher cipher(EVP_CIPHER_CTX_new());
  CAIRN_CHECK(cipher != nullptr);
  CAIRN_CHECK(EVP_CipherInit_ex2(cipher.get(), algorithm, ByteView(own.bytes()).unsigned_data(), nullptr,
                                 encrypt ? 1 : 0, nullptr) == 1);
  return cipher;
}

// `counter` as it is stored: four bytes.
void begin_message(EVP_CIPHER_CTX* cipher, const void* counter, MessageParts associated_data) {
  std::array<unsigned char, kMessageNonceBytes> nonce{};
  std::memcpy(nonce.data(), counter, sizeof(std::uint32_t));
  CAIRN_CHECK(EVP_CipherInit_ex2(cipher, nullptr, nullptr, nonce.data(), -1, nullptr) == 1);
  for (const auto& part : associated_data) {
    int size = 0;
    CAIRN_CHECK(part.empty() || EVP_CipherUpdate(cipher, nullptr, &size, part.unsigned_data(),
                                                 static_cast<int>(part.size())) == 1);
  }
}

// As many bytes as `in` has.
void pass_message(EVP_CIPHER_CTX* cipher, ByteView in, std::byte* out) {
  CAIRN_CHECK(in.size() <= std::numeric_limits<int>::max());
  int size = 0;
  CAIRN_CHECK(in.empty() || (EVP_CipherUpdate(cipher, reinterpret_cast<unsigned char*>(out), &size,
                                              in.unsigned_data(), static_cast<int>(in.size())) == 1 &&
                             size == static_cast<int>(in.size())));
}

bool end_message(EVP_CIPHER_CTX* cipher) {
  int size = 0;
  unsigned char nothing = 0;
  return EVP_CipherFinal_ex(cipher, &nothing, &size) == 1;
}

}  // namespace

void detail::MessageCipherFree::operator()(evp_cipher_ctx_st* context) const {
  EVP_CIPHER_CTX_free(context);
}

// A salt, its cipher and its count: one thread's at a time.
struct MessageSealer::Stream {
  Messages::Salt salt;
  std::uint32_t counter = 0;  // of the next message
  detail::MessageCipher cipher;
};

MessageSealer::MessageSealer(Secret key, std::uint32_t salt_messages_max)
    : key_(std::move(key)), id_(id_of(key_)), salt_messages_max_(salt_messages_max) {}
MessageSealer::~MessageSealer() = default;

std::unique_ptr<MessageSealer::Stream> MessageSealer::take() const {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto stream = std::move(idle_.back());
      idle_.pop_back();
      return stream;
    }
  }
  auto stream = std::make_unique<Stream>();
  random_bytes(stream->salt);
  stream->cipher = message_cipher(key_, stream->salt, true);
  return stream;
}

void MessageSealer::give_back(std::unique_ptr<Stream> stream) const {
  if (stream->counter < salt_messages_max_) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(stream));
  }
}

void MessageSealer::seal(MessageParts associated_data, MessageParts plaintext,
                         std::span<std::byte> out) const {
  auto stream = take();
  auto* at = std::ranges::copy(id_, out.data()).out;
  at = std::ranges::copy(stream->salt, at).out;
  std::memcpy(at, &stream->counter, sizeof(stream->counter));
  begin_message(stream->cipher.get(), at, associated_data);
  at += sizeof(stream->counter);
  stream->counter += 1;
  for (const auto& part : plaintext) {
    pass_message(stream->cipher.get(), part, at);
    at += part.size();
  }
  CAIRN_CHECK(at + Messages::kTagBytes == out.data() + out.size());
  CAIRN_CHECK(end_message(stream->cipher.get()));
  CAIRN_CHECK(EVP_CIPHER_CTX_ctrl(stream->cipher.get(), EVP_CTRL_AEAD_GET_TAG, Messages::kTagBytes, at) == 1);
  give_back(std::move(stream));
}

MessageOpener::MessageOpener(const Secret& key) : key_(key.clone()), id_(id_of(key_)) {}

evp_cipher_ctx_st* MessageOpener::cipher_of(ByteView salt) {
  const auto is_it = [&](const Known& known) {
    return known.cipher != nullptr && ByteView(known.salt).text() == salt.text();
  };
  auto found = std::ranges::find_if(known_, is_it);
  if (found == known_.end()) {
    found = std::ranges::min_element(known_, {}, &Known::used);
    std::ranges::copy(salt.bytes(), found->salt.begin());
    found->cipher = message_cipher(key_, salt, false);
  }
  found->used = ++uses_;
  return found->cipher.get();
}

Result<void> MessageOpener::open(MessageParts associated_data, ByteView sealed, std::span<std::byte> out) {
  if (sealed.size() < Messages::kOverheadBytes) {
    return Error{Errc::corrupt, "sealed message is cut"};
  }
  CAIRN_CHECK(out.size() == plain_bytes(sealed.size()));
  if (sealed.first(Messages::kIdBytes).text() != ByteView(id_).text()) {
    return Error{Errc::denied, "message was sealed with another master key"};
  }
  auto* const cipher = cipher_of(sealed.subview(Messages::kIdBytes, Messages::kSaltBytes));
  begin_message(cipher, sealed.data() + Messages::kIdBytes + Messages::kSaltBytes, associated_data);
  pass_message(cipher, sealed.subview(Messages::kHeadBytes, out.size()), out.data());
  // OpenSSL takes the expected tag through a pointer to non-const, and only reads it.
  void* const expected = const_cast<std::byte*>(sealed.data() + Messages::kHeadBytes + out.size());
  CAIRN_CHECK(EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, Messages::kTagBytes, expected) == 1);
  if (!end_message(cipher)) {
    return Error{Errc::corrupt, "sealed message was changed, or sealed for another place"};
  }
  return {};
}

}  // namespace cairn::crypto
