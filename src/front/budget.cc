// Tested by budget_test.cc.
#include "front/budget.h"

#include "base/check.h"

namespace cairn::front {

Budget::Budget(BudgetLimits limits, Metrics& metrics, std::string_view name, std::string_view help)
    : limits_(limits), gauge_(metrics.gauge(name, help)) {
  metrics.limit(name, static_cast<double>(limits.bytes_max));
}

void Budget::show(std::uint64_t bytes) {
  if (gauge_) {
    gauge_->set(static_cast<double>(bytes));
  }
}

bool Budget::add(std::uint64_t bytes) {
  auto used = used_.load();
  do {
    if (bytes > limits_.bytes_max - used) {
      return false;
    }
  } while (!used_.compare_exchange_weak(used, used + bytes));
  show(used + bytes);
  return true;
}

void Budget::give_back(std::uint64_t bytes) {
  show(used_ -= bytes);
}

bool Budget::add_unverified(const std::string& address, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  const auto it = addresses_.find(address);
  const auto there = it == addresses_.end() ? 0 : it->second;
  // No overflow: what is there is never more than its limit.
  if (bytes > limits_.unverified_bytes_max - unverified_ || bytes > limits_.one_address_bytes_max - there) {
    return false;
  }
  unverified_ += bytes;
  addresses_[address] += bytes;
  return true;
}

void Budget::give_back_unverified(const std::string& address, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  unverified_ -= bytes;
  const auto it = addresses_.find(address);
  it->second -= bytes;
  if (it->second == 0) {
    addresses_.erase(it);
  }
}

std::uint64_t Budget::unverified() const {
  const std::lock_guard lock(mutex_);
  return unverified_;
}

void Budget::Hold::take(Hold& other) {
  budget_ = std::exchange(other.budget_, nullptr);
  bytes_ = std::exchange(other.bytes_, 0);
  address_ = std::exchange(other.address_, std::nullopt);
}

Budget::Hold& Budget::Hold::operator=(Hold&& other) noexcept {
  if (this != &other) {
    release();
    take(other);
  }
  return *this;
}

// How much of so many bytes of a body is in a stranger's share.
std::uint64_t Budget::Hold::shared(std::uint64_t bytes) const {
  return address_ && bytes > kShareFreeBytesMax ? bytes - kShareFreeBytesMax : 0;
}

bool Budget::Hold::add(std::uint64_t bytes) {
  CAIRN_CHECK(budget_ != nullptr);
  if (!budget_->add(bytes)) {
    return false;
  }
  const auto more = shared(bytes_ + bytes) - shared(bytes_);
  if (more > 0 && !budget_->add_unverified(*address_, more)) {
    budget_->give_back(bytes);
    return false;
  }
  bytes_ += bytes;
  return true;
}

void Budget::Hold::verified() {
  if (const auto bytes = shared(bytes_); bytes > 0) {
    budget_->give_back_unverified(*address_, bytes);
  }
  address_.reset();
}

void Budget::Hold::release() {
  if (budget_ != nullptr) {
    verified();
    budget_->give_back(std::exchange(bytes_, 0));
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
