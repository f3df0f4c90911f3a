#include "keys/ciphertext.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "codec/base64.h"
#include "crypto/aes_gcm.h"
#include "crypto/hash.h"
#include "crypto/random.h"

namespace cairn::keys {
namespace {

using crypto::Gcm;

constexpr char kVersion = 2;
constexpr char kOldVersion = 1;
constexpr std::size_t kAccountBytes = 12;
constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kNumberBytes = 4;
constexpr std::size_t kHeadBytes = 1 + kAccountBytes + kIdBytes + kNumberBytes;
constexpr std::size_t kSaltBytes = 32;
static_assert(kHeadBytes + kSaltBytes + Gcm::kTagBytes == kCiphertextOverheadBytes);
constexpr std::string_view kLabel = "kms text key";
constexpr std::array<std::byte, Gcm::kNonceBytes> kNonce{};  // each key seals one text
constexpr std::array<std::size_t, 4> kDashes = {8, 13, 18, 23};

void append_number(std::string& out, std::size_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>((number >> static_cast<unsigned>(shift)) & 0xffU));
  }
}

std::uint32_t read_number(std::string_view bytes) {
  std::uint32_t number = 0;
  for (const char byte : bytes) {
    number = (number << 8U) | static_cast<unsigned char>(byte);
  }
  return number;
}

std::string id_bytes(std::string id) {
  std::erase(id, '-');
  const auto bytes = codec::hex_decode(id);
  CAIRN_CHECK(bytes && bytes->size() == kIdBytes);
  return *bytes;
}

std::string id_text(std::string_view bytes) {
  auto text = codec::hex_encode(bytes);
  for (const auto at : kDashes) {
    text.insert(at, 1, '-');
  }
  return text;
}

std::string canonical(const EncryptionContext& context) {
  std::string out;
  for (const auto& [name, value] : context) {
    append_number(out, name.size());
    out += name;
    append_number(out, value.size());
    out += value;
  }
  return out;
}

// Of one text alone.
crypto::Secret text_key(const crypto::Secret& material, ByteView salt) {
  auto derived = crypto::hmac_sha256(material.bytes(), std::string(kLabel) + std::string(salt.text()));
  crypto::Secret key{ByteView(derived)};
  crypto::wipe(derived);
  return key;
}

}  // namespace

Result<CiphertextHead> read_head(ByteView ciphertext) {
  const auto text = ciphertext.text();
  const bool old = !text.empty() && text[0] == kOldVersion;
  const auto least = kHeadBytes + (old ? Gcm::kNonceBytes : kSaltBytes) + Gcm::kTagBytes;
  if (text.size() < least || (!old && text[0] != kVersion)) {
    return Error{Errc::invalid, "ciphertext is cut or of an unknown version"};
  }
  const auto account = text.substr(1, kAccountBytes);
  if (!std::ranges::all_of(account, [](char c) { return c >= '0' && c <= '9'; })) {
    return Error{Errc::invalid, "ciphertext names no account"};
  }
  return CiphertextHead{.account = std::string(account),
                        .key = id_text(text.substr(1 + kAccountBytes, kIdBytes)),
                        .material = read_number(text.substr(1 + kAccountBytes + kIdBytes, kNumberBytes))};
}

std::string encrypt(const CiphertextHead& head, const crypto::Secret& material,
                    const EncryptionContext& context, ByteView plaintext) {
  CAIRN_CHECK(head.account.size() == kAccountBytes);
  std::string out(1, kVersion);
  out += head.account;
  out += id_bytes(head.key);
  append_number(out, head.material);
  std::array<std::byte, kSaltBytes> salt;
  crypto::random_bytes(salt);
  const auto key = text_key(material, ByteView(salt));
  const auto sealed =
      crypto::gcm_seal(key.bytes(), kNonce, {ByteView(out), ByteView(canonical(context))}, plaintext);
  out += ByteView(salt).text();
  return out + sealed;
}

Result<crypto::Secret> decrypt(const crypto::Secret& material, const EncryptionContext& context,
                               ByteView ciphertext) {
  CAIRN_TRY_VOID(read_head(ciphertext));
  if (ciphertext.text()[0] == kOldVersion) {
    return crypto::gcm_open(material.bytes(), ciphertext.subview(kHeadBytes, Gcm::kNonceBytes),
                            {ciphertext.first(kHeadBytes), ByteView(canonical(context))},
                            ciphertext.subview(kHeadBytes + Gcm::kNonceBytes));
  }
  const auto key = text_key(material, ciphertext.subview(kHeadBytes, kSaltBytes));
  return crypto::gcm_open(key.bytes(), kNonce, {ciphertext.first(kHeadBytes), ByteView(canonical(context))},
                          ciphertext.subview(kHeadBytes + kSaltBytes));
}

}  // namespace cairn::keys
