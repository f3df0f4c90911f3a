#include "services/s3/part_checksums.h"

#include <algorithm>
#include <array>

#include "codec/base64.h"
#include "codec/checksum_combine.h"
#include "crypto/hash.h"
#include "services/s3/checksums.h"
#include "services/s3/faults.h"

namespace cairn::services::s3 {
namespace {

constexpr std::array<std::string_view, 3> kCrcs = {"CRC32", "CRC32C", "CRC64NVME"};
constexpr std::array<std::string_view, 4> kComposable = {"CRC32", "CRC32C", "SHA1", "SHA256"};

template <class Names>
bool has(const Names& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

std::string raw(const PartSum& part) {
  return codec::base64_decode(part.value).value_or(std::string());
}

template <class Number>
Number number_in(std::string_view bytes) {
  Number value = 0;
  for (const char byte : bytes) {
    value = static_cast<Number>(value << 8) | static_cast<unsigned char>(byte);
  }
  return value;
}

template <class Number>
std::string big_endian_text(Number value) {
  std::string bytes;
  for (int shift = static_cast<int>(sizeof(Number)) * 8 - 8; shift >= 0; shift -= 8) {
    bytes += static_cast<char>((value >> shift) & 0xFF);
  }
  return codec::base64_encode(bytes);
}

template <class Number, Number (*kCombine)(Number, Number, std::uint64_t)>
std::string combined(std::span<const PartSum> parts) {
  Number value = 0;  // of no bytes
  for (const auto& part : parts) {
    value = kCombine(value, number_in<Number>(raw(part)), part.bytes);
  }
  return big_endian_text(value);
}

}  // namespace

std::string etag_of_parts(std::span<const PartSum> md5s) {
  std::string all;
  for (const auto& part : md5s) {
    all += codec::hex_decode(part.value).value_or(std::string());
  }
  return codec::hex_encode(crypto::md5(all)) + "-" + std::to_string(md5s.size());
}

std::string checksum_of_parts(std::string_view algorithm, std::string_view type,
                              std::span<const PartSum> parts) {
  if (type == kComposite) {
    std::string all;
    for (const auto& part : parts) {
      all += raw(part);
    }
    return checksum_of(algorithm, std::as_bytes(std::span(all))) + "-" + std::to_string(parts.size());
  }
  return algorithm == "CRC32"    ? combined<std::uint32_t, codec::crc32_combine>(parts)
         : algorithm == "CRC32C" ? combined<std::uint32_t, codec::crc32c_combine>(parts)
                                 : combined<std::uint64_t, codec::crc64nvme_combine>(parts);
}

Result<ChecksumKind, aws::Fault> checksum_kind(std::string_view algorithm, std::string_view type) {
  if (algorithm.empty()) {
    if (!type.empty()) {
      return fault::invalid_request(
          "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.");
    }
    return ChecksumKind{};
  }
  if (!has(kCrcs, algorithm) && !has(kComposable, algorithm)) {
    return fault::not_implemented("x-amz-checksum-algorithm=" + std::string(algorithm));
  }
  if (type.empty()) {
    type = has(kComposable, algorithm) ? kComposite : kFullObject;
  }
  const bool fits = type == kComposite    ? has(kComposable, algorithm)
                    : type == kFullObject ? has(kCrcs, algorithm)
                                          : false;
  if (!fits) {
    return fault::invalid_request("The " + std::string(type) +
                                  " checksum type cannot be used with the " +
                                  codec::lower(algorithm) + " checksum algorithm.");
  }
  return ChecksumKind{std::string(algorithm), std::string(type)};
}

}  // namespace cairn::services::s3
