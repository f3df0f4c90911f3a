// Tested by checksums_test.cc.
#include "services/s3/checksums.h"

#include <array>

#include "codec/base64.h"
#include "codec/checksum.h"
#include "services/s3/faults.h"

namespace cairn::services::s3 {
namespace {

constexpr std::string_view kHeaderPrefix = "x-amz-checksum-";
constexpr std::array<std::string_view, 5> kAlgorithms = {"CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"};
constexpr std::size_t kMd5Bytes = 16;
constexpr const char* kOneOnly =
    "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.";

template <class Number>
std::string big_endian(Number value) {
  std::string bytes;
  for (int shift = static_cast<int>(sizeof(Number)) * 8 - 8; shift >= 0; shift -= 8) {
    bytes += static_cast<char>((value >> shift) & 0xFF);
  }
  return bytes;
}

std::string header_of(std::string_view algorithm) {
  return std::string(kHeaderPrefix) + codec::lower(algorithm);
}

std::optional<std::string_view> algorithm_named(std::string_view name) {
  for (const auto algorithm : kAlgorithms) {
    if (codec::equals_ignore_case(algorithm, name)) {
      return algorithm;
    }
  }
  return std::nullopt;
}

}  // namespace

class Checksums::Running {
 public:
  explicit Running(std::string_view name) : algorithm(name) {}
  virtual ~Running() = default;
  virtual void add(std::span<const std::byte> piece) = 0;
  virtual std::string finish() = 0;      // base64
  virtual std::size_t size() const = 0;  // of the checksum, in bytes

  const std::string_view algorithm;
  std::string promised;  // base64; empty: in a trailer, or nowhere
  bool unasked = false;  // nobody promised it
};

namespace {

template <class Number, Number (*kFunction)(ByteView, Number)>
class Crc final : public Checksums::Running {
 public:
  using Running::Running;
  void add(std::span<const std::byte> piece) override { value_ = kFunction(piece, value_); }
  std::string finish() override { return codec::base64_encode(big_endian(value_)); }
  std::size_t size() const override { return sizeof(Number); }

 private:
  Number value_ = 0;
};

template <crypto::Algorithm kWhich>
class Sha final : public Checksums::Running {
 public:
  using Running::Running;
  void add(std::span<const std::byte> piece) override { hasher_.add(piece); }
  std::string finish() override { return codec::base64_encode(hasher_.finish()); }
  std::size_t size() const override { return crypto::digest_size(kWhich); }

 private:
  crypto::Hasher<kWhich> hasher_;
};

std::shared_ptr<Checksums::Running> make_running(std::string_view algorithm) {
  if (algorithm == "CRC32") {
    return std::make_shared<Crc<std::uint32_t, codec::crc32>>(algorithm);
  }
  if (algorithm == "CRC32C") {
    return std::make_shared<Crc<std::uint32_t, codec::crc32c>>(algorithm);
  }
  if (algorithm == "CRC64NVME") {
    return std::make_shared<Crc<std::uint64_t, codec::crc64nvme>>(algorithm);
  }
  if (algorithm == "SHA1") {
    return std::make_shared<Sha<crypto::Algorithm::sha1>>(algorithm);
  }
  return std::make_shared<Sha<crypto::Algorithm::sha256>>(algorithm);
}

// Which checksum the caller sends, if any. One at most, in a header or in a trailer.
Result<std::optional<std::string_view>, aws::Fault> announced(const codec::Headers& headers) {
  std::optional<std::string_view> found;
  for (const auto algorithm : kAlgorithms) {
    if (headers.contains(header_of(algorithm))) {
      if (found) {
        return fault::invalid_request(kOneOnly);
      }
      found = algorithm;
    }
  }
  if (const auto trailer = headers.find("x-amz-trailer")) {
    if (found) {
      return fault::invalid_request(kOneOnly);
    }
    if (codec::lower(*trailer).starts_with(kHeaderPrefix)) {
      found = algorithm_named(trailer->substr(kHeaderPrefix.size()));
    }
    if (!found) {
      return fault::invalid_request("The value specified in the x-amz-trailer header is not supported");
    }
  }
  const auto named = headers.find("x-amz-sdk-checksum-algorithm");
  if (named && !algorithm_named(*named)) {
    return fault::invalid_request("Value for x-amz-sdk-checksum-algorithm header is invalid.");
  }
  if (named && algorithm_named(*named) != found) {
    return fault::invalid_request(
        "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer "
        "headers were found.");
  }
  return found;
}

Result<std::string, aws::Fault> checked(const Checksums::Running& running, std::string_view promised) {
  const auto decoded = codec::base64_decode(promised);
  if (!decoded || decoded->size() != running.size()) {
    return fault::invalid_request("Value for " + header_of(running.algorithm) + " header is invalid.");
  }
  return std::string(promised);
}

}  // namespace

Result<Checksums, aws::Fault> Checksums::wanted(const codec::Headers& headers, std::string_view also) {
  Checksums checksums;
  if (const auto md5 = headers.find("Content-MD5")) {
    auto decoded = codec::base64_decode(*md5);
    if (!decoded || decoded->size() != kMd5Bytes) {
      return fault::invalid_digest();
    }
    checksums.content_md5_ = *std::move(decoded);
  }
  CAIRN_TRY(const auto algorithm, announced(headers));
  if (algorithm) {
    auto running = make_running(*algorithm);
    if (const auto promised = headers.find(header_of(*algorithm))) {
      CAIRN_TRY(running->promised, checked(*running, *promised));
    }
    checksums.hashes_->running.push_back(std::move(running));
  }
  if (!also.empty() && algorithm && *algorithm != also) {
    return fault::invalid_request("Checksum Type mismatch occurred, expected checksum Type: " +
                                  codec::lower(also) + ", actual checksum Type: " + codec::lower(*algorithm));
  }
  if (!also.empty() && !algorithm) {
    checksums.hashes_->running.push_back(make_running(*algorithm_named(also)));
    checksums.hashes_->running.back()->unasked = true;
  }
  return checksums;
}

void Checksums::Hashes::add(std::span<const std::byte> piece) {
  md5.add(piece);
  for (const auto& one : running) {
    one->add(piece);
  }
}

Result<void, aws::Fault> Checksums::finish(const codec::Headers* trailers) {
  const auto md5 = hashes_->md5.finish();
  etag_ = codec::hex_encode(md5);
  if (content_md5_ &&
      *content_md5_ != std::string_view(reinterpret_cast<const char*>(md5.data()), md5.size())) {
    return fault::bad_md5();
  }
  for (const auto& running : hashes_->running) {
    auto value = running->finish();
    if (running->promised.empty() && !running->unasked) {
      const auto trailer = trailers != nullptr ? trailers->find(header_of(running->algorithm)) : std::nullopt;
      if (!trailer) {
        return fault::invalid_request("The checksum announced in x-amz-trailer is missing.");
      }
      CAIRN_TRY(running->promised, checked(*running, *trailer));
    }
    if (!running->unasked && running->promised != value) {
      return fault::bad_digest(running->algorithm);
    }
    computed_.push_back({std::string(running->algorithm), std::move(value)});
  }
  return {};
}

std::string checksum_of(std::string_view algorithm, std::span<const std::byte> bytes) {
  const auto running = make_running(*algorithm_named(algorithm));
  running->add(bytes);
  return running->finish();
}

}  // namespace cairn::services::s3
