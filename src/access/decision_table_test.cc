// The tables of decisions/ against decide() and against the second opinion, and both against each other on
// generated cases made of the tables' statements and rows.
#include "access/decision_table_testing.h"

#include <random>

#include "access/pattern.h"

namespace cairn::access::table {
namespace {

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const auto* file : {"elements.txt", "variables.txt", "conditions.txt", "accounts.txt", "limits.txt"}) {
    for (auto& one : read(file)) {
      cases.push_back(std::move(one));
    }
  }
  return cases;
}

TEST(DecisionTable, every_row) {
  std::map<std::string, int> rows;
  for (const auto& one : all_cases()) {
    EXPECT_FALSE(one.rows.empty()) << one.title;
    for (const auto& row : one.rows) {
      ++rows[row.decision];
      const auto [decision, naive] = decided(one, row);
      const naive::Answer expected{row.decision == "allow", row.decision == "deny"};
      EXPECT_EQ(decision.allowed, expected.allowed)
          << row.where << " " << one.title << ": " << decision.reason;
      EXPECT_EQ(decision.explicit_deny, expected.denied) << row.where << " " << one.title;
      EXPECT_EQ(decision.allowed, decision.reason.empty()) << row.where;
      EXPECT_EQ(naive.allowed, expected.allowed) << row.where << " (second opinion) " << one.title;
      EXPECT_EQ(naive.denied, expected.denied) << row.where << " (second opinion) " << one.title;
    }
  }
  EXPECT_GE(rows["allow"], 200);
  EXPECT_GE(rows["none"], 200);
  EXPECT_GE(rows["deny"], 40);
}

// Cases with a few statements of each kind of policy from anywhere, asked by anyone.
class Mixer {
 public:
  explicit Mixer(const std::vector<Case>& cases) {
    for (const auto& one : cases) {
      for (const auto& [kind, statements] : one.statements) {
        auto& pool = pools_[kind == "boundary" || kind == "session" ? "identity" : kind];
        pool.insert(pool.end(), statements.begin(), statements.end());
      }
      rows_.insert(rows_.end(), one.rows.begin(), one.rows.end());
    }
    std::erase_if(pools_["identity"], [](const std::string& statement) {
      return statement == "nothing" || statement.find("x:wanted") != std::string::npos;  // no Bool in 2008
    });
  }

  Case next() {
    Case made;
    made.title = "generated";
    made.version = draw(8) == 0 ? "2008-10-17" : "2012-10-17";
    made.owner = draw(4) == 0 ? "444455556666" : "111122223333";
    fill(made, "identity", "identity", 6);
    fill(made, draw(2) == 0 ? "boundary" : "identity", "identity", 6);
    fill(made, draw(2) == 0 ? "session" : "identity", "identity", 6);
    if (draw(8) == 0) {
      fill(made, "trust", "trust", 4);
    } else if (draw(3) != 0) {
      fill(made, "resource", "resource", 8);
    }
    for (int i = 0; i < 4; ++i) {
      auto row = rows_[draw(rows_.size())];
      row.who = names()[draw(names().size())];
      row.context.override_with(rows_[draw(rows_.size())].context);
      made.rows.push_back(std::move(row));
    }
    return made;
  }

 private:
  std::size_t draw(std::size_t below) { return random_() % below; }
  void fill(Case& made, const std::string& kind, const std::string& pool, std::size_t most) {
    for (auto count = 1 + draw(most); count > 0; --count) {
      made.statements[kind].push_back(pools_[pool][draw(pools_[pool].size())]);
    }
  }

  std::mt19937 random_{20260302};
  std::map<std::string, std::vector<std::string>> pools_;
  std::vector<Row> rows_;
};

TEST(DecisionTable, both_evaluators_agree_on_generated_cases) {
  Mixer mixer(all_cases());
  std::map<std::string, int> seen;
  for (int i = 0; i < 250; ++i) {
    const auto one = mixer.next();
    for (const auto& row : one.rows) {
      const auto [decision, naive] = decided(one, row);
      ++seen[decision.allowed ? "allow" : decision.explicit_deny ? "deny" : "none"];
      const naive::Answer answer{decision.allowed, decision.explicit_deny};
      ASSERT_EQ(answer, naive) << i << ": " << row.where << " as " << row.who << ", " << decision.reason
                               << "\n"
                               << testing::PrintToString(one.statements);
    }
  }
  EXPECT_GT(seen["allow"], 50);
  EXPECT_GT(seen["deny"], 50);
  EXPECT_GT(seen["none"], 50);
}

TEST(DecisionTable, both_opinions_of_resource_patterns_agree) {
  std::mt19937 random(20260302);
  const auto draw = [&](std::string_view alphabet, std::size_t length_max) {
    std::string text(random() % (length_max + 1), ' ');
    for (auto& c : text) {
      c = alphabet[random() % alphabet.size()];
    }
    return text;
  };
  int matched = 0;
  for (int i = 0; i < 20000; ++i) {
    const auto pattern = draw("aab::***?", 12);
    const auto text = draw("aab::", 12);
    const bool expected = naive::matches(naive::expanded(pattern, false, {}, true, true), text);
    matched += expected ? 1 : 0;
    ASSERT_EQ(ResourcePattern::compile(pattern, false).matches(text, {}), expected)
        << pattern << " on " << text;
  }
  EXPECT_GT(matched, 500);
}

}  // namespace
}  // namespace cairn::access::table
