// Tested by live_test.cc.
#include "live/tail.h"

#include "json/json.h"

namespace cairn::live {
namespace {

// Between two looks at the journal's end, when there was nothing new.
constexpr Millis kLookStep{25};

class Tail final : public http::BodySource {
 public:
  Tail(TailSetup setup, const TailQuestion& question, Mark from)
      : setup_(std::move(setup)),
        scan_(std::make_shared<Scan>(setup_.journal, from, setup_.account, question.matcher)),
        follow_(question.follow),
        end_(setup_.journal.end(from.partition)) {}
  ~Tail() override { setup_.seats->leave(setup_.account); }
  Tail(const Tail&) = delete;
  Tail& operator=(const Tail&) = delete;

  std::optional<std::uint64_t> size() const override { return std::nullopt; }

  Task<Result<std::span<const std::byte>>> read() override {
    lines_.clear();
    for (auto quiet = Millis{0}; !over_ && lines_.empty();) {
      if (scan_->at().position < end()) {
        co_await look();
      } else if (!follow_ || *setup_.stopping || std::chrono::steady_clock::now() >= until_) {
        end_line("");
      } else {
        co_await async::sleep(kLookStep);
        quiet += kLookStep;
      }
      if (quiet >= setup_.heartbeat || (first_ && follow_ && lines_.empty())) {
        add_mark();
      }
      first_ = false;
    }
    co_return std::as_bytes(std::span(lines_));
  }

 private:
  journal::Position end() const {
    return follow_ && !*setup_.stopping ? setup_.journal.end(scan_->at().partition) : end_;
  }

  Task<void> look() {
    const auto work = [scan = scan_, until = end()] { return scan->read(until); };
    const auto part = co_await setup_.pool.run(work);
    if (!part) {
      end_line(part.error().code == Errc::not_found ? "what follows is not kept in the journal any more"
                                                    : part.error().text());
      co_return;
    }
    for (const auto& found : part->found) {
      const Mark behind{scan_->at().partition, found.position + 1};
      lines_ += R"({"mark":")" + behind.text() + R"(","record":)" + found.record + "}\n";
    }
    setup_.records.add(static_cast<double>(part->found.size()));
    if (part->found.empty() && part->records > 0) {
      unsaid_ += 1;
      if (unsaid_ == kUnsaidMax) {  // long stretches that have nothing for the caller
        add_mark();
      }
    }
  }

  void add_mark() {
    lines_ += R"({"mark":")" + scan_->at().text() + "\"}\n";
    unsaid_ = 0;
  }

  void end_line(const std::string& error) {
    over_ = true;
    lines_ += R"({"mark":")" + scan_->at().text() + "\"" +
              (error.empty() ? "" : R"(,"error":)" + json::quote(error)) + "}\n";
  }

  static constexpr int kUnsaidMax = 64;  // reads of the journal without a line

  TailSetup setup_;
  const std::shared_ptr<Scan> scan_;  // what runs on the pool may outlive the tail
  const bool follow_;
  const journal::Position end_;  // when it began
  const std::chrono::steady_clock::time_point until_ = std::chrono::steady_clock::now() + setup_.time_max;
  std::string lines_;
  int unsaid_ = 0;
  bool first_ = true;
  bool over_ = false;
};

}  // namespace

bool Seats::take(const std::string& account) {
  const std::lock_guard lock(mutex_);
  auto& own = by_account_[account];
  if (count_ >= limits_.tails_max || own >= limits_.tails_of_account_max) {
    if (own == 0) {
      by_account_.erase(account);
    }
    return false;
  }
  own += 1;
  count_ += 1;
  taken_.set(static_cast<double>(count_));
  return true;
}

void Seats::leave(const std::string& account) {
  const std::lock_guard lock(mutex_);
  if (auto own = by_account_.find(account); --own->second == 0) {
    by_account_.erase(own);
  }
  count_ -= 1;
  taken_.set(static_cast<double>(count_));
}

std::unique_ptr<http::BodySource> make_tail(TailSetup setup, TailQuestion question, Mark from) {
  return std::make_unique<Tail>(std::move(setup), question, from);
}

}  // namespace cairn::live
