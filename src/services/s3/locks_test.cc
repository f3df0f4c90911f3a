// Object lock: what is locked stays, whatever is called.
#include "services/s3/s3_testing.h"

namespace cairn::services::s3::testing {
namespace {

constexpr std::int64_t kDaySeconds = 86'400;

class LocksTest : public S3Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(answer("CreateBucket", {{"Bucket", "mine"}, {"ObjectLockEnabledForBucket", true}}));
  }
  // By somebody who may do everything.
  Answered answer(std::string_view operation, object input, std::string body = {}) {
    constexpr std::string_view kAll =
        R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})";
    const auto request = make(operation, std::move(input), std::move(body));
    auto& caller = request->call->caller;
    caller.principal.kind = access::PrincipalKind::root;
    caller.policies = {*access::Policy::parse(kAll, access::PolicyKind::identity)};
    return perform(*request);
  }
  double in_days(std::int64_t days) {
    return seconds_since_epoch(clock.now()) + static_cast<double>(days * kDaySeconds);
  }
  std::string put_version(std::string_view key, object lock = {}) {
    lock["Bucket"] = "mine";
    lock["Key"] = key;
    return at(answer("PutObject", std::move(lock), std::string(key)), "/VersionId");
  }
  object named(std::string_view key, std::string_view version) {
    return {{"Bucket", "mine"}, {"Key", key}, {"VersionId", version}};
  }
  Answered remove_version(std::string_view key, std::string_view version, bool bypass = false) {
    auto input = named(key, version);
    if (bypass) {
      input["BypassGovernanceRetention"] = true;
    }
    return answer("DeleteObject", std::move(input));
  }
  Answered retain(std::string_view key, std::string_view version, object retention, bool bypass = false) {
    auto input = named(key, version);
    input["Retention"] = std::move(retention);
    if (bypass) {
      input["BypassGovernanceRetention"] = true;
    }
    return answer("PutObjectRetention", std::move(input));
  }
  Answered hold(std::string_view key, std::string_view version, std::string_view status) {
    auto input = named(key, version);
    input["LegalHold"] = object{{"Status", status}};
    return answer("PutObjectLegalHold", std::move(input));
  }
  Answered set_default(object retention) {
    return answer(
        "PutObjectLockConfiguration",
        {{"Bucket", "mine"},
         {"ObjectLockConfiguration", object{{"ObjectLockEnabled", "Enabled"},
                                            {"Rule", object{{"DefaultRetention", std::move(retention)}}}}}});
  }
};

TEST_F(LocksTest, a_bucket_with_locks_keeps_its_versions) {
  EXPECT_EQ(at(answer("GetBucketVersioning", {{"Bucket", "mine"}}), "/Status"), "Enabled");
  EXPECT_EQ(at(answer("GetObjectLockConfiguration", {{"Bucket", "mine"}}),
               "/ObjectLockConfiguration/ObjectLockEnabled"),
            "Enabled");
  EXPECT_EQ(said(answer("PutBucketVersioning",
                        {{"Bucket", "mine"}, {"VersioningConfiguration", object{{"Status", "Suspended"}}}})),
            "InvalidBucketState 409");
  make_bucket("plain");
  EXPECT_EQ(said(answer("GetObjectLockConfiguration", {{"Bucket", "plain"}})),
            "ObjectLockConfigurationNotFoundError 404");
  EXPECT_EQ(said(answer("PutObjectLockConfiguration",
                        {{"Bucket", "plain"},
                         {"ObjectLockConfiguration", object{{"ObjectLockEnabled", "Enabled"}}}})),
            "InvalidBucketState 409");
  EXPECT_EQ(
      said(answer("PutObject", {{"Bucket", "plain"}, {"Key", "a"}, {"ObjectLockLegalHoldStatus", "ON"}})),
      "InvalidRequest 400");
}

TEST_F(LocksTest, defaults) {
  const struct {
    object retention;
    const char* said;
  } rows[] = {
      {{{"Mode", "COMPLIANCE"}}, "MalformedXML 400"},
      {{{"Mode", "COMPLIANCE"}, {"Days", 1}, {"Years", 1}}, "MalformedXML 400"},
      {{{"Mode", "OTHER"}, {"Days", 1}}, "MalformedXML 400"},
      {{{"Mode", "GOVERNANCE"}, {"Days", 0}}, "InvalidArgument 400"},
      {{{"Mode", "GOVERNANCE"}, {"Days", 36'501}}, "InvalidArgument 400"},
      {{{"Mode", "GOVERNANCE"}, {"Years", 1}}, "ok"},
      {{{"Mode", "COMPLIANCE"}, {"Days", 2}}, "ok"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(said(set_default(row.retention)), row.said) << json::serialize(row.retention);
  }
  put_version("a");
  const auto head = answer("HeadObject", {{"Bucket", "mine"}, {"Key", "a"}});
  EXPECT_EQ(at(head, "/ObjectLockMode"), "COMPLIANCE");
  EXPECT_EQ(head->output.at("ObjectLockRetainUntilDate").as_double(), in_days(2));
  put_version("b", {{"ObjectLockMode", "GOVERNANCE"}, {"ObjectLockRetainUntilDate", in_days(1)}});
  EXPECT_EQ(at(answer("HeadObject", {{"Bucket", "mine"}, {"Key", "b"}}), "/ObjectLockMode"), "GOVERNANCE");
}

TEST_F(LocksTest, who_may_remove_what_and_when) {
  const struct {
    const char* mode;
    bool hold;
    bool bypass;
    bool later;
    const char* said;
  } rows[] = {
      {"", false, false, false, "ok"},
      {"", true, true, false, "AccessDenied 403"},
      {"GOVERNANCE", false, false, false, "AccessDenied 403"},
      {"GOVERNANCE", false, true, false, "ok"},
      {"GOVERNANCE", true, true, false, "AccessDenied 403"},
      {"GOVERNANCE", false, false, true, "ok"},
      {"COMPLIANCE", false, false, false, "AccessDenied 403"},
      {"COMPLIANCE", false, true, false, "AccessDenied 403"},
      {"COMPLIANCE", false, false, true, "ok"},
      {"COMPLIANCE", true, true, true, "AccessDenied 403"},
  };
  for (const auto& row : rows) {
    const auto version = put_version("a");
    if (*row.mode != '\0') {
      ASSERT_TRUE(retain("a", version, {{"Mode", row.mode}, {"RetainUntilDate", in_days(1)}}));
    }
    if (row.hold) {
      ASSERT_TRUE(hold("a", version, "ON"));
    }
    if (row.later) {
      clock.advance(Millis{kDaySeconds * 1000});
    }
    EXPECT_EQ(said(remove_version("a", version, row.bypass)), row.said)
        << row.mode << row.hold << row.bypass << row.later;
  }
}

TEST_F(LocksTest, retention_gets_longer_and_not_shorter) {
  const struct {
    const char* from;
    const char* to;
    std::int64_t days;
    bool bypass;
    const char* said;
  } rows[] = {
      {"COMPLIANCE", "COMPLIANCE", 3, false, "ok"},
      {"COMPLIANCE", "COMPLIANCE", 1, true, "AccessDenied 403"},
      {"COMPLIANCE", "GOVERNANCE", 3, true, "AccessDenied 403"},
      {"COMPLIANCE", "", 0, true, "AccessDenied 403"},
      {"GOVERNANCE", "GOVERNANCE", 3, false, "ok"},
      {"GOVERNANCE", "COMPLIANCE", 3, false, "AccessDenied 403"},  // nobody could take it back
      {"GOVERNANCE", "COMPLIANCE", 2, false, "AccessDenied 403"},
      {"GOVERNANCE", "COMPLIANCE", 3, true, "ok"},
      {"GOVERNANCE", "COMPLIANCE", 1, true, "ok"},
      {"GOVERNANCE", "GOVERNANCE", 1, false, "AccessDenied 403"},
      {"GOVERNANCE", "GOVERNANCE", 1, true, "ok"},
      {"GOVERNANCE", "", 0, false, "AccessDenied 403"},
      {"GOVERNANCE", "", 0, true, "ok"},
  };
  for (const auto& row : rows) {
    const auto version = put_version("a");
    ASSERT_TRUE(retain("a", version, {{"Mode", row.from}, {"RetainUntilDate", in_days(2)}}));
    object retention;
    if (*row.to != '\0') {
      retention = {{"Mode", row.to}, {"RetainUntilDate", in_days(row.days)}};
    }
    EXPECT_EQ(said(retain("a", version, retention, row.bypass)), row.said)
        << row.from << " " << row.to << " " << row.days << row.bypass;
  }
  const auto version = put_version("a");
  EXPECT_EQ(said(retain("a", version, {{"Mode", "COMPLIANCE"}, {"RetainUntilDate", in_days(-1)}})),
            "InvalidArgument 400");
  EXPECT_EQ(said(answer("GetObjectRetention", named("a", version))), "NoSuchObjectLockConfiguration 404");
  EXPECT_EQ(at(answer("GetObjectLegalHold", named("a", version)), "/LegalHold/Status"), "OFF");
}

// What an operation that is meant to do harm would be called with.
object harm(const std::string& version, const std::string& key) {
  const object identifier{{"Key", key}, {"VersionId", version}};
  return {{"Bucket", "mine"},
          {"Key", key},
          {"VersionId", version},
          {"BypassGovernanceRetention", true},
          {"CopySource", "mine/other"},
          {"MetadataDirective", "REPLACE"},
          {"Delete", object{{"Objects", array{identifier, object{{"Key", key}}}}}},
          {"LegalHold", object{{"Status", key == "b" ? "ON" : "OFF"}}},
          {"Retention", object{}},
          {"Tagging", object{{"TagSet", array{}}}},
          {"VersioningConfiguration", object{{"Status", "Suspended"}}},
          {"ObjectLockConfiguration", object{{"ObjectLockEnabled", "Enabled"}}},
          {"LifecycleConfiguration",
           object{{"Rules", array{object{{"ID", "all"},
                                         {"Status", "Enabled"},
                                         {"Filter", object{{"Prefix", ""}}},
                                         {"Expiration", object{{"Days", 1}}},
                                         {"NoncurrentVersionExpiration", object{{"NoncurrentDays", 1}}}}}}}}};
}

// Every operation of S3, with every member of the above that it has, alone and all together, against a
// version that is current and one that is not.
TEST_F(LocksTest, no_operation_removes_what_is_locked) {
  ASSERT_TRUE(put("mine", "other", "other"));
  const auto older =
      put_version("a", {{"ObjectLockMode", "COMPLIANCE"}, {"ObjectLockRetainUntilDate", in_days(9)}});
  const auto newer =
      put_version("a", {{"ObjectLockMode", "COMPLIANCE"}, {"ObjectLockRetainUntilDate", in_days(9)}});
  const auto held = put_version("b", {{"ObjectLockLegalHoldStatus", "ON"}});
  const std::vector<std::pair<std::string, std::string>> locked = {{"a", older}, {"a", newer}, {"b", held}};
  const auto still_there = [&] {
    for (const auto& [key, version] : locked) {
      const auto got = answer("GetObject", named(key, version));
      if (!got || got->body != key) {
        return false;
      }
    }
    return at(answer("GetObjectRetention", named("a", older)), "/Retention/Mode") == "COMPLIANCE";
  };
  ASSERT_TRUE(still_there());
  std::size_t tried = 0;
  for (const auto& [name, operation] : aws::catalogue().by_name("s3")->operations) {
    if (!service->answers(name) || operation.input.shape == nullptr) {
      continue;
    }
    for (const auto& [key, version] : locked) {
      const auto all = harm(version, key);
      object given;
      for (const auto& [member, value] : all) {
        if (operation.input.shape->member(std::string_view(member.data(), member.size())) != nullptr) {
          given[member] = value;
        }
      }
      static_cast<void>(answer(name, given, "harm"));
      given.erase("VersionId");
      static_cast<void>(answer(name, given, "harm"));
      given.erase("BypassGovernanceRetention");
      static_cast<void>(answer(name, given, "harm"));
      ++tried;
      ASSERT_TRUE(still_there()) << name;
    }
  }
  EXPECT_GT(tried, 3U * 30);
  clock.advance(Millis{10 * kDaySeconds * 1000});
  EXPECT_EQ(said(remove_version("a", older)), "ok");
  EXPECT_EQ(said(remove_version("b", held, true)), "AccessDenied 403");
}

}  // namespace
}  // namespace cairn::services::s3::testing
