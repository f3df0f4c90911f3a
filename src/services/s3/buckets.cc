// Making, removing and naming buckets.
#include <array>

#include "aws/ids.h"
#include "codec/base64.h"
#include "crypto/random.h"
#include "json/json.h"
#include "services/s3/faults.h"
#include "services/s3/operations.h"
#include "services/s3/setting_checks.h"
#include "services/s3/settings.h"

namespace cairn::services::s3 {
namespace {

constexpr std::string_view kFirstRegion = "us-east-1";
constexpr std::size_t kNameCharsMin = 3;
constexpr std::size_t kNameCharsMax = 63;
constexpr std::int64_t kListMax = 10'000;
constexpr std::size_t kBucketsPage = 1000;
constexpr std::array<std::string_view, 2> kReservedBeginnings = {"xn--", "sthree-"};
constexpr std::array<std::string_view, 5> kReservedEnds = {"-s3alias", "--ol-s3", ".mrap", "--x-s3",
                                                           "--table-s3"};

bool is_lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// S3's naming rules for general-purpose buckets.
bool is_bucket_name(std::string_view name) {
  if (name.size() < kNameCharsMin || name.size() > kNameCharsMax || !is_lower_or_digit(name.front()) ||
      !is_lower_or_digit(name.back())) {
    return false;
  }
  const auto allowed = [](char c) { return is_lower_or_digit(c) || c == '.' || c == '-'; };
  const auto digit_or_dot = [](char c) { return (c >= '0' && c <= '9') || c == '.'; };
  const auto starts = [&](std::string_view with) { return name.starts_with(with); };
  const auto ends = [&](std::string_view with) { return name.ends_with(with); };
  return std::ranges::all_of(name, allowed) && name.find("..") == std::string_view::npos &&
         !(std::ranges::all_of(name, digit_or_dot) && std::ranges::count(name, '.') == 3) &&
         std::ranges::none_of(kReservedBeginnings, starts) && std::ranges::none_of(kReservedEnds, ends);
}

// Where the bucket is to be: what the body says, which must be the Region that was signed for.
Result<std::string, aws::Fault> wanted_region(const Call& call) {
  const auto* configuration = json::find_object(call.input, "CreateBucketConfiguration");
  const auto given =
      configuration != nullptr ? json::find_string(*configuration, "LocationConstraint") : std::nullopt;
  auto wanted = given.value_or(kFirstRegion);
  if (wanted == "EU") {
    wanted = "eu-west-1";
  }
  if (!aws::Region::parse(wanted)) {
    return aws::Fault{"InvalidLocationConstraint", 400, "The specified location-constraint is not valid"};
  }
  if (call.region != kFirstRegion && wanted != call.region) {
    return fault::illegal_location_constraint(given ? wanted : "unspecified");
  }
  return std::string(wanted);
}

constexpr std::array<std::string_view, 3> kOwnerships = {"BucketOwnerEnforced", "BucketOwnerPreferred",
                                                         "ObjectWriter"};

// What the header says; BucketOwnerEnforced without one.
Result<std::string, aws::Fault> wanted_ownership(const Call& call) {
  const auto given = json::find_string(call.input, "ObjectOwnership");
  const auto ownership = given.value_or(kOwnerships[0]);
  if (std::ranges::find(kOwnerships, ownership) == kOwnerships.end()) {
    return fault::invalid_argument("Invalid x-amz-object-ownership header: " + std::string(ownership))
        .with("ArgumentName", "x-amz-object-ownership");
  }
  auto configuration = ownership_of(ownership);
  CAIRN_TRY_VOID(check_ownership(configuration));
  return std::string(ownership);
}

Result<json::array, aws::Fault> wanted_tags(const Call& call) {
  const auto* configuration = json::find_object(call.input, "CreateBucketConfiguration");
  if (configuration == nullptr) {
    return json::array{};
  }
  for (const auto member : {"Location", "Bucket"}) {
    if (configuration->contains(member)) {
      return fault::not_implemented(member);
    }
  }
  const auto* tags = json::find_array(*configuration, "Tags");
  if (tags == nullptr) {
    return json::array{};
  }
  CAIRN_TRY_VOID(check_bucket_tags(*tags));
  return *tags;
}

// What every bucket has from its first day: nothing public, and its owner owns what is put into it.
void write_first_settings(const Bucket& bucket, std::string_view ownership, json::array tags,
                          Outcome& outcome) {
  const auto blocked = all_public_access_blocked();
  write_setting("public-access", bucket, &blocked, outcome);
  const auto controls = ownership_of(ownership);
  write_setting("ownership", bucket, &controls, outcome);
  if (!tags.empty()) {
    const json::object tagging{{"TagSet", std::move(tags)}};
    write_setting("tags", bucket, &tagging, outcome);
  }
}

// Two buckets made at once may both be the last one.
Task<Result<void, aws::Fault>> check_quota(const Dependencies& on, std::string account) {
  std::size_t count = 0;
  std::string after;
  while (true) {
    const auto page = co_await on.catalog.scan(owner_prefix(account), after, kBucketsPage);
    if (!page) {
      co_return internal(page.error());
    }
    if (page->empty()) {
      co_return Result<void, aws::Fault>{};
    }
    count += page->size();
    if (count >= on.limits.buckets_per_account_max) {
      co_return fault::too_many_buckets();
    }
    after = page->back().key;
  }
}

}  // namespace

Task<Answer> create_bucket(const Dependencies& on, Call& call) {
  const std::string name(text_member(call, "Bucket"));
  if (!is_bucket_name(name)) {
    co_return fault::invalid_bucket_name(name);
  }
  if (const auto acl = text_member(call, "ACL"); !acl.empty() && acl != "private") {
    co_return fault::acl_not_supported();
  }
  CAIRN_CO_TRY(const auto ownership, wanted_ownership(call));
  CAIRN_CO_TRY(auto tags, wanted_tags(call));
  CAIRN_CO_TRY(const auto region, wanted_region(call));
  const auto existing = co_await find_bucket(on, name);
  if (!existing && existing.error().code != "NoSuchBucket") {
    co_return existing.error();
  }
  const bool locked = json::find_bool(call.input, "ObjectLockEnabledForBucket").value_or(false);
  Outcome outcome;
  outcome.output["BucketArn"] = "arn:aws:s3:::" + name;
  outcome.output["Location"] = region == kFirstRegion ? "/" + name : "http://" + name + ".s3.amazonaws.com/";
  if (existing) {
    if (existing->value.account != call.account) {
      co_return fault::bucket_already_exists(name);
    }
    if (existing->value.region != kFirstRegion || region != kFirstRegion || !tags.empty() || locked) {
      co_return fault::bucket_already_owned_by_you(name);
    }
    co_return outcome;  // us-east-1 takes it as said twice
  }
  CAIRN_CO_TRY_VOID(co_await check_quota(on, call.account));
  const Bucket bucket{.name = name,
                      .id = crypto::uuid4(),
                      .account = call.account,
                      .region = region,
                      .created = call.time,
                      .policy = "",
                      .versioning = locked ? "Enabled" : "",
                      .object_lock = locked,
                      .default_mode = ""};
  describe_resources(call, bucket);
  outcome.effects.writes.push_back({bucket_key(name), to_document(bucket), 0});
  outcome.effects.writes.push_back({life_key(bucket), bucket.name, 0});
  outcome.effects.writes.push_back({owner_key(call.account, name), "", std::nullopt});
  write_first_settings(bucket, ownership, std::move(tags), outcome);
  co_return outcome;
}

Task<Answer> delete_bucket(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  const auto objects = co_await on.catalog.scan(object_prefix(bucket.value), "", 1);
  if (!objects) {
    co_return internal(objects.error());
  }
  if (!objects->empty()) {
    co_return fault::bucket_not_empty(bucket.value.name);
  }
  // An object that is put at this moment expects the bucket's life: either it is too late, or it is there and
  // this commit conflicts.
  const auto& gone = bucket.value;
  Outcome outcome;
  outcome.effects.writes.push_back({bucket_key(gone.name), std::nullopt, bucket.version});
  outcome.effects.writes.push_back({life_key(gone), std::nullopt, kAlive});
  outcome.effects.writes.push_back({owner_key(gone.account, gone.name), std::nullopt, std::nullopt});
  for (auto& keys : {gone_keys(gone), former_gone_keys(gone)}) {
    for (const auto& key : keys) {
      outcome.effects.writes.push_back({key, std::nullopt, std::nullopt});
    }
  }
  remove_settings(gone, outcome);
  outcome.effects.absent.push_back(object_prefix(gone));
  co_return outcome;
}

Task<Answer> head_bucket(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  Outcome outcome;
  outcome.output["BucketArn"] = bucket.value.arn();
  outcome.output["BucketRegion"] = bucket.value.region;
  outcome.output["AccessPointAlias"] = false;
  co_return outcome;
}

Task<Answer> get_bucket_location(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  Outcome outcome;
  outcome.output["LocationConstraint"] = bucket.value.region == kFirstRegion ? "" : bucket.value.region;
  co_return outcome;
}

Task<Answer> list_buckets(const Dependencies& on, Call& call) {
  const auto limit = json::find_int(call.input, "MaxBuckets").value_or(kListMax);
  const auto region = text_member(call, "BucketRegion");
  const auto wanted = owner_key(call.account, text_member(call, "Prefix"));
  CAIRN_CO_TRY(auto last,
               codec::base64_decode(text_member(call, "ContinuationToken")).transform_error([](const Error&) {
                 return fault::invalid_argument("The continuation token provided is incorrect");
               }));
  json::array buckets;
  Outcome outcome;
  for (bool more = true; more;) {
    const auto page =
        co_await on.catalog.scan(wanted, last.empty() ? "" : owner_key(call.account, last), kBucketsPage);
    if (!page) {
      co_return internal(page.error());
    }
    more = !page->empty();
    for (const auto& document : *page) {
      if (static_cast<std::int64_t>(buckets.size()) == limit) {
        outcome.output["ContinuationToken"] = codec::base64_encode(last);
        more = false;
        break;
      }
      last = document.key.substr(owner_prefix(call.account).size());
      const auto bucket = co_await find_bucket(on, last);
      if (!bucket && bucket.error().code != "NoSuchBucket") {
        co_return bucket.error();
      }
      if (bucket && bucket->value.account == call.account &&
          (region.empty() || bucket->value.region == region)) {
        buckets.push_back(json::object{{"Name", bucket->value.name},
                                       {"CreationDate", seconds_since_epoch(bucket->value.created)},
                                       {"BucketRegion", bucket->value.region},
                                       {"BucketArn", bucket->value.arn()}});
      }
    }
  }
  outcome.output["Buckets"] = std::move(buckets);
  outcome.output["Owner"] = json::object{{"ID", canonical_id(call.account)}};
  if (!text_member(call, "Prefix").empty()) {
    outcome.output["Prefix"] = text_member(call, "Prefix");
  }
  co_return outcome;
}

}  // namespace cairn::services::s3
