// What the digests of several accounts and Regions say of a time.
#include "integrity/coverage.h"

#include <gtest/gtest.h>

namespace cairn::integrity {
namespace {

Time at(int hours) {
  return parse_rfc3339("2026-03-02T00:00:00Z").value() + std::chrono::hours(hours);
}
Interval during(int hours) {
  return {at(hours) + std::chrono::minutes(10), at(hours) + std::chrono::minutes(20)};
}

// Digests of whole hours, the first of which lists a file.
Chain chain_of(const DigestName& name, int from, int until) {
  Chain chain;
  for (int hour = from; hour < until; ++hour) {
    JudgedDigest judged;
    judged.name = name;
    judged.digest = Digest{.start = at(hour), .end = at(hour + 1), .log_files = {LogFile{}}};
    if (hour > from) {
      judged.digest->previous = PreviousDigest{};
    }
    chain.push_back(std::move(judged));
  }
  return chain;
}

class CoveragesTest : public ::testing::Test {
 protected:
  void add(std::string account, std::string region, int from, int until) {
    const DigestName name{.organization = organization_,
                          .account = account,
                          .region = region,
                          .trail = "kestrel",
                          .home_region = "eu-west-1"};
    coverages_.add({"", organization_, std::move(account), std::move(region)}, name,
                   chain_of(name, from, until));
  }
  Says of(std::string account, std::string region, int hour) {
    coverages_.finish();
    return coverages_.owners({"", organization_, std::move(account), std::move(region)}).of(during(hour));
  }

  std::string organization_ = "o-k3strel9ab";
  Coverages coverages_;
};

TEST_F(CoveragesTest, an_organizations_trail_has_files_of_all_accounts) {
  add("111122223333", "eu-west-1", 0, 9);
  EXPECT_EQ(of("444455556666", "us-east-1", 4), Says::not_mine);
  EXPECT_EQ(of("444455556666", "us-east-1", 8), Says::not_yet) << "the first one's is put later";
  EXPECT_EQ(of("444455556666", "us-east-1", 9), Says::not_yet);
  EXPECT_EQ(of("444455556666", "us-east-1", -1), Says::nothing);
}

TEST_F(CoveragesTest, an_accounts_trail_has_its_own) {
  organization_.clear();
  add("111122223333", "eu-west-1", 0, 9);
  EXPECT_EQ(of("111122223333", "us-east-1", 4), Says::not_mine);
  EXPECT_EQ(of("444455556666", "us-east-1", 4), Says::nothing);
}

TEST_F(CoveragesTest, a_chain_that_ended_while_others_went_on) {
  add("111122223333", "eu-west-1", 0, 40);
  add("111122223333", "us-east-1", 2, 9);
  EXPECT_EQ(of("111122223333", "us-east-1", 1), Says::not_mine) << "it would have begun then";
  EXPECT_EQ(of("111122223333", "us-east-1", 9), Says::unknown) << "its bucket may have been changed then";
  EXPECT_EQ(of("111122223333", "us-east-1", 10), Says::not_mine);
  EXPECT_EQ(of("111122223333", "eu-west-1", 39), Says::not_mine);
  EXPECT_EQ(of("111122223333", "eu-west-1", 40), Says::not_yet);
}

TEST_F(CoveragesTest, a_digest_that_is_not_valid) {
  const DigestName name{
      .account = "111122223333", .region = "eu-west-1", .trail = "kestrel", .home_region = "eu-west-1"};
  auto chain = chain_of(name, 0, 9);
  chain[4].verdict.state = State::invalid;
  organization_.clear();
  coverages_.add({"", "", name.account, name.region}, name, chain);
  EXPECT_EQ(of(name.account, name.region, 4), Says::unknown);
  EXPECT_EQ(of(name.account, name.region, 5), Says::not_mine);
}

}  // namespace
}  // namespace cairn::integrity
