// Tested by door_test.cc, conformance/test_records.py and conformance/test_tail.py.
#include "front/own_calls.h"

#include "base/log.h"
#include "codec/base64.h"
#include "crypto/hash.h"
#include "json/json.h"

namespace cairn::front {
namespace {

constexpr std::string_view kService = "cairn";
constexpr Millis kSkew{15 * 60'000};
constexpr const char* kInvalidToken = "The security token included in the request is invalid.";

OwnRefusal denied(std::string reason) {
  return {.status = 403, .reason = std::move(reason)};
}

OwnRefusal cannot_look_up(std::string_view what, const Error& error) {
  log::error("cannot look up who calls", {{"what", std::string(what)}, {"error", error.text()}});
  return {.status = OwnRefusal::kUnavailable, .reason = "cannot look up the " + std::string(what)};
}

}  // namespace

http::Response refuse(const OwnRefusal& refused) {
  http::Response response;
  response.status = refused.status;
  response.headers.add("Content-Type", "application/json");
  if (refused.status == OwnRefusal::kUnavailable) {
    response.headers.add("Retry-After", "1");
  }
  json::object body{{"reason", refused.reason}};
  if (refused.index) {
    body["index"] = *refused.index;
  }
  response.body = json::serialize(body);
  return response;
}

Task<Result<OwnCalls::Signer, OwnRefusal>> OwnCalls::find_signer(const codec::RequestHead& head) {
  auto authorization = aws::sigv4::parse_authorization(head);
  if (!authorization) {
    co_return denied(aws::sigv4::to_fault(aws::Family::json, authorization.error()).message);
  }
  if (authorization->scope.service != kService) {
    co_return denied("the signature must be for service cairn");
  }
  auto key = co_await directory_.key(authorization->access_key, authorization->security_token);
  if (!key) {
    co_return cannot_look_up("access key", key.error());
  }
  if (!*key || !(*key)->active) {
    co_return denied(kInvalidToken);
  }
  if ((*key)->expired(clock_.now())) {
    co_return denied("The security token included in the request is expired");
  }
  co_return Signer{*std::move(authorization), std::move(**key)};
}

Task<Result<OwnCalls::Caller, OwnRefusal>> OwnCalls::identify(const http::Request& request,
                                                              const Signer& signer, std::string_view body) {
  const auto hash = codec::hex_encode(crypto::sha256(body));
  const auto verified = aws::sigv4::verify({.head = request.head,
                                            .authorization = signer.authorization,
                                            .secret = signer.key.secret,
                                            .payload_hash = hash,
                                            .now = clock_.now(),
                                            .skew = kSkew},
                                           keys_);
  if (!verified) {
    co_return denied(aws::sigv4::to_fault(aws::Family::json, verified.error()).message);
  }
  auto who = co_await directory_.caller(signer.key);
  if (!who) {
    co_return cannot_look_up("caller", who.error());
  }
  if (!*who) {
    co_return denied(kInvalidToken);
  }
  Caller caller{.who = **std::move(who), .ask = {}};
  caller.ask.resource = "*";
  caller.ask.resource_account = caller.account();
  access::add_request_keys(caller.ask.context, {.time = clock_.now(),
                                                .source_address = request.peer.address,
                                                .user_agent = request.head.headers.get("User-Agent"),
                                                .region = signer.authorization.scope.region,
                                                .secure = request.peer.tls.has_value()});
  co_return caller;
}

access::Decision OwnCalls::decide(const Caller& caller, std::string_view action) {
  auto ask = caller.ask;
  ask.action = action;
  return access::decide(caller.who, ask);
}

Result<void, OwnRefusal> OwnCalls::permit(const Caller& caller, std::string_view action) {
  const auto decision = decide(caller, action);
  if (!decision.allowed) {
    return denied("not authorized to perform: " + std::string(action) + " " + decision.reason);
  }
  return {};
}

}  // namespace cairn::front
