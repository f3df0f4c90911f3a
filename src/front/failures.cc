// Tested by failures_test.cc.
#include "front/failures.h"

#include <algorithm>
#include <array>

namespace cairn::front {
namespace {

constexpr Millis kMinute{60'000};

// A clock that was set back begins anew, rather than never.
bool is_over(Time began, Time now) {
  return now < began || now - began >= kMinute;
}

}  // namespace

bool is_failed_authentication(const aws::Fault& fault) {
  constexpr std::array<std::string_view, 16> kCodes{"UnrecognizedClientException",
                                                    "InvalidSignatureException",
                                                    "IncompleteSignatureException",
                                                    "MissingAuthenticationTokenException",
                                                    "InvalidClientTokenId",
                                                    "IncompleteSignature",
                                                    "MissingAuthenticationToken",
                                                    "SignatureDoesNotMatch",
                                                    "InvalidAccessKeyId",
                                                    "InvalidToken",
                                                    "AuthorizationHeaderMalformed",
                                                    "AuthorizationQueryParametersError",
                                                    "AccessDenied",
                                                    "RequestTimeTooSkewed",
                                                    "ExpiredToken",
                                                    "ExpiredTokenException"};
  return std::ranges::find(kCodes, fault.code) != kCodes.end();
}

bool Failures::admits(std::string_view address, std::uint64_t failures_a_minute, Time now) {
  if (failures_a_minute == 0) {
    return true;
  }
  const std::lock_guard lock(mutex_);
  const auto it = windows_.find(address);
  return it == windows_.end() || is_over(it->second.began, now) || it->second.failures < failures_a_minute;
}

std::uint64_t Failures::failed(std::string_view address, Time now) {
  const std::lock_guard lock(mutex_);
  auto& window = window_of(address, now);
  ++window.failures;
  ++window.unsaid;
  if (is_over(lines_.began, now)) {
    lines_ = {.began = now};
  }
  if (window.said || lines_.failures >= limits_.lines_a_minute) {
    return 0;
  }
  ++lines_.failures;
  window.said = true;
  return std::exchange(window.unsaid, 0);
}

Failures::Window& Failures::window_of(std::string_view address, Time now) {
  auto it = windows_.find(address);
  if (it == windows_.end()) {
    if (windows_.size() >= limits_.addresses_max) {
      make_room(now);
    }
    it = windows_.emplace(address, Window{.began = now}).first;
  } else if (is_over(it->second.began, now)) {
    it->second = {.began = now, .unsaid = it->second.unsaid};
  }
  return it->second;
}

// Looking through all is paid for by the half that goes at least.
void Failures::make_room(Time now) {
  std::erase_if(windows_, [now](const auto& entry) { return is_over(entry.second.began, now); });
  if (windows_.size() > limits_.addresses_max / 2) {
    windows_.clear();
  }
}

}  // namespace cairn::front
