#include "store/sealed_pipe.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>

#include "blob/local_file.h"
#include "crypto/random.h"
#include "store/store_testing.h"

namespace cairn::store::testing {
namespace {

std::string bytes_of_size(std::size_t size) {
  std::string bytes(size, '\0');
  std::mt19937 random(3);
  std::ranges::generate(bytes, [&] { return static_cast<char>(random()); });
  return bytes;
}

struct PipeFixture {
  Folder folder;
  std::string path = folder.path("file");
  std::shared_ptr<const crypto::Secret> key =
      std::make_shared<const crypto::Secret>(crypto::random_secret(crypto::SealedFile::kKeyBytes));
};

TEST(SealedPipe, what_is_written_to_it_is_in_the_sealed_file_alone) {
  for (const std::size_t size : {0UL, 1UL, 100'000UL, 3'000'000UL}) {
    PipeFixture f;
    const auto bytes = bytes_of_size(size);
    auto pipe = SealedPipe::open(f.path, *f.key).value();
    std::ofstream(pipe->path(), std::ios::binary) << bytes;
    ASSERT_EQ(pipe->finish().value(), size);
    pipe.reset();
    EXPECT_FALSE(std::filesystem::exists(f.path + ".pipe"));
    const auto input = blob::open_file({.path = f.path, .key = f.key}).value();
    std::string read(input->bytes(), '\0');
    ASSERT_TRUE(input->read(0, read).has_value());
    EXPECT_TRUE(read == bytes) << size;
  }
}

TEST(SealedPipe, a_file_that_was_not_finished_opens_for_nobody) {
  PipeFixture f;
  {
    const auto pipe = SealedPipe::open(f.path, *f.key).value();
    std::ofstream(pipe->path(), std::ios::binary) << bytes_of_size(100'000);
  }
  EXPECT_FALSE(std::filesystem::exists(f.path + ".pipe"));
  const auto input = blob::open_file({.path = f.path, .key = f.key});
  if (input) {
    std::string last(1, '\0');
    EXPECT_EQ((*input)->read((*input)->bytes() - 1, last).error().code, Errc::corrupt);
  } else {
    EXPECT_EQ(input.error().code, Errc::corrupt);
  }
  EXPECT_EQ(SealedPipe::open(f.path, *f.key).error().code, Errc::conflict) << "it does not overwrite";
}

TEST(SealedPipe, a_disk_that_is_full_is_an_error_and_nobody_waits) {
  PipeFixture f;
  const auto before = std::signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  ::getrlimit(RLIMIT_FSIZE, &limit);
  auto small = limit;
  small.rlim_cur = 50'000;
  ::setrlimit(RLIMIT_FSIZE, &small);
  const auto pipe = SealedPipe::open(f.path, *f.key).value();
  std::ofstream(pipe->path(), std::ios::binary) << bytes_of_size(1'000'000);
  const auto finished = pipe->finish();
  ::setrlimit(RLIMIT_FSIZE, &limit);
  std::signal(SIGXFSZ, before);
  EXPECT_FALSE(finished.has_value());
}

}  // namespace
}  // namespace cairn::store::testing
