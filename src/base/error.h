// What went wrong, as a value. Infrastructure (journal, catalog, blob, http, …) returns Error; the rules of
// AWS return aws::Fault, which is a type of its own (aws/fault.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cairn {

// Each code is something a caller can act on.
enum class Errc : std::uint8_t {
  invalid,      // the input is wrong: do not retry, fix the input
  not_found,    // the thing named is not there
  conflict,     // somebody else changed it first: read again, then retry
  limit,        // a named limit was reached: later, or less
  denied,       // not allowed
  unavailable,  // the far end is down or slow: retry with back-off
  unknown,      // it may or may not have happened: read again before deciding
  corrupt,      // stored bytes are not what was written: stop and tell an operator
  cancelled,    // asked to stop
};

std::string_view to_string(Errc code);

struct Error {
  Errc code;
  std::string what;       // what was tried, and what came of it: "append to journal: no space left on device"
  std::string subject{};  // on what: a file, a key, a position

  // "what: subject", for logs.
  std::string text() const;
};

// May the same call succeed later without anybody changing anything?
bool retryable(Errc code);

// The error of errno after a system call, with Errc picked from it (ENOENT: not_found, ENOSPC: limit, …).
Error system_error(int error_number, std::string_view what, std::string_view subject = {});

}  // namespace cairn
