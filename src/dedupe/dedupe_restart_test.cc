// What the index knows after a restart: all that was saved, and where in the journal to go on. The journal
// has the rest.
#include <sys/mount.h>

#include <fstream>
#include <iterator>
#include <random>

#include "dedupe/id_file.h"
#include "dedupe/index_fixture.h"

namespace cairn::dedupe {
namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

class DedupeRestartTest : public IndexFixture {
 protected:
  void observe(std::vector<std::string> ids, std::uint64_t from, std::string_view account = kAccount) {
    for (std::size_t i = 0; i < ids.size(); ++i) {
      index_->observe(account, ids[i], Position{from + i});
    }
  }
  std::vector<std::filesystem::path> files() {
    std::vector<std::filesystem::path> found;
    for (const auto& file : std::filesystem::directory_iterator(options_.folder)) {
      found.push_back(file.path());
    }
    return found;
  }
};

TEST_F(DedupeRestartTest, what_was_saved_is_known_and_the_cursor_with_it) {
  start();
  EXPECT_EQ(index_->cursor(), Position{0});
  observe({"a", "b"}, 0);
  observe({"x"}, 2, "444455556666");
  index_->observe_through(Position{7});
  EXPECT_EQ(index_->cursor(), Position{0}) << "not saved yet";
  ASSERT_TRUE(index_->flush());
  EXPECT_EQ(index_->cursor(), Position{7});
  observe({"c"}, 7);
  ASSERT_TRUE(index_->flush());
  ASSERT_TRUE(index_->flush());
  restart();
  EXPECT_EQ(index_->cursor(), Position{8});
  EXPECT_EQ(see({"a", "b", "c", "x"}), "rrrf");
  EXPECT_EQ(see({"x", "a"}, "444455556666"), "rf");
}

TEST_F(DedupeRestartTest, a_crash_between_append_and_flush_is_made_good_by_the_journal) {
  start();
  EXPECT_EQ(see({"a"}), "f");
  observe({"a"}, 0);
  ASSERT_TRUE(index_->flush());
  EXPECT_EQ(see({"b", "c"}), "ff");
  observe({"b"}, 1);
  restart();
  ASSERT_EQ(index_->cursor(), Position{1});
  observe({"b", "c"}, 1);  // what the journal has from there on
  EXPECT_EQ(see({"a", "b", "c", "d"}), "rrrf");
}

// Settled, saved, but not observed yet: it comes again when the journal is followed, and is known once.
TEST_F(DedupeRestartTest, an_id_saved_before_it_was_observed_is_known_once) {
  options_.ids_max = 2;
  start();
  EXPECT_EQ(see({"a", "b"}), "ff");
  ASSERT_TRUE(index_->flush());
  restart();
  EXPECT_EQ(index_->cursor(), Position{0});
  observe({"a", "b"}, 0);
  EXPECT_EQ(see({"c"}), "f");
  EXPECT_EQ(see({"b", "c", "a"}), "rrf");
}

TEST_F(DedupeRestartTest, the_oldest_go_first_after_a_restart_too) {
  options_.ids_max = 4;
  start();
  observe({"a", "b", "c"}, 0);
  ASSERT_TRUE(index_->flush());
  observe({"d", "e"}, 3);
  ASSERT_TRUE(index_->flush());
  restart();
  EXPECT_EQ(see({"b", "c", "d", "e"}), "rrrr");
  EXPECT_EQ(see({"a"}), "f");
  EXPECT_EQ(see({"c", "d", "e", "a"}), "rrrr");
  EXPECT_EQ(see({"b"}), "f");
}

TEST_F(DedupeRestartTest, fewer_ids_may_be_kept_than_were_saved) {
  start();
  observe({"a", "b", "c"}, 0);
  ASSERT_TRUE(index_->flush());
  options_.ids_max = 2;
  restart();
  EXPECT_EQ(see({"c", "b"}), "rr");
  EXPECT_EQ(see({"a"}), "f");
}

TEST_F(DedupeRestartTest, a_save_cut_short_or_damaged_anywhere_only_moves_the_cursor_back) {
  start();
  observe({"a"}, 0);
  ASSERT_TRUE(index_->flush());
  const auto path = files().at(0);
  const auto before = std::filesystem::file_size(path);
  observe({"b", "c"}, 1);
  ASSERT_TRUE(index_->flush());
  index_.reset();
  const auto bytes = read_file(path);
  for (auto at = before; at < bytes.size(); ++at) {
    for (const bool cut : {true, false}) {
      auto damaged = cut ? bytes.substr(0, at) : bytes;
      if (!cut) {
        damaged[at] = static_cast<char>(damaged[at] ^ 1);
      }
      write_file(path, damaged);
      start();
      ASSERT_EQ(index_->cursor(), Position{1}) << at;
      EXPECT_EQ(see({"a", "b"}), "rf");
      observe({"b", "c"}, 1);
      if (at % 8 == 0) {
        ASSERT_TRUE(index_->flush());
        restart();
        EXPECT_EQ(index_->cursor(), Position{3});
        EXPECT_EQ(see({"a", "b", "c"}), "rrr");
      }
      index_.reset();
    }
  }
}

TEST_F(DedupeRestartTest, a_newer_or_foreign_file_is_refused) {
  start();
  observe({"a"}, 0);
  ASSERT_TRUE(index_->flush());
  index_.reset();
  const auto path = files().at(0);
  const auto bytes = read_file(path);
  for (std::size_t at = 0; at < 16; ++at) {
    auto damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 2);  // version 1 becomes 3
    write_file(path, damaged);
    EXPECT_EQ(Index::open(options_, metrics_).error().code, at == 8 ? Errc::invalid : Errc::corrupt) << at;
  }
  write_file(path, "");
  EXPECT_EQ(Index::open(options_, metrics_).error().code, Errc::corrupt);
}

// Saved by another version, kept under compat/; made by hand from docs/formats/dedupe.md, not by this code.
TEST_F(DedupeRestartTest, version_1_is_read) {
  std::filesystem::copy(std::filesystem::path(CAIRN_SOURCE_DIR) / "src/dedupe/compat/v1", options_.folder);
  start();
  EXPECT_EQ(index_->cursor(), Position{9});
  EXPECT_EQ(see({"0f8fad5b-d9cb-469f-a165-70867728950e", "abc", "abd"}), "rrf");
  EXPECT_EQ(see({"0f8fad5b-d9cb-469f-a165-70867728950e", "abc"}, "444455556666"), "rf");
}

std::string uuid_of(std::uint64_t number) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%08x-0000-4000-8000-%012llx",
                static_cast<unsigned>(number * 2654435761U), static_cast<unsigned long long>(number));
  return text.data();
}

// One busy account and one that is nearly silent: the file stays small, and the silent one's ids stay.
TEST_F(DedupeRestartTest, a_file_that_is_mostly_out_of_date_is_begun_anew) {
  constexpr std::uint64_t kIds = 40'000;
  options_.ids_max = 5000;
  options_.limits.spare_bytes_max = 100'000;
  start();
  observe({"quiet"}, 0, "444455556666");
  for (std::uint64_t i = 1; i <= kIds; ++i) {
    index_->observe(kAccount, uuid_of(i), Position{i});
    if (i % 1000 == 0) {
      ASSERT_TRUE(index_->flush());
      ASSERT_EQ(files().size(), 1U);
      ASSERT_LT(std::filesystem::file_size(files()[0]), 320'000U);
    }
  }
  ASSERT_TRUE(index_->flush());
  EXPECT_EQ(files()[0].filename(), "00000000000000000003.ids");
  restart();
  EXPECT_EQ(index_->cursor(), Position{kIds + 1});
  EXPECT_EQ(see({"quiet"}, "444455556666"), "r");
  EXPECT_EQ(see({uuid_of(kIds), uuid_of(kIds - 4999)}), "rr");
  EXPECT_EQ(see({uuid_of(kIds - 5000)}), "f");
}

TEST_F(DedupeRestartTest, many_accounts_and_ids_fit_in_blocks) {
  start();
  std::uint64_t position = 0;
  for (int account = 0; account < 5000; ++account) {
    index_->observe(std::string(250, 'x') + std::to_string(account), "a", Position{position++});
  }
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    index_->observe(kAccount, uuid_of(i), Position{position++});
  }
  ASSERT_TRUE(index_->flush());
  restart();
  EXPECT_EQ(index_->cursor(), Position{position});
  EXPECT_EQ(see({"a"}, std::string(250, 'x') + "4999"), "r");
  EXPECT_EQ(see({uuid_of(0), uuid_of(99'999), uuid_of(100'000)}), "rrf");
}

struct Mount {
  ~Mount() { ::umount2(at.c_str(), MNT_DETACH); }
  std::filesystem::path at;
};

TEST_F(DedupeRestartTest, a_full_disk_loses_nothing_that_a_later_flush_cannot_save) {
  const auto mount_point = folder_ / "small";
  std::filesystem::create_directory(mount_point);
  if (::mount("cairn-test", mount_point.c_str(), "tmpfs", 0, "size=64k") != 0) {
    GTEST_SKIP() << "this user may not mount a file system";
  }
  const Mount mounted{mount_point};
  options_.folder = mount_point / "dedupe";
  start();
  observe({"a"}, 0);
  ASSERT_TRUE(index_->flush());
  std::uint64_t next = 1;
  for (; next < 6000; ++next) {
    index_->observe(kAccount, uuid_of(next), Position{next});
  }
  EXPECT_EQ(index_->flush().error().code, Errc::limit);
  EXPECT_EQ(index_->cursor(), Position{1});
  EXPECT_EQ(index_->flush().error().code, Errc::limit);
  ASSERT_EQ(::mount("cairn-test", mount_point.c_str(), "tmpfs", MS_REMOUNT, "size=1m"), 0);
  EXPECT_TRUE(index_->flush());
  EXPECT_EQ(index_->cursor(), Position{next});
  restart();
  EXPECT_EQ(index_->cursor(), Position{next});
  EXPECT_EQ(see({"a", uuid_of(1), uuid_of(5999), uuid_of(6000)}), "rrrf");
  index_.reset();
}

}  // namespace
}  // namespace cairn::dedupe
