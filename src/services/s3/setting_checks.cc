// Tested by setting_checks_test.cc.
#include "services/s3/setting_checks.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "codec/headers.h"
#include "json/json.h"
#include "services/s3/faults.h"

namespace cairn::services::s3 {
namespace {

constexpr std::size_t kTagsMax = 50;
constexpr std::size_t kTagKeyCharsMax = 128;
constexpr std::size_t kTagValueCharsMax = 256;
constexpr std::string_view kTagMarks = "_.:/=+-@ ";
constexpr std::size_t kCorsRulesMax = 100;
constexpr std::size_t kRuleIdCharsMax = 255;
constexpr std::array<std::string_view, 5> kCorsMethods = {"GET", "PUT", "POST", "DELETE", "HEAD"};
constexpr std::array<std::string_view, 4> kAccessBlocks = {"BlockPublicAcls", "IgnorePublicAcls",
                                                           "BlockPublicPolicy", "RestrictPublicBuckets"};

// Letters and digits of any script, and some marks. (Of what is not ASCII everything counts as a letter.)
bool is_tag_text(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           static_cast<unsigned char>(c) >= 0x80 || kTagMarks.find(c) != std::string_view::npos;
  });
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

Checked check_tag(std::string_view key, std::string_view value) {
  if (codec::lower(key).starts_with("aws:")) {
    return fault::invalid_tag("System tags cannot be added/updated by requester")
        .with("TagKey", std::string(key));
  }
  if (key.empty() || characters(key) > kTagKeyCharsMax || !is_tag_text(key)) {
    return fault::invalid_tag("The TagKey you have provided is invalid").with("TagKey", std::string(key));
  }
  if (characters(value) > kTagValueCharsMax || !is_tag_text(value)) {
    return fault::invalid_tag("The TagValue you have provided is invalid")
        .with("TagKey", std::string(key))
        .with("TagValue", std::string(value));
  }
  return {};
}

std::vector<std::string_view> texts(const json::object& object, std::string_view member) {
  std::vector<std::string_view> found;
  if (const auto* list = json::find_array(object, member)) {
    for (const auto& item : *list) {
      if (item.is_string()) {
        found.emplace_back(item.get_string());
      }
    }
  }
  return found;
}

// Every element, as an object. False: one is none.
template <class Visit>
Checked for_each(const json::object& configuration, std::string_view member, Visit visit) {
  if (const auto* list = json::find_array(configuration, member)) {
    for (const auto& item : *list) {
      if (!item.is_object()) {
        return fault::malformed_xml();
      }
      CAIRN_TRY_VOID(visit(item.get_object()));
    }
  }
  return {};
}

Checked check_cors_rule(const json::object& rule) {
  const auto methods = texts(rule, "AllowedMethods");
  const auto origins = texts(rule, "AllowedOrigins");
  if (methods.empty() || origins.empty() ||
      characters(json::find_string(rule, "ID").value_or("")) > kRuleIdCharsMax) {
    return fault::malformed_xml();
  }
  for (const auto method : methods) {
    if (std::ranges::find(kCorsMethods, method) == kCorsMethods.end()) {
      return fault::invalid_request("Found unsupported HTTP method in CORS config. Unsupported method is " +
                                    std::string(method));
    }
  }
  for (const auto origin : origins) {
    if (std::ranges::count(origin, '*') > 1) {
      return fault::invalid_request("AllowedOrigin \"" + std::string(origin) +
                                    "\" can not have more than one wildcard.");
    }
  }
  for (const auto header : texts(rule, "AllowedHeaders")) {
    if (std::ranges::count(header, '*') > 1) {
      return fault::invalid_request("AllowedHeader \"" + std::string(header) +
                                    "\" can not have more than one wildcard.");
    }
  }
  for (const auto header : texts(rule, "ExposeHeaders")) {
    if (header.find('*') != std::string_view::npos) {
      return fault::invalid_request("ExposeHeader \"" + std::string(header) +
                                    "\" contains wildcard. We currently do not support wildcard for "
                                    "ExposeHeader.");
    }
  }
  return {};
}

// The one rule of a configuration that has exactly one.
json::object* only_rule(json::object& configuration) {
  auto* rules = configuration.if_contains("Rules");
  const bool one = rules != nullptr && rules->is_array() && rules->get_array().size() == 1;
  return one ? rules->get_array().front().if_object() : nullptr;
}

}  // namespace

Checked check_bucket_tags(const json::array& tags) {
  if (tags.size() > kTagsMax) {
    return aws::Fault{"BadRequest", 400, "Bucket tag count cannot be greater than 50"};
  }
  std::set<std::string_view> keys;
  for (const auto& tag : tags) {
    const auto* object = tag.if_object();
    const auto key = object != nullptr ? json::find_string(*object, "Key") : std::nullopt;
    const auto value = object != nullptr ? json::find_string(*object, "Value") : std::nullopt;
    if (!key || !value) {
      return fault::malformed_xml();
    }
    CAIRN_TRY_VOID(check_tag(*key, *value));
    if (!keys.insert(*key).second) {
      return fault::invalid_tag("Cannot provide multiple Tags with the same key")
          .with("TagKey", std::string(*key));
    }
  }
  return {};
}

Checked check_tagging(json::object& configuration) {
  const auto* tags = json::find_array(configuration, "TagSet");
  return tags == nullptr ? Checked(fault::malformed_xml()) : check_bucket_tags(*tags);
}

Checked check_public_access_block(json::object& configuration) {
  if (configuration.empty()) {
    return fault::malformed_xml();
  }
  for (const auto block : kAccessBlocks) {
    configuration.emplace(block, false);
  }
  return {};
}

// Objects are their bucket's owner's here, whoever put them: so ObjectWriter is not to be had.
Checked check_ownership(json::object& configuration) {
  const auto* rule = only_rule(configuration);
  const auto ownership = rule != nullptr ? json::find_string(*rule, "ObjectOwnership") : std::nullopt;
  if (!ownership) {
    return fault::malformed_xml();
  }
  return *ownership == "ObjectWriter" ? Checked(fault::not_implemented("ObjectOwnership=ObjectWriter"))
                                      : Checked{};
}

Checked check_cors(json::object& configuration) {
  const auto* rules = json::find_array(configuration, "CORSRules");
  if (rules == nullptr || rules->empty()) {
    return fault::malformed_xml();
  }
  if (rules->size() > kCorsRulesMax) {
    return fault::invalid_request("The number of CORS rules should not exceed allowed limit of 100 rules.");
  }
  return for_each(configuration, "CORSRules", check_cors_rule);
}

// A key of KMS must be named: AWS's own for S3 is not there.
Checked check_encryption(json::object& configuration) {
  auto* rule = only_rule(configuration);
  const auto* by_default =
      rule != nullptr ? json::find_object(*rule, "ApplyServerSideEncryptionByDefault") : nullptr;
  const auto algorithm =
      by_default != nullptr ? json::find_string(*by_default, "SSEAlgorithm") : std::nullopt;
  if (!algorithm) {
    return fault::malformed_xml();
  }
  if (*algorithm == "AES256" && json::find_string(*by_default, "KMSMasterKeyID")) {
    return fault::invalid_argument(
               "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or "
               "aws:kms:dsse")
        .with("ArgumentName", "ApplyServerSideEncryptionByDefault");
  }
  if (*algorithm != "AES256" && *algorithm != "aws:kms") {
    return fault::not_implemented("SSEAlgorithm=" + std::string(*algorithm));
  }
  if (*algorithm == "aws:kms" && json::find_string(*by_default, "KMSMasterKeyID").value_or("").empty()) {
    return fault::not_implemented("SSEAlgorithm=aws:kms without a KMSMasterKeyID");
  }
  if (*algorithm == "aws:kms" && json::find_bool(*rule, "BucketKeyEnabled").value_or(false)) {
    return fault::not_implemented("BucketKeyEnabled");
  }
  if (rule->contains("BlockedEncryptionTypes")) {
    return fault::not_implemented("BlockedEncryptionTypes");
  }
  rule->emplace("BucketKeyEnabled", false);
  return {};
}

}  // namespace cairn::services::s3
