#include "services/s3/cross_origin.h"

#include <algorithm>

#include "json/json.h"
#include "services/s3/settings.h"

namespace cairn::services::s3 {
namespace {

std::vector<std::string> listed(const json::object& rule, std::string_view member) {
  std::vector<std::string> all;
  if (const auto* list = json::find_array(rule, member)) {
    for (const auto& item : *list) {
      if (item.is_string()) {
        all.emplace_back(item.get_string());
      }
    }
  }
  return all;
}

// With one '*' at most, which stands for anything.
bool fits(std::string_view pattern, std::string_view text) {
  const auto star = pattern.find('*');
  if (star == std::string_view::npos) {
    return pattern == text;
  }
  const auto end = pattern.substr(star + 1);
  return text.size() + 1 >= pattern.size() && text.starts_with(pattern.substr(0, star)) && text.ends_with(end);
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) {
    text += (text.empty() ? "" : ", ") + word;
  }
  return text;
}

bool allows_headers(const json::object& rule, const std::vector<std::string>& asked) {
  const auto allowed = listed(rule, "AllowedHeaders");
  return std::ranges::all_of(asked, [&](const std::string& header) {
    return std::ranges::any_of(allowed, [&](const std::string& pattern) {
      return fits(codec::lower(pattern), codec::lower(header));
    });
  });
}

codec::Headers headers_by(const json::object& rule, const std::string& pattern,
                          const front::PageRequest& page) {
  codec::Headers headers;
  const bool anybody = pattern == "*";
  headers.add("Access-Control-Allow-Origin", anybody ? pattern : page.origin);
  headers.add("Access-Control-Allow-Methods", joined(listed(rule, "AllowedMethods")));
  if (!page.headers.empty()) {
    headers.add("Access-Control-Allow-Headers", codec::lower(joined(page.headers)));
  }
  if (const auto exposed = listed(rule, "ExposeHeaders"); !exposed.empty()) {
    headers.add("Access-Control-Expose-Headers", joined(exposed));
  }
  if (const auto seconds = json::find_int(rule, "MaxAgeSeconds")) {
    headers.add("Access-Control-Max-Age", std::to_string(*seconds));
  }
  if (!anybody) {
    headers.add("Access-Control-Allow-Credentials", "true");
  }
  headers.add("Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
  return headers;
}

aws::Fault forbidden(std::string_view why, const front::PageRequest& page) {
  return aws::Fault{"AccessForbidden", 403, "CORSResponse: " + std::string(why)}
      .with("Method", page.method)
      .with("ResourceType", page.of_object ? "OBJECT" : "BUCKET");
}

}  // namespace

std::optional<codec::Headers> cross_origin_headers(const json::object& configuration,
                                                   const front::PageRequest& page) {
  const auto* rules = json::find_array(configuration, "CORSRules");
  if (rules == nullptr) {
    return std::nullopt;
  }
  for (const auto& item : *rules) {
    const auto& rule = item.as_object();
    const auto methods = listed(rule, "AllowedMethods");
    const auto origins = listed(rule, "AllowedOrigins");
    const auto origin = std::ranges::find_if(
        origins, [&](const std::string& pattern) { return fits(pattern, page.origin); });
    if (origin != origins.end() && std::ranges::find(methods, page.method) != methods.end() &&
        allows_headers(rule, page.headers)) {
      return headers_by(rule, *origin, page);
    }
  }
  return std::nullopt;
}

Task<Result<codec::Headers, aws::Fault>> cross_origin_of(const Dependencies& on, front::PageRequest page) {
  const auto bucket = co_await find_bucket(on, page.bucket);
  if (!bucket) {
    co_return bucket.error().code == "NoSuchBucket" ? forbidden("Bucket not found", page) : bucket.error();
  }
  CAIRN_CO_TRY(const auto configuration, co_await find_setting(on, "cors", bucket->value));
  if (!configuration) {
    co_return forbidden("CORS is not enabled for this bucket.", page);
  }
  auto headers = cross_origin_headers(*configuration, page);
  if (!headers) {
    co_return forbidden(
        "This CORS request is not allowed. This is usually because the evalution of Origin, request method / "
        "Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the "
        "resource's CORS spec.",
        page);
  }
  co_return *std::move(headers);
}

}  // namespace cairn::services::s3
