#include "services/s3/s3.h"

#include <algorithm>

#include "json/json.h"
#include "services/s3/checksums.h"
#include "services/s3/faults.h"
#include "services/s3/operation_table.h"
#include "services/s3/policies.h"
#include "services/s3/settings.h"
#include "services/s3/staged.h"

namespace cairn::services::s3 {
namespace {

// Members that every operation takes beside its own; whoever sends others gets NotImplemented.
constexpr std::string_view kCommon[] = {"Bucket", "Key", "ExpectedBucketOwner", "ContentMD5",
                                        "ChecksumAlgorithm"};
// Whose bodies some clients send without a checksum; S3 takes that.
constexpr std::string_view kUnchecked[] = {"PutBucketPolicy", "PutBucketAcl", "PutObjectAcl"};

const std::vector<Entry>& operations() {
  static const std::vector<Entry> kAll = {
      {"CreateBucket",
       create_bucket,
       "s3:CreateBucket",
       false,
       {"ACL", "CreateBucketConfiguration", "ObjectOwnership"}},
      {"DeleteBucket", delete_bucket, "s3:DeleteBucket", false, {}},
      {"DeleteBucketPolicy", delete_bucket_policy, "s3:DeleteBucketPolicy", false, {}},
      {"DeleteObject", delete_object, "s3:DeleteObject", true, {}},
      {"GetBucketLocation", get_bucket_location, "s3:GetBucketLocation", false, {}},
      {"GetBucketPolicy", get_bucket_policy, "s3:GetBucketPolicy", false, {}},
      {"GetObject", get_object, "s3:GetObject", true, {"Range", "ChecksumMode", "IfMatch"}},
      {"HeadBucket", head_bucket, "s3:ListBucket", false, {}},
      {"HeadObject", head_object, "s3:GetObject", true, {"Range", "ChecksumMode", "IfMatch"}},
      {"ListBuckets",
       list_buckets,
       "s3:ListAllMyBuckets",
       false,
       {"MaxBuckets", "ContinuationToken", "Prefix", "BucketRegion"}},
      {"ListObjects",
       list_objects,
       "s3:ListBucket",
       false,
       {"Delimiter", "EncodingType", "Marker", "MaxKeys", "Prefix"}},
      {"ListObjectsV2",
       list_objects_v2,
       "s3:ListBucket",
       false,
       {"ContinuationToken", "Delimiter", "EncodingType", "FetchOwner", "MaxKeys", "Prefix", "StartAfter"}},
      {"PutBucketPolicy",
       put_bucket_policy,
       "s3:PutBucketPolicy",
       false,
       {"Policy", "ConfirmRemoveSelfBucketAccess"}},
      {"PutObject",
       put_object,
       "s3:PutObject",
       true,
       {"ACL", "CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentLength",
        "ContentMD5", "ContentType", "ChecksumAlgorithm", "ChecksumCRC32", "ChecksumCRC32C",
        "ChecksumCRC64NVME", "ChecksumSHA1", "ChecksumSHA256", "Metadata", "StorageClass"}},
  };
  return kAll;
}

const Entry* find(std::string_view operation) {
  const auto& all = operations();
  if (const auto it = std::ranges::find(all, operation, &Entry::name); it != all.end()) {
    return &*it;
  }
  for (const auto& table : {setting_operations(), multipart_operations()}) {
    if (const auto it = std::ranges::find(table, operation, &Entry::name); it != table.end()) {
      return &*it;
    }
  }
  return nullptr;
}

// Is what was sent what was meant? Where the checksums are an object's, its operation compares them.
Result<void, aws::Fault> check_body(const Call& call) {
  const auto* input = call.operation.input.shape;
  if (call.operation.streaming_input() != nullptr || input == nullptr || input->member("ChecksumCRC32")) {
    return {};
  }
  CAIRN_TRY(auto checksums, Checksums::wanted(call.head.headers));
  const bool checked = checksums.any();
  checksums.add(std::as_bytes(std::span(call.whole_body)));
  CAIRN_TRY_VOID(checksums.finish(call.trailers));
  if (!checked && call.operation.checksum_required && !call.whole_body.empty() &&
      std::ranges::find(kUnchecked, call.operation.name) == std::end(kUnchecked)) {
    return fault::invalid_request("Missing required header for this request: Content-MD5 OR x-amz-checksum-*");
  }
  return {};
}

Result<void, aws::Fault> check_members(const Entry& entry, const json::object& input) {
  for (const auto& [name, value] : input) {
    const std::string_view member(name);
    const bool known = std::ranges::find(kCommon, member) != std::end(kCommon) ||
                       std::ranges::find(entry.members, member) != entry.members.end();
    if (!known) {
      return fault::not_implemented(member);
    }
  }
  return {};
}

class S3 final : public front::Service {
 public:
  explicit S3(Dependencies on) : on_(on) {}

  std::string_view name() const override { return "s3"; }
  bool answers(std::string_view operation) const override { return find(operation) != nullptr; }
  bool checks_itself(std::string_view operation, std::string_view member) const override {
    const auto is_settings = [&](const Setting& setting) {
      return setting.member == member && operation.find(setting.noun) != std::string_view::npos;
    };
    return member == "Bucket" || member == "Key" || std::ranges::any_of(settings(), is_settings);
  }

  Task<Result<std::vector<access::Ask>, aws::Fault>> asks(Call& call) override {
    describe(call, nullptr);
    const auto* entry = find(call.operation.name);
    CAIRN_CO_TRY_VOID(check_members(*entry, call.input));
    std::vector<access::Ask> all;
    if (call.operation.name == "ListBuckets") {
      all.push_back(
          {.action = std::string(entry->action), .resource = "*", .resource_account = call.account});
      co_return all;
    }
    const std::string name(text_member(call, "Bucket"));
    access::Ask ask{.action = std::string(entry->action),
                    .resource = "arn:aws:s3:::" + name,
                    .resource_account = call.account};
    if (call.operation.name != "CreateBucket") {
      CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on_, call));
      staged_of(call).bucket_id = bucket.value.id;
      call.region = bucket.value.region;
      ask.resource_account = bucket.value.account;
      const auto policy = policies_.get(bucket.value, bucket.version);
      if (!policy) {
        co_return internal(policy.error());
      }
      ask.resource_policy = policy->policy;
      if (policy->is_public) {
        CAIRN_CO_TRY(const bool restricted, co_await keeps_out(call.caller.principal, bucket.value));
        ask.resource_policy = restricted ? nullptr : policy->policy;
      }
      const auto owner = text_member(call, "ExpectedBucketOwner");
      if (!owner.empty() && owner != bucket.value.account) {
        co_return aws::fault::access_denied(aws::Family::s3);
      }
    }
    if (entry->on_object) {
      ask.resource += "/" + std::string(text_member(call, "Key"));
    }
    if (const auto acl = text_member(call, "ACL"); !acl.empty()) {
      ask.context.add("s3:x-amz-acl", acl);
    }
    if (const auto prefix = text_member(call, "Prefix"); !prefix.empty()) {
      ask.context.add("s3:prefix", prefix);
    }
    all.push_back(std::move(ask));
    co_return all;
  }

  Task<Answer> run(Call& call) override {
    describe(call, nullptr);
    if (auto right = check_body(call); !right) {
      co_return std::move(right).error();
    }
    co_return co_await find(call.operation.name)->run(on_, call);
  }

 private:
  // A public policy may be for the bucket's own account and AWS's services alone.
  Task<Result<bool, aws::Fault>> keeps_out(access::Principal who, Bucket bucket) {
    if (who.kind == access::PrincipalKind::service || who.account == bucket.account) {
      co_return false;
    }
    CAIRN_CO_TRY(const auto block, co_await find_setting(on_, "public-access", bucket));
    co_return block && json::find_bool(*block, "RestrictPublicBuckets").value_or(false);
  }

  const Dependencies on_;
  Policies policies_;
};

}  // namespace

std::unique_ptr<front::Service> make_s3(Dependencies dependencies) {
  return std::make_unique<S3>(dependencies);
}

}  // namespace cairn::services::s3
