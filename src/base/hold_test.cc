#include "base/hold.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <optional>

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

}  // namespace
}  // namespace cairn
