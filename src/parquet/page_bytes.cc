// zstd gives its output in blocks of at most 128 KiB. With a "stable" output buffer it writes them straight
// into the page's memory; with input in small pieces it stops soon after the bytes that are wanted.
#define ZSTD_STATIC_LINKING_ONLY  // for ZSTD_d_stableOutBuffer alone
#include "parquet/page_bytes.h"

#include <fmt/format.h>
#include <zstd.h>

#include <cstring>
#include <new>

namespace cairn::parquet {

namespace {

constexpr std::size_t kPieceBytes = 16U << 10;  // compressed; about 100 KiB of records

Error broken_page(std::string_view what) {
  return {Errc::corrupt, fmt::format("read Parquet page: {}", what)};
}

}  // namespace

void PageBytes::Free::operator()(ZSTD_DCtx_s* context) const {
  ZSTD_freeDCtx(context);
}

PageBytes::PageBytes() = default;
PageBytes::~PageBytes() = default;

// Most files have no dictionary, so its context is only made when there is one.
void PageBytes::begin_frame() {
  if (!context_) {
    context_.reset(ZSTD_createDCtx());
    CAIRN_CHECK(context_ != nullptr);
    CAIRN_CHECK(ZSTD_isError(ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_stableOutBuffer, 1)) == 0);
  }
  ZSTD_DCtx_reset(context_.get(), ZSTD_reset_session_only);
}

Result<void> PageBytes::open(ChunkInput& input, Codec codec, const PageHeader& header) {
  if (header.compressed_bytes > input.left() ||
      (codec == Codec::none && header.compressed_bytes != header.uncompressed_bytes)) {
    return broken_page("it is larger than its column");
  }
  if (header.uncompressed_bytes > capacity_) {
    memory_.reset();
    capacity_ = 0;
    memory_.reset(new (std::nothrow) char[header.uncompressed_bytes]);
    if (!memory_) {
      return Error{Errc::limit, "read Parquet page: there is no memory for it"};
    }
    capacity_ = header.uncompressed_bytes;
  }
  if (codec == Codec::zstd) {
    begin_frame();
  }
  input_ = &input;
  codec_ = codec;
  size_ = header.uncompressed_bytes;
  left_ = header.compressed_bytes;
  produced_ = 0;
  return {};
}

void PageBytes::leave() {
  if (input_ != nullptr) {
    input_->consume(left_);
    left_ = 0;
    input_ = nullptr;
  }
}

Result<void> PageBytes::produce(std::uint64_t bytes) {
  if (bytes > size_) {
    return broken_page("a value reaches beyond it");
  }
  return codec_ == Codec::zstd ? decompress(bytes) : copy(bytes);
}

Result<void> PageBytes::copy(std::uint64_t bytes) {
  while (produced_ < bytes) {
    CAIRN_TRY(const auto piece, input_->peek(1));
    const auto taken = std::min<std::size_t>(piece.size(), left_);
    std::memcpy(memory_.get() + produced_, piece.data(), taken);
    produced_ += taken;
    left_ -= static_cast<std::uint32_t>(taken);
    input_->consume(taken);
  }
  return {};
}

Result<void> PageBytes::decompress(std::uint64_t bytes) {
  while (produced_ < bytes) {
    CAIRN_TRY(const auto piece, input_->peek(std::min<std::size_t>(kPieceBytes, left_)));
    ZSTD_inBuffer in{piece.data(), std::min<std::size_t>({piece.size(), left_, kPieceBytes}), 0};
    ZSTD_outBuffer out{memory_.get(), size_, produced_};
    const auto wanted = ZSTD_decompressStream(context_.get(), &out, &in);
    const bool stuck = in.pos == 0 && out.pos == produced_;
    produced_ = out.pos;
    left_ -= static_cast<std::uint32_t>(in.pos);
    input_->consume(in.pos);
    if (ZSTD_isError(wanted) != 0) {
      return broken_page(ZSTD_getErrorName(wanted));
    }
    if (produced_ < bytes && (wanted == 0 || stuck)) {
      return broken_page("it is shorter than it says");
    }
  }
  return {};
}

}  // namespace cairn::parquet
