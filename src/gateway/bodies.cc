// Tested by bodies_test.cc.
#include "gateway/bodies.h"

#include <algorithm>

#include "codec/base64.h"
#include "gateway/ambiguity.h"

namespace cairn::gateway {
namespace {

class Hash final : public BodyProof {
 public:
  explicit Hash(std::string expected) : expected_(codec::lower(expected)) {}
  bool add(std::span<const std::byte> piece) override {
    hasher_.add(piece);
    return true;
  }
  bool finish() override { return codec::hex_encode(hasher_.finish()) == expected_; }

 private:
  const std::string expected_;
  crypto::Sha256 hasher_;
};

class Chunks final : public BodyProof {
 public:
  explicit Chunks(aws::ChunkedDecoder::Setup setup) : decoder_(std::move(setup)) {}
  bool add(std::span<const std::byte> piece) override {
    return decoder_.push(piece, [](std::span<const std::byte>) {}).has_value();
  }
  bool finish() override { return decoder_.finish().has_value(); }

 private:
  aws::ChunkedDecoder decoder_;
};

}  // namespace

void Kept::add(std::span<const std::byte> piece) {
  const auto room = bytes_max - std::min(bytes_max, bytes.size());
  // Once something was left out nothing more is kept: what is kept is the beginning.
  if (bytes.size() == total) {
    bytes.append(reinterpret_cast<const char*>(piece.data()), std::min(room, piece.size()));
  }
  total += piece.size();
}

std::unique_ptr<BodyProof> hash_proof(std::string sha256) {
  return std::make_unique<Hash>(std::move(sha256));
}

std::unique_ptr<BodyProof> chunk_proof(aws::ChunkedDecoder::Setup setup) {
  return std::make_unique<Chunks>(std::move(setup));
}

bool Upload::is_as_signed(std::span<const std::byte> piece) {
  if (!proof_ || finished_) {
    return true;
  }
  if (!piece.empty() && !proof_->add(piece)) {
    return false;
  }
  finished_ = piece.empty() || body_.size() == kept_.total;
  return !finished_ || proof_->finish();
}

Task<Result<std::span<const std::byte>>> Upload::read() {
  auto piece = co_await body_.read();
  if (!piece) {
    co_return Error{piece.error().code, std::string(kBodyCut), piece.error().what};
  }
  kept_.add(*piece);
  kept_.ended = piece->empty() || body_.size() == kept_.total;
  if (!is_as_signed(*piece)) {
    co_return Error{Errc::denied, std::string(kNotAsSigned)};
  }
  if (const auto* const all = body_.fields_behind(); piece->empty() && all != nullptr) {
    for (const auto& [name, value] : *all) {
      if (!belongs_into_head(name)) {
        behind_.add(name, value);
      }
    }
  }
  co_return piece;
}

const codec::Headers* Upload::fields_behind() const {
  return behind_.begin() == behind_.end() ? nullptr : &behind_;
}

Download::~Download() {
  if (!ended_) {
    dropped_();
  }
}

Task<Result<void>> Download::end(const Error* broken) {
  if (std::exchange(ended_, true)) {
    co_return Result<void>();
  }
  co_return co_await before_end_(broken);
}

Task<Result<std::span<const std::byte>>> Download::read() {
  if (!std::exchange(given_, true) && !begun_.empty()) {
    co_return std::as_bytes(std::span(begun_));
  }
  auto piece = co_await rest_->read();
  if (!piece) {
    (void)co_await end(&piece.error());
    co_return piece;
  }
  kept_.add(*piece);
  if (piece->empty() || kept_.total == size_) {
    CAIRN_CO_TRY_VOID(co_await end(nullptr));
  }
  co_return piece;
}

}  // namespace cairn::gateway
