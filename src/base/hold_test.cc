#include "base/hold.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

namespace cairn {
namespace {

TEST(Hold, IsOnAsLongAsSomebodyHasIt) {
  auto name = (std::filesystem::temp_directory_path() / "cairn-hold-XXXXXX").native();
  const std::filesystem::path folder = ::mkdtemp(name.data());
  EXPECT_FALSE(Hold::is_on(folder));
  EXPECT_FALSE(Hold::is_on(folder / "none"));
  for (int again = 0; again < 2; ++again) {
    auto hold = std::optional(Hold::take(folder).value());
    EXPECT_TRUE(Hold::is_on(folder));
    EXPECT_EQ(Hold::take(folder).error().code, Errc::conflict);
    hold.reset();
    EXPECT_FALSE(Hold::is_on(folder));
  }
  EXPECT_EQ(Hold::take(folder / "none").error().code, Errc::not_found);
  std::filesystem::remove_all(folder);
}

// A look is a lock, too, for a moment; it is no hold.
TEST(Hold, CanBeTakenWhileOthersLook) {
  auto name = (std::filesystem::temp_directory_path() / "cairn-hold-XXXXXX").native();
  const std::filesystem::path folder = ::mkdtemp(name.data());
  { const auto made = Hold::take(folder).value(); }
  std::atomic<bool> stop{false};
  std::vector<std::thread> looking;
  for (int i = 0; i < 4; ++i) {
    looking.emplace_back([&] {
      while (!stop) {
        Hold::is_on(folder);
        std::this_thread::yield();
      }
    });
  }
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(Hold::take(folder));
  }
  stop = true;
  for (auto& thread : looking) {
    thread.join();
  }
  std::filesystem::remove_all(folder);
}

// Root copies, another user removes: he must be able to look at the hold.
TEST(Hold, BelongsToTheFoldersOwner) {
  if (::geteuid() != 0) {
    GTEST_SKIP() << "only root can give a file away: run it as root";
  }
  auto name = (std::filesystem::temp_directory_path() / "cairn-hold-XXXXXX").native();
  const std::filesystem::path folder = ::mkdtemp(name.data());
  ASSERT_EQ(::chown(folder.c_str(), 1234, 2345), 0);
  const auto hold = Hold::take(folder).value();
  struct stat found {};
  ASSERT_EQ(::stat((folder / ".hold").c_str(), &found), 0);
  EXPECT_EQ(found.st_uid, 1234U);
  EXPECT_EQ(found.st_gid, 2345U);
  std::filesystem::remove_all(folder);
}

// A hold that cannot be looked at is taken for one that is on: nothing is removed.
TEST(Hold, IsOnWhenItCannotBeLookedAt) {
  auto name = (std::filesystem::temp_directory_path() / "cairn-hold-XXXXXX").native();
  const std::filesystem::path folder = ::mkdtemp(name.data());
  std::filesystem::create_symlink(".hold", folder / ".hold");
  EXPECT_TRUE(Hold::is_on(folder));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace cairn
