// A verification of several trails that deliver into one place, each with digests at its own minute.
#include "integrity/verify_testing.h"

namespace cairn::integrity::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// Beside the chain that ends with hour(6) one that ends seven minutes after hour(5), or later.
class VerifyTrails : public Verify {
 protected:
  VerifyTrails() {
    for (int number = 0; number < kHours - 1; ++number) {
      osprey_.log_file(number, 10);
      osprey_.digest(number);
    }
  }

  Writer osprey_{bucket_, "osprey", std::chrono::minutes(7)};
};

TEST_F(VerifyTrails, all_is_good) {
  EXPECT_THAT(run()->findings, IsEmpty());
}

// Within an hour that the other trail's digest covers.
TEST_F(VerifyTrails, a_file_that_its_own_trails_next_digest_lists) {
  const auto waits = osprey_.log_file(kHours - 1, 1);
  auto report = run().value();
  EXPECT_TRUE(report.is_good()) << to_json(report);
  EXPECT_EQ(report.not_yet, 1U);
  EXPECT_THAT(told(report, Weight::note), ElementsAre("Log file " + waits + ": not yet covered by a digest"));
  osprey_.digest(kHours - 1);
  EXPECT_THAT(run()->findings, IsEmpty());
}

TEST_F(VerifyTrails, a_file_that_neither_lists) {
  const auto added = osprey_.log_file(2, 20);
  osprey_.forget();
  EXPECT_THAT(wrong(), ElementsAre("Log file " + added + ": no digest lists it"));
}

// It may have been stopped, or its key may be away: a day, and no longer. What was delivered before its next
// digest may be listed by one in another bucket.
TEST_F(VerifyTrails, the_other_trail_makes_no_more_digests) {
  const auto moved = osprey_.log_file(kHours - 1, 1);
  const auto added = osprey_.log_file(kHours, 1);
  for (int number = kHours; number <= kHours + 25; ++number) {
    const bool is_good = run()->is_good();
    EXPECT_EQ(is_good, number <= kHours + 23) << number;
    digests_.push_back(writer_.digest(number));
  }
  EXPECT_THAT(wrong(), ElementsAre("Log file " + added + ": no digest lists it"));
  EXPECT_THAT(told(*run(), Weight::note),
              ElementsAre("Log file " + moved + ": of a time that no digest covers"));
}

// Its files of the hour in which that was are below the former one, and its digest below the new one.
TEST_F(VerifyTrails, the_other_trail_was_given_another_prefix) {
  osprey_.log_file(kHours - 1, 1);
  osprey_.digest(kHours - 1, "new");
  for (int number = kHours; number <= kHours + 26; ++number) {
    writer_.digest(number);
  }
  EXPECT_THAT(run()->findings, IsEmpty());
}

// It was stopped, and delivered nothing then.
TEST_F(VerifyTrails, a_file_of_the_time_between_two_chains_of_the_other) {
  writer_.digest(kHours);
  osprey_.begin_again();
  osprey_.digest(kHours + 1);
  const auto added = osprey_.log_file(kHours, -40);
  EXPECT_THAT(wrong(), ElementsAre("Log file " + added + ": no digest lists it"));
}

// Nobody knows what the one that is missing lists.
TEST_F(VerifyTrails, a_digest_of_the_other_is_missing) {
  bucket_.objects.erase(osprey_.name(2).key());
  EXPECT_THAT(wrong(), ElementsAre("Digest file " + osprey_.name(2).key() + ": not found"));
  EXPECT_EQ(run()->not_covered, 1U);
  const auto added = writer_.log_file(1, 10);
  EXPECT_THAT(wrong(), UnorderedElementsAre("Digest file " + osprey_.name(2).key() + ": not found",
                                            "Log file " + added + ": no digest lists it"));
}

// Of a Region in which the trail delivered nothing, and so began no chain.
class VerifyRegions : public Verify {
 protected:
  Writer osaka_{bucket_, "kestrel-main", Millis{0}, "ap-northeast-3"};
};

TEST_F(VerifyRegions, a_file_of_a_region_without_digests) {
  const auto added = osaka_.log_file(2, 10);
  EXPECT_THAT(wrong(), ElementsAre("Log file " + added + ": no digest lists it"));
  EXPECT_EQ(run()->unlisted, 1U);
  question_.unlisted_is_invalid = false;
  EXPECT_TRUE(run()->is_good());
}

// Before the Region's chain, and after its end.
TEST_F(VerifyRegions, a_file_of_a_time_when_the_chain_went_on_elsewhere) {
  const auto first = osaka_.log_file(1, 10);
  osaka_.digest(1);
  osaka_.digest(2);
  EXPECT_THAT(run()->findings, IsEmpty());
  for (int number = kHours; number < kHours + 30; ++number) {
    writer_.digest(number);
  }
  const auto before = osaka_.log_file(0, 10);
  const auto after = osaka_.log_file(4, 10);
  EXPECT_THAT(wrong(), UnorderedElementsAre("Log file " + after + ": no digest lists it"))
      << "the home's first digest covers nothing before it";
  EXPECT_EQ(told(*run(), Weight::note),
            std::vector{"Log file " + before + ": of a time that no digest covers"});
}

// Its digest may be put after the home Region's of the same time, but before the next one.
TEST_F(VerifyRegions, the_first_file_of_a_region) {
  osaka_.log_file(kHours - 1, 10);
  EXPECT_TRUE(run()->is_good());
  EXPECT_EQ(run()->not_yet, 1U);
  writer_.digest(kHours);
  EXPECT_FALSE(run()->is_good());
  osaka_.digest(kHours - 1);
  EXPECT_THAT(run()->findings, IsEmpty());
}

TEST_F(VerifyRegions, another_accounts_trail_says_nothing_of_it) {
  const auto key = osaka_.log_file(2, 10);
  auto theirs = key;
  for (std::size_t at = 0; (at = theirs.find("210987654321", at)) != theirs.npos;) {
    theirs.replace(at, 12, "111122223333");
  }
  bucket_.objects[theirs] = bucket_.objects.extract(key).mapped();
  EXPECT_EQ(told(*run(), Weight::note),
            std::vector{"Log file " + theirs + ": of a time that no digest covers"});
}

// With the trail's name asked for, what others deliver cannot be told from what nobody did.
TEST_F(VerifyRegions, another_trail_that_was_not_asked_for) {
  osaka_.log_file(2, 10);
  Writer(bucket_, "osprey").digest(2);
  question_.trail = "kestrel-main";
  EXPECT_THAT(run()->findings, IsEmpty());
}

}  // namespace
}  // namespace cairn::integrity::testing
