#include "base/input.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace cairn {
namespace {

class InputTest : public testing::Test {
 protected:
  void SetUp() override { std::ofstream(path_) << "0123456789"; }
  void TearDown() override { std::filesystem::remove(path_); }

  static std::string read(const Input& input, std::uint64_t offset, std::size_t size) {
    std::string bytes(size, '-');
    const auto done = input.read(offset, bytes);
    return done ? bytes : "[" + std::string(to_string(done.error().code)) + "]";
  }

  const std::string path_ =
      (std::filesystem::temp_directory_path() / ("cairn-input-" + std::to_string(::getpid()))).string();
};

TEST_F(InputTest, bytes_are_read_at_any_place_and_none_beyond_the_end) {
  const auto opened = open_input(path_).value();
  const auto by_path = path_input(path_).value();
  const auto memory = memory_input("0123456789");
  for (const auto* input : {opened.get(), by_path.get(), memory.get()}) {
    EXPECT_EQ(input->bytes(), 10U);
    EXPECT_EQ(read(*input, 0, 10), "0123456789");
    EXPECT_EQ(read(*input, 3, 4), "3456");
    EXPECT_EQ(read(*input, 10, 0), "");
    EXPECT_EQ(read(*input, 8, 3), "[corrupt]");
    EXPECT_EQ(read(*input, 11, 1), "[corrupt]");
  }
}

TEST_F(InputTest, an_open_file_outlives_its_name_and_a_path_does_not) {
  const auto opened = open_input(path_).value();
  const auto by_path = path_input(path_).value();
  std::filesystem::remove(path_);
  EXPECT_EQ(read(*opened, 9, 1), "9");
  EXPECT_EQ(read(*by_path, 9, 1), "[not_found]");
  EXPECT_EQ(open_input(path_).error().code, Errc::not_found);
  EXPECT_EQ(path_input(path_).error().code, Errc::not_found);
}

}  // namespace
}  // namespace cairn
