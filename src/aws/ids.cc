#include "aws/ids.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"

namespace cairn::aws {
namespace {

constexpr std::size_t kIdBytesMax = 64;

bool is_id_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_id_letter(char c) {
  return c >= 'a' && c <= 'z';
}

// Lower-case words and digits joined by single hyphens, beginning with a letter.
bool is_id_token(std::string_view text) {
  if (text.empty() || text.size() > kIdBytesMax || !is_id_letter(text.front()) || text.back() == '-') {
    return false;
  }
  return std::ranges::all_of(text, [](char c) { return is_id_letter(c) || is_id_digit(c) || c == '-'; }) &&
         text.find("--") == std::string_view::npos;
}

Error not_an_id(std::string_view what, std::string_view text) {
  return Error{Errc::invalid, fmt::format("not {}", what), std::string(text.substr(0, 128))};
}

}  // namespace

Result<AccountId> AccountId::parse(std::string_view text) {
  if (text.size() != 12 || !std::ranges::all_of(text, is_id_digit)) {
    return not_an_id("an account id of 12 digits", text);
  }
  return AccountId(std::string(text));
}

Result<Region> Region::parse(std::string_view text) {
  // "us-east-1": a hyphen and a digit tell a Region from any other word.
  if (!is_id_token(text) || text.find('-') == std::string_view::npos || !is_id_digit(text.back())) {
    return not_an_id("a region's code", text);
  }
  return Region(std::string(text));
}

Result<Partition> Partition::parse(std::string_view text) {
  if (!is_id_token(text) || !text.starts_with("aws")) {
    return not_an_id("a partition", text);
  }
  return Partition(std::string(text));
}

Partition Partition::of(const Region& region) {
  constexpr std::pair<std::string_view, std::string_view> kPrefixes[] = {
      {"cn-", "aws-cn"},         {"us-gov-", "aws-us-gov"}, {"us-iso-", "aws-iso"},
      {"us-isob-", "aws-iso-b"}, {"eu-isoe-", "aws-iso-e"}, {"us-isof-", "aws-iso-f"},
      {"eu-isof-", "aws-iso-f"}, {"eusc-", "aws-eusc"},
  };
  for (const auto& [prefix, partition] : kPrefixes) {
    if (region.text().starts_with(prefix)) {
      return Partition(std::string(partition));
    }
  }
  return Partition("aws");
}

Result<Arn> Arn::parse(std::string_view text) {
  if (text.size() > kBytesMax || !text.starts_with("arn:")) {
    return not_an_id("an ARN", text);
  }
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; })) {
    return not_an_id("an ARN (control character)", text);
  }
  Arn arn;
  std::size_t from = 4;
  for (auto& end : arn.ends_) {
    const auto colon = text.find(':', from);
    if (colon == std::string_view::npos) {
      return not_an_id("an ARN of six parts", text);
    }
    end = static_cast<std::uint16_t>(colon);
    from = colon + 1;
  }
  arn.text_ = text;
  if (!is_id_token(arn.partition()) || arn.service().empty() || arn.resource().empty()) {
    return not_an_id("an ARN (a part is empty)", text);
  }
  return arn;
}

Arn Arn::of(const Parts& parts) {
  auto arn = parse(fmt::format("arn:{}:{}:{}:{}:{}", parts.partition, parts.service, parts.region,
                               parts.account, parts.resource));
  CAIRN_CHECK(arn.has_value());
  CAIRN_CHECK(arn->resource() == parts.resource);
  return *std::move(arn);
}

std::string_view Arn::field(int index) const {
  const std::size_t begin = index == 0 ? 4U : ends_[index - 1] + 1U;
  return std::string_view(text_).substr(begin, ends_[index] - begin);
}

std::string_view Arn::resource_type() const {
  const auto at = resource().find_first_of("/:");
  return at == std::string_view::npos ? std::string_view{} : resource().substr(0, at);
}

std::string_view Arn::resource_id() const {
  const auto at = resource().find_first_of("/:");
  return at == std::string_view::npos ? resource() : resource().substr(at + 1);
}

}  // namespace cairn::aws
