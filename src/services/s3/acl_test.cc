// Access control lists: the owner's full control, and nothing else.
#include "services/s3/s3_testing.h"

namespace cairn::services::s3::testing {
namespace {

class AclTest : public S3Test {
 protected:
  void SetUp() override {
    make_bucket("enforced");
    ASSERT_TRUE(answer("CreateBucket", {{"Bucket", "mine"}, {"ObjectOwnership", "BucketOwnerPreferred"}}));
    ASSERT_TRUE(put("mine", "a", "x"));
    ASSERT_TRUE(put("enforced", "a", "x"));
  }
};

object list_of(std::string_view owner, std::string_view grantee, std::string_view permission) {
  return {{"Owner", object{{"ID", owner}}},
          {"Grants", array{object{{"Grantee", object{{"Type", "CanonicalUser"}, {"ID", grantee}}},
                                  {"Permission", permission}}}}};
}

TEST_F(AclTest, bucket_and_object_are_the_owners) {
  const auto owner = canonical_id(kAnn);
  for (const auto* operation : {"GetBucketAcl", "GetObjectAcl"}) {
    const auto got = answer(operation, {{"Bucket", "mine"}, {"Key", "a"}});
    EXPECT_EQ(at(got, "/Owner/ID"), owner) << operation;
    EXPECT_EQ(at(got, "/Grants/0/Grantee/ID"), owner);
    EXPECT_EQ(at(got, "/Grants/0/Permission"), "FULL_CONTROL");
    EXPECT_EQ(at(got, "/Grants/1"), "");
  }
  EXPECT_EQ(said(answer("GetObjectAcl", {{"Bucket", "mine"}, {"Key", "none"}})), "NoSuchKey 404");
}

TEST_F(AclTest, what_may_be_put) {
  const auto owner = canonical_id(kAnn);
  const struct {
    object input;
    const char* bucket;
    const char* object;
    const char* enforced;
  } rows[] = {
      {{{"ACL", "private"}}, "ok", "ok", "AccessControlListNotSupported 400"},
      {{{"ACL", "bucket-owner-full-control"}},
       "NotImplemented 501",
       "ok",
       "AccessControlListNotSupported 400"},
      {{{"ACL", "public-read"}},
       "NotImplemented 501",
       "NotImplemented 501",
       "AccessControlListNotSupported 400"},
      {{{"ACL", "fake-acl"}}, "InvalidArgument 400", "InvalidArgument 400", "InvalidArgument 400"},
      {{}, "MissingSecurityHeader 400", "MissingSecurityHeader 400", "MissingSecurityHeader 400"},
      {{{"GrantRead", "id=x"}},
       "NotImplemented 501",
       "NotImplemented 501",
       "AccessControlListNotSupported 400"},
      {{{"ACL", "private"}, {"GrantRead", "id=x"}},
       "InvalidRequest 400",
       "InvalidRequest 400",
       "InvalidRequest 400"},
      {{{"AccessControlPolicy", list_of(owner, owner, "FULL_CONTROL")}},
       "ok",
       "ok",
       "AccessControlListNotSupported 400"},
      {{{"AccessControlPolicy", list_of(owner, owner, "READ")}},
       "NotImplemented 501",
       "NotImplemented 501",
       "AccessControlListNotSupported 400"},
      {{{"AccessControlPolicy", list_of("other", owner, "FULL_CONTROL")}},
       "InvalidArgument 400",
       "InvalidArgument 400",
       "InvalidArgument 400"},
      {{{"AccessControlPolicy", object{}}},
       "MalformedACLError 400",
       "MalformedACLError 400",
       "MalformedACLError 400"},
      {{{"ACL", "private"}, {"AccessControlPolicy", list_of(owner, owner, "FULL_CONTROL")}},
       "UnexpectedContent 400",
       "UnexpectedContent 400",
       "UnexpectedContent 400"},
  };
  for (const auto& row : rows) {
    auto input = row.input;
    input["Bucket"] = "mine";
    EXPECT_EQ(said(answer("PutBucketAcl", input)), row.bucket) << json::serialize(input);
    input["Bucket"] = "enforced";
    EXPECT_EQ(said(answer("PutBucketAcl", input)), row.enforced) << json::serialize(input);
    input["Key"] = "a";
    EXPECT_EQ(said(answer("PutObjectAcl", input)), row.enforced) << json::serialize(input);
    input["Bucket"] = "mine";
    EXPECT_EQ(said(answer("PutObjectAcl", input)), row.object) << json::serialize(input);
  }
  EXPECT_EQ(said(answer("PutObjectAcl", {{"Bucket", "mine"}, {"Key", "none"}, {"ACL", "private"}})),
            "NoSuchKey 404");
}

}  // namespace
}  // namespace cairn::services::s3::testing
