// Bodies on their way through: both ways piece by piece, the first bytes kept aside for the record. What a
// caller signed of his body is checked on the way: the piece that would complete it goes on only if all was
// as he signed it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "aws/aws_chunked.h"
#include "aws/fault.h"
#include "crypto/hash.h"
#include "http/http.h"

namespace cairn::gateway {

// The first bytes of a body, and how many there were.
struct Kept {
  std::size_t bytes_max = 0;
  std::string bytes{};
  std::uint64_t total = 0;
  bool ended = false;  // of a caller's: all of it came

  void add(std::span<const std::byte> piece);
  bool whole() const { return bytes.size() == total; }
};

// What was signed of a body: its hash, or each chunk of it.
class BodyProof {
 public:
  virtual ~BodyProof() = default;
  // False: it is not what was signed.
  virtual bool add(std::span<const std::byte> piece) = 0;
  virtual bool finish() = 0;
};
std::unique_ptr<BodyProof> hash_proof(std::string sha256);
std::unique_ptr<BodyProof> chunk_proof(aws::ChunkedDecoder::Setup setup);

// The caller's body, as it goes to the upstream. `kept` outlives it.
class Upload final : public http::BodySource {
 public:
  Upload(http::BodySource& body, Kept& kept, std::unique_ptr<BodyProof> proof)
      : body_(body), kept_(kept), proof_(std::move(proof)) {}

  Task<Result<std::span<const std::byte>>> read() override;
  std::optional<std::uint64_t> size() const override { return body_.size(); }
  // But for those that belong into a head: who and what is called is said there (ambiguity.h).
  const codec::Headers* fields_behind() const override;

 private:
  bool is_as_signed(std::span<const std::byte> piece);

  http::BodySource& body_;
  Kept& kept_;
  std::unique_ptr<BodyProof> proof_;
  bool finished_ = false;
  codec::Headers behind_;
};

// Errors of Upload::read() that are not the upstream's.
inline constexpr std::string_view kNotAsSigned = "the body is not what was signed";
inline constexpr std::string_view kBodyCut = "the caller's body ended early";

// The upstream's answer, as it goes to the caller: what was read of it already, then the rest. `before_end`
// runs before the piece that completes it goes on, or when it breaks off; an error of it cuts the connection.
class Download final : public http::BodySource {
 public:
  using BeforeEnd = std::function<Task<Result<void>>(const Error* broken)>;
  Download(std::string begun, std::unique_ptr<http::BodySource> rest, Kept& kept, BeforeEnd before_end,
           std::function<void()> dropped)
      : begun_(std::move(begun)),
        rest_(std::move(rest)),
        kept_(kept),
        before_end_(std::move(before_end)),
        dropped_(std::move(dropped)),
        size_(rest_->size()) {}
  ~Download() override;

  Task<Result<std::span<const std::byte>>> read() override;
  std::optional<std::uint64_t> size() const override { return size_; }
  const codec::Headers* fields_behind() const override { return rest_->fields_behind(); }

 private:
  Task<Result<void>> end(const Error* broken);

  std::string begun_;
  std::unique_ptr<http::BodySource> rest_;
  Kept& kept_;
  BeforeEnd before_end_;
  std::function<void()> dropped_;
  std::optional<std::uint64_t> size_;
  bool given_ = false;
  bool ended_ = false;
};

}  // namespace cairn::gateway
