// Tested by payload_test.cc.
#include "front/payload.h"

#include <algorithm>
#include <set>

#include "aws/aws_chunked.h"
#include "codec/base64.h"
#include "crypto/hash.h"

namespace cairn::front {
namespace {

const codec::Headers kNoTrailers;

class Unchecked final : public Payload {
 public:
  explicit Unchecked(http::BodySource& body) : body_(body) {}
  Task<Result<std::span<const std::byte>>> read() override { return body_.read(); }
  std::optional<std::uint64_t> size() const override { return body_.size(); }
  const codec::Headers& trailers() const override { return kNoTrailers; }
  std::optional<aws::Fault> fault(aws::Family) const override { return std::nullopt; }

 private:
  http::BodySource& body_;
};

// A plain body whose SHA-256 was signed.
class Hashed final : public Payload {
 public:
  Hashed(http::BodySource& body, std::string expected) : body_(body), expected_(std::move(expected)) {}

  Task<Result<std::span<const std::byte>>> read() override {
    CAIRN_CO_TRY(const auto piece, co_await body_.read());
    if (!piece.empty()) {
      hasher_.add(piece);
      co_return piece;
    }
    if (!checked_) {
      checked_ = true;
      actual_ = codec::hex_encode(hasher_.finish());
    }
    if (actual_ != expected_) {
      co_return Error{Errc::invalid, "the body's hash is not the one that was signed"};
    }
    co_return piece;
  }
  std::optional<std::uint64_t> size() const override { return body_.size(); }
  const codec::Headers& trailers() const override { return kNoTrailers; }
  std::optional<aws::Fault> fault(aws::Family family) const override {
    if (!checked_ || actual_ == expected_) {
      return std::nullopt;
    }
    if (family != aws::Family::s3) {
      return aws::fault::invalid_signature(family);
    }
    return aws::Fault{"XAmzContentSHA256Mismatch", 400,
                      "The provided 'x-amz-content-sha256' header does not match what was computed."}
        .with("ClientComputedContentSHA256", expected_)
        .with("S3ComputedContentSHA256", actual_);
  }

 private:
  http::BodySource& body_;
  const std::string expected_;
  std::string actual_;
  bool checked_ = false;
  crypto::Sha256 hasher_;
};

std::set<std::string> names_of(const codec::Headers& headers) {
  std::set<std::string> names;
  for (const auto& [name, value] : headers) {
    names.insert(codec::lower(name));
  }
  return names;
}

// "x-amz-checksum-crc32, x-amz-checksum-sha1"
std::set<std::string> names_in(std::string_view list) {
  std::set<std::string> names;
  while (!list.empty()) {
    const auto end = std::min(list.find_first_of(", "), list.size());
    if (end > 0) {
      names.insert(codec::lower(list.substr(0, end)));
    }
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return names;
}

// An aws-chunked body.
class Chunked final : public Payload {
 public:
  Chunked(http::BodySource& body, aws::ChunkedDecoder::Setup setup, std::set<std::string> announced)
      : body_(body),
        announced_(std::move(announced)),
        decoded_size_(setup.decoded_size),
        decoder_(std::move(setup)) {}

  Task<Result<std::span<const std::byte>>> read() override {
    if (failure_) {
      co_return Error{Errc::invalid, failure_->what};
    }
    decoded_.clear();
    while (decoded_.empty() && !ended_) {
      CAIRN_CO_TRY(const auto piece, co_await body_.read());
      const auto keep = [this](std::span<const std::byte> data) {
        decoded_.insert(decoded_.end(), data.begin(), data.end());
      };
      ended_ = piece.empty();
      auto pushed = ended_ ? decoder_.finish() : decoder_.push(piece, keep);
      if (!pushed) {
        failure_ = std::move(pushed).error();
        co_return Error{Errc::invalid, failure_->what};
      }
    }
    if (ended_ && names_of(decoder_.trailers()) != announced_) {
      wrong_trailers_ = true;
      co_return Error{Errc::invalid, "the trailers are not those that x-amz-trailer announces"};
    }
    co_return std::span<const std::byte>(decoded_);
  }
  std::optional<std::uint64_t> size() const override { return decoded_size_; }
  const codec::Headers& trailers() const override { return decoder_.trailers(); }

  std::optional<aws::Fault> fault(aws::Family family) const override {
    using Problem = aws::ChunkedDecoder::Problem;
    if (wrong_trailers_) {
      return aws::Fault{"MalformedTrailerError", 400,
                        "The request contained trailing data that was not well-formed or did not conform to "
                        "our published schema."};
    }
    if (!failure_) {
      return std::nullopt;
    }
    switch (failure_->problem) {
      case Problem::signature_mismatch:
        return aws::fault::invalid_signature(family);
      case Problem::wrong_size:
        return aws::Fault{"IncompleteBody", 400, "The request body terminated unexpectedly."};
      case Problem::malformed:
        return aws::Fault{"InvalidRequest", 400, failure_->what};
      case Problem::limit:
        return aws::fault::request_too_large(family);
    }
    return std::nullopt;
  }

 private:
  http::BodySource& body_;
  const std::set<std::string> announced_;
  bool wrong_trailers_ = false;
  const std::optional<std::uint64_t> decoded_size_;
  aws::ChunkedDecoder decoder_;
  std::vector<std::byte> decoded_;
  bool ended_ = false;
  std::optional<aws::ChunkedDecoder::Failure> failure_;
};

}  // namespace

std::unique_ptr<Payload> checked_payload(http::BodySource& body, PayloadProof proof) {
  if (const auto mode = aws::chunk_mode(proof.content_sha256)) {
    aws::ChunkedDecoder::Setup setup{
        .mode = *mode, .seed = std::move(proof.seed), .decoded_size = proof.decoded_size};
    return std::make_unique<Chunked>(body, std::move(setup), names_in(proof.announced));
  }
  if (proof.content_sha256 == aws::sigv4::kUnsignedPayload) {
    return unchecked_payload(body);
  }
  return std::make_unique<Hashed>(body, codec::lower(proof.content_sha256));
}

std::unique_ptr<Payload> unchecked_payload(http::BodySource& body) {
  return std::make_unique<Unchecked>(body);
}

}  // namespace cairn::front
