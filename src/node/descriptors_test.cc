#include "node/descriptors.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace cairn::node {
namespace {

TEST(Descriptors, connections_leave_room_for_files) {
  EXPECT_EQ(connections_beside_files(4096, 1'048'576), 4096U);
  EXPECT_EQ(connections_beside_files(4096, 8'448), 4096U);
  EXPECT_EQ(connections_beside_files(4096, 8'446), 4095U);
  EXPECT_EQ(connections_beside_files(4096, 1'024), 384U);
  EXPECT_EQ(connections_beside_files(4096, 256), 16U);
  EXPECT_EQ(connections_beside_files(4096, 0), 16U);
  EXPECT_EQ(connections_beside_files(10, 1'024), 10U);
}

TEST(Descriptors, are_as_many_as_may_be) {
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  if (limit.rlim_max < 200) {
    GTEST_SKIP() << "needs 200 descriptors: ulimit -Hn 200";
  }
  limit.rlim_cur = 100;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(raise_descriptors(), limit.rlim_max);
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(limit.rlim_cur, limit.rlim_max);
}

}  // namespace
}  // namespace cairn::node
