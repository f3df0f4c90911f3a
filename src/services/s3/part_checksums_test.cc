#include "services/s3/part_checksums.h"

#include <gtest/gtest.h>

#include <vector>

#include "services/s3/checksums.h"

namespace cairn::services::s3 {
namespace {

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

TEST(PartChecksums, a_full_objects_checksum_is_that_of_its_bytes) {
  const std::vector<std::string> pieces = {"one part", "", "another, longer one", "x"};
  std::string all;
  for (const auto& piece : pieces) {
    all += piece;
  }
  for (const auto* algorithm : {"CRC32", "CRC32C", "CRC64NVME"}) {
    std::vector<PartSum> parts;
    for (const auto& piece : pieces) {
      parts.push_back({checksum_of(algorithm, bytes(piece)), piece.size()});
    }
    EXPECT_EQ(checksum_of_parts(algorithm, kFullObject, parts), checksum_of(algorithm, bytes(all)))
        << algorithm;
  }
}

// Values computed by hand, as S3 documents them.
TEST(PartChecksums, composite_ones_and_etags_are_of_the_parts_checksums) {
  const std::vector<PartSum> md5s = {{"5d41402abc4b2a76b9719d911017c592", 5},
                                     {"7d793037a0760186574b0282f2f435e7", 5}};
  EXPECT_EQ(etag_of_parts(md5s), "065947336a2f2a95ba8899f3675c3be6-2");
  const std::vector<PartSum> parts = {{checksum_of("SHA256", bytes("hello")), 5},
                                      {checksum_of("SHA256", bytes("world")), 5}};
  EXPECT_EQ(checksum_of_parts("SHA256", kComposite, parts), "cwXbmyq8zXBsJW2z2X5f9I1nfP5NOlkEr7faDjlQ4eI=-2");
}

TEST(PartChecksums, which_types_go_with_which_algorithms) {
  const struct {
    const char* algorithm;
    const char* type;
    const char* said;
  } rows[] = {
      {"", "", " "},
      {"CRC32", "", "CRC32 COMPOSITE"},
      {"CRC64NVME", "", "CRC64NVME FULL_OBJECT"},
      {"SHA256", "", "SHA256 COMPOSITE"},
      {"CRC32C", "FULL_OBJECT", "CRC32C FULL_OBJECT"},
      {"SHA1", "FULL_OBJECT", "InvalidRequest"},
      {"CRC64NVME", "COMPOSITE", "InvalidRequest"},
      {"CRC32", "OTHER", "InvalidRequest"},
      {"", "COMPOSITE", "InvalidRequest"},
      {"XXHASH64", "", "NotImplemented"},
  };
  for (const auto& row : rows) {
    const auto kind = checksum_kind(row.algorithm, row.type);
    EXPECT_EQ(kind ? kind->algorithm + " " + kind->type : kind.error().code, row.said)
        << row.algorithm << " " << row.type;
  }
}

}  // namespace
}  // namespace cairn::services::s3
