#include "node/own_paths.h"

namespace cairn::node {
namespace {

constexpr std::string_view kPrefix = "/_cairn/";

http::Response text(int status, std::string body) {
  http::Response response{.status = status, .headers = {}, .body = std::move(body)};
  response.headers.add("Content-Type", "text/plain; charset=utf-8");
  return response;
}

}  // namespace

bool is_own_path(const codec::RequestHead& head) {
  return head.path().starts_with(kPrefix);
}

Task<http::Response> own_path(OwnPaths on, http::Request& request) {
  const auto path = request.head.path().substr(kPrefix.size());
  if (path == "records") {
    co_return co_await on.door.handle(request);
  }
  if (LivePaths::has(path)) {
    co_return co_await on.live.handle(path, request);
  }
  const bool known = path == "livez" || path == "readyz" || path == "metrics";
  if (known && request.head.method != "GET" && request.head.method != "HEAD") {
    auto refused = text(405, "only GET\n");
    refused.headers.add("Allow", "GET, HEAD");
    co_return refused;
  }
  if (path == "livez") {
    co_return text(200, "ok\n");
  }
  if (path == "readyz") {
    co_return on.waits_for.empty()
        ? text(200, on.complaint.empty() ? "ok\n" : "ok, but " + on.complaint + "\n")
        : text(503, on.waits_for + " has not yet read all of the journal\n");
  }
  if (path == "metrics") {
    auto metrics = text(200, on.metrics.text());
    metrics.headers.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    co_return metrics;
  }
  co_return text(404, "no such path below /_cairn/\n");
}

}  // namespace cairn::node
