// The fixture of the tests of a whole verification: a bucket in memory, a chain of six digests, and what was
// told.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integrity/integrity_testing.h"
#include "integrity/verify.h"

namespace cairn::integrity::testing {

inline constexpr int kHours = 6;

class Verify : public ::testing::Test {
 protected:
  // Hour 0: where the chain begins, nothing in it; then two log files in each.
  Verify() {
    digests_.push_back(writer_.digest(0));
    for (int number = 1; number < kHours; ++number) {
      logs_.push_back(writer_.log_file(number, 5));
      logs_.push_back(writer_.log_file(number, 35));
      digests_.push_back(writer_.digest(number));
    }
    keys_.emplace(fingerprint_of(signing_key().public_key()), signing_key().public_key());
  }

  Result<Report> run(Checkpoint* checkpoint = nullptr) {
    async::Loops loops(2);
    Progress progress;
    const FindKeys find = [this](const std::set<std::string>& regions, Interval time) -> Result<PublicKeys> {
      asked_regions_ = regions;
      asked_time_ = time;
      return keys_;
    };
    return verify(bucket_, find, question_, checkpoint, loops, progress);
  }

  // "Log file …: what", the key shortened to its place in the test.
  std::vector<std::string> told(const Report& report, Weight weight) const {
    std::vector<std::string> lines;
    for (const auto& finding : report.findings) {
      if (finding.weight == weight) {
        lines.push_back(fmt::format("{} {}: {}", finding.subject, short_name(finding.key), finding.what));
      }
    }
    return lines;
  }
  std::vector<std::string> wrong(Checkpoint* checkpoint = nullptr) {
    return told(run(checkpoint).value(), Weight::invalid);
  }

  std::string short_name(const std::string& key) const {
    const auto in = [&](const std::vector<std::string>& keys) {
      return static_cast<std::size_t>(std::ranges::find(keys, key) - keys.begin());
    };
    if (in(digests_) < digests_.size()) {
      return fmt::format("d{}", in(digests_));
    }
    return in(logs_) < logs_.size() ? fmt::format("l{}", in(logs_)) : key;
  }

  Object& object(const std::string& key) { return bucket_.objects.at(key).object; }
  std::string text_of(const std::string& key) {
    return codec::gzip_decompress(object(key).bytes, 1U << 20).value();
  }

  Bucket bucket_{"kestrel-audit"};
  Writer writer_{bucket_};
  std::vector<std::string> digests_;
  std::vector<std::string> logs_;
  PublicKeys keys_;
  Question question_;
  std::set<std::string> asked_regions_;
  Interval asked_time_{};
};

}  // namespace cairn::integrity::testing
