// Times as Cairn keeps them: UTC milliseconds. AWS writes whole seconds in records and file names.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cairn {

using Millis = std::chrono::milliseconds;
using Time = std::chrono::sys_time<Millis>;

// Where now comes from; tests put their own in. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;
};
const Clock& system_clock();

// "2026-03-02T10:15:00Z": the record's form. With millis: "2026-03-02T10:15:00.123Z", S3's form.
std::string rfc3339(Time time);
std::string rfc3339_millis(Time time);
// "20260302T101500Z": SigV4's form. basic_minutes: "20260302T1015Z", the log file name's.
std::string basic(Time time);
std::string basic_minutes(Time time);
// "Mon, 02 Mar 2026 10:15:00 GMT": HTTP's Date.
std::string http_date(Time time);

// RFC 3339 with Z or an offset, fraction allowed (kept to milliseconds); and SigV4's basic form.
Result<Time> parse_rfc3339(std::string_view text);
Result<Time> parse_basic(std::string_view text);
Result<Time> parse_http_date(std::string_view text);

// Durations "500ms 2s 5m 1h 90d"; sizes "100 64KiB 50MiB 6GiB" in bytes.
Result<Millis> parse_duration(std::string_view text);
Result<std::uint64_t> parse_size(std::string_view text);
std::string format_duration(Millis duration);

inline double seconds_since_epoch(Time time) {
  return static_cast<double>(time.time_since_epoch().count()) / 1000.0;
}

}  // namespace cairn
