// Tested by upstreams_test.cc.
#include "gateway/upstreams.h"

#include <algorithm>

#include "aws/model.h"
#include "aws/recognise.h"

namespace cairn::gateway {
namespace {

constexpr std::string_view kS3 = "s3";

// "DynamoDB_20120810.PutItem"
std::string by_target(const codec::RequestHead& head) {
  const auto target = head.headers.get("x-amz-target");
  const auto dot = target.rfind('.');
  if (dot == std::string_view::npos) {
    return {};
  }
  const auto* service = aws::everything().by_target_prefix(target.substr(0, dot));
  return service == nullptr ? std::string() : service->signing_name;
}

// AWS's own hosts alone: others may be called as they like.
std::string by_host(const codec::RequestHead& head) {
  auto host = head.headers.get("host");
  host = host.substr(0, host.find(':'));
  if (!host.ends_with(".amazonaws.com")) {
    return {};
  }
  const auto* service = aws::everything().by_endpoint_prefix(host.substr(0, host.find('.')));
  return service == nullptr ? std::string() : service->signing_name;
}

// The links in SNS's messages.
bool is_sns_link(const codec::RequestHead& head) {
  const auto query = head.query();
  return query.starts_with("Action=") || query.find("&Action=") != std::string_view::npos;
}

// Of a request that no scope names one for.
std::string service_of(const codec::RequestHead& head) {
  auto service = by_target(head);
  service = service.empty() ? by_host(head) : service;
  if (!service.empty()) {
    return service;
  }
  if (aws::reads_form(head)) {
    return "sts";
  }
  return is_sns_link(head) ? "sns" : std::string(kS3);
}

}  // namespace

Asked asked_by(const codec::RequestHead& head) {
  if (const auto place = aws::sigv2::signature_in(head); place != aws::sigv2::Place::none) {
    return {std::string(kS3), place, aws::sigv4::Refusal{aws::sigv4::Reason::missing}};
  }
  auto authorization = aws::sigv4::parse_authorization(head);
  auto service = authorization ? authorization->scope.service : service_of(head);
  return {std::move(service), aws::sigv2::Place::none, std::move(authorization)};
}

Upstreams::Upstreams(std::vector<Upstream> all, std::vector<std::string> own)
    : all_(std::move(all)), own_(std::move(own)) {}

const Upstream* Upstreams::find(std::string_view service) const {
  const auto named = [this](std::string_view name) {
    const auto it = std::ranges::find(all_, name, &Upstream::service);
    return it == all_.end() ? nullptr : &*it;
  };
  if (const auto* const its_own = named(service)) {
    return its_own;
  }
  return std::ranges::find(own_, service) == own_.end() ? named("*") : nullptr;
}

}  // namespace cairn::gateway
