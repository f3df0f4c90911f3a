#include "front/in_process_client.h"

#include "aws/protocol.h"
#include "base/check.h"
#include "event/record.h"

namespace cairn::front {
namespace {

constexpr std::size_t kAnswerBytesMax = 256U << 20;

aws::Fault unreachable(std::string why) {
  return {aws::kUnreachable, 503, std::move(why), false};
}

Task<Result<std::string, aws::Fault>> whole_answer(http::Response& response) {
  if (auto* text = std::get_if<std::string>(&response.body)) {
    co_return std::move(*text);
  }
  auto& source = *std::get<std::unique_ptr<http::BodySource>>(response.body);
  auto bytes = co_await http::read_all(source, kAnswerBytesMax);
  if (!bytes) {
    co_return unreachable(bytes.error().text());
  }
  co_return *std::move(bytes);
}

}  // namespace

Task<Result<aws::ClientAnswer, aws::Fault>> InProcessClient::call(aws::ClientCall call) {
  co_return co_await perform(std::move(call), nullptr);
}

Task<Result<aws::ClientAnswer, aws::Fault>> InProcessClient::forward(const Call& from, ForwardedCall call) {
  aws::ClientCall whole{.service = std::move(call.service),
                        .operation = std::move(call.operation),
                        .region = std::move(call.region),
                        .input = std::move(call.input),
                        .body = {},
                        .on_behalf = {.service_principal = event::event_source(from.service.signing_name)}};
  co_return co_await perform(std::move(whole), &from);
}

Task<Result<aws::ClientAnswer, aws::Fault>> InProcessClient::perform(aws::ClientCall call,
                                                                     const Call* forwarded) {
  CAIRN_CHECK(front_ != nullptr);
  const auto* service = aws::catalogue().by_name(call.service);
  CAIRN_CHECK(service != nullptr);
  const auto* operation = service->operation(call.operation);
  CAIRN_CHECK(operation != nullptr);

  auto encoded = aws::encode_request(service->protocol(), *operation, call.input);
  if (!encoded) {
    co_return aws::to_fault(aws::family_of(service->protocol()), encoded.error());
  }
  ServiceCall request;
  request.who = std::move(call.on_behalf);
  request.forwarded = forwarded;
  request.service = service->signing_name;
  request.region = std::move(call.region);
  request.head = {.method = std::move(encoded->method),
                  .target = std::move(encoded->target),
                  .headers = std::move(encoded->headers)};
  request.head.headers.set("Host", service->endpoint_prefix + "." + request.region + ".amazonaws.com");
  request.head.headers.set("User-Agent", request.who.service_principal);
  request.body = operation->streaming_input() != nullptr ? std::move(call.body) : std::move(encoded->body);

  auto response = co_await front_->handle_for(std::move(request));
  CAIRN_CO_TRY(auto body, co_await whole_answer(response));
  const codec::ResponseHead head{response.status, response.headers};
  const bool streams = operation->streaming_output() != nullptr && response.status < 300;
  CAIRN_CO_TRY(auto output, aws::decode_response(service->protocol(), *operation, head,
                                                 streams ? std::string_view{} : body));
  co_return aws::ClientAnswer{std::move(output), streams ? std::move(body) : std::string()};
}

}  // namespace cairn::front
