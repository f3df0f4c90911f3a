#include "base/live.h"

#include <gtest/gtest.h>

namespace cairn {
namespace {

TEST(Live, CopiesSeeWhatIsSetAndAnAssignedValueIsAnotherOnes) {
  const Live<int> setting = 1;
  const Live<int> copy = setting;
  Live<int> other = setting;
  setting.set(2);
  EXPECT_EQ(copy, 2);
  EXPECT_EQ(other.get(), 2);
  other = 5;
  setting.set(3);
  EXPECT_EQ(other, 5);
  EXPECT_EQ(copy, 3);
}

}  // namespace
}  // namespace cairn
