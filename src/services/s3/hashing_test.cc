#include "services/s3/hashing.h"

#include <gtest/gtest.h>

#include <mutex>

#include "async/loops.h"

namespace cairn::services::s3 {
namespace {

std::vector<std::byte> noise(std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<std::byte>(i * i >> 3);
  }
  return bytes;
}

Task<std::string> etag_of(std::span<const std::byte> bytes, std::size_t piece, HashingPlace place) {
  auto checksums = *Checksums::wanted(codec::Headers(), "CRC32");
  Hashing hashing(checksums, std::move(place));
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    co_await hashing.add(bytes.subspan(at, std::min(piece, bytes.size() - at)));
  }
  co_await hashing.end();
  CAIRN_CHECK(checksums.finish(nullptr).has_value());
  co_return checksums.etag() + checksums.computed().front().value;
}

TEST(Hashing, beside_is_as_on_the_spot_in_whatever_pieces) {
  async::Loops loops(1);
  async::Pool pool(2);
  const auto room = std::make_shared<HashingRoom>();
  const auto executor = async::Executor(loops.at(0).get_executor());
  for (const std::size_t size : {0UL, 1000UL, 1UL << 20, (1UL << 20) + 1, 7'654'321UL}) {
    const auto bytes = noise(size);
    const auto expected = async::run(executor, etag_of(bytes, std::max<std::size_t>(size, 1), {}));
    for (const std::size_t piece : {4097UL, 65'536UL, 700'000UL, 3'000'000UL}) {
      EXPECT_EQ(async::run(executor, etag_of(bytes, piece, {&pool, room})), expected)
          << size << " in " << piece;
    }
  }
}

Task<void> give_up(std::span<const std::byte> bytes, HashingPlace place) {
  const auto checksums = *Checksums::wanted(codec::Headers(), "SHA256");
  Hashing hashing(checksums, std::move(place));
  for (int i = 0; i < 4; ++i) {
    co_await hashing.add(bytes);
  }
}

TEST(Hashing, who_gives_a_body_up_leaves_nothing_dangling) {
  async::Loops loops(1);
  const auto room = std::make_shared<HashingRoom>();
  const auto bytes = noise(900'000);
  {
    async::Pool pool(1);
    for (int i = 0; i < 20; ++i) {
      async::run(async::Executor(loops.at(0).get_executor()), give_up(bytes, {&pool, room}));
    }
  }
  std::vector<std::shared_ptr<void>> all;
  while (auto one = HashingRoom::take(room)) {
    all.push_back(std::move(one));
  }
  EXPECT_EQ(all.size(), HashingRoom::bodies_max) << "all of it was given back";
}

TEST(Hashing, so_many_at_a_time_and_the_others_where_they_are_read) {
  const auto room = std::make_shared<HashingRoom>();
  std::vector<std::shared_ptr<void>> all;
  while (auto one = HashingRoom::take(room)) {
    all.push_back(std::move(one));
  }
  EXPECT_EQ(all.size(), HashingRoom::bodies_max);
  EXPECT_EQ(HashingRoom::take(room), nullptr);
  async::Loops loops(1);
  const auto executor = async::Executor(loops.at(0).get_executor());
  const auto bytes = noise(7'654'321);
  const auto expected = async::run(executor, etag_of(bytes, bytes.size(), {}));
  {
    async::Pool pool(1);
    std::mutex stuck;  // the pool does nothing until it is unlocked
    stuck.lock();
    pool.post([&] { std::lock_guard here(stuck); });
    EXPECT_EQ(async::run(executor, etag_of(bytes, 65'536, {&pool, room})), expected) << "without the pool";
    stuck.unlock();
    all.pop_back();
    EXPECT_EQ(async::run(executor, etag_of(bytes, 65'536, {&pool, room})), expected);
  }
  EXPECT_NE(HashingRoom::take(room), nullptr) << "given back";
}

}  // namespace
}  // namespace cairn::services::s3
