// A tail's answer: lines, as what they tell of happens. Inside live/ only.
#pragma once

#include <map>
#include <mutex>

#include "live/documents.h"

namespace cairn::live {

// Who follows at the moment: so many at most. Thread-safe.
class Seats {
 public:
  Seats(const Limits& limits, Gauge taken) : limits_(limits), taken_(std::move(taken)) {}

  bool take(const std::string& account);
  void leave(const std::string& account);

 private:
  const Limits limits_;
  Gauge taken_;
  std::mutex mutex_;
  std::map<std::string, std::size_t> by_account_;
  std::size_t count_ = 0;
};

struct TailSetup {
  journal::Journal& journal;
  async::Pool& pool;
  std::shared_ptr<Seats> seats;  // one of them is taken, and left at the end
  std::shared_ptr<const std::atomic<bool>> stopping;
  std::string account;
  Millis heartbeat;
  Millis time_max;
  Counter records;
};
std::unique_ptr<http::BodySource> make_tail(TailSetup setup, TailQuestion question, Mark from);

}  // namespace cairn::live
