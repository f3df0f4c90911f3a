// Bodies out of bytes: every row is fed whole and byte by byte, and must come out the same.
#include "http/framing.h"

#include <gtest/gtest.h>

namespace cairn::http {
namespace {

constexpr std::uint64_t kBodyMax = 100;

struct Decoded {
  std::string body;
  std::size_t used = 0;
  bool done = false;
  int refused = 0;
  bool operator==(const Decoded&) const = default;
};

// What a wire does: what is not used stays in front of what comes next.
Decoded decode(BodyFraming framing, std::string_view bytes, std::size_t step, bool ends) {
  BodyDecoder decoder(framing, kBodyMax);
  Decoded decoded;
  for (std::size_t arrived = std::min(step, bytes.size()); !decoder.done();) {
    const auto taken = decoder.step(bytes.substr(decoded.used, arrived - decoded.used));
    if (!taken) {
      decoded.refused = taken.error().status;
      return decoded;
    }
    decoded.body += taken->piece;
    decoded.used += taken->used;
    if (taken->used == 0 && !decoder.done()) {
      if (arrived == bytes.size()) {
        decoded.done = ends && decoder.end();
        return decoded;
      }
      arrived = std::min(arrived + step, bytes.size());
    }
  }
  decoded.done = true;
  return decoded;
}

struct Row {
  std::string name;
  std::string bytes;
  Decoded expected;
};

void expect_rows(BodyFraming framing, std::span<const Row> rows) {
  for (const auto& row : rows) {
    for (const std::size_t step : {1UL, 3UL, row.bytes.size() + 1}) {
      const auto decoded = decode(framing, row.bytes, step, true);
      EXPECT_EQ(decoded.refused, row.expected.refused) << row.name << ", " << step;
      if (row.expected.refused == 0) {
        EXPECT_EQ(decoded.body, row.expected.body) << row.name;
        EXPECT_EQ(decoded.used, row.expected.used) << row.name;
        EXPECT_EQ(decoded.done, row.expected.done) << row.name;
      }
    }
  }
}

const std::string kLongExtension = ";" + std::string(kChunkLineBytesMax, 'a');

const Row kChunked[] = {
    {"two chunks", "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\nNEXT", {"hello world", 26, true}},
    {"no chunk at all", "0\r\n\r\n", {"", 5, true}},
    {"leading zeros, capitals", "000A\r\n0123456789\r\n0000\r\n\r\n", {"0123456789", 26, true}},
    {"extensions", "1;a=b;c=\"d\"\r\nx\r\n0 ; e\r\n\r\n", {"x", 25, true}},
    {"trailers", "1\r\nx\r\n0\r\nX-A: b\r\nx-c:\r\n\r\n", {"x", 25, true}},
    {"cut in a chunk", "5\r\nhel", {"hel", 6, false}},
    {"cut before the last line", "1\r\nx\r\n0\r\n", {"x", 9, false}},
    {"empty size", "\r\n", {"", 0, false, 400}},
    {"no size, extension", ";a\r\n", {"", 0, false, 400}},
    {"sign", "+5\r\nhello\r\n", {"", 0, false, 400}},
    {"negative", "-1\r\n", {"", 0, false, 400}},
    {"prefix", "0x5\r\nhello\r\n", {"", 0, false, 400}},
    {"space in front", " 5\r\nhello\r\n", {"", 0, false, 400}},
    {"space behind", "5 \r\nhello\r\n", {"", 0, false, 400}},
    {"not hexadecimal", "g\r\n", {"", 0, false, 400}},
    {"beyond 64 bits", "10000000000000000\r\n", {"", 0, false, 400}},
    {"bare LF behind the size", "5\nhello\r\n0\r\n\r\n", {"", 0, false, 400}},
    {"bare CR behind the size", "5\rhello\r\n0\r\n\r\n", {"", 0, false, 400}},
    {"bare LF in a quoted extension", "5;a=\"\n\"\r\nhello\r\n0\r\n\r\n", {"", 0, false, 400}},
    {"bare CR in an extension", "5;a\rb\r\nhello\r\n0\r\n\r\n", {"", 0, false, 400}},
    {"NUL in an extension", std::string("5;\0\r\nhello\r\n", 12), {"", 0, false, 400}},
    {"extension too long", "5" + kLongExtension + "\r\nhello\r\n", {"", 0, false, 400}},
    {"chunk longer than it says", "5\r\nhello!\r\n0\r\n\r\n", {"", 0, false, 400}},
    {"chunk ends in bare LF", "5\r\nhello\n0\r\n\r\n", {"", 0, false, 400}},
    {"chunk ends in CR only", "5\r\nhello\r0\r\n\r\n", {"", 0, false, 400}},
    {"folded trailer", "0\r\nA: b\r\n c\r\n\r\n", {"", 0, false, 400}},
    {"trailer without colon", "0\r\nA\r\n\r\n", {"", 0, false, 400}},
    {"trailer with a bare CR", "0\r\nA: b\rc\r\n\r\n", {"", 0, false, 400}},
    {"trailers too long", "0\r\nA: " + std::string(kTrailerBytesMax, 'a') + "\r\n\r\n", {"", 0, false, 400}},
    {"one chunk too long", "65\r\n", {"", 0, false, 413}},
    {"all chunks too long", "64\r\n" + std::string(100, 'x') + "\r\n1\r\nx\r\n", {"", 0, false, 413}},
};

TEST(Framing, chunked) {
  expect_rows({Framing::chunked, 0}, kChunked);
}

TEST(Framing, extensions_of_many_chunks_are_bounded_together) {
  std::string bytes;
  for (std::size_t i = 0; i * 1000 <= kExtensionBytesMax; ++i) {
    bytes += "1;" + std::string(999, 'a') + "\r\nx\r\n";
  }
  EXPECT_EQ(decode({Framing::chunked, 0}, bytes, 64, false).refused, 400);
}

TEST(Framing, length) {
  const Row rows[] = {
      {"exact", "hello", {"hello", 5, true}},
      {"what follows is not touched", "helloGET", {"hello", 5, true}},
      {"cut", "hel", {"hel", 3, false}},
  };
  expect_rows({Framing::length, 5}, rows);
  EXPECT_EQ(decode({Framing::length, 0}, "GET", 1, false), (Decoded{"", 0, true}));
  EXPECT_EQ(decode({Framing::length, kBodyMax + 1}, "x", 1, false).refused, 413);
}

TEST(Framing, to_the_end) {
  const Row rows[] = {
      {"until it ends", "hello", {"hello", 5, true}},
      {"nothing", "", {"", 0, true}},
      {"too long", std::string(kBodyMax + 1, 'x'), {"", 0, false, 413}},
  };
  expect_rows({Framing::to_end, 0}, rows);
}

TEST(Framing, says_what_is_still_to_come) {
  BodyDecoder sized({Framing::length, 5}, kBodyMax);
  ASSERT_TRUE(sized.step("he"));
  EXPECT_EQ(sized.remaining(), 3);
  EXPECT_EQ(BodyDecoder({Framing::chunked, 0}, kBodyMax).remaining(), std::nullopt);
  EXPECT_EQ(BodyDecoder({Framing::none, 0}, kBodyMax).remaining(), 0);
}

}  // namespace
}  // namespace cairn::http
