// Tested by budget_test.cc.
#include "front/budget.h"

#include "base/check.h"

namespace cairn::front {

Budget::Budget(std::uint64_t bytes_max, Metrics& metrics, std::string_view name, std::string_view help)
    : bytes_max_(bytes_max), gauge_(metrics.gauge(name, help)) {
  metrics.limit(name, static_cast<double>(bytes_max));
}

void Budget::used(std::uint64_t bytes) {
  if (gauge_) {
    gauge_->set(static_cast<double>(bytes));
  }
}

Budget::Hold& Budget::Hold::operator=(Hold&& other) noexcept {
  if (this != &other) {
    release();
    budget_ = std::exchange(other.budget_, nullptr);
    bytes_ = std::exchange(other.bytes_, 0);
  }
  return *this;
}

bool Budget::Hold::add(std::uint64_t bytes) {
  CAIRN_CHECK(budget_ != nullptr);
  auto used = budget_->used_.load();
  do {
    if (bytes > budget_->bytes_max_ - used) {
      return false;
    }
  } while (!budget_->used_.compare_exchange_weak(used, used + bytes));
  budget_->used(used + bytes);
  bytes_ += bytes;
  return true;
}

void Budget::Hold::release() {
  if (budget_ != nullptr) {
    budget_->used(budget_->used_ -= std::exchange(bytes_, 0));
  }
}

namespace {

class Counted final : public http::BodySource {
 public:
  Counted(std::string bytes, Budget::Hold hold)
      : bytes_(http::body_of(std::move(bytes))), hold_(std::move(hold)) {}
  Task<Result<std::span<const std::byte>>> read() override { return bytes_->read(); }
  std::optional<std::uint64_t> size() const override { return bytes_->size(); }

 private:
  const std::unique_ptr<http::BodySource> bytes_;
  const Budget::Hold hold_;
};

}  // namespace

Result<std::unique_ptr<http::BodySource>> counted_body(std::string bytes, Budget& budget) {
  Budget::Hold hold(budget);
  if (!hold.add(bytes.size())) {
    return Error{Errc::unavailable, "too many bytes of answers are in memory"};
  }
  return std::unique_ptr<http::BodySource>(std::make_unique<Counted>(std::move(bytes), std::move(hold)));
}

Task<Result<std::string>> read_all(http::BodySource& body, std::size_t bytes_max, Budget::Hold& hold) {
  if (body.size().value_or(0) > bytes_max) {
    co_return Error{Errc::limit, "the body is too large"};
  }
  std::string all;
  while (true) {
    CAIRN_CO_TRY(const auto piece, co_await body.read());
    if (piece.empty()) {
      co_return all;
    }
    if (piece.size() > bytes_max - all.size()) {
      co_return Error{Errc::limit, "the body is too large"};
    }
    if (!hold.add(piece.size())) {
      co_return Error{Errc::unavailable, "too many bytes of requests are in memory"};
    }
    all.append(reinterpret_cast<const char*>(piece.data()), piece.size());
  }
}

}  // namespace cairn::front
