// The memory store against the suite, and its faults.
#include "blob/memory/memory_blob.h"

#include "blob/blob_conformance.h"

namespace cairn::blob::conformance {
namespace {

class InMemory final : public Adapter {
 public:
  explicit InMemory(Limits limits) : blob_(std::make_unique<memory::MemoryBlob>(limits)) {}
  Blob& blob() override { return *blob_; }
  void reopen() override { blob_ = blob_->durable_copy(); }

 private:
  std::unique_ptr<memory::MemoryBlob> blob_;
};

std::unique_ptr<Adapter> make_memory(Limits limits) {
  return std::make_unique<InMemory>(limits);
}

INSTANTIATE_TEST_SUITE_P(Memory, BlobConformance, testing::Values(&make_memory));

TEST(MemoryBlob, every_nth_put_fails_as_asked) {
  using Kind = memory::Faults::Kind;
  const struct {
    Kind kind;
    Errc code;
    bool applied;
  } cases[] = {
      {Kind::unavailable, Errc::unavailable, false},
      {Kind::limit, Errc::limit, false},
      {Kind::unknown_not_applied, Errc::unknown, false},
      {Kind::unknown_applied, Errc::unknown, true},
  };
  async::Loops loops(1);
  const auto executor = loops.next().get_executor();
  for (const auto& row : cases) {
    memory::MemoryBlob blob;
    blob.fail({.every = 3, .kind = row.kind});
    for (int i = 1; i <= 7; ++i) {
      const auto put = async::run(executor, blob.put(std::to_string(i), bytes_of("x")));
      const bool fails = i % 3 == 0;
      ASSERT_EQ(put.has_value(), !fails) << i;
      if (fails) {
        EXPECT_EQ(put.error().code, row.code);
      }
      EXPECT_EQ(async::run(executor, blob.get(std::to_string(i))).has_value(), !fails || row.applied) << i;
    }
    const auto copy = blob.durable_copy();
    EXPECT_EQ(async::run(executor, copy->list("", "", 100)).value().size(), row.applied ? 7U : 5U);
  }
}

}  // namespace
}  // namespace cairn::blob::conformance
