#include "node/complaint.h"

#include <fmt/format.h>

namespace cairn::node {
namespace {

// Beyond these readyz speaks of delivery.
constexpr Millis kTroublePatience{60'000};
constexpr std::uint64_t kLagMax = 100'000;

}  // namespace

std::string complaint_of(const reserve::Reserve& reserve, const store::Store& history,
                         const stream::Stream& stream, const delivery::Delivery& delivery) {
  auto text = reserve.complaint();
  if (const auto unreadable = history.unreadable_segments(); unreadable > 0) {
    text += fmt::format("{}{} segments of the event history cannot be read: see the log, and cairn doctor",
                        text.empty() ? "" : "; ", unreadable);
  }
  const auto trouble = stream.trouble(delivery);
  if (trouble.failing >= kTroublePatience || trouble.lag >= kLagMax) {
    text += fmt::format("{}delivery has {} entries of the journal to read{}", text.empty() ? "" : "; ",
                        trouble.lag, trouble.failing > Millis{0} ? ", and fails: the log says why" : "");
  }
  return text;
}

}  // namespace cairn::node
