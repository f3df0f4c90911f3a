// A job, its result, and the store's documents of foreign bytes: refused, or read as something that is
// written and read the same.
#include "base/check.h"
#include "store/job.h"
#include "store/segment.h"

namespace {

template <typename Read>
void round_trip(Read read, std::string text) {
  if (const auto first = read(std::move(text))) {
    const auto written = cairn::store::to_json(*first);
    const auto again = read(written);
    CAIRN_CHECK(again && cairn::store::to_json(*again) == written);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cairn;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto document = [](std::string value) {
    return catalog::Document{"history/segment/x", std::move(value), 1};
  };
  round_trip([](const std::string& value) { return store::parse_job(value); }, text);
  round_trip([](const std::string& value) { return store::parse_job_result(value); }, text);
  round_trip([&](const std::string& value) { return store::parse_segment(document(value)); }, text);
  round_trip([&](const std::string& value) { return store::parse_cursor(document(value)); }, text);
  return 0;
}
