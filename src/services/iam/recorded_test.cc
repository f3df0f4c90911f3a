// Our answers against what AWS answered once: the same members, the same errors.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "access/policy.h"
#include "json/json.h"
#include "services/iam/faults.h"
#include "services/iam/operations.h"

namespace cairn::services::iam {
namespace {

std::filesystem::path recorded(std::string_view name) {
  const char* const set = std::getenv("CAIRN_TEST_DATA");
  const auto root = set != nullptr ? std::filesystem::path(set)
                                   : std::filesystem::path(CAIRN_SOURCE_DIR) / "../shared/data";
  return root / "wire" / name;
}

std::string content(const std::filesystem::path& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::set<std::string> members(const json::object& object) {
  std::set<std::string> names;
  for (const auto& member : object) {
    names.emplace(member.key());
  }
  return names;
}

const access::UserDocument kAlice = {.id = "AIDAAAAAAAAAAAAAAAAAA",
                                     .account = "644160558196",
                                     .name = "alice",
                                     .path = "/test/",
                                     .created = {},
                                     .tags = {{"a", "b"}},
                                     .policies = {},
                                     .keys = {}};

TEST(Recorded, users_have_the_members_that_aws_gives_them) {
  const auto folder = recorded("custodian-placebo/iam");
  if (!std::filesystem::exists(folder)) {
    GTEST_SKIP() << "no recorded answers: set CAIRN_TEST_DATA";
  }
  auto ours = members(described(kAlice));
  int seen = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    const auto name = file.path().filename().string();
    if (name.find("iam.CreateUser_") == std::string::npos && name.find("iam.GetUser_") == std::string::npos) {
      continue;
    }
    const auto document = json::parse(content(file.path()));
    ASSERT_TRUE(document) << name;
    const auto* user = document->at("data").as_object().if_contains("User");
    if (user == nullptr) {
      continue;
    }
    auto theirs = members(user->as_object());
    for (const auto* more :
         {"Tags", "PasswordLastUsed", "PermissionsBoundary"}) {  // where there is something to tell
      theirs.erase(more);
    }
    EXPECT_EQ(theirs, ours) << name;
    ++seen;
  }
  EXPECT_GT(seen, 10);
}

TEST(Recorded, arns_are_made_as_aws_makes_them) {
  EXPECT_EQ(kAlice.arn(), "arn:aws:iam::644160558196:user/test/alice");
}

TEST(Recorded, errors_are_worded_as_aws_words_them) {
  const auto path = recorded("errors_localstack.jsonl");
  if (!std::filesystem::exists(path)) {
    GTEST_SKIP() << "no recorded answers: set CAIRN_TEST_DATA";
  }
  const std::map<std::string, aws::Fault, std::less<>> ours = {
      {"invalid-user-name-exception", fault::no_such("user", "non-existent-user")},
      {"update-wrong-user-name", fault::no_such("user", "wrong-user-name")},
      {"invalid-json",
       fault::malformed_policy(access::Policy::parse("{", access::PolicyKind::identity).error().what)},
  };
  std::set<std::string, std::less<>> compared;
  std::ifstream lines(path);
  for (std::string line; std::getline(lines, line);) {
    const auto recorded_error = json::parse_object(line);
    if (!recorded_error || json::find_string(*recorded_error, "service") != "iam") {
      continue;
    }
    const auto found = ours.find(json::find_string(*recorded_error, "step").value_or(""));
    if (found == ours.end()) {
      continue;
    }
    const auto& error = *json::find_object(*recorded_error, "error");
    EXPECT_EQ(found->second.code, json::find_string(error, "Code"));
    EXPECT_EQ(found->second.message, json::find_string(error, "Message"));
    EXPECT_EQ(found->second.status, json::find_int(*recorded_error, "http_status"));
    compared.insert(found->first);
  }
  EXPECT_EQ(compared.size(), ours.size());
}

}  // namespace
}  // namespace cairn::services::iam
