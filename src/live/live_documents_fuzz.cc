// What callers ask, from foreign bytes: never a crash, and what is taken can be answered for.
#include "base/check.h"
#include "live/documents.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cairn::live;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto mark = Mark::parse(text)) {
    CAIRN_CHECK(Mark::parse(mark->text()).value().position == mark->position);
  }
  static_cast<void>(tail_question(text));
  if (const auto question = assert_question(text, Limits{})) {
    for (const auto& expectation : question->expectations) {
      CAIRN_CHECK(!expectation.most || *expectation.most >= expectation.least);
      CAIRN_CHECK(!expectation.wanted().empty());
    }
  }
  return 0;
}
