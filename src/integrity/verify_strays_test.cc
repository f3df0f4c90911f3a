// A verification over a bucket in memory: files that CloudTrail did not put there, whatever they are called;
// and a long chain that is listed nowhere.
#include "integrity/verify_testing.h"

namespace cairn::integrity::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// Of network activity there is a folder of its own, and the same digests list what is in it.
TEST_F(Verify, a_log_file_of_network_activity) {
  const auto listed = writer_.log_file(kHours, 10, "CloudTrail-NetworkActivity");
  const auto removed = writer_.log_file(kHours, 15, "CloudTrail-NetworkActivity");
  digests_.push_back(writer_.digest(kHours));
  EXPECT_THAT(wrong(), IsEmpty());
  EXPECT_EQ(run()->chains[0].log_files_valid, 12U);
  const auto added = writer_.log_file(3, 10, "CloudTrail-NetworkActivity");
  bucket_.objects.erase(removed);
  EXPECT_THAT(wrong(), UnorderedElementsAre("Log file " + removed + ": not found",
                                            "Log file " + added + ": no digest lists it"));
}

// Whatever it is called, and wherever in the folder it lies.
TEST_F(Verify, a_file_that_is_not_named_as_a_log_file) {
  const auto account = std::string(Writer::kFolder);
  const auto name = [](std::string_view folder, std::string_view region) {
    return fmt::format("210987654321_{}_{}_20260302T1210Z_0000000000000099.json.gz", folder, region);
  };
  for (const auto& key : {
           account + "/CloudTrail/eu-west-1/2026/03/02/evil.json.gz",
           account + "/CloudTrail/eu-west-1/2026/03/02/" + name("CloudTrail", "us-east-1"),
           account + "/CloudTrail/eu-west-1/2026/03/03/" + name("CloudTrail", "eu-west-1"),
           account + "/CloudTrail/eu-west-1/2026/03/" + name("CloudTrail", "eu-west-1"),
           account + "/CloudTrail/eu-west-1/2026/03/02/more/" + name("CloudTrail", "eu-west-1"),
           account + "/CloudTrail/eu-west-1/2026/03/02/" + name("CloudTrail-NetworkActivity", "eu-west-1"),
           account + "/CloudTrail/eu-west-1/",
           account + "/CloudTrail/evil.json.gz",
           account + "/CloudTrail-NetworkActivity/eu-west-1/2026/03/02/evil",
           account + "/CloudTrail-NetworkActivity/x",
           std::string("AWSLogs/o-k3strel9ab/210987654321/CloudTrail/evil"),
           account + "/CloudTrail/AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/02/" +
               "111122223333_CloudTrail_eu-west-1_20260302T1210Z_0000000000000099.json.gz",
           std::string("in/front/") + account + "/CloudTrail/eu-west-1/evil",
       }) {
    bucket_.objects[key] = {{.bytes = "forged"}, hour(3)};
    EXPECT_THAT(wrong(),
                ElementsAre("Log file " + key + ": no digest lists it, and it is not named as a log file is"))
        << key;
    EXPECT_EQ(run()->unlisted, 1U) << key;
    question_.unlisted_is_invalid = false;
    EXPECT_TRUE(run()->is_good()) << key;
    question_.unlisted_is_invalid = true;
    bucket_.objects.erase(key);
  }
}

TEST_F(Verify, what_is_asked_for_holds_for_such_files_too) {
  const auto key = std::string(Writer::kFolder) + "/CloudTrail/eu-west-1/2026/03/02/evil.json.gz";
  bucket_.objects[key] = {{.bytes = "forged"}, hour(3)};
  const auto is_told = [this] { return !wrong().empty(); };
  question_.from = hour(3);
  question_.until = hour(3);
  EXPECT_TRUE(is_told());
  question_.until = hour(2);
  EXPECT_FALSE(is_told());
  question_.from = hour(4);
  question_.until.reset();
  EXPECT_FALSE(is_told());
  bucket_.objects[key].put.reset();
  EXPECT_TRUE(is_told()) << "nobody knows when";
  question_.from.reset();
  question_.region = "eu-west-1";
  question_.account = "210987654321";
  EXPECT_TRUE(is_told());
  question_.region = "us-east-1";
  EXPECT_FALSE(is_told());
  question_.region.clear();
  question_.account = "111122223333";
  EXPECT_FALSE(is_told());
}

// What a digest lists is delivered, whatever it is called.
TEST_F(Verify, a_digest_may_list_another_name) {
  const auto key = std::string(Writer::kFolder) + "/CloudTrail/eu-west-1/2026/03/02/odd.json.gz";
  auto changed = digest_from(text_of(digests_[5])).value();
  auto& listed = changed.log_files[1];
  bucket_.objects[key] = bucket_.objects.extract(listed.key).mapped();
  listed.key = key;
  writer_.put(changed);
  EXPECT_THAT(wrong(), IsEmpty());
}

// Where nobody knows when it was put, no digest would ever cover it.
TEST_F(Verify, a_name_of_a_time_that_is_yet_to_come) {
  const auto added = writer_.log_file(24 * 365 * 900, 0);
  writer_.forget();
  EXPECT_THAT(wrong(), IsEmpty());
  bucket_.objects[added].put.reset();
  EXPECT_THAT(wrong(), ElementsAre("Log file " + added + ": no digest lists it"));
}

TEST_F(Verify, the_markers_are_empty) {
  const auto account = std::string(Writer::kFolder);
  for (const auto* folder : {"/CloudTrail/", "/CloudTrail-NetworkActivity/", "/CloudTrail-Digest/"}) {
    bucket_.objects[account + folder] = {};
  }
  EXPECT_THAT(run()->findings, IsEmpty());
  bucket_.objects[account + "/CloudTrail/"].object.bytes = "x";
  EXPECT_THAT(wrong(), ElementsAre(HasSubstr("/CloudTrail/: no digest lists it")));
}

TEST_F(Verify, what_lies_among_digests_and_is_none_is_told) {
  const auto key = std::string(Writer::kFolder) + "/CloudTrail-Digest/eu-west-1/2026/03/02/evil.json.gz";
  bucket_.objects[key] = {{.bytes = "forged"}, hour(3)};
  const auto report = run().value();
  EXPECT_TRUE(report.is_good());
  EXPECT_THAT(told(report, Weight::note),
              ElementsAre("Digest file " + key + ": not named as a digest file is"));
}

// A trail's bucket was changed after many digests: none of them is listed, and each is read about once.
TEST_F(Verify, a_long_chain_that_began_in_another_bucket) {
  constexpr int kFormer = 2000;
  Bucket former("kestrel-former");
  Writer writer(former);
  std::vector<std::string> keys;
  for (int number = 0; number <= kFormer; ++number) {
    keys.push_back(writer.digest(number < 700 ? number : number + 3));  // three hours without Cairn
  }
  Bucket now("kestrel-now");
  auto newest =
      digest_from(codec::gzip_decompress(former.objects.at(keys.back()).object.bytes, 1U << 20).value())
          .value();
  newest.bucket = now.bucket();
  Writer(now).put(newest);
  former.objects.erase(keys.back());
  now.elsewhere = std::move(former.objects);
  for (const bool has_gap : {false, true}) {
    if (has_gap) {
      now.elsewhere.erase(keys[300]);
    }
    now.gets = 0;
    async::Loops loops(2);
    Progress progress;
    const auto find = [&](const auto&, Interval) { return Result<PublicKeys>(keys_); };
    const auto report = verify(now, find, {}, nullptr, loops, progress).value();
    const std::size_t there = has_gap ? kFormer - 300 + 1 : kFormer + 1;
    EXPECT_EQ(report.chains[0].digests, there);
    EXPECT_LE(now.gets, there + 100) << "some are guessed wrong";
    EXPECT_EQ(progress.done, progress.known);
    EXPECT_EQ(report.chains[0].digests_valid, has_gap ? there - 1 : there);
  }
}

// Keys are asked for the time of what is listed; what it continues from may be of long before.
TEST_F(Verify, a_former_buckets_digests_are_signed_with_former_keys) {
  const auto former_key = crypto::RsaPrivateKey::generate().value();
  Bucket former("kestrel-former");
  Bucket now("kestrel-now");
  Writer writer(former);
  writer.sign_with(former_key);
  for (int number = -2000; number < -1990; ++number) {
    writer.digest(number);
  }
  writer.sign_with(signing_key());
  writer.move_to(now);
  writer.digest(0);
  now.elsewhere = std::move(former.objects);
  int asked = 0;
  bool is_down = false;
  const auto find = [&](const auto&, Interval time) -> Result<PublicKeys> {
    auto found = keys_;
    if (++asked > 1 && is_down) {
      return Error{Errc::unavailable, "down"};
    }
    if (time.from < hour(-1500)) {
      found.emplace(fingerprint_of(former_key.public_key()), former_key.public_key());
    }
    return found;
  };
  async::Loops loops(2);
  Progress progress;
  auto report = verify(now, find, {}, nullptr, loops, progress).value();
  EXPECT_TRUE(report.is_good()) << to_json(report);
  EXPECT_EQ(report.chains[0].digests_valid, 11U);
  EXPECT_EQ(asked, 2);
  asked = 0;
  is_down = true;
  report = verify(now, find, {}, nullptr, loops, progress).value();
  EXPECT_THAT(told(report, Weight::invalid), IsEmpty());
  EXPECT_THAT(told(report, Weight::unlooked), ElementsAre(HasSubstr(": its public key: down")));
}

// It is signed when it is made, with the key of that time.
TEST_F(Verify, a_backfilled_digest_is_signed_with_a_later_key) {
  const auto later_key = crypto::RsaPrivateKey::generate().value();
  auto name = writer_.name(2);
  name.backfill = true;
  auto digest = digest_from(text_of(digests_[2])).value();
  digest.key = name.key();
  digest.previous.reset();
  digest.fingerprint = fingerprint_of(later_key.public_key());
  Writer backfill(bucket_);
  backfill.sign_with(later_key);
  backfill.put(digest);
  const auto find = [&](const auto&, Interval time) -> Result<PublicKeys> {
    auto found = keys_;
    if (time.until > hour(1000)) {
      found.emplace(digest.fingerprint, later_key.public_key());
    }
    return found;
  };
  async::Loops loops(1);
  Progress progress;
  EXPECT_TRUE(verify(bucket_, find, {}, nullptr, loops, progress)->is_good());
}

}  // namespace
}  // namespace cairn::integrity::testing
