// Blobs that are too long for the page cache: their bytes, ranges of them, and when they are in it.
#include <fcntl.h>
#include <sys/mman.h>

#include "blob/dir/descriptor.h"
#include "blob/dir/dir_testing.h"

namespace cairn::blob::conformance {
namespace {

class LongBlobTest : public DirBlobTest {
 protected:
  // In reads of `step` bytes.
  std::string get(const Name& name, Range range, std::size_t step) {
    const auto in = wait(blob_->reader(name, range)).value();
    std::string bytes;
    std::string part(step, '\0');
    for (std::size_t count = 1; count > 0; bytes.append(part, 0, count)) {
      count = wait(in->read(std::as_writable_bytes(std::span(part)))).value();
    }
    return bytes;
  }
};

// Is this page of the file in the page cache? A look that reads nothing ahead, as a read would.
bool is_cached(const fs::path& file, off_t at) {
  const dir::Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  void* const page = ::mmap(nullptr, 4096, PROT_READ, MAP_SHARED, opened.get(), at);
  unsigned char resident = 0;
  EXPECT_EQ(::mincore(page, 4096, &resident), 0);
  ::munmap(page, 4096);
  return (resident & 1U) != 0;
}

TEST_F(LongBlobTest, a_long_blob_is_the_same_whichever_way_it_goes) {
  for (const bool in_memory : {false, true}) {
    if (in_memory && !folder_.mount_small("size=64m")) {
      GTEST_SKIP() << "needs the right to mount a small tmpfs";
    }
    open();
    for (const std::size_t size : {8UL << 20, (8UL << 20) + 1, (20UL << 20) + 123}) {
      const auto name = "long/" + std::to_string(size);
      const auto bytes = pattern(size);
      ASSERT_EQ(put(name, bytes), "ok");
      EXPECT_TRUE(wait(blob_->get(name)).value() == bytes) << size;
      for (const Range range :
           {Range{1, 8UL << 20}, Range{4097, size - 5000}, Range{size - 12'345, 12'345}}) {
        EXPECT_TRUE(get(name, range, 1'000'003) == bytes.substr(range.offset, *range.length))
            << size << " " << range.offset;
      }
    }
    blob_.reset();
  }
}

// Read whole: the first time past the page cache, from the second on through it.
TEST_F(LongBlobTest, what_is_read_again_stays_in_the_page_cache) {
  open();
  const auto bytes = pattern((20UL << 20) + 123);
  ASSERT_EQ(put("again", bytes), "ok");
  if (is_cached(folder_ / "again", 15 << 20)) {
    GTEST_SKIP() << "a file system that keeps all it writes in memory";
  }
  for (const int times : {1, 2, 3}) {
    EXPECT_TRUE(wait(blob_->get("again")).value() == bytes) << times;
    EXPECT_EQ(is_cached(folder_ / "again", 15 << 20), times > 1) << times;
  }
}

}  // namespace
}  // namespace cairn::blob::conformance
