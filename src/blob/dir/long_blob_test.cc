// Blobs that are too long for the page cache: their bytes, ranges of them, and that they are not in it.
#include <fcntl.h>
#include <sys/uio.h>

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

// Is this place of the file in the page cache? -1: the file system cannot tell.
int is_cached(const fs::path& file, off_t at) {
  const int opened = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  char byte = 0;
  const iovec into{.iov_base = &byte, .iov_len = 1};
  const auto count = ::preadv2(opened, &into, 1, at, RWF_NOWAIT);
  const int why = errno;
  ::close(opened);
  return count == 1 ? 1 : (why == EAGAIN ? 0 : -1);
}

TEST_F(LongBlobTest, a_long_blob_is_the_same_and_goes_past_the_page_cache_where_it_can) {
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
      const auto cached = is_cached(folder_ / name, 15 << 20);
      if (size > (16UL << 20) && !in_memory && cached != -1) {
        EXPECT_EQ(cached, 0);
      }
    }
    blob_.reset();
  }
}

}  // namespace
}  // namespace cairn::blob::conformance
