// How many records a second one core can view, on the real ones. Delivered S3 files are half of the mixture:
// short parameters, two resources.
#include <benchmark/benchmark.h>

#include "event/real_records.h"
#include "event/view.h"
#include "json/json.h"

namespace cairn::event {
namespace {

const std::vector<std::string>& texts() {
  static const auto made = [] {
    std::vector<std::string> all;
    for (const auto& real : testing::real_records()) {
      auto text = json::serialize(real.json);
      if (view(text)) {
        all.push_back(std::move(text));
      }
    }
    return all;
  }();
  return made;
}

void BM_View_real_records(benchmark::State& state) {
  if (texts().empty()) {
    state.SkipWithError("no records in CAIRN_TEST_DATA");
    return;
  }
  std::size_t at = 0;
  std::int64_t bytes = 0;
  for (auto _ : state) {
    const auto& text = texts()[at];
    benchmark::DoNotOptimize(view(text));
    bytes += static_cast<std::int64_t>(text.size());
    at = at + 1 == texts().size() ? 0 : at + 1;
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(bytes);
}
BENCHMARK(BM_View_real_records);

}  // namespace
}  // namespace cairn::event
