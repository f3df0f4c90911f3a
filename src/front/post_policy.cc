#include "front/post_policy.h"

#include <algorithm>
#include <set>

#include "codec/headers.h"
#include "json/json.h"

namespace cairn::front {
namespace {

constexpr std::string_view kUncovered[] = {"policy", "x-amz-signature", "file"};
constexpr std::string_view kIgnored = "x-ignore-";

aws::Fault invalid_document(std::string_view what) {
  return {"InvalidPolicyDocument", 400, "Invalid Policy: " + std::string(what)};
}

aws::Fault not_allowed(std::string_view what) {
  return {"AccessDenied", 403, "Invalid according to Policy: " + std::string(what)};
}

// What a condition is about: "$key" is the field "key".
std::string subject_of(std::string_view name) {
  if (name.starts_with('$')) {
    name.remove_prefix(1);
  }
  return codec::lower(name);
}

class Checker {
 public:
  Checker(const FormFields& fields, std::string_view bucket) : fields_(fields), bucket_(bucket) {}

  Result<void, aws::Fault> check(const json::value& condition) {
    if (const auto* pairs = condition.if_object()) {
      for (const auto& [name, value] : *pairs) {
        if (!value.is_string()) {
          return invalid_document("Invalid Simple-Condition: value must be a string.");
        }
        CAIRN_TRY_VOID(compare("eq", name, value.get_string(), condition));
      }
      return {};
    }
    const auto* list = condition.if_array();
    if (list == nullptr || list->size() != 3 || !list->front().is_string()) {
      return invalid_document("Invalid Condition");
    }
    const auto operation = codec::lower(std::string_view(list->front().get_string()));
    if (operation == "content-length-range") {
      return take_range(*list);
    }
    if ((operation != "eq" && operation != "starts-with") || !list->at(1).is_string() ||
        !list->at(2).is_string()) {
      return invalid_document("Invalid Condition");
    }
    return compare(operation, list->at(1).get_string(), list->at(2).get_string(), condition);
  }

  // A field that no condition speaks of. The bucket, which the address names, is one.
  std::optional<std::string> uncovered() const {
    if (!covered_.contains("bucket")) {
      return "bucket";
    }
    for (const auto& [name, value] : fields_) {
      const auto lowered = codec::lower(name);
      const bool free = std::ranges::find(kUncovered, lowered) != std::end(kUncovered) ||
                        lowered.starts_with(kIgnored);
      if (!free && !covered_.contains(lowered)) {
        return name;
      }
    }
    return std::nullopt;
  }

  PostRules rules;

 private:
  Result<void, aws::Fault> take_range(const json::array& list) {
    if (!list.at(1).is_int64() || !list.at(2).is_int64() || list.at(1).get_int64() < 0 ||
        list.at(2).get_int64() < list.at(1).get_int64()) {
      return invalid_document("Invalid content-length-range: upper bound must be at least the lower bound.");
    }
    rules.bytes_min = std::max(rules.bytes_min, static_cast<std::uint64_t>(list.at(1).get_int64()));
    const auto upper = static_cast<std::uint64_t>(list.at(2).get_int64());
    rules.bytes_max = std::min(rules.bytes_max.value_or(upper), upper);
    return {};
  }

  Result<void, aws::Fault> compare(std::string_view operation, std::string_view name,
                                   std::string_view wanted, const json::value& condition) {
    const auto subject = subject_of(name);
    covered_.insert(subject);
    const auto given = subject == "bucket" ? std::optional(bucket_) : form_field(fields_, subject);
    const bool holds = operation == "eq" ? given == wanted : given && given->starts_with(wanted);
    return holds ? Result<void, aws::Fault>{}
                 : not_allowed("Policy Condition failed: " + json::serialize(condition));
  }

  const FormFields& fields_;
  const std::string_view bucket_;
  std::set<std::string> covered_;
};

}  // namespace

std::optional<std::string_view> form_field(const FormFields& fields, std::string_view name) {
  for (const auto& [field, value] : fields) {
    if (codec::equals_ignore_case(field, name)) {
      return value;
    }
  }
  return std::nullopt;
}

Result<PostRules, aws::Fault> check_post_policy(std::string_view policy, const FormFields& fields,
                                                std::string_view bucket, Time now) {
  const auto parsed = json::parse_object(policy);
  if (!parsed) {
    return invalid_document("Invalid JSON.");
  }
  const auto expiration = json::find_string(*parsed, "expiration");
  const auto* conditions = json::find_array(*parsed, "conditions");
  if (!expiration || conditions == nullptr) {
    return invalid_document("Policy missing expiration or conditions.");
  }
  const auto until = parse_rfc3339(*expiration);
  if (!until) {
    return invalid_document("Invalid 'expiration' value: '" + std::string(*expiration) + "'");
  }
  if (*until < now) {
    return not_allowed("Policy expired.");
  }
  Checker checker(fields, bucket);
  for (const auto& condition : *conditions) {
    CAIRN_TRY_VOID(checker.check(condition));
  }
  if (const auto name = checker.uncovered()) {
    return not_allowed("Extra input fields: " + *name);
  }
  return checker.rules;
}

}  // namespace cairn::front
