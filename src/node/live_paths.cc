// Tested by conformance/test_tail.py and conformance/test_assert.py.
#include "node/live_paths.h"

namespace cairn::node {
namespace {

constexpr std::string_view kTail = "tail";
constexpr std::string_view kAssert = "assert";
constexpr std::string_view kMark = "mark";

// 410: what was asked for is not kept any more.
front::OwnRefusal refusal_of(const Error& error) {
  switch (error.code) {
    case Errc::invalid:
      return {.status = 400, .reason = error.text()};
    case Errc::not_found:
      return {.status = 410, .reason = error.text()};
    case Errc::limit:
      return {.status = 429, .reason = error.text()};
    default:
      return {.status = front::OwnRefusal::kUnavailable, .reason = error.text()};
  }
}

http::Response json_of(std::string text) {
  http::Response response{.status = 200, .headers = {}, .body = std::move(text)};
  response.headers.add("Content-Type", "application/json");
  return response;
}

}  // namespace

bool LivePaths::has(std::string_view path) {
  return path == kTail || path == kAssert || path == kMark;
}

Task<http::Response> LivePaths::handle(std::string_view path, http::Request& request) {
  auto answered = co_await answer(path, request);
  co_return answered ? *std::move(answered) : front::refuse(answered.error());
}

Task<Result<http::Response, front::OwnRefusal>> LivePaths::answer(std::string_view path,
                                                                  http::Request& request) {
  if (const auto* method = path == kMark ? "GET" : "POST"; request.head.method != method) {
    co_return front::OwnRefusal{.status = 405, .reason = std::string("only ") + method};
  }
  CAIRN_CO_TRY(const auto signer, co_await calls_.find_signer(request.head));
  auto body = co_await http::read_all(request.body, document_bytes_max_);
  if (!body) {
    co_return front::OwnRefusal{.status = http::status_of(body.error()), .reason = body.error().text()};
  }
  CAIRN_CO_TRY(const auto caller, co_await calls_.identify(request, signer, *body));
  CAIRN_CO_TRY_VOID(front::OwnCalls::permit(caller, path == kTail ? "cairn:Tail" : "cairn:Assert"));
  if (path == kTail) {
    auto lines = co_await live_.tail(caller.account(), *std::move(body));
    if (!lines) {
      co_return refusal_of(lines.error());
    }
    http::Response response{.status = 200, .headers = {}, .body = *std::move(lines)};
    response.headers.add("Content-Type", "application/x-ndjson");
    co_return response;
  }
  if (path == kMark) {
    auto mark = co_await live_.mark();
    co_return mark ? Result<http::Response, front::OwnRefusal>(json_of(R"({"mark":")" + *mark + "\"}"))
                   : refusal_of(mark.error());
  }
  auto verdict = co_await live_.assert_that(caller.account(), *std::move(body));
  co_return verdict ? Result<http::Response, front::OwnRefusal>(json_of(*std::move(verdict)))
                    : refusal_of(verdict.error());
}

}  // namespace cairn::node
