// Failures: how many calls of each source address were refused because nobody known had signed them, so that
// the log says so once a minute and not for each, and so that who tries on and on can be held off.
//
// Memory is bounded: of too many addresses the quiet ones are forgotten, and if that is too few, all.
// Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "aws/fault.h"
#include "base/time.h"

namespace cairn::front {

// The caller is not who he says, or says nothing: what guessing looks like.
bool is_failed_authentication(const aws::Fault& fault);

struct FailureLimits {
  std::size_t addresses_max = 10'000;
  std::uint64_t lines_a_minute = 60;  // of the log, all addresses together
};

class Failures {
 public:
  explicit Failures(FailureLimits limits = {}) : limits_(limits) {}

  // Is a call from there looked at? Not if so many failed within a minute, until that minute is over. 0:
  // always.
  bool admits(std::string_view address, std::uint64_t failures_a_minute, Time now);
  // One more. How many since the last line of the log about that address, if a line is due; 0: none is.
  std::uint64_t failed(std::string_view address, Time now);

 private:
  struct Window {
    Time began{};
    std::uint64_t failures = 0;  // since then
    std::uint64_t unsaid = 0;    // of them and of those before
    bool said = false;           // since then
  };
  Window& window_of(std::string_view address, Time now);
  void make_room(Time now);

  const FailureLimits limits_;
  std::mutex mutex_;
  std::map<std::string, Window, std::less<>> windows_;  // guarded, as what follows
  Window lines_;
};

}  // namespace cairn::front
