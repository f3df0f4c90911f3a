// Tested by sealed_blob_test.cc and the port's suite.
#include "blob/sealed/sealed_blob.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/check.h"
#include "crypto/hash.h"
#include "crypto/sealed_file.h"

namespace cairn::blob::sealed {

namespace {

using crypto::SealedFile;

constexpr std::string_view kPurpose = "blobs";   // of the key
constexpr std::size_t kPieceBytes = 256U << 10;  // of what is written
constexpr std::size_t kBlocksAtOnce = 16;        // of what is read

class SealedWriter final : public Writer {
 public:
  SealedWriter(const crypto::Secret& key, std::unique_ptr<Writer> to, std::uint64_t bytes_max)
      : sealer_(key), to_(std::move(to)), left_(bytes_max) {}

  Task<Result<void>> write(std::span<const std::byte> bytes) override {
    if (bytes.size() > left_) {
      co_return Error{Errc::limit, "blob has more than blob_bytes_max"};
    }
    left_ -= bytes.size();
    while (!bytes.empty()) {
      const auto piece = bytes.first(std::min(bytes.size(), kPieceBytes));
      bytes = bytes.subspan(piece.size());
      sealer_.add(piece, ready_);
      CAIRN_CO_TRY_VOID(co_await hand_on());
    }
    co_return Result<void>();
  }

  Task<Result<void>> commit() override {
    sealer_.finish(ready_);
    CAIRN_CO_TRY_VOID(co_await hand_on());
    co_return co_await to_->commit();
  }

 private:
  Task<Result<void>> hand_on() {
    if (ready_.empty()) {
      co_return Result<void>();
    }
    auto done = co_await to_->write(std::as_bytes(std::span(ready_)));
    ready_.clear();
    co_return done;
  }

  crypto::FileSealer sealer_;
  const std::unique_ptr<Writer> to_;
  std::uint64_t left_;
  std::string ready_;
};

Task<Result<std::size_t>> read_all(Reader& reader, std::span<std::byte> into) {
  std::size_t filled = 0;
  while (filled < into.size()) {
    CAIRN_CO_TRY(const auto count, co_await reader.read(into.subspan(filled)));
    if (count == 0) {
      break;
    }
    filled += count;
  }
  co_return filled;
}

// Blocks from the one on that the extent begins in.
class SealedReader final : public Reader {
 public:
  SealedReader(crypto::FileOpener opener, Extent extent, std::uint64_t blocks)
      : opener_(std::move(opener)),
        extent_(extent),
        blocks_(blocks),
        next_(extent.offset / SealedFile::kPlainBytes),
        skip_(extent.offset % SealedFile::kPlainBytes),
        left_(extent.length) {}

  // Of the other's blob, standing at the first block that is wanted.
  void read_from(std::unique_ptr<Reader> other) { other_ = std::move(other); }

  std::uint64_t size() const override { return extent_.length; }

  Task<Result<std::size_t>> read(std::span<std::byte> into) override {
    if (left_ == 0 || into.empty()) {
      co_return std::size_t{0};
    }
    if (plain_.empty()) {
      CAIRN_CO_TRY_VOID(co_await fill());
    }
    const auto given = static_cast<std::size_t>(std::min<std::uint64_t>({into.size(), plain_.size(), left_}));
    std::memcpy(into.data(), plain_.data(), given);
    plain_ = plain_.subspan(given);
    left_ -= given;
    co_return given;
  }

  // Opens the next blocks, the first of an empty blob, too. Errc::corrupt.
  Task<Result<void>> fill() {
    const auto wanted = (skip_ + left_ + SealedFile::kPlainBytes - 1) / SealedFile::kPlainBytes;
    const auto count =
        std::min<std::uint64_t>({std::max<std::uint64_t>(wanted, 1), kBlocksAtOnce, blocks_ - next_});
    buffer_.resize(count * SealedFile::kBlockBytes);
    CAIRN_CO_TRY(const auto filled, co_await read_all(*other_, buffer_));
    if (filled <= (count - 1) * SealedFile::kBlockBytes ||
        (filled < buffer_.size() && next_ + count < blocks_)) {
      co_return Error{Errc::corrupt, "read blob: it is cut"};
    }
    CAIRN_CO_TRY(const auto plain, opener_.open(next_, blocks_, std::span(buffer_).first(filled)));
    next_ += count;
    if (plain.size() < skip_ || (left_ > 0 && plain.size() == skip_)) {
      co_return Error{Errc::corrupt, "read blob: it is cut"};
    }
    plain_ = plain.subspan(std::exchange(skip_, 0));
    co_return Result<void>();
  }

 private:
  const crypto::FileOpener opener_;
  const Extent extent_;
  const std::uint64_t blocks_;
  std::unique_ptr<Reader> other_;
  std::uint64_t next_;  // block
  std::size_t skip_;    // of its plain bytes
  std::uint64_t left_;
  std::vector<std::byte> buffer_;
  std::span<std::byte> plain_;  // of the buffer, not given yet
};

class SealedBlob final : public Blob {
 public:
  SealedBlob(std::unique_ptr<Blob> owned, Blob& other, crypto::Secret root, Which which,
             std::uint64_t bytes_max)
      : owned_(std::move(owned)),
        other_(other),
        root_(std::move(root)),
        which_(std::move(which)),
        bytes_max_(bytes_max) {}

  Task<Result<std::unique_ptr<Writer>>> writer(Name name) override {
    CAIRN_CO_TRY(auto to, co_await other_.writer(name));
    if (!which_(name)) {
      co_return to;
    }
    co_return std::make_unique<SealedWriter>(key_of(name), std::move(to), bytes_max_);
  }

  Task<Result<std::unique_ptr<Reader>>> reader(Name name, Range range) override {
    if (!which_(name)) {
      co_return co_await other_.reader(std::move(name), range);
    }
    auto opened = co_await open(name, range);
    if (!opened && opened.error().subject.empty()) {
      opened.error().subject = name;
    }
    co_return opened;
  }

  Task<Result<void>> remove(Name name) override { co_return co_await other_.remove(std::move(name)); }

  Task<Result<std::vector<Listed>>> list(std::string prefix, Name after, std::size_t limit) override {
    CAIRN_CO_TRY(auto page, co_await other_.list(std::move(prefix), std::move(after), limit));
    for (auto& listed : page) {
      if (which_(listed.name)) {
        listed.size = SealedFile::plain_size(listed.size).value_or(0);
      }
    }
    co_return page;
  }

  Task<Result<LocalFile>> local_file(Name name) override {
    CAIRN_CO_TRY(auto file, co_await other_.local_file(name));
    if (which_(name)) {
      file.key = std::make_shared<const crypto::Secret>(key_of(name));
    }
    co_return file;
  }

 private:
  crypto::Secret key_of(const Name& name) const {
    return crypto::Secret(crypto::hmac_sha256(root_.bytes(), name));
  }

  // The head is read with what comes behind it; if that is not what is wanted, it is read anew from there.
  Task<Result<std::unique_ptr<Reader>>> open(Name name, Range range) {
    const Range all;
    CAIRN_CO_TRY(auto whole, co_await other_.reader(name, all));
    CAIRN_CO_TRY(const auto plain, SealedFile::plain_size(whole->size()));
    std::array<std::byte, SealedFile::kHeadBytes> head{};
    CAIRN_CO_TRY(const auto filled, co_await read_all(*whole, head));
    CAIRN_CO_TRY(auto opener, crypto::FileOpener::of(key_of(name), ByteView(head).first(filled)));
    CAIRN_CO_TRY(const auto extent, extent_of(range, plain));
    auto reader = std::make_unique<SealedReader>(std::move(opener), extent, SealedFile::blocks(plain));
    if (const auto block = extent.offset / SealedFile::kPlainBytes; block > 0 && extent.length > 0) {
      const Range rest{SealedFile::kHeadBytes + block * SealedFile::kBlockBytes, {}};
      CAIRN_CO_TRY(whole, co_await other_.reader(name, rest));
    }
    reader->read_from(std::move(whole));
    if (plain == 0) {
      CAIRN_CO_TRY_VOID(co_await reader->fill());
    }
    co_return reader;
  }

  const std::unique_ptr<Blob> owned_;  // or none
  Blob& other_;
  const crypto::Secret root_;
  const Which which_;
  const std::uint64_t bytes_max_;
};

}  // namespace

std::unique_ptr<Blob> seal(std::unique_ptr<Blob> other, const crypto::MasterKey& key) {
  auto& kept = *other;
  return std::make_unique<SealedBlob>(std::move(other), kept, key.derive(kPurpose), wants_sealing,
                                      Limits{}.blob_bytes_max);
}

std::unique_ptr<Blob> seal(Blob& other, const crypto::MasterKey& key, Which which, std::uint64_t bytes_max) {
  return std::make_unique<SealedBlob>(nullptr, other, key.derive(kPurpose), std::move(which), bytes_max);
}

}  // namespace cairn::blob::sealed
