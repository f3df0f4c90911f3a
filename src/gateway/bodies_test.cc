#include "gateway/bodies.h"

#include <gtest/gtest.h>

#include <deque>

#include "async/loops.h"
#include "codec/base64.h"

namespace cairn::gateway {
namespace {

// Pieces as they come; then the end, or an error.
class Pieces final : public http::BodySource {
 public:
  Pieces(std::deque<std::string> pieces, std::optional<std::uint64_t> size, bool breaks = false)
      : pieces_(std::move(pieces)), size_(size), breaks_(breaks) {}
  Task<Result<std::span<const std::byte>>> read() override {
    if (pieces_.empty() && breaks_) {
      co_return Error{Errc::unavailable, "gone"};
    }
    current_ = pieces_.empty() ? "" : pieces_.front();
    if (!pieces_.empty()) {
      pieces_.pop_front();
    }
    co_return std::as_bytes(std::span(current_));
  }
  std::optional<std::uint64_t> size() const override { return size_; }

 private:
  std::deque<std::string> pieces_;
  std::optional<std::uint64_t> size_;
  bool breaks_;
  std::string current_;
};

class BodiesTest : public ::testing::Test {
 protected:
  // What came before the end or an error, and then what it was.
  std::pair<std::string, std::string> all_of(http::BodySource& source) {
    std::string all;
    while (true) {
      auto piece = async::run(loops_.at(0).get_executor(), source.read());
      if (!piece) {
        return {all, piece.error().what};
      }
      if (piece->empty()) {
        return {all, "end"};
      }
      all.append(reinterpret_cast<const char*>(piece->data()), piece->size());
    }
  }
  async::Loops loops_{1};
};

using Came = std::pair<std::string, std::string>;

TEST_F(BodiesTest, the_first_bytes_are_kept_and_all_are_counted) {
  Kept kept{.bytes_max = 4};
  for (const std::string_view piece : {"ab", "cde", "f"}) {
    kept.add(std::as_bytes(std::span(piece)));
  }
  EXPECT_EQ(kept.bytes, "abcd");
  EXPECT_EQ(kept.total, 6U);
  EXPECT_FALSE(kept.whole());
  Kept none{.bytes_max = 0};
  EXPECT_TRUE(none.whole());
}

TEST_F(BodiesTest, the_piece_that_completes_a_wrong_body_stays_here) {
  const auto right = codec::hex_encode(crypto::sha256(std::string_view("abcdef")));
  for (const auto size : {std::optional<std::uint64_t>(6), std::optional<std::uint64_t>()}) {
    Kept kept{.bytes_max = 100};
    Pieces good({"abc", "def"}, size);
    Upload upload(good, kept, hash_proof(right));
    EXPECT_EQ(all_of(upload), Came("abcdef", "end"));
    Kept other{.bytes_max = 100};
    Pieces bad({"abc", "deX"}, size);
    Upload wrong(bad, other, hash_proof(right));
    // Of a known size nothing is complete without the last piece; in chunks the end is what completes it.
    EXPECT_EQ(all_of(wrong), Came(size ? "abc" : "abcdeX", kNotAsSigned));
  }
}

TEST_F(BodiesTest, a_callers_body_has_ended_when_all_of_it_came) {
  for (const auto size : {std::optional<std::uint64_t>(6), std::optional<std::uint64_t>()}) {
    Kept kept{.bytes_max = 100};
    Pieces pieces({"abc", "def"}, size);
    Upload upload(pieces, kept, nullptr);
    EXPECT_TRUE(async::run(loops_.at(0).get_executor(), upload.read()));
    EXPECT_FALSE(kept.ended);
    EXPECT_EQ(all_of(upload), Came("def", "end"));
    EXPECT_TRUE(kept.ended);
  }
}

class Behind final : public http::BodySource {
 public:
  Task<Result<std::span<const std::byte>>> read() override { co_return std::span<const std::byte>(); }
  std::optional<std::uint64_t> size() const override { return std::nullopt; }
  const codec::Headers* fields_behind() const override { return &fields_; }

 private:
  const codec::Headers fields_{
      {"X-Amz-Target", "A.B"}, {"Authorization", "c"}, {"x-amz-checksum-crc32", "d"}};
};

TEST_F(BodiesTest, fields_behind_a_body_say_nothing_of_the_call) {
  Kept kept;
  Behind body;
  Upload upload(body, kept, nullptr);
  EXPECT_EQ(all_of(upload), Came("", "end"));
  ASSERT_NE(upload.fields_behind(), nullptr);
  EXPECT_EQ(upload.fields_behind()->get("x-amz-checksum-crc32"), "d");
  EXPECT_FALSE(upload.fields_behind()->contains("X-Amz-Target"));
  EXPECT_FALSE(upload.fields_behind()->contains("Authorization"));
}

TEST_F(BodiesTest, an_upload_that_ends_early_is_its_callers) {
  Kept kept{.bytes_max = 100};
  Pieces cut({"abc"}, 6, true);
  Upload upload(cut, kept, nullptr);
  EXPECT_EQ(all_of(upload), Came("abc", kBodyCut));
}

struct Told {
  int ends = 0;
  int dropped = 0;
  bool broken = false;
};

Task<Result<void>> end(Told& told, bool broken, bool fails) {
  ++told.ends;
  told.broken = broken;
  co_return fails ? Result<void>(Error{Errc::unavailable, "no record"}) : Result<void>();
}

std::unique_ptr<Download> download(Told& told, Kept& kept, std::string begun, std::unique_ptr<Pieces> rest,
                                   bool fails = false) {
  const auto before_end = [&told, fails](const Error* broken) { return end(told, broken != nullptr, fails); };
  return std::make_unique<Download>(std::move(begun), std::move(rest), kept, before_end,
                                    [&told] { ++told.dropped; });
}

TEST_F(BodiesTest, a_download_is_recorded_before_its_last_byte) {
  for (const auto size : {std::optional<std::uint64_t>(6), std::optional<std::uint64_t>()}) {
    Told told;
    Kept kept{.bytes_max = 100, .bytes = "ab", .total = 2};
    auto body =
        download(told, kept, "ab", std::make_unique<Pieces>(std::deque<std::string>{"cd", "ef"}, size));
    EXPECT_EQ(all_of(*body), Came("abcdef", "end"));
    body.reset();
    EXPECT_EQ(told.ends, 1);
    EXPECT_EQ(told.dropped, 0);
    EXPECT_FALSE(told.broken);
    EXPECT_EQ(kept.bytes, "abcdef");
  }
}

TEST_F(BodiesTest, what_cannot_be_recorded_is_not_whole) {
  Told told;
  Kept kept{.bytes_max = 100};
  const auto body =
      download(told, kept, "", std::make_unique<Pieces>(std::deque<std::string>{"cd", "ef"}, 4), true);
  EXPECT_EQ(all_of(*body), Came("cd", "no record"));
}

TEST_F(BodiesTest, a_download_that_breaks_or_is_dropped_is_told_once) {
  Told told;
  Kept kept{.bytes_max = 100};
  auto broken = download(told, kept, "", std::make_unique<Pieces>(std::deque<std::string>{"cd"}, 4, true));
  EXPECT_EQ(all_of(*broken), Came("cd", "gone"));
  broken.reset();
  EXPECT_TRUE(told.broken);
  EXPECT_EQ(told.ends, 1);
  EXPECT_EQ(told.dropped, 0);
  auto dropped = download(told, kept, "", std::make_unique<Pieces>(std::deque<std::string>{"cd"}, 4));
  dropped.reset();
  EXPECT_EQ(told.dropped, 1);
}

}  // namespace
}  // namespace cairn::gateway
