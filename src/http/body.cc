#include "http/http.h"

namespace cairn::http {
namespace {

class StringBody final : public BodySource {
 public:
  explicit StringBody(std::string bytes) : bytes_(std::move(bytes)) {}

  Task<Result<std::span<const std::byte>>> read() override {
    const auto all = std::as_bytes(std::span(bytes_));
    co_return std::exchange(given_, true) ? all.first(0) : all;
  }
  std::optional<std::uint64_t> size() const override { return bytes_.size(); }
  bool rewind() override {
    given_ = false;
    return true;
  }

 private:
  std::string bytes_;
  bool given_ = false;
};

}  // namespace

std::unique_ptr<BodySource> body_of(std::string bytes) {
  return std::make_unique<StringBody>(std::move(bytes));
}

Task<Result<std::string>> read_all(BodySource& source, std::size_t bytes_max) {
  const auto too_long = [] { return Error{Errc::limit, "read a body: it is too long"}; };
  std::string all;
  const auto size = source.size();
  if (size && *size > bytes_max) {
    co_return too_long();
  }
  // A size that is only claimed is not worth a large allocation.
  constexpr std::size_t kReserveMax = 1U << 20;
  all.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(size.value_or(0), kReserveMax)));
  while (true) {
    CAIRN_CO_TRY(const auto piece, co_await source.read());
    if (piece.empty()) {
      co_return all;
    }
    if (piece.size() > bytes_max - all.size()) {
      co_return too_long();
    }
    all.append(reinterpret_cast<const char*>(piece.data()), piece.size());
  }
}

int status_of(const Error& error) {
  switch (error.code) {
    case Errc::limit:
      return 413;
    case Errc::unavailable:
      return 408;
    default:
      return 400;
  }
}

}  // namespace cairn::http
