#include "intents/intents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <fstream>
#include <map>
#include <random>

#include "async/loops.h"

namespace cairn::intents {
namespace {

constexpr Shape kSmall{.slots = 3, .slot_bytes = 256};

crypto::Secret key(char byte = 'k') {
  return crypto::Secret(std::string(32, byte));
}

class IntentsTest : public ::testing::Test {
 protected:
  IntentsTest() {
    std::string name = (std::filesystem::temp_directory_path() / "cairn-intents-XXXXXX").string();
    CAIRN_CHECK(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
  }
  ~IntentsTest() override { std::filesystem::remove_all(folder_); }

  Options options(Shape shape = kSmall) const {
    return {.file = folder_ / "intents", .shape = shape, .patience = Millis{20}};
  }
  std::unique_ptr<Intents> open(Shape shape = kSmall) {
    auto opened = Intents::open(options(shape), key(), metrics_);
    CAIRN_CHECK(opened.has_value());
    return *std::move(opened);
  }
  Result<Ticket> begin(Intents& intents, const std::string& id, std::string record = "{}") {
    return async::run(
        loops_.at(0).get_executor(),
        intents.begin({.account = "111122223333", .event_id = id, .record = std::move(record)}));
  }
  static std::map<std::string, std::string> left(const Intents& intents) {
    std::map<std::string, std::string> all;
    for (const auto& intent : intents.left()) {
      all[intent.event_id] = intent.record;
    }
    return all;
  }

  std::filesystem::path folder_;
  Metrics metrics_;
  async::Loops loops_{1};
};

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST_F(IntentsTest, what_is_not_settled_is_left) {
  {
    auto intents = open();
    auto a = begin(*intents, "a", "1");
    auto b = begin(*intents, "b", "2");
    auto c = begin(*intents, "c", "3");
    ASSERT_TRUE(a && b && c);
    b->settle();
    EXPECT_FALSE(b->is_open());
    EXPECT_THAT(intents->left(), IsEmpty());
  }
  auto intents = open();
  EXPECT_THAT(left(*intents), ElementsAre(Pair("a", "1"), Pair("c", "3")));
  // Their slots are taken until they are forgotten.
  const auto only = begin(*intents, "d");
  ASSERT_TRUE(only);
  EXPECT_EQ(begin(*intents, "e").error().code, Errc::limit);
  intents->forget_left();
  EXPECT_TRUE(begin(*intents, "e"));
  intents.reset();
  EXPECT_THAT(left(*open()), ElementsAre(Pair("d", "{}"), Pair("e", "{}")));
}

TEST_F(IntentsTest, a_slot_that_comes_free_is_given_to_who_waits) {
  auto wide = options();
  wide.patience = Millis{10'000};
  auto intents = Intents::open(wide, key(), metrics_);
  ASSERT_TRUE(intents);
  std::vector<Ticket> tickets;
  for (const auto* id : {"a", "b", "c"}) {
    tickets.push_back(*begin(**intents, id));
  }
  std::jthread frees([&] {
    std::this_thread::sleep_for(Millis{30});
    tickets[1].settle();
  });
  EXPECT_TRUE(begin(**intents, "d"));
}

TEST_F(IntentsTest, one_that_is_too_long_is_refused) {
  auto intents = open();
  EXPECT_TRUE(begin(*intents, "a", std::string(intents->record_bytes_max(), 'x')));
  EXPECT_EQ(begin(*intents, "b", std::string(intents->record_bytes_max() + 1, 'x')).error().code,
            Errc::limit);
}

TEST_F(IntentsTest, an_outcome_takes_its_intents_place) {
  {
    auto intents = open();
    auto a = begin(*intents, "a", "intent");
    ASSERT_TRUE(a);
    EXPECT_TRUE(a->replace({"111122223333", "a", "outcome"}));
    EXPECT_FALSE(a->replace({"111122223333", "a", std::string(1000, 'x')}));
    auto b = begin(*intents, "b", "intent");
    auto c = begin(*intents, "c", "intent");
    EXPECT_FALSE(c->replace({"111122223333", "c", "no room"}));
    b->settle();
  }
  EXPECT_THAT(left(*open()), ElementsAre(Pair("a", "outcome"), Pair("c", "intent")));
}

TEST_F(IntentsTest, gaps_are_counted_and_told_once) {
  {
    auto intents = open();
    EXPECT_FALSE(intents->gap());
    intents->lost(Time{Millis{1000}}, "first");
    intents->lost(Time{Millis{3000}}, "not needed");
  }
  auto intents = open();
  const auto gap = intents->gap();
  ASSERT_TRUE(gap);
  EXPECT_EQ(gap->lost, 2U);
  EXPECT_EQ(gap->first_ms, 1000);
  EXPECT_EQ(gap->last_ms, 3000);
  EXPECT_EQ(gap->event_id, "first");
  intents->lost(Time{Millis{4000}}, "meanwhile");
  intents->told(*gap, "second");
  EXPECT_EQ(intents->gap()->lost, 1U);
  EXPECT_EQ(intents->gap()->event_id, "second");
  intents->told(*intents->gap(), "third");
  EXPECT_FALSE(intents->gap());
  intents->lost(Time{Millis{5000}}, "fourth");
  EXPECT_EQ(intents->gap()->event_id, "fourth");
}

TEST_F(IntentsTest, a_file_keeps_its_shape) {
  open()->lost(Time{}, "x");
  const auto intents = open({.slots = 100, .slot_bytes = 4096});
  EXPECT_EQ(intents->record_bytes_max(), kSmall.record_bytes_max());
}

TEST_F(IntentsTest, damage_is_refused_or_counted) {
  { auto ticket = begin(*open(), "a"); }
  std::fstream file(folder_ / "intents", std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(kHeadBytes + kSlotOverheadBytes);
  file.put('!');
  file.close();
  EXPECT_THAT(open()->left(), IsEmpty());
  EXPECT_THAT(metrics_.text(), ::testing::HasSubstr("cairn_intents_torn_total 1"));
  std::filesystem::resize_file(folder_ / "intents", kHeadBytes + 10);
  EXPECT_EQ(Intents::open(options(), key(), metrics_).error().code, Errc::corrupt);
  std::filesystem::resize_file(folder_ / "intents", 10);
  EXPECT_EQ(Intents::open(options(), key(), metrics_).error().code, Errc::corrupt);
}

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Neither while it is under way, nor once it was settled or replaced.
TEST_F(IntentsTest, what_is_about_to_happen_cannot_be_read_in_the_file) {
  auto intents = open();
  auto a = begin(*intents, "an-event-id", "the-intent");
  auto b = begin(*intents, "an-event-id", "the-intent");
  ASSERT_TRUE(a && b && a->replace({"111122223333", "an-event-id", "the-outcome"}));
  b->settle();
  const auto bytes = bytes_of(folder_ / "intents");
  for (const auto* said : {"an-event-id", "the-intent", "the-outcome", "111122223333"}) {
    EXPECT_EQ(bytes.find(said), bytes.npos) << said;
  }
}

TEST_F(IntentsTest, with_another_key_what_was_left_is_refused_and_stays) {
  { auto ticket = begin(*open(), "a", "1"); }
  EXPECT_EQ(Intents::open(options(), key('x'), metrics_).error().code, Errc::denied);
  EXPECT_THAT(left(*open()), ElementsAre(Pair("a", "1")));
}

// An older Cairn's file: its slots are read, and it would refuse what this one makes of it.
TEST_F(IntentsTest, a_file_of_version_1_goes_on_as_the_newest) {
  std::filesystem::copy_file(CAIRN_SOURCE_DIR "/src/intents/compat/v1/intents", folder_ / "intents");
  {
    auto intents = open();
    EXPECT_THAT(left(*intents), ElementsAre(Pair("5b6f3c1e-0000-4000-8000-000000000001", "{\"a\":1}")));
    EXPECT_EQ(intents->gap()->lost, 7U);
  }
  EXPECT_EQ(bytes_of(folder_ / "intents")[8], 2);
  EXPECT_EQ(open()->left().size(), 1U);
}

TEST_F(IntentsTest, with_sync_a_slot_is_written_as_well) {
  async::Pool pool(1);
  auto with_sync = options();
  with_sync.sync = &pool;
  auto intents = Intents::open(with_sync, key(), metrics_);
  ASSERT_TRUE(intents);
  ASSERT_TRUE(begin(**intents, "a", "1"));
  intents->reset();
  EXPECT_THAT(left(*open()), ElementsAre(Pair("a", "1")));
}

// A child begins and settles at random and says through a pipe what it did, each line before (settle) or
// after (begin) it; it is killed at some moment. What it had begun and not settled must be left, nothing else
// but what it was about to do.
void live(const Options& options, int pipe, unsigned seed) {
  Metrics metrics;
  async::Loops loops(1);
  auto intents = *Intents::open(options, key(), metrics);
  std::mt19937 random(seed);
  std::map<int, Ticket> open;
  const auto say = [pipe](const std::string& line) {
    CAIRN_CHECK(::write(pipe, line.data(), line.size()) == static_cast<ssize_t>(line.size()));
  };
  for (int next = 0;; ++next) {
    if (open.size() < 40 && random() % 2 == 0) {
      const auto id = std::to_string(next);
      say("?" + id + "\n");
      auto ticket =
          async::run(loops.at(0).get_executor(), intents->begin({"1", id, std::string(random() % 100, 'x')}));
      open.emplace(next, *std::move(ticket));
      say("+" + id + "\n");
    } else if (!open.empty()) {
      const auto it = std::next(open.begin(), static_cast<std::ptrdiff_t>(random() % open.size()));
      say("-" + std::to_string(it->first) + "\n");
      it->second.settle();
      open.erase(it);
    }
  }
}

TEST_F(IntentsTest, kill_9_loses_no_open_intent) {
  for (unsigned round = 0; round < 8; ++round) {
    std::filesystem::remove(folder_ / "intents");
    const auto all = options({.slots = 64, .slot_bytes = 256});
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const auto child = ::fork();
    if (child == 0) {
      ::close(ends[0]);
      live(all, ends[1], round);
    }
    ::close(ends[1]);
    std::string said;
    std::array<char, 4096> piece{};
    const std::size_t enough = 2'000 + 3'000 * round;
    while (said.size() < enough) {
      const auto count = ::read(ends[0], piece.data(), piece.size());
      ASSERT_GT(count, 0);
      said.append(piece.data(), static_cast<std::size_t>(count));
    }
    ::kill(child, SIGKILL);
    for (ssize_t count = 0; (count = ::read(ends[0], piece.data(), piece.size())) > 0;) {
      said.append(piece.data(), static_cast<std::size_t>(count));
    }
    ::close(ends[0]);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);

    std::map<std::string, char> state;  // of each id: the last that was said of it
    for (std::size_t at = 0; at < said.size();) {
      const auto end = said.find('\n', at);
      ASSERT_NE(end, std::string::npos);
      state[said.substr(at + 1, end - at - 1)] = said[at];
      at = end + 1;
    }
    const auto intents = open();
    const auto found = left(*intents);
    for (const auto& [id, last] : state) {
      if (last == '+') {
        EXPECT_TRUE(found.contains(id)) << id;
      }
    }
    for (const auto& [id, record] : found) {
      ASSERT_TRUE(state.contains(id)) << id;
    }
    std::size_t doubtful = 0;
    for (const auto& [id, record] : found) {
      doubtful += state[id] == '+' ? 0 : 1;
    }
    EXPECT_LE(doubtful, 1U);  // what it was doing at that moment
  }
}

}  // namespace
}  // namespace cairn::intents
