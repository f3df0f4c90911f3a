#include "services/s3/s3.h"

#include <algorithm>

#include "json/json.h"
#include "services/s3/checksums.h"
#include "services/s3/condition_keys.h"
#include "services/s3/copy_object.h"
#include "services/s3/cross_origin.h"
#include "services/s3/encryption.h"
#include "services/s3/faults.h"
#include "services/s3/keeping.h"
#include "services/s3/object_asks.h"
#include "services/s3/operation_table.h"
#include "services/s3/policies.h"
#include "services/s3/settings.h"
#include "services/s3/staged.h"

namespace cairn::services::s3 {
namespace {

// Members that every operation takes beside its own; whoever sends others gets NotImplemented.
constexpr std::string_view kCommon[] = {"Bucket", "Key", "ExpectedBucketOwner", "ContentMD5",
                                        "ChecksumAlgorithm"};
// Members whose rules the operations check themselves, in S3's words and after the caller's right to ask.
constexpr std::string_view kCheckedHere[] = {"Bucket", "Key", "Delete", "ObjectAttributes"};
// Whose bodies some clients send without a checksum; S3 takes that.
constexpr std::string_view kUnchecked[] = {"PutBucketPolicy", "PutBucketAcl", "PutObjectAcl"};

const std::vector<Entry>& bucket_operations() {
  static const std::vector<Entry> kAll = {
      {"CreateBucket",
       create_bucket,
       "s3:CreateBucket",
       false,
       {"ACL", "CreateBucketConfiguration", "ObjectLockEnabledForBucket", "ObjectOwnership"}},
      {"DeleteBucket", delete_bucket, "s3:DeleteBucket", false, {}},
      {"DeleteBucketPolicy", delete_bucket_policy, "s3:DeleteBucketPolicy", false, {}},
      {"GetBucketLocation", get_bucket_location, "s3:GetBucketLocation", false, {}},
      {"GetBucketPolicy", get_bucket_policy, "s3:GetBucketPolicy", false, {}},
      {"HeadBucket", head_bucket, "s3:ListBucket", false, {}},
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
  };
  return kAll;
}

const Entry* find(std::string_view operation) {
  for (const auto table : {std::span<const Entry>(bucket_operations()), object_operations(),
                           setting_operations(), multipart_operations()}) {
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
    return fault::invalid_request(
        "Missing required header for this request: Content-MD5 OR x-amz-checksum-*");
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
    return std::ranges::find(kCheckedHere, member) != std::end(kCheckedHere) ||
           std::ranges::any_of(settings(), is_settings);
  }

  Task<Result<std::vector<access::Ask>, aws::Fault>> asks(Call& call) override {
    describe(call, nullptr);
    CAIRN_CO_TRY_VOID(check_query(call));
    const auto* entry = find(call.operation.name);
    CAIRN_CO_TRY_VOID(check_members(*entry, call.input));
    std::vector<access::Ask> all;
    if (call.operation.name == "ListBuckets") {
      all.push_back(
          {.action = std::string(entry->action), .resource = "*", .resource_account = call.account});
      add_keys_of_call(call, all.front());
      CAIRN_CO_TRY_VOID(add_keys_of_request(call, all.front()));
      co_return all;
    }
    const std::string name(text_member(call, "Bucket"));
    access::Ask ask{.action = std::string(entry->action),
                    .resource = "arn:aws:s3:::" + name,
                    .resource_account = call.account};
    Kept<Bucket> bucket;
    if (call.operation.name == "CreateBucket") {
      add_keys_of_call(call, ask);
    } else {
      CAIRN_CO_TRY(bucket, co_await bucket_of(on_, call));
      staged_of(call).bucket_id = bucket.value.id;
      call.region = bucket.value.region;
      CAIRN_CO_TRY(ask, co_await ask_about(call, bucket, entry->action, "ExpectedBucketOwner"));
    }
    if (entry->on_object) {
      if (call.operation.streaming_input() == nullptr) {  // of what is put, nothing is read
        staged_of(call).listing = with_action(ask, "s3:ListBucket");
      }
      ask.resource += "/" + std::string(text_member(call, "Key"));
      if (asks_existing_tags(entry->action)) {
        CAIRN_CO_TRY_VOID(co_await add_tags_of_object(call, bucket.value, ask));
      }
    }
    const bool compares = compares_before_put(call, ask.action);
    CAIRN_CO_TRY(all, object_asks(call, std::move(ask)));
    if (compares) {
      CAIRN_CO_TRY_VOID(co_await add_tags_of_object(call, bucket.value, all.back()));
    }
    if (!text_member(call, "CopySource").empty()) {
      CAIRN_CO_TRY_VOID(co_await add_source(call, all));
    }
    co_return all;
  }

  Task<Answer> run(Call& call) override {
    describe(call, nullptr);
    if (auto right = check_body(call); !right) {
      co_return std::move(right).error();
    }
    auto& staged = staged_of(call);
    staged.read_tags.reset();
    auto answer = co_await find(call.operation.name)->run(on_, call);
    if (staged.asked_tags && staged.read_tags && *staged.asked_tags != *staged.read_tags) {
      staged.drop_object();  // a copy of what was not asked for
      co_return Outcome{.stale = true};
    }
    if (!answer) {
      co_return discreet(call, std::move(answer).error());
    }
    describe_answer(call, *answer);
    co_return answer;
  }

  Task<Result<codec::Headers, aws::Fault>> cross_origin(front::PageRequest page) override {
    return cross_origin_of(on_, std::move(page));
  }

 private:
  // With the bucket's policy and account. AccessDenied: it is not whose the caller takes it for.
  Task<Result<access::Ask, aws::Fault>> ask_about(Call& call, const Kept<Bucket>& bucket,
                                                  std::string_view action, std::string_view expected_owner) {
    access::Ask ask{.action = std::string(action),
                    .resource = bucket.value.arn(),
                    .resource_account = bucket.value.account};
    add_keys_of_call(call, ask);
    const auto policy = policies_.get(bucket.value, bucket.version);
    if (!policy) {
      co_return internal(policy.error());
    }
    ask.resource_policy = policy->policy;
    if (policy->is_public) {
      CAIRN_CO_TRY(const bool restricted, co_await keeps_out(call.caller.principal, bucket.value));
      ask.resource_policy = restricted ? nullptr : policy->policy;
    }
    const auto owner = text_member(call, expected_owner);
    if (!owner.empty() && owner != bucket.value.account) {
      co_return aws::fault::access_denied(aws::Family::s3);
    }
    co_return ask;
  }

  // A copy reads its source, and the source's tags if it takes them over.
  Task<Result<void, aws::Fault>> add_source(Call& call, std::vector<access::Ask>& all) {
    CAIRN_CO_TRY(const auto source, parse_copy_source(text_member(call, "CopySource")));
    CAIRN_CO_TRY(const auto bucket, co_await find_bucket(on_, source.bucket));
    staged_of(call).source_bucket_id = bucket.value.id;
    const auto* action = source.version ? "s3:GetObjectVersion" : "s3:GetObject";
    CAIRN_CO_TRY(auto ask, co_await ask_about(call, bucket, action, "ExpectedSourceBucketOwner"));
    staged_of(call).listing = with_action(ask, "s3:ListBucket");
    ask.resource += "/" + source.key;
    if (source.version) {
      ask.context.add("s3:VersionId", *source.version);
    }
    Draft draft(on_.catalog);
    const auto version = co_await version_named(draft, bucket.value, source.key, source.version);
    if (!version && version.error().status >= 500) {
      co_return version.error();  // a Deny by tags must not be passed over
    }
    ask_about_tags(call, version, ask);
    if (text_member(call, "TaggingDirective") != "REPLACE" && call.operation.name == "CopyObject") {
      auto of_tags = with_action(ask, source.version ? "s3:GetObjectVersionTagging" : "s3:GetObjectTagging");
      auto to_tag = with_action(all.front(), "s3:PutObjectTagging");
      if (!version || version->object.tags.empty()) {
        all.push_back(std::move(ask));
        co_return Result<void, aws::Fault>{};
      }
      all.push_back(std::move(of_tags));
      all.push_back(std::move(to_tag));
    }
    all.push_back(std::move(ask));
    co_return Result<void, aws::Fault>{};
  }

  static void ask_about_tags(Call& call, const Result<Version, aws::Fault>& version, access::Ask& ask) {
    auto& tags = staged_of(call).asked_tags;
    tags = version ? version->object.tags : Tags();
    for (const auto& [key, value] : *tags) {
      ask.context.add("s3:ExistingObjectTag/" + key, value);
    }
  }

  // The tags of the object that the call names, if it is there.
  Task<Result<void, aws::Fault>> add_tags_of_object(Call& call, const Bucket& bucket, access::Ask& ask) {
    Draft draft(on_.catalog);
    auto version = co_await version_of(draft, bucket, call);
    if (!version && version.error().status >= 500) {
      co_return version.error();  // a Deny by tags must not be passed over
    }
    ask_about_tags(call, version, ask);
    if (version) {
      staged_of(call).asked = *std::move(version);
    }
    co_return Result<void, aws::Fault>{};
  }

  // A public policy may be for the bucket's own account and AWS's services alone.
  Task<Result<bool, aws::Fault>> keeps_out(access::Principal who, Bucket bucket) {
    if (who.kind == access::PrincipalKind::service || who.account == bucket.account) {
      co_return false;
    }
    CAIRN_CO_TRY(const auto block, co_await find_setting(on_, "public-access", bucket));
    co_return block&& json::find_bool(*block, "RestrictPublicBuckets").value_or(false);
  }

  const Dependencies on_;
  Policies policies_;
};

}  // namespace

std::unique_ptr<front::Service> make_s3(Dependencies dependencies) {
  return std::make_unique<S3>(dependencies);
}

}  // namespace cairn::services::s3
