#include "keys/ciphertext.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "codec/base64.h"
#include "crypto/aes_gcm.h"
#include "crypto/random.h"

namespace cairn::keys {
namespace {

using crypto::Gcm;

constexpr char kVersion = 1;
constexpr std::size_t kAccountBytes = 12;
constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kNumberBytes = 4;
constexpr std::size_t kHeadBytes = 1 + kAccountBytes + kIdBytes + kNumberBytes;
static_assert(kHeadBytes + Gcm::kNonceBytes + Gcm::kTagBytes == kCiphertextOverheadBytes);
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

}  // namespace

Result<CiphertextHead> read_head(ByteView ciphertext) {
  const auto text = ciphertext.text();
  if (text.size() < kCiphertextOverheadBytes || text[0] != kVersion) {
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

std::string encrypt(const CiphertextHead& head, const crypto::Secret& material, const EncryptionContext& context,
                    ByteView plaintext) {
  CAIRN_CHECK(head.account.size() == kAccountBytes);
  std::string out(1, kVersion);
  out += head.account;
  out += id_bytes(head.key);
  append_number(out, head.material);
  std::array<std::byte, Gcm::kNonceBytes> nonce;
  crypto::random_bytes(nonce);
  const auto sealed =
      crypto::gcm_seal(material.bytes(), nonce, {ByteView(out), ByteView(canonical(context))}, plaintext);
  out += ByteView(nonce).text();
  return out + sealed;
}

Result<crypto::Secret> decrypt(const crypto::Secret& material, const EncryptionContext& context, ByteView ciphertext) {
  CAIRN_TRY_VOID(read_head(ciphertext));
  return crypto::gcm_open(material.bytes(), ciphertext.subview(kHeadBytes, Gcm::kNonceBytes),
                          {ciphertext.first(kHeadBytes), ByteView(canonical(context))},
                          ciphertext.subview(kHeadBytes + Gcm::kNonceBytes));
}

}  // namespace cairn::keys
