// A whole verification over a bucket in memory: all good; each kind of tampering that `aws cloudtrail
// validate-logs` finds and each that it misses, one at a time, and nothing else is found; what is no
// tampering.
#include "integrity/verify_testing.h"

namespace cairn::integrity::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

TEST_F(Verify, all_is_good) {
  const auto report = run().value();
  EXPECT_TRUE(report.is_good());
  EXPECT_THAT(report.findings, IsEmpty()) << to_json(report);
  ASSERT_EQ(report.chains.size(), 1U);
  const auto& chain = report.chains[0];
  EXPECT_EQ(chain.digests, 6U);
  EXPECT_EQ(chain.digests_valid, 6U);
  EXPECT_EQ(chain.log_files, 10U);
  EXPECT_EQ(chain.log_files_valid, 10U);
  EXPECT_EQ(chain.found, (Interval{hour(0), hour(6)}));
  EXPECT_THAT(asked_regions_, ElementsAre("eu-west-1"));
  EXPECT_LT(asked_time_.from, hour(0));
  EXPECT_GT(asked_time_.until, hour(6));
}

// What validate-logs finds.

TEST_F(Verify, a_log_file_was_changed) {
  object(logs_[3]).bytes = codec::gzip_compress(R"({"Records":[]})");
  EXPECT_THAT(wrong(), ElementsAre("Log file l3: hash value doesn't match"));
}

TEST_F(Verify, a_log_file_is_not_gzip_any_more) {
  object(logs_[3]).bytes.resize(20);
  EXPECT_THAT(wrong(), ElementsAre("Log file l3: invalid format"));
}

TEST_F(Verify, a_log_file_was_removed) {
  bucket_.objects.erase(logs_[3]);
  EXPECT_THAT(wrong(), ElementsAre("Log file l3: not found"));
}

TEST_F(Verify, a_digest_was_changed) {
  auto text = text_of(digests_[2]);
  text.replace(text.find("hashValue\":\"") + 12, 4, "0000");
  object(digests_[2]).bytes = codec::gzip_compress(text);
  EXPECT_THAT(wrong(), ElementsAre("Digest file d2: signature verification failed"));
}

TEST_F(Verify, a_digest_is_no_digest_any_more) {
  object(digests_[2]).bytes = codec::gzip_compress("{}");
  EXPECT_THAT(wrong(), ElementsAre(HasSubstr("Digest file d2: invalid format")));
  object(digests_[2]).bytes = "{}";
  EXPECT_THAT(wrong(), ElementsAre("Digest file d2: invalid format"));
}

TEST_F(Verify, a_digest_was_removed) {
  bucket_.objects.erase(digests_[2]);
  EXPECT_THAT(wrong(), ElementsAre("Digest file d2: not found"));
}

TEST_F(Verify, a_digests_signature_was_changed) {
  (*object(digests_[2]).metadata)["signature"].replace(10, 2, "zz");
  EXPECT_THAT(wrong(), ElementsAre("Digest file d2: signature verification failed"));
  object(digests_[2]).metadata->erase("signature");
  EXPECT_THAT(wrong(), ElementsAre("Digest file d2: signature verification failed: its metadata has none"));
}

TEST_F(Verify, a_digest_was_moved) {
  auto elsewhere = writer_.name(2);
  elsewhere.end += std::chrono::minutes(7);
  bucket_.objects[elsewhere.key()] = bucket_.objects.extract(digests_[2]).mapped();
  EXPECT_THAT(wrong(), UnorderedElementsAre(
                           "Digest file d2: not found",
                           "Digest file " + elsewhere.key() + ": has been moved from its original location"));
}

TEST_F(Verify, the_key_is_unknown) {
  keys_.clear();
  const auto lines = wrong();
  ASSERT_EQ(lines.size(), 6U);
  EXPECT_THAT(lines[0], HasSubstr("d0: public key not found in region eu-west-1 for fingerprint"));
}

// What it misses.

TEST_F(Verify, two_digests_in_a_row_were_removed) {
  bucket_.objects.erase(digests_[2]);
  bucket_.objects.erase(digests_[3]);
  EXPECT_THAT(wrong(), ElementsAre("Digest file d3: not found",
                                   "Chain d3: nothing covers 2026-03-02T11:30:00Z to 2026-03-02T13:30:00Z, "
                                   "the time of about 2 digest files"));
}

// Whoever has the key can sign again: then only the next digest knows.
TEST_F(Verify, a_digest_was_written_again_and_signed_again) {
  auto changed = digest_from(text_of(digests_[2])).value();
  bucket_.objects.erase(changed.log_files[1].key);
  changed.log_files.pop_back();
  Writer(bucket_).put(changed);
  EXPECT_THAT(wrong(),
              ElementsAre("Digest file d2: hash value doesn't match: the digest after it has another of it"));
}

TEST_F(Verify, a_log_file_that_no_digest_lists) {
  const auto added = writer_.log_file(3, 10);
  EXPECT_THAT(wrong(), ElementsAre("Log file " + added + ": no digest lists it"));
  EXPECT_EQ(run()->unlisted, 1U);
  question_.unlisted_is_invalid = false;
  EXPECT_TRUE(run()->is_good());
  EXPECT_THAT(told(*run(), Weight::note), ElementsAre("Log file " + added + ": no digest lists it"));
}

TEST_F(Verify, a_chain_was_cut_off_at_its_end) {
  Checkpoint checkpoint;
  ASSERT_TRUE(run(&checkpoint)->is_good());
  ASSERT_EQ(checkpoint.chains.size(), 1U);
  EXPECT_EQ(checkpoint.chains[0].key, digests_[5]);
  EXPECT_TRUE(run(&checkpoint)->is_good());
  bucket_.objects.erase(digests_[5]);
  EXPECT_TRUE(run()->is_good());  // nothing in the bucket shows it
  const auto before = checkpoint;
  EXPECT_THAT(wrong(&checkpoint),
              ElementsAre("Checkpoint d5: this digest file was there, and is not: its chain was cut off"));
  EXPECT_EQ(checkpoint, before);
}

TEST_F(Verify, a_chain_is_gone_and_the_checkpoint_knows) {
  Checkpoint checkpoint;
  ASSERT_TRUE(run(&checkpoint)->is_good());
  bucket_.objects.clear();
  EXPECT_THAT(wrong(&checkpoint), ElementsAre(HasSubstr("Checkpoint d5")));
}

TEST_F(Verify, the_checkpoints_digest_is_another_one_now) {
  Checkpoint checkpoint;
  ASSERT_TRUE(run(&checkpoint)->is_good());
  auto changed = digest_from(text_of(digests_[5])).value();
  changed.oldest_event = hour(5);
  Writer(bucket_).put(changed);
  EXPECT_THAT(wrong(&checkpoint),
              ElementsAre("Checkpoint d5: this digest file is not the one that was there"));
}

// The newest digest names nothing of the chain before it.
TEST_F(Verify, a_former_chain_was_cut_off_at_its_end) {
  writer_.begin_again();
  digests_.push_back(writer_.digest(9));
  digests_.push_back(writer_.digest(10));
  Checkpoint checkpoint;
  ASSERT_TRUE(run(&checkpoint)->is_good());
  ASSERT_EQ(checkpoint.chains.size(), 2U);
  EXPECT_TRUE(run(&checkpoint)->is_good());
  for (const auto* key : {&digests_[4], &digests_[5], &logs_[6], &logs_[7], &logs_[8], &logs_[9]}) {
    bucket_.objects.erase(*key);
  }
  EXPECT_TRUE(run()->is_good());
  EXPECT_THAT(wrong(&checkpoint),
              ElementsAre("Checkpoint d5: this digest file was there, and is not: its chain was cut off"));
  question_.from = hour(8);
  EXPECT_TRUE(run(&checkpoint)->is_good()) << "it may be gone with its time";
}

TEST_F(Verify, a_checkpoint_moves_on) {
  Checkpoint checkpoint;
  ASSERT_TRUE(run(&checkpoint)->is_good());
  digests_.push_back(writer_.digest(kHours));
  ASSERT_TRUE(run(&checkpoint)->is_good());
  ASSERT_EQ(checkpoint.chains.size(), 1U);
  EXPECT_EQ(checkpoint.chains[0].key, digests_[6]);
  question_.until = hour(3);
  ASSERT_TRUE(run(&checkpoint)->is_good());
  EXPECT_EQ(checkpoint.chains[0].key, digests_[6]) << "and never back";
}

// What is no tampering.

TEST_F(Verify, log_files_that_no_digest_could_list) {
  const auto before = writer_.log_file(-3, 0);     // validation was not on
  const auto beginning = writer_.log_file(0, 30);  // nor in the hour that the first digest names
  const auto settling = writer_.log_file(5, 58);
  const auto after = writer_.log_file(6, 10);
  writer_.forget();
  const auto report = run().value();
  EXPECT_TRUE(report.is_good()) << to_json(report);
  EXPECT_EQ(report.not_yet, 2U);
  EXPECT_EQ(report.not_covered, 2U);
  EXPECT_THAT(told(report, Weight::note),
              UnorderedElementsAre("Log file " + before + ": of a time that no digest covers",
                                   "Log file " + beginning + ": of a time that no digest covers",
                                   "Log file " + settling + ": not yet covered by a digest",
                                   "Log file " + after + ": not yet covered by a digest"));
}

TEST_F(Verify, a_trail_that_was_stopped_and_started) {
  writer_.begin_again();
  const auto between = writer_.log_file(8, 0);
  writer_.forget();
  digests_.push_back(writer_.digest(9));
  const auto report = run().value();
  EXPECT_TRUE(report.is_good()) << to_json(report);
  EXPECT_EQ(report.chains[0].digests_valid, 7U);
  EXPECT_THAT(
      told(report, Weight::note),
      UnorderedElementsAre("Digest file d6: a chain begins here: no digest covers 2026-03-02T15:30:00Z to "
                           "2026-03-02T18:30:00Z",
                           "Log file " + between + ": of a time that no digest covers"));
}

TEST_F(Verify, a_part_of_the_time) {
  question_.from = hour(3);
  question_.until = hour(4);
  bucket_.objects.erase(digests_[0]);
  object(logs_[0]).bytes = "x";
  object(logs_[9]).bytes = "x";
  const auto report = run().value();
  EXPECT_TRUE(report.is_good()) << to_json(report);
  EXPECT_EQ(report.chains[0].found, (Interval{hour(2), hour(5)}));
  EXPECT_EQ(report.chains[0].log_files_valid, 6U);
  EXPECT_THAT(told(report, Weight::note), IsEmpty());
}

TEST_F(Verify, a_chain_that_began_in_another_bucket) {
  for (const auto& key : {digests_[0], digests_[1], logs_[0], logs_[1]}) {
    bucket_.elsewhere.insert(bucket_.objects.extract(key));
  }
  EXPECT_THAT(wrong(), ElementsAre("Digest file d1: not found"));  // it is said to be here

  Bucket later("kestrel-later");
  later.elsewhere = bucket_.elsewhere;
  for (const auto& [key, entry] : bucket_.objects) {
    later.elsewhere.insert({key, entry});
  }
  Writer writer(later);
  auto next = digest_from(text_of(digests_[5])).value();
  const auto text = text_of(digests_[5]);
  next.previous = PreviousDigest{.bucket = next.bucket,
                                 .key = next.key,
                                 .hash = sha256_hex(text),
                                 .signature = object(digests_[5]).metadata->at("signature")};
  next.start = hour(6);
  next.end = hour(7);
  next.bucket = later.bucket();
  next.key = writer.name(6).key();
  next.log_files.clear();
  writer.put(next);
  async::Loops loops(1);
  Progress progress;
  const auto report = verify(
                          later, [&](const auto&, Interval) { return Result<PublicKeys>(keys_); }, {},
                          nullptr, loops, progress)
                          .value();
  EXPECT_TRUE(report.is_good()) << to_json(report);
  EXPECT_EQ(report.chains[0].digests_valid, 7U);
  EXPECT_EQ(report.chains[0].log_files_valid, 10U);
}

TEST_F(Verify, another_trail_below_the_same_prefix) {
  Writer other(bucket_, "other");
  other.digest(2);
  const auto theirs = other.log_file(3, 12);
  other.digest(3);
  auto report = run().value();
  EXPECT_TRUE(report.is_good()) << to_json(report);
  EXPECT_EQ(report.chains.size(), 2U);
  question_.trail = "kestrel-main";
  question_.trail_account = "210987654321";
  question_.trail_region = "eu-west-1";
  report = run().value();
  EXPECT_TRUE(report.is_good()) << "what the other trail lists was not read: " << to_json(report);
  EXPECT_EQ(report.chains.size(), 1U);
  question_.trail_account = "111122223333";
  EXPECT_THAT(run()->chains, IsEmpty());
}

TEST_F(Verify, other_files_are_passed_over) {
  for (const auto* key :
       {"AWSLogs/210987654321/CloudTrail/", "AWSLogs/210987654321/CloudTrail-Digest/", "readme", ""}) {
    bucket_.objects[key] = {};
  }
  EXPECT_TRUE(run()->is_good());
  question_.account = "111122223333";
  EXPECT_THAT(run()->chains, IsEmpty());
  question_.account = "210987654321";
  question_.region = "us-east-1";
  EXPECT_THAT(run()->chains, IsEmpty());
}

TEST_F(Verify, what_cannot_be_looked_at_is_not_called_invalid) {
  bucket_.unreachable = logs_[2];
  auto report = run().value();
  EXPECT_FALSE(report.is_good());
  EXPECT_THAT(told(report, Weight::invalid), IsEmpty());
  EXPECT_THAT(told(report, Weight::unlooked), ElementsAre("Log file l2: down"));
  bucket_.unreachable = digests_[2];
  report = run().value();
  EXPECT_THAT(told(report, Weight::invalid), IsEmpty()) << to_json(report);
  EXPECT_THAT(told(report, Weight::unlooked), ElementsAre("Digest file d2: down"));
}

TEST_F(Verify, a_gzip_bomb_is_not_unpacked) {
  const std::string zeros(kDigestBytesMax + 1, ' ');
  object(digests_[2]).bytes = codec::gzip_compress(zeros, 1);
  EXPECT_THAT(wrong(), ElementsAre(HasSubstr("Digest file d2: invalid format: gzip content is larger than")));
}

// A copy without metadata: each digest's signature is in the next one, but the newest's is nowhere.
TEST_F(Verify, a_copy_without_metadata) {
  for (const auto& key : digests_) {
    object(key).metadata.reset();
  }
  EXPECT_THAT(wrong(),
              ElementsAre(HasSubstr("Digest file d5: signature verification failed: none is kept with it")));
  auto text = text_of(digests_[2]);
  text.replace(text.find("hashValue\":\"") + 12, 4, "0000");
  object(digests_[2]).bytes = codec::gzip_compress(text);
  EXPECT_THAT(wrong(),
              ElementsAre("Digest file d2: signature verification failed", HasSubstr("Digest file d5")));
}

// A digest of ours, with a good signature, of which no later one knows.
TEST_F(Verify, a_digest_that_none_continues_from) {
  Writer stray(bucket_);
  auto digest = digest_from(text_of(digests_[2])).value();
  digest.end += std::chrono::minutes(10);
  auto name = writer_.name(2);
  name.end = digest.end;
  digest.key = name.key();
  stray.put(digest);
  EXPECT_THAT(wrong(), ElementsAre("Digest file " + digest.key + ": no digest after it continues from it"));
}

}  // namespace
}  // namespace cairn::integrity::testing
