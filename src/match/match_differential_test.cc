// Random patterns against random records: the compiled matcher, all patterns together, answers as the naive
// one does for each. Names and values are few, so that they meet often, and records nest arrays in every way.
#include <random>

#include "match/match_testing.h"

namespace cairn::match {
namespace {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  std::size_t below(std::size_t limit) { return engine_() % limit; }
  bool one_in(std::size_t n) { return below(n) == 0; }
  std::string any(std::initializer_list<const char*> of) { return of.begin()[below(of.size())]; }

  std::string name() {
    return one_in(12) ? any({"a.b", "b.c", "b.a", "a\\u002eb", "\\u0061"}) : any({"a", "b", "c"});
  }
  std::string text() {
    return any({"x", "xy", "yx", "xyx", "X", "xY", "", "é", "É", "x\\u0079", "10.0.0.1", "010.0.0.001",
                "10.0.7.9", "::1", "0:0::1", "\\\\", "a long text that does not end soon",
                "a long text that does not end yet"});
  }
  std::string number() {
    return any({"1", "1.0", "10e-1", "0", "-0", "2", "2.5", "1e3", "12345678901234567891"});
  }
  std::string scalar() {
    switch (below(4)) {
      case 0:
        return number();
      case 1:
        return any({"true", "false", "null"});
      default:
        return '"' + text() + '"';
    }
  }

 private:
  std::mt19937_64 engine_;
};

std::string value(Random& random, int depth);

std::string object(Random& random, int depth) {
  std::string out = "{";
  for (auto members = random.below(4); members > 0; --members) {
    out += (out.size() > 1 ? "," : "") + ('"' + random.name()) + (random.one_in(9) ? "\" :\n" : "\":") +
           value(random, depth);
  }
  return out + (random.one_in(9) ? " }" : "}");
}

std::string array(Random& random, int depth) {
  std::string out = "[";
  for (auto elements = random.below(4); elements > 0; --elements) {
    out += (out.size() > 1 ? ", " : "") + value(random, depth);
  }
  return out + "]";
}

std::string value(Random& random, int depth) {
  if (depth == 0) {
    return random.scalar();
  }
  switch (random.below(5)) {
    case 0:
    case 1:
      return object(random, depth - 1);
    case 2:
      return array(random, depth - 1);
    default:
      return random.scalar();
  }
}

std::string quoted_list(Random& random) {
  return random.one_in(2) ? '"' + random.text() + '"'
                          : R"([")" + random.text() + R"(",")" + random.text() + R"("])";
}

std::string anything_but(Random& random) {
  switch (random.below(4)) {
    case 0:
      return R"({"anything-but":)" + random.any({"1", "[1, 2]"}) + "}";
    case 1:
      return R"({"anything-but":{")" + random.any({"prefix", "suffix"}) + R"(":"x"}})";
    case 2:
      return R"({"anything-but":{"equals-ignore-case":)" + quoted_list(random) + "}}";
    default:
      return R"({"anything-but":)" + quoted_list(random) + "}";
  }
}

std::string operation(Random& random) {
  switch (random.below(9)) {
    case 0:
      return R"({"exists":false})";
    case 1:
      return R"({"exists":true})";
    case 2:
      return R"({")" + random.any({"prefix", "suffix", "equals-ignore-case"}) + R"(":")" + random.text() +
             R"("})";
    case 3:
      return R"({")" + random.any({"prefix", "suffix"}) + R"(":{"equals-ignore-case":")" + random.text() +
             R"("}})";
    case 4:
      return R"({"wildcard":")" + random.any({"x*", "*x", "x*x", "*y*", "*", "x", "", "*\\\\\\\\*", "x*y*"}) +
             R"("})";
    case 5:
      return R"({"numeric":)" +
             random.any({R"(["=",1])", R"([">",0])", R"([">=",0,"<",2.5])", R"(["<=",1])"}) + "}";
    case 6:
      return R"({"cidr":")" + random.any({"10.0.0.0/24", "10.0.0.0/8", "::/64"}) + R"("})";
    default:
      return anything_but(random);
  }
}

std::string tests(Random& random) {
  std::string out;
  for (auto count = random.below(2) + 1; count > 0; --count) {
    out += (out.empty() ? "[" : ",") + (random.one_in(2) ? random.scalar() : operation(random));
  }
  return out + "]";
}

std::string pattern(Random& random, int depth) {
  std::string out = "{";
  for (auto members = random.below(3) + 1; members > 0; --members) {
    out += out.size() > 1 ? "," : "";
    if (depth > 0 && random.one_in(8)) {
      out += R"("$or":[)" + pattern(random, depth - 1) + ',' + pattern(random, depth - 1) + ']';
    } else {
      out += '"' + random.name() +
             "\":" + (depth > 0 && random.one_in(2) ? pattern(random, depth - 1) : tests(random));
    }
  }
  return out + "}";
}

// The cases of one seed; how many of the answers were yes.
std::size_t compare(std::uint64_t seed) {
  constexpr std::size_t kPatterns = 20;
  constexpr std::size_t kRecords = 40;
  Random random(seed);
  std::vector<std::string> texts;
  std::vector<std::shared_ptr<const Pattern>> patterns;
  while (texts.size() < kPatterns) {
    texts.push_back(pattern(random, 2));
    patterns.push_back(testing::pattern(texts.back()));
  }
  const auto matcher = testing::matcher(texts);
  std::size_t matched = 0;
  for (std::size_t i = 0; i < kRecords; ++i) {
    const auto text = object(random, 4);
    const testing::NaiveRecord record(text);
    const auto found = testing::ids(*matcher, text).value();
    EXPECT_TRUE(std::ranges::is_sorted(found));
    matched += found.size();
    for (std::size_t id = 0; id < texts.size(); ++id) {
      EXPECT_EQ(std::ranges::count(found, id), testing::naive_match(*patterns[id], record) ? 1 : 0)
          << "seed " << seed << "\n"
          << texts[id] << "\n"
          << text;
    }
  }
  return matched;
}

TEST(MatchDifferentialTest, compiled_and_naive_agree) {
  constexpr std::uint64_t kSeeds = 150;
  std::size_t matched = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds && !HasFailure(); ++seed) {
    matched += compare(seed);
  }
  EXPECT_GT(matched, 1'000U);  // or it would compare noes alone
}

}  // namespace
}  // namespace cairn::match
