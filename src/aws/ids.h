// The names AWS gives to things, as types: AccountId, Region, Partition, Arn. Values: they compare, hash and
// copy; parse() is the only way in from text, so a value that exists is well-formed. Errors: Errc::invalid,
// naming the text.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cairn::aws {

// Twelve digits: "111122223333".
class AccountId {
 public:
  static Result<AccountId> parse(std::string_view text);

  const std::string& text() const { return text_; }

  friend auto operator<=>(const AccountId&, const AccountId&) = default;

 private:
  explicit AccountId(std::string text) : text_(std::move(text)) {}

  std::string text_;
};

// A Region's code, well-formed but not necessarily one that AWS has: "eu-west-1", "us-gov-east-1",
// "my-site-1". See regions.h for AWS's list.
class Region {
 public:
  static Result<Region> parse(std::string_view text);

  const std::string& text() const { return text_; }

  friend auto operator<=>(const Region&, const Region&) = default;

 private:
  explicit Region(std::string text) : text_(std::move(text)) {}

  std::string text_;
};

// "aws", "aws-cn", "aws-us-gov", …
class Partition {
 public:
  static Result<Partition> parse(std::string_view text);
  // The one a Region belongs to, by the Region's prefix; "aws" for all that AWS does not keep apart.
  static Partition of(const Region& region);

  const std::string& text() const { return text_; }

  friend auto operator<=>(const Partition&, const Partition&) = default;

 private:
  explicit Partition(std::string text) : text_(std::move(text)) {}

  std::string text_;
};

// arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE, parsed once. Region and account may be empty (S3, IAM) and
// the account may be "aws" or another word (managed policies); the resource may hold colons and slashes and
// is never empty. The views live as long as the Arn.
class Arn {
 public:
  struct Parts {
    std::string_view partition;
    std::string_view service;
    std::string_view region;
    std::string_view account;
    std::string_view resource;
  };

  static constexpr std::size_t kBytesMax = 2048;

  static Result<Arn> parse(std::string_view text);
  // From parts that are well-formed: no colon in any but the resource (checked).
  static Arn of(const Parts& parts);

  const std::string& text() const { return text_; }
  std::string_view partition() const { return field(0); }
  std::string_view service() const { return field(1); }
  std::string_view region() const { return field(2); }
  std::string_view account() const { return field(3); }
  std::string_view resource() const { return std::string_view(text_).substr(ends_[3] + 1U); }

  // The resource's parts at its first '/' or ':': "trail" and "main" of "trail/main"; type is empty when
  // there is neither.
  std::string_view resource_type() const;
  std::string_view resource_id() const;

  friend bool operator==(const Arn& a, const Arn& b) { return a.text_ == b.text_; }
  friend auto operator<=>(const Arn& a, const Arn& b) { return a.text_ <=> b.text_; }

 private:
  Arn() = default;
  std::string_view field(int index) const;

  std::string text_;
  std::uint16_t ends_[4] = {};  // where the colons after partition, service, region and account stand
};

}  // namespace cairn::aws

template <>
struct std::hash<cairn::aws::AccountId> {
  std::size_t operator()(const cairn::aws::AccountId& id) const {
    return std::hash<std::string>{}(id.text());
  }
};
template <>
struct std::hash<cairn::aws::Region> {
  std::size_t operator()(const cairn::aws::Region& region) const {
    return std::hash<std::string>{}(region.text());
  }
};
template <>
struct std::hash<cairn::aws::Partition> {
  std::size_t operator()(const cairn::aws::Partition& p) const { return std::hash<std::string>{}(p.text()); }
};
template <>
struct std::hash<cairn::aws::Arn> {
  std::size_t operator()(const cairn::aws::Arn& arn) const { return std::hash<std::string>{}(arn.text()); }
};
