// Tested by recognise_test.cc and everything_test.cc.
#include "aws/candidates.h"

#include <algorithm>

namespace cairn::aws {
namespace {

std::string_view without_port(std::string_view host) {
  const auto colon = host.rfind(':');
  return colon == std::string_view::npos || host.find(']', colon) != std::string_view::npos
             ? host
             : host.substr(0, colon);
}

// "s3", "s3-eu-west-1", "s3.eu-west-1", "s3.dualstack.eu-west-1": what stands between a bucket and AWS's
// domain.
bool is_s3_endpoint(std::string_view text) {
  return text == "s3" || text.starts_with("s3.") || text.starts_with("s3-");
}

// "api.ecr" of "api.ecr.eu-west-1.amazonaws.com".
std::string_view first_labels(std::string_view host, std::size_t count) {
  std::size_t end = 0;
  for (; count > 0 && end < host.size(); --count) {
    end = std::min(host.find('.', end == 0 ? 0 : end + 1), host.size());
  }
  return host.substr(0, end);
}

// Directory buckets, access points and Outposts sign with names of their own and speak S3.
Services services_of_scope(const Question& question) {
  auto services = question.among.all_by_signing_name(question.scope_service);
  if (services.empty() && question.lenient) {
    const bool s3 = question.scope_service.starts_with("s3");
    services = s3 ? question.among.all_by_signing_name("s3")
                  : question.among.all_by_endpoint_prefix(question.scope_service);
  }
  return services;
}

}  // namespace

std::string_view bucket_in_host(std::string_view host, std::span<const std::string> s3_domains) {
  host = without_port(host);
  for (const auto& domain : s3_domains) {
    if (host.size() > domain.size() + 1 && host.ends_with(domain) &&
        host[host.size() - domain.size() - 1] == '.') {
      const auto rest = host.substr(0, host.size() - domain.size() - 1);
      return is_s3_endpoint(rest) ? std::string_view{} : rest;
    }
  }
  // AWS's own: BUCKET.s3[.REGION].amazonaws.com[.cn], BUCKET.s3-REGION.amazonaws.com.
  const auto end = host.rfind(".amazonaws.com");
  if (end == std::string_view::npos) {
    return {};
  }
  const auto rest = host.substr(0, end);
  for (auto dot = rest.rfind('.'); dot != std::string_view::npos && dot > 0; dot = rest.rfind('.', dot - 1)) {
    if (is_s3_endpoint(rest.substr(dot + 1))) {
      return rest.substr(0, dot);
    }
  }
  return {};
}

// "CloudTrail_20131101" of "CloudTrail_20131101.LookupEvents".
std::string_view prefix_of(std::string_view target) {
  return target.substr(0, std::min(target.rfind('.'), target.size()));
}

// Services by the host's name: "api.ecr.eu-west-1.amazonaws.com", "sts.example.org"; before AWS's own names
// may stand what belongs to the caller: "111122223333.s3-control.eu-west-1.amazonaws.com".
Services services_of_host(const Question& question) {
  constexpr std::size_t kPrefixLabels = 3;  // of a prefix
  auto host = without_port(question.head.headers.get("Host"));
  const bool amazon = host.find(".amazonaws.com") != std::string_view::npos;
  for (std::size_t skipped = 0; skipped < (amazon ? kPrefixLabels : 1) && !host.empty(); ++skipped) {
    for (auto count = kPrefixLabels; count > 0; --count) {
      auto services = question.among.all_by_endpoint_prefix(first_labels(host, count));
      if (!services.empty()) {
        return services;
      }
    }
    host.remove_prefix(std::min(host.find('.'), host.size() - 1) + 1);
  }
  return {};
}

// The services that may be meant where no target says; S3 if nothing else does.
Services services_of(const Question& question, std::string_view action, std::string_view version) {
  if (!question.scope_service.empty()) {
    return services_of_scope(question);
  }
  if (bucket_in_host(question.head.headers.get("Host"), question.s3_domains).empty()) {
    if (auto services = services_of_host(question); !services.empty()) {
      return services;
    }
  }
  if (!action.empty()) {
    if (const auto* service = question.among.by_action(action, version)) {
      return {service};
    }
  }
  return {question.among.by_name("s3")};
}

std::optional<Services> services_signed_for(const Question& question) {
  auto services =
      question.lenient && !question.scope_service.empty() ? services_of_scope(question) : Services{};
  return services.empty() ? std::nullopt : std::optional(std::move(services));
}

// Those of the target's prefix; of a relayed call that is signed those of its signature, and of these the
// ones with that prefix if there are any.
Services services_of_target(const Question& question, std::string_view target) {
  auto services = question.among.all_by_target_prefix(prefix_of(target));
  if (auto signed_for = services_signed_for(question)) {
    const auto is_named = [&](const Service* s) { return std::ranges::find(services, s) != services.end(); };
    Services both;
    std::ranges::copy_if(*signed_for, std::back_inserter(both), is_named);
    return both.empty() ? *std::move(signed_for) : both;
  }
  return services;
}

}  // namespace cairn::aws
