// A disk of numbers that strangers and callers fill and empty; and the file on a real, small file system.
#include "reserve/reserve.h"

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "reserve/ballast_file.h"

namespace cairn::reserve {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kReserve = 800;

class FakeBallast final : public Ballast {
 public:
  Result<std::uint64_t> free_bytes() override { return free; }
  Result<std::uint64_t> held_bytes() override { return held; }
  Result<void> hold(std::uint64_t bytes) override {
    if (bytes > held && bytes - held > free) {
      return Error{Errc::limit, "no room"};
    }
    free = free + held - bytes;
    held = bytes;
    return {};
  }

  std::uint64_t free = 10'000;
  std::uint64_t held = 0;
};

class ReserveTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(open(true)); }

  Result<void> open(bool is_new) {
    auto ballast = std::make_unique<FakeBallast>(disk != nullptr ? *disk : FakeBallast());
    disk = ballast.get();
    auto made = std::make_unique<Reserve>(options(), std::move(ballast), metrics);
    reserve = std::move(made);
    return reserve->begin(is_new);
  }
  static Options options() {
    return {.file = "reserve", .bytes = kReserve, .look_every = Millis{100}, .spend_every = Millis{1'000}};
  }
  // What is free now is this, and a second later the disk is looked at.
  void free(std::uint64_t bytes) {
    disk->free = bytes;
    now += Millis{1'000};
    reserve->look(now);
  }
  // Who is admitted, as a letter each: growth, reads, own calls, removals, administrators.
  std::string admitted() const {
    std::string all;
    for (const auto& [claim, letter] :
         {std::pair{Claim::growth, 'g'}, std::pair{Claim::read, 'r'}, std::pair{Claim::own, 'o'},
          std::pair{Claim::removal, 'd'}, std::pair{Claim::administration, 'a'}}) {
      all += reserve->admits(claim) ? std::string(1, letter) : "";
    }
    return all;
  }

  Metrics metrics;
  FakeBallast* disk = nullptr;
  std::unique_ptr<Reserve> reserve;
  std::chrono::steady_clock::time_point now = std::chrono::steady_clock::now() + Millis{60'000};
};

TEST_F(ReserveTest, holds_its_room_from_the_first_start) {
  EXPECT_EQ(disk->held, kReserve);
  EXPECT_EQ(disk->free, 10'000 - kReserve);
  EXPECT_EQ(admitted(), "groda");
  EXPECT_EQ(reserve->complaint(), "");
}

TEST_F(ReserveTest, as_the_disk_fills_claims_are_refused_in_their_order) {
  const struct {
    std::uint64_t free;
    std::uint64_t held_afterwards;
    std::string admitted;
  } rows[] = {
      {400, 800, "groda"},  // R/2 free: all is well
      {399, 800, "roda"},   // low: the file is whole
      {100, 800, "roda"},   //
      {99, 600, "roda"},    // spending begins: a piece is free now
      {0, 400, "roda"},     // somebody took it all the same
      {0, 200, "roda"},     // free 200, held 200: half of the reserve is left
      {0, 0, "oda"},        // a quarter
      {199, 0, "a"},        // less: administrators alone
      {0, 0, "a"},
  };
  for (const auto& row : rows) {
    free(row.free);
    EXPECT_EQ(disk->held, row.held_afterwards) << row.free;
    EXPECT_EQ(admitted(), row.admitted) << row.free;
  }
}

TEST_F(ReserveTest, pieces_are_given_away_one_at_a_time) {
  free(0);
  EXPECT_EQ(disk->held, 600U);
  disk->free = 0;
  reserve->look(now + Millis{999});
  EXPECT_EQ(disk->held, 600U) << "a stranger who fills the disk must not get it all at once";
  reserve->look(now + Millis{1'000});
  EXPECT_EQ(disk->held, 400U);
}

TEST_F(ReserveTest, is_made_whole_when_there_is_room_and_only_then_callers_are_admitted) {
  free(0);
  free(0);
  ASSERT_EQ(disk->held, 400U);
  free(899);  // it needs what is missing (400), R/2 (400) and R/8 (100)
  EXPECT_EQ(disk->held, 400U);
  EXPECT_EQ(admitted(), "roda");
  EXPECT_NE(reserve->complaint(), "");
  free(900);
  EXPECT_EQ(disk->held, 800U);
  EXPECT_EQ(disk->free, 500U);
  EXPECT_EQ(admitted(), "groda");
}

TEST_F(ReserveTest, callers_are_not_let_in_and_sent_away_with_every_byte) {
  free(399);
  free(400);
  EXPECT_EQ(admitted(), "roda");
  free(500);
  EXPECT_EQ(admitted(), "groda");
  free(400);
  EXPECT_EQ(admitted(), "groda");
}

TEST_F(ReserveTest, a_body_that_would_not_fit_is_refused_at_once) {
  free(1'000);
  EXPECT_TRUE(reserve->admits(Claim::growth, 600));
  EXPECT_FALSE(reserve->admits(Claim::growth, 601)) << "R/2 stays free";
}

TEST_F(ReserveTest, is_taken_as_it_was_left_on_a_full_disk) {
  free(0);
  ASSERT_TRUE(open(false));
  EXPECT_EQ(disk->held, 600U);
  EXPECT_EQ(admitted(), "roda");
  free(10'000);
  EXPECT_EQ(disk->held, kReserve);
  EXPECT_EQ(admitted(), "groda");
}

TEST_F(ReserveTest, a_first_start_without_room_says_what_to_do) {
  disk->held = 0;
  disk->free = 1'199;
  const auto opened = open(true);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::limit);
  EXPECT_NE(opened.error().text().find("1199 bytes are free and 1200 are needed; make room, or set `reserve`"),
            std::string::npos);
  disk->free = 1'200;
  EXPECT_TRUE(open(true));
}

// --- the file ---

class BallastTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("cairn_reserve_test." + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override {
    if (mounted_) {
      ::umount2(folder_.c_str(), MNT_DETACH);
    }
    fs::remove_all(folder_);
  }

  fs::path folder_;
  bool mounted_ = false;
  Metrics metrics_;
};

TEST_F(BallastTest, holds_allocated_room) {
  const auto ballast = *ballast_file(folder_ / "reserve");
  ASSERT_TRUE(ballast->hold(1 << 20));
  EXPECT_EQ(*ballast->held_bytes(), 1U << 20);
  struct stat seen {};
  ASSERT_EQ(::stat((folder_ / "reserve").c_str(), &seen), 0);
  EXPECT_GE(seen.st_blocks * 512, 1 << 20);
  ASSERT_TRUE(ballast->hold(1000));
  EXPECT_EQ(*ballast->held_bytes(), 1000U);
}

TEST_F(BallastTest, a_hole_is_no_room) {
  std::ofstream(folder_ / "reserve").close();
  fs::resize_file(folder_ / "reserve", 1 << 20);
  const auto ballast = *ballast_file(folder_ / "reserve");
  EXPECT_EQ(*ballast->held_bytes(), 0U);
}

TEST_F(BallastTest, on_a_full_disk_it_gives_room_and_takes_it_back) {
  if (::geteuid() != 0 || ::mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=4m") != 0) {
    GTEST_SKIP() << "needs the right to mount a small tmpfs";
  }
  mounted_ = true;
  const Options options{
      .file = folder_ / "reserve", .bytes = 1 << 20, .look_every = Millis{2}, .spend_every = Millis{2}};
  const auto reserve = *Reserve::open(options, metrics_);
  const auto eventually = [](const auto& holds) {
    for (int i = 0; i < 5'000 && !holds(); ++i) {
      std::this_thread::sleep_for(Millis{2});
    }
    return holds();
  };
  EXPECT_TRUE(reserve->admits(Claim::growth));
  std::ofstream stranger(folder_ / "stranger");
  const std::string block(64 << 10, 'x');
  while (stranger.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
  }
  EXPECT_TRUE(eventually([&] { return fs::file_size(options.file) < options.bytes; }));
  EXPECT_FALSE(reserve->admits(Claim::growth));
  EXPECT_NE(reserve->complaint(), "");
  fs::remove(folder_ / "stranger");
  stranger.close();
  EXPECT_TRUE(eventually([&] { return reserve->admits(Claim::growth); }));
  EXPECT_EQ(fs::file_size(options.file), options.bytes);
}

}  // namespace
}  // namespace cairn::reserve
