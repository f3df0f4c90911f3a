// One message to one endpoint. Tested by deliverer_test.cc.
#include "aws/model.h"
#include "base/log.h"
#include "json/json.h"
#include "mail/mail.h"
#include "services/sns/deliverer.h"

namespace cairn::services::sns {
namespace {

constexpr std::string_view kPrincipal = "sns.amazonaws.com";
constexpr std::string_view kSender = "AWS Notifications";  // of a topic without a display name
constexpr std::string_view kThrottled = "Throttl";         // "ThrottlingException", with 400 of some
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

codec::Headers usual_headers(const topics::Message& message, const topics::Subscription& to) {
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

Task<Result<std::string>> Deliverer::body_of(const topics::Message& message, const topics::Subscription& to,
                                             bool dead) {
  if (to.raw && !message.confirms) {
    co_return topics::message_text(message, to);
  }
  if (to.protocol == "email" && !dead) {
    CAIRN_CO_TRY(const auto links, co_await links_of(to));
    co_return topics::mail_text(message, to, links);
  }
  CAIRN_CO_TRY(const auto signing, co_await on_.signer.signing());
  CAIRN_CO_TRY(auto links, co_await links_of(to));
  links.certificate = signing->path;
  CAIRN_CO_TRY(const auto signature,
               co_await on_.signer.sign(topics::text_to_sign(message, to, links), message.signature_version));
  co_return topics::envelope(message, to, links, signature);
}

// With what ends the subscription, where its endpoint is told.
Task<Result<topics::Links>> Deliverer::links_of(const topics::Subscription& to) {
  topics::Links links{.base = options_.base_url()};
  if (to.is_mail() && !to.pending && !to.token.empty()) {
    CAIRN_CO_TRY(links.token, topics::open_token(to, on_.sealer));
  }
  co_return links;
}

Task<Deliverer::End> Deliverer::deliver(const topics::Message& message, const topics::Delivery& delivery,
                                        const topics::Subscription& to) {
  auto body = co_await body_of(message, to, delivery.dead);
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
  if (to.is_mail()) {
    co_return co_await mail(message, to, *std::move(body));
  }
  if (to.is_command()) {
    co_return co_await run(to, *std::move(body));
  }
  co_return co_await enqueue(message, to, to.endpoint, *std::move(body));
}

// With what its URL says of user and password: nobody waits to be asked for it.
Result<codec::Headers> Deliverer::headers_of(const topics::Message& message, const topics::Subscription& to,
                                             const HttpEndpoint& endpoint) const {
  auto headers = usual_headers(message, to);
  if (endpoint.user) {
    std::string password;
    if (!to.password.empty()) {
      CAIRN_TRY(password, topics::open_password(to, on_.sealer));
    }
    headers.add("Authorization", basic_authorization(*endpoint.user, password));
  }
  return headers;
}

Task<Deliverer::End> Deliverer::post(const topics::Message& message, const topics::Subscription& to,
                                     std::string body) {
  const auto endpoint = http_endpoint(to.endpoint);
  if (!endpoint || !is_host_allowed(endpoint->host, options_.http_hosts)) {
    co_return End::refused;
  }
  auto headers = headers_of(message, to, *endpoint);
  if (!headers) {
    log::error("the password of an endpoint cannot be opened, trying again",
               {{"subscription", to.arn()}, {"error", headers.error().text()}});
    co_return End::unready;
  }
  http::ClientRequest request{
      .url = endpoint->origin,
      .head = {.method = "POST", .target = endpoint->target, .headers = *std::move(headers)},
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

Task<Deliverer::End> Deliverer::mail(const topics::Message& message, const topics::Subscription& to,
                                     std::string text) {
  if (!mail::is_address(to.endpoint)) {
    co_return End::refused;
  }
  if (on_.outlets == nullptr) {
    co_return End::retry;
  }
  const auto topic = co_await topics::load_topic(on_.catalog, message.topic);
  const bool named = topic && *topic && !(*topic)->value.display_name.empty();
  mail::Mail letter{.id = message.id,
                    .from_name = named ? (*topic)->value.display_name : std::string(kSender),
                    .to = to.endpoint,
                    .subject = topics::mail_subject(message),
                    .text = std::move(text),
                    .time = message.time};
  if (!message.confirms) {
    const auto links = co_await links_of(to);
    if (!links) {
      co_return End::unready;
    }
    letter.unsubscribe = topics::unsubscribe_url(*links, to);
  }
  co_return end_of(co_await on_.outlets->send(std::move(letter)));
}

Task<Deliverer::End> Deliverer::run(const topics::Subscription& to, std::string input) {
  if (on_.outlets == nullptr) {
    co_return End::refused;
  }
  co_return end_of(co_await on_.outlets->run(to.endpoint, std::move(input)));
}

Deliverer::End Deliverer::end_of(Outlets::Sent sent) {
  return sent == Outlets::Sent::accepted  ? End::delivered
         : sent == Outlets::Sent::refused ? End::refused
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
  const bool throttled = fault.status == kTooManyRequests || fault.code.starts_with(kThrottled) ||
                         fault.code == "RequestThrottled";
  const bool refused = fault.status >= kClientFirst && fault.status < kClientEnd && !throttled;
  co_return refused ? End::refused : End::retry;
}

}  // namespace cairn::services::sns
