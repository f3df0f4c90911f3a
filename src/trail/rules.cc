// What CloudTrail accepts as a trail's name, bucket and prefix (cloudtrail-reference 1.2), in its words.
#include <fmt/format.h>

#include <algorithm>

#include "aws/ids.h"
#include "trail/trail.h"

namespace cairn::trail {
namespace {

constexpr std::size_t kNameCharsMin = 3;
constexpr std::size_t kNameCharsMax = 128;
constexpr std::size_t kBucketCharsMin = 3;
constexpr std::size_t kBucketCharsMax = 63;
constexpr std::size_t kTopicNameCharsMax = 256;
constexpr std::size_t kPrefixCharsMax = 200;

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter_or_digit(char c) {
  return is_lower(c) || (c >= 'A' && c <= 'Z') || is_digit(c);
}

// Four groups of one to three digits.
bool looks_like_ipv4(std::string_view text) {
  int groups = 0;
  while (true) {
    const auto dot = text.find('.');
    const auto group = text.substr(0, dot);
    if (group.empty() || group.size() > 3 || !std::ranges::all_of(group, is_digit)) {
      return false;
    }
    ++groups;
    if (dot == std::string_view::npos) {
      return groups == 4;
    }
    text.remove_prefix(dot + 1);
  }
}

aws::Fault bad_name(std::string message) {
  return {"InvalidTrailNameException", 400, std::move(message)};
}
aws::Fault bad_bucket(std::string_view bucket) {
  return {"InvalidS3BucketNameException", 400,
          fmt::format("Bucket name is invalid: {}", bucket.substr(0, 100))};
}

bool is_bucket_name(std::string_view bucket) {
  if (bucket.size() < kBucketCharsMin || bucket.size() > kBucketCharsMax || looks_like_ipv4(bucket)) {
    return false;
  }
  const auto ends_well = [](char c) { return is_lower(c) || is_digit(c); };
  if (!ends_well(bucket.front()) || !ends_well(bucket.back())) {
    return false;
  }
  for (std::size_t i = 0; i < bucket.size(); ++i) {
    const char c = bucket[i];
    if (!is_lower(c) && !is_digit(c) && c != '.' && c != '-') {
      return false;
    }
    const char before = i > 0 ? bucket[i - 1] : 'a';
    if ((c == '.' && (before == '.' || before == '-')) || (c == '-' && before == '.')) {
      return false;
    }
  }
  return true;
}

}  // namespace

Result<void, aws::Fault> check_name(std::string_view name) {
  if (name.size() < kNameCharsMin) {
    return bad_name(fmt::format(
        "Trail name too short. Minimum allowed length: 3 characters. Specified name length: {} characters.",
        name.size()));
  }
  if (name.size() > kNameCharsMax) {
    return bad_name(fmt::format(
        "Trail name too long. Maximum allowed length: 128 characters. Specified name length: {} characters.",
        name.size()));
  }
  const auto allowed = [](char c) { return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-'; };
  if (!std::ranges::all_of(name, allowed)) {
    return bad_name(
        "Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), "
        "hyphens (-), and "
        "underscores (_).");
  }
  if (!is_letter_or_digit(name.front())) {
    return bad_name("Trail name must starts with a letter or number.");
  }
  if (!is_letter_or_digit(name.back())) {
    return bad_name("Trail name must ends with a letter or number.");
  }
  const auto adjacent = std::ranges::adjacent_find(
      name, [](char a, char b) { return !is_letter_or_digit(a) && !is_letter_or_digit(b); });
  if (adjacent != name.end()) {
    return bad_name("Trail name cannot have adjacent periods (.), hyphens (-), or underscores (_).");
  }
  if (looks_like_ipv4(name)) {
    return bad_name("Trail name must not be in IP address format.");
  }
  return {};
}

Result<void, aws::Fault> check_bucket_name(std::string_view bucket) {
  if (!is_bucket_name(bucket)) {
    return bad_bucket(bucket);
  }
  return {};
}

Result<void, aws::Fault> check_prefix(std::string_view prefix) {
  if (prefix.size() > kPrefixCharsMax) {
    return aws::Fault{
        "InvalidS3PrefixException", 400,
        fmt::format("S3 prefix is longer than maximum length of {} characters.", kPrefixCharsMax)};
  }
  const auto allowed = [](char c) {
    return is_letter_or_digit(c) || std::string_view("!-_.*'()/@=+$:,&;~ ").find(c) != std::string_view::npos;
  };
  if (!std::ranges::all_of(prefix, allowed)) {
    return aws::Fault{"InvalidS3PrefixException", 400, "S3 prefix contains characters that are not allowed."};
  }
  return {};
}

Result<std::string, aws::Fault> topic_arn_of(const Trail& trail, std::string_view name_or_arn) {
  const auto refused = [](std::string what) { return aws::Fault{"InvalidSnsTopicNameException", 400, std::move(what)}; };
  if (name_or_arn.size() > kTopicNameCharsMax) {
    return refused(fmt::format("SNS Topic name is longer than maximum length of {} characters.", kTopicNameCharsMax));
  }
  const auto given = aws::Arn::parse(name_or_arn);
  const auto name = given ? given->resource() : name_or_arn;
  const auto allowed = [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; };
  if (name.empty() || !std::ranges::all_of(name, allowed) ||
      (given && (given->service() != "sns" || given->region() != trail.home_region || given->account().empty()))) {
    return refused("SNS Topic name must be a name of letters, digits, - and _, or the ARN of a topic in the trail's home Region.");
  }
  return given ? given->text() : fmt::format("arn:aws:sns:{}:{}:{}", trail.home_region, trail.account, name);
}

}  // namespace cairn::trail
