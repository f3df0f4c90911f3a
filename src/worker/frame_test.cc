#include "worker/frame.h"

#include <gtest/gtest.h>

namespace cairn::worker {
namespace {

std::string frame(FrameKind kind, std::string_view text, JobNumber number = 0) {
  return encode(kind, number, text).value();
}

TEST(Frame, KnownBytes) {
  EXPECT_EQ(frame(FrameKind::job, "{}", 0x102), std::string("CRNW\x02\x02\x02\x01\x02\0\0\0{}", 14));
}

TEST(Frame, ArrivesInPieces) {
  const auto bytes = frame(FrameKind::answer, "{\"a\":1}", 65'535);
  FrameBuffer buffer;
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
    buffer.feed(bytes.substr(i, 1));
    const auto none = buffer.take();
    ASSERT_TRUE(none.has_value()) << i;
    EXPECT_FALSE(none->has_value()) << i;
  }
  buffer.feed(bytes.substr(bytes.size() - 1) + frame(FrameKind::ready, ""));
  const auto first = buffer.take();
  ASSERT_TRUE(first.has_value() && first->has_value());
  EXPECT_EQ((*first)->kind, FrameKind::answer);
  EXPECT_EQ((*first)->number, 65'535U);
  EXPECT_EQ((*first)->text, "{\"a\":1}");
  const auto second = buffer.take();
  ASSERT_TRUE(second.has_value() && second->has_value());
  EXPECT_EQ((*second)->kind, FrameKind::ready);
  EXPECT_TRUE(buffer.is_empty());
}

TEST(Frame, RefusesWhatIsNone) {
  const auto good = frame(FrameKind::job, "text");
  const auto with = [&](std::size_t at, char byte) {
    auto bytes = good;
    bytes[at] = byte;
    return bytes;
  };
  const std::pair<const char*, std::string> rows[] = {
      {"begin", "cannot open file\n"},
      {"begin", "CRX"},
      {"version", with(4, 1)},
      {"kind", with(5, 0)},
      {"kind", with(5, 5)},
      {"longer", with(11, 1)},
  };
  for (const auto& [why, bytes] : rows) {
    FrameBuffer buffer;
    buffer.feed(bytes);
    for (int again = 0; again < 2; ++again) {
      const auto taken = buffer.take();
      ASSERT_FALSE(taken.has_value()) << bytes;
      EXPECT_EQ(taken.error().code, Errc::invalid);
      EXPECT_NE(taken.error().what.find(why), std::string::npos) << taken.error().what;
    }
  }
}

TEST(Frame, HasALimit) {
  const auto longest = std::string(kFrameTextBytesMax, 'x');
  ASSERT_TRUE(encode(FrameKind::job, 1, longest).has_value());
  EXPECT_EQ(encode(FrameKind::job, 1, longest + "x").error().code, Errc::limit);
}

TEST(Frame, FailuresComeBackAsTheyWere) {
  for (const auto& error :
       {Error{Errc::limit, "seal: too much memory", "x/\"y\""}, Error{Errc::corrupt, "", ""}}) {
    const auto again = parse_failure(failure_text(error));
    EXPECT_EQ(again.code, error.code);
    EXPECT_EQ(again.what, error.what);
    EXPECT_EQ(again.subject, error.subject);
  }
  for (const auto* text : {"", "{", "[]", "{\"code\":\"soon\"}", "{\"code\":1}"}) {
    EXPECT_EQ(parse_failure(text).code, Errc::unavailable) << text;
  }
}

}  // namespace
}  // namespace cairn::worker
