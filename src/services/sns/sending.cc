// One message to one endpoint. Tested by deliverer_test.cc.
#include "aws/model.h"
#include "base/log.h"
#include "json/json.h"
#include "services/sns/deliverer.h"
#include "services/sns/endpoint.h"

namespace cairn::services::sns {
namespace {

constexpr std::string_view kPrincipal = "sns.amazonaws.com";
constexpr int kOkFirst = 200;
constexpr int kOkEnd = 300;
constexpr int kClientFirst = 400;
constexpr int kClientEnd = 500;
constexpr int kTooManyRequests = 429;

json::object queue_attributes(const topics::Attributes& attributes) {
  json::object shown;
  for (const auto& [name, attribute] : attributes) {
    shown[name] = json::object{{"DataType", attribute.type},
                               {attribute.is_binary() ? "BinaryValue" : "StringValue", attribute.value}};
  }
  return shown;
}

codec::Headers headers_of(const topics::Message& message, const topics::Subscription& to) {
  codec::Headers headers{{"x-amz-sns-message-type", std::string(topics::type_of(message))},
                         {"x-amz-sns-message-id", message.id},
                         {"x-amz-sns-topic-arn", message.topic.arn()}};
  if (!message.confirms) {
    headers.add("x-amz-sns-subscription-arn", to.arn());
  }
  if (to.raw && !message.confirms) {
    headers.add("x-amz-sns-rawdelivery", "true");
  }
  headers.add("Content-Type", "text/plain; charset=UTF-8");
  headers.add("User-Agent", "Amazon Simple Notification Service Agent");
  return headers;
}

}  // namespace

Task<Result<std::string>> Deliverer::body_of(const topics::Message& message, const topics::Subscription& to) {
  if (to.raw && !message.confirms) {
    co_return topics::message_text(message, to);
  }
  CAIRN_CO_TRY(const auto signing, co_await on_.signer.signing());
  const topics::Links links{.base = options_.base_url(), .certificate = signing->path};
  CAIRN_CO_TRY(const auto signature,
               co_await on_.signer.sign(topics::text_to_sign(message, to, links), message.signature_version));
  co_return topics::envelope(message, to, links, signature);
}

Task<Deliverer::End> Deliverer::deliver(const topics::Message& message, const topics::Delivery& delivery,
                                        const topics::Subscription& to) {
  auto body = co_await body_of(message, to);
  if (!body) {
    log::error("cannot sign a message, trying again",
               {{"topic", message.topic.arn()}, {"error", body.error().text()}});
    co_return End::unready;
  }
  if (delivery.dead) {
    co_return co_await enqueue(message, to, to.dead_letters(), *std::move(body));
  }
  if (to.is_http()) {
    co_return co_await post(message, to, *std::move(body));
  }
  co_return co_await enqueue(message, to, to.endpoint, *std::move(body));
}

Task<Deliverer::End> Deliverer::post(const topics::Message& message, const topics::Subscription& to,
                                     std::string body) {
  const auto endpoint = http_endpoint(to.endpoint);
  if (!endpoint || !is_host_allowed(endpoint->host, options_.http_hosts)) {
    co_return End::refused;
  }
  http::ClientRequest request{
      .url = endpoint->origin,
      .head = {.method = "POST", .target = endpoint->target, .headers = headers_of(message, to)},
      .body = http::body_of(std::move(body)),
      .repeatable = true};
  const auto answer = co_await on_.http.send(std::move(request));
  if (!answer) {
    log::info("an endpoint cannot be reached",
              {{"endpoint", endpoint->origin}, {"error", answer.error().text()}});
    const auto code = answer.error().code;
    co_return code == Errc::invalid || code == Errc::denied ? End::refused : End::retry;
  }
  const int status = answer->head.status;
  if (status >= kOkFirst && status < kOkEnd) {
    co_return End::delivered;
  }
  log::info("an endpoint refuses a message", {{"endpoint", endpoint->origin}, {"status", status}});
  co_return status >= kClientFirst&& status < kClientEnd&& status != kTooManyRequests ? End::refused
                                                                                      : End::retry;
}

Task<Deliverer::End> Deliverer::enqueue(const topics::Message& message, const topics::Subscription& to,
                                        std::string queue, std::string body) {
  const auto name = queue_of(queue);
  if (!name || aws::catalogue().by_name("sqs") == nullptr) {
    co_return End::refused;
  }
  aws::ClientCall call;
  call.service = "sqs";
  call.operation = "SendMessage";
  call.region = name->region;
  call.input = {{"QueueUrl", name->url()}, {"MessageBody", body}};
  if (to.raw && !message.confirms && !message.attributes.empty()) {
    call.input["MessageAttributes"] = queue_attributes(message.attributes);
  }
  call.on_behalf = {.service_principal = std::string(kPrincipal),
                    .source_arn = message.topic.arn(),
                    .source_account = message.topic.account};
  const auto answer = co_await on_.client.call(std::move(call));
  if (answer) {
    co_return End::delivered;
  }
  const auto& fault = answer.error();
  log::info("a queue refuses a message",
            {{"queue", queue}, {"code", fault.code}, {"message", fault.message}});
  co_return fault.status >= kClientFirst&& fault.status < kClientEnd&& fault.status != kTooManyRequests
      ? End::refused
      : End::retry;
}

}  // namespace cairn::services::sns
