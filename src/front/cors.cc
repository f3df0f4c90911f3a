#include "front/cors.h"

#include <algorithm>

#include "aws/recognise.h"
#include "codec/uri.h"

namespace cairn::front {
namespace {

constexpr std::size_t kBucketCharsMin = 3;
constexpr std::size_t kBucketCharsMax = 63;
constexpr std::size_t kPreflightHeadersMax = 100;

bool is_bucket_name(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  return name.size() >= kBucketCharsMin && name.size() <= kBucketCharsMax && std::ranges::all_of(name, fits);
}

// "a, b": no more than so many.
std::vector<std::string> words_in(std::string_view list) {
  std::vector<std::string> words;
  while (!list.empty() && words.size() < kPreflightHeadersMax) {
    const auto end = std::min(list.find(','), list.size());
    auto word = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    word.remove_prefix(std::min(word.find_first_not_of(" \t"), word.size()));
    word = word.substr(0, word.find_last_not_of(" \t") + 1);
    if (!word.empty()) {
      words.emplace_back(word);
    }
  }
  return words;
}

}  // namespace

std::optional<http::Response> answer_preflight(const codec::RequestHead& head) {
  if (head.method != "OPTIONS" || !head.headers.contains("Origin") ||
      !head.headers.contains("Access-Control-Request-Method")) {
    return std::nullopt;
  }
  http::Response response;
  response.headers.add("Access-Control-Allow-Origin", "*");
  response.headers.add("Access-Control-Allow-Methods",
                       std::string(head.headers.get("Access-Control-Request-Method")));
  if (const auto asked = head.headers.find("Access-Control-Request-Headers")) {
    response.headers.add("Access-Control-Allow-Headers", std::string(*asked));
  }
  response.headers.add("Access-Control-Max-Age", "172800");
  return response;
}

void allow_origin(const codec::RequestHead& head, http::Response& response) {
  if (!head.headers.contains("Origin")) {
    return;
  }
  response.headers.set("Access-Control-Allow-Origin", "*");
  response.headers.set(
      "Access-Control-Expose-Headers",
      "x-amzn-RequestId,x-amzn-ErrorType,x-amz-request-id,x-amz-id-2,x-amzn-ErrorMessage,Date,ETag");
}

std::optional<PageRequest> page_request(const codec::RequestHead& head,
                                        std::span<const std::string> s3_domains) {
  PageRequest page;
  page.bucket = aws::bucket_in_host(head.headers.get("Host"), s3_domains);
  auto path = head.path();
  path.remove_prefix(path.starts_with('/') ? 1 : 0);
  if (page.bucket.empty()) {
    const auto end = std::min(path.find('/'), path.size());
    const auto name = codec::percent_decode(path.substr(0, end));
    if (!name || !is_bucket_name(*name)) {
      return std::nullopt;
    }
    page.bucket = *name;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  page.of_object = !path.empty();
  page.origin = head.headers.get("Origin");
  const bool asks_first = head.method == "OPTIONS";
  page.method = asks_first ? std::string(head.headers.get("Access-Control-Request-Method")) : head.method;
  if (asks_first) {
    page.headers = words_in(head.headers.get("Access-Control-Request-Headers"));
  }
  return page;
}

}  // namespace cairn::front
