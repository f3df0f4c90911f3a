// Many who remove at once: all of them get through within the attempts that the front makes.
#include "services/s3/s3_testing.h"

namespace cairn::services::s3::testing {
namespace {

class ContentionTest : public S3Test {
 protected:
  void SetUp() override { make_bucket("mine"); }

  struct Caller {
    std::vector<RequestPtr> calls;  // one behind the other
    std::size_t at = 0;
    int attempts = 0;  // of the call that is under way
  };

  // In each round all read, then all commit, always in the same order: who comes late has to conflict with
  // everybody before him. The most attempts that a call needed.
  int attempts_of(std::vector<Caller> callers) {
    int most = 0;
    for (bool busy = true; busy;) {
      busy = false;
      std::vector<std::pair<Caller*, front::Outcome>> round;
      for (auto& caller : callers) {
        if (caller.at == caller.calls.size()) {
          continue;
        }
        busy = true;
        most = std::max(most, ++caller.attempts);
        auto outcome = run(service->run(*caller.calls[caller.at]->call));
        EXPECT_TRUE(outcome) << outcome.error().message;
        round.emplace_back(&caller, *std::move(outcome));
      }
      for (auto& [caller, outcome] : round) {
        const auto committed = run(catalog->commit(std::move(outcome.effects)));
        if (committed) {
          ++caller->at;
          caller->attempts = 0;
        }
      }
      if (most > kAttemptsMax) {
        return most;
      }
    }
    return most;
  }
  RequestPtr prepared(std::string_view operation, object input) {
    auto request = make(operation, std::move(input));
    EXPECT_TRUE(run(service->asks(*request->call)));
    return request;
  }

  static constexpr int kAttemptsMax = 16;  // of the front
};

TEST_F(ContentionTest, thirty_two_remove_keys_of_their_own) {
  constexpr int kCallers = 32;
  constexpr int kKeys = 20;
  std::vector<Caller> callers(kCallers);
  for (int i = 0; i < kCallers * kKeys; ++i) {
    const auto key = "key" + std::to_string(i);
    ASSERT_TRUE(put("mine", key, "x"));
    callers[static_cast<std::size_t>(i % kCallers)].calls.push_back(prepared("DeleteObject", {{"Bucket", "mine"}, {"Key", key}}));
  }
  EXPECT_LT(attempts_of(std::move(callers)), kAttemptsMax);
  EXPECT_THAT(documents("s3/object/"), IsEmpty());
}

TEST_F(ContentionTest, four_remove_hundreds_of_keys_each) {
  constexpr int kCallers = 4;
  constexpr int kKeys = 300;
  std::vector<Caller> callers(kCallers);
  for (int caller = 0; caller < kCallers; ++caller) {
    array objects;
    for (int i = 0; i < kKeys; ++i) {
      const auto key = std::to_string(caller) + "/" + std::to_string(i);
      ASSERT_TRUE(put("mine", key, "x"));
      objects.push_back(object{{"Key", key}});
    }
    auto request = make("DeleteObjects", {{"Bucket", "mine"}, {"Delete", object{{"Objects", objects}}}});
    request->call->caller.principal.kind = access::PrincipalKind::root;
    EXPECT_TRUE(run(service->asks(*request->call)));
    callers[static_cast<std::size_t>(caller)].calls.push_back(std::move(request));
  }
  EXPECT_LE(attempts_of(std::move(callers)), kCallers);
  EXPECT_THAT(documents("s3/object/"), IsEmpty());
}

// What an earlier Cairn left, in a bucket that is used on.
TEST_F(ContentionTest, a_bucket_of_before_is_used_and_deleted) {
  const auto life = documents("s3/life/").at(0);
  const auto id = life.substr(std::string_view("s3/life/").size());
  catalog::Transaction before;
  for (const auto* digit : {"0", "7", "f"}) {
    before.writes.push_back({"s3/gone/" + id + "/" + digit, "", std::nullopt});
  }
  ASSERT_TRUE(run(catalog->commit(std::move(before))));
  ASSERT_TRUE(put("mine", "a", "x"));
  ASSERT_TRUE(remove("mine", "a"));
  EXPECT_THAT(documents("s3/gone/"), ::testing::SizeIs(4));
  ASSERT_TRUE(answer("DeleteBucket", {{"Bucket", "mine"}}));
  EXPECT_THAT(documents("s3/gone/"), IsEmpty());
}

}  // namespace
}  // namespace cairn::services::s3::testing
