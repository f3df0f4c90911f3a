// Tested by get_object_test.cc and multipart_test.cc.
#include "services/s3/reading.h"

#include <algorithm>
#include <deque>
#include <vector>

#include "codec/base64.h"
#include "services/s3/at_rest.h"
#include "services/s3/sealed_source.h"
#include "services/s3/uploads.h"

namespace cairn::services::s3 {
namespace {

constexpr std::size_t kReadBytes = 256U << 10;
constexpr std::size_t kPartsAtOnce = 256;

class BlobSource final : public http::BodySource {
 public:
  explicit BlobSource(std::unique_ptr<blob::Reader> reader)
      : reader_(std::move(reader)), buffer_(kReadBytes) {}
  Task<Result<std::span<const std::byte>>> read() override {
    CAIRN_CO_TRY(const auto count, co_await reader_->read(buffer_));
    co_return std::span<const std::byte>(buffer_).first(count);
  }
  std::optional<std::uint64_t> size() const override { return reader_->size(); }

 private:
  std::unique_ptr<blob::Reader> reader_;
  std::vector<std::byte> buffer_;
};

Task<Result<std::unique_ptr<http::BodySource>>> open_blob(SealedPlace place, const AtRest& at_rest,
                                                          Object object, Span span,
                                                          const crypto::Secret* data_key) {
  if (!object.seal.salt.empty()) {
    CAIRN_CO_TRY(auto key, at_rest.key(object.seal, data_key));
    co_return co_await open_sealed(place, object.blob, std::move(key), span.first, span.length, object.size);
  }
  const blob::Range range{span.first, span.length};
  CAIRN_CO_TRY(auto reader, co_await place.blob.reader(object.blob, range));
  if (reader->size() != span.length) {
    co_return Error{Errc::corrupt, "an object's blob has another size than its document says", object.blob};
  }
  co_return std::make_unique<BlobSource>(std::move(reader));
}

// Parts one behind the other; one of them is open.
class PartsSource final : public http::BodySource {
 public:
  PartsSource(const Dependencies& on, std::string upload, Span span, std::optional<crypto::Secret> data_key)
      : catalog_(on.catalog),
        place_{on.blob, on.pool},
        at_rest_(on.at_rest),
        prefix_(parts_prefix(upload)),
        data_key_(std::move(data_key)),
        span_(span),
        left_(span.length),
        skip_(span.first) {}

  Task<Result<std::span<const std::byte>>> read() override {
    while (left_ > 0) {
      if (part_ == nullptr) {
        CAIRN_CO_TRY_VOID(co_await open_next());
      }
      CAIRN_CO_TRY(const auto piece, co_await part_->read());
      if (piece.empty()) {
        part_.reset();
        continue;
      }
      left_ -= piece.size();
      co_return piece;
    }
    co_return std::span<const std::byte>();
  }
  std::optional<std::uint64_t> size() const override { return span_.length; }

  // The part in which what is left begins.
  Task<Result<void>> open_next() {
    while (true) {
      if (waiting_.empty()) {
        CAIRN_CO_TRY_VOID(co_await look_ahead());
      }
      const auto part = std::move(waiting_.front());
      waiting_.pop_front();
      if (skip_ >= part.size) {
        skip_ -= part.size;
        continue;
      }
      const auto first = std::exchange(skip_, 0);
      const Span wanted{first, std::min(part.size - first, left_)};
      CAIRN_CO_TRY(part_,
                   co_await open_blob(place_, at_rest_, part, wanted, data_key_ ? &*data_key_ : nullptr));
      co_return Result<void>{};
    }
  }

 private:
  Task<Result<void>> look_ahead() {
    CAIRN_CO_TRY(const auto page, co_await catalog_.scan(prefix_, after_, kPartsAtOnce));
    if (page.empty()) {
      co_return Error{Errc::not_found, "parts of an object are not there", prefix_};
    }
    after_ = page.back().key;
    for (const auto& document : page) {
      CAIRN_CO_TRY(auto part, object_from(document.value));
      waiting_.push_back(std::move(part));
    }
    co_return Result<void>{};
  }

  catalog::Catalog& catalog_;
  const SealedPlace place_;
  const AtRest& at_rest_;
  const std::string prefix_;
  const std::optional<crypto::Secret> data_key_;
  const Span span_;
  std::uint64_t left_;
  std::uint64_t skip_;
  std::string after_;
  std::deque<Object> waiting_;  // at most kPartsAtOnce
  std::unique_ptr<http::BodySource> part_;
};

Task<Result<std::unique_ptr<http::BodySource>>> open_parts(const Dependencies& on, std::string upload,
                                                           Span span,
                                                           std::optional<crypto::Secret> data_key) {
  auto source = std::make_unique<PartsSource>(on, std::move(upload), span, std::move(data_key));
  if (span.length > 0) {
    CAIRN_CO_TRY_VOID(co_await source->open_next());
  }
  co_return source;
}

}  // namespace

Task<Result<std::unique_ptr<http::BodySource>>> open_object(const Dependencies& on, Object object, Span span,
                                                            std::optional<crypto::Secret> data_key) {
  if (!object.upload.empty()) {
    co_return co_await open_parts(on, object.upload, span, std::move(data_key));
  }
  const auto* const secret = data_key ? &*data_key : nullptr;
  if (object.blob.empty()) {
    CAIRN_CO_TRY(auto bytes, codec::base64_decode(object.inline_base64));
    if (!object.seal.salt.empty()) {
      CAIRN_CO_TRY(const auto key, on.at_rest.key(object.seal, secret));
      CAIRN_CO_TRY(bytes, open_small(key, std::move(bytes)));
    }
    if (bytes.size() != object.size) {
      co_return Error{Errc::corrupt, "an object has not the bytes that its document says", object.key};
    }
    if (span.length < bytes.size()) {
      bytes = bytes.substr(span.first, span.length);
    }
    co_return http::body_of(std::move(bytes));
  }
  const SealedPlace place{on.blob, on.pool};
  co_return co_await open_blob(place, on.at_rest, std::move(object), span, secret);
}

Task<Result<std::optional<Part>>> part_of(const Dependencies& on, Object object, std::int64_t number) {
  if (object.upload.empty()) {
    co_return number == 1 ? std::optional(Part{{0, object.size}, std::move(object.checksums)}) : std::nullopt;
  }
  if (number < 1 || static_cast<std::size_t>(number) > object.parts) {
    co_return std::optional<Part>();
  }
  Span span;
  std::string after;
  std::int64_t seen = 0;
  while (true) {
    const auto prefix = parts_prefix(object.upload);
    CAIRN_CO_TRY(const auto page, co_await on.catalog.scan(prefix, after, kPartsAtOnce));
    if (page.empty()) {
      co_return Error{Errc::not_found, "parts of an object are not there", prefix};
    }
    after = page.back().key;
    for (const auto& document : page) {
      CAIRN_CO_TRY(auto part, object_from(document.value));
      span.first += span.length;
      span.length = part.size;
      if (++seen == number) {
        co_return std::optional(Part{span, std::move(part.checksums)});
      }
    }
  }
}

}  // namespace cairn::services::s3
