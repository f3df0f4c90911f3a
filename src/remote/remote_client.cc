// Tested by remote_client_test.cc.
#include "remote/remote_client.h"

#include <utility>

#include "aws/model.h"
#include "aws/protocol.h"
#include "base/check.h"
#include "codec/base64.h"
#include "codec/utf8.h"
#include "crypto/hash.h"
#include "http/origin.h"

namespace cairn::remote {
namespace {

constexpr std::size_t kCodeBytesMax = 128;
constexpr std::size_t kMessageBytesMax = 1024;

aws::Fault unreachable(std::string why) {
  return {aws::kUnreachable, 503, std::move(why), false};
}

// Does the status speak of the far end's state, and not of the call?
bool is_of_the_far_end(int status) {
  return status >= 500 || status == 408 || status == 429 || (status >= 300 && status < 400);
}

// What the service said; cut, for it ends in logs and documents.
aws::Fault said(int status, aws::Fault fault) {
  fault.code.resize(codec::utf8_prefix(fault.code, kCodeBytesMax).size());
  fault.message.resize(codec::utf8_prefix(fault.message, kMessageBytesMax).size());
  if (status < 300 || is_of_the_far_end(status)) {
    return unreachable(fault.code + ": " + fault.message);
  }
  return fault;
}

class RemoteClient final : public aws::Client {
 public:
  RemoteClient(Endpoint endpoint, http::Origin origin, const Clock& clock, Limits limits)
      : endpoint_(std::move(endpoint)),
        origin_(std::move(origin)),
        clock_(clock),
        limits_(limits),
        http_(http::Client::make(limits.http)) {}

  Task<Result<aws::ClientAnswer, aws::Fault>> call(aws::ClientCall call) override {
    const auto* service = aws::catalogue().by_name(call.service);
    CAIRN_CHECK(service != nullptr);
    const auto* operation = service->operation(call.operation);
    CAIRN_CHECK(operation != nullptr);
    auto encoded = aws::encode_request(service->protocol(), *operation, call.input);
    if (!encoded) {
      co_return aws::to_fault(aws::family_of(service->protocol()), encoded.error());
    }
    const bool is_upload = operation->streaming_input() != nullptr;
    if (is_upload) {
      encoded->body = std::move(call.body);
    }
    auto request = signed_request(*service, call.region, *std::move(encoded), is_upload);
    auto response = co_await http_->send(std::move(request));
    if (!response) {
      co_return unreachable(response.error().text());
    }
    const auto body = co_await http::read_all(*response->body, limits_.answer_bytes_max);
    if (!body) {
      co_return unreachable(body.error().text());
    }
    co_return decode(*service, *operation, response->head, *body);
  }

 private:
  http::ClientRequest signed_request(const aws::Service& service, const std::string& region,
                                     aws::EncodedRequest encoded, bool is_upload) const {
    const auto hash = codec::hex_encode(crypto::sha256(encoded.body));
    http::ClientRequest request{.url = endpoint_.url,
                                .head = {.method = std::move(encoded.method),
                                         .target = std::move(encoded.target),
                                         .headers = std::move(encoded.headers)},
                                .body = nullptr};
    request.head.headers.set("Host", origin_.authority);
    request.head.headers.set("User-Agent", "cairn");
    if (is_upload) {  // buckets with object lock insist
      request.head.headers.set("Content-MD5", codec::base64_encode(crypto::md5(encoded.body)));
    }
    aws::sigv4::sign_headers(request.head,
                             {.credentials = endpoint_.credentials,
                              .region = endpoint_.region.empty() ? region : endpoint_.region,
                              .service = service.signing_name,
                              .time = clock_.now(),
                              .payload_hash = hash});
    if (!encoded.body.empty()) {
      request.body = http::body_of(std::move(encoded.body));
    }
    return request;
  }

  static Result<aws::ClientAnswer, aws::Fault> decode(const aws::Service& service, const aws::Operation& operation,
                                                      const codec::ResponseHead& head, const std::string& body) {
    const bool streams = operation.streaming_output() != nullptr && head.status < 300;
    auto output = aws::decode_response(service.protocol(), operation, head,
                                       streams ? std::string_view{} : std::string_view(body));
    if (!output) {
      return said(head.status, std::move(output).error());
    }
    return aws::ClientAnswer{*std::move(output), streams ? body : std::string()};
  }

  const Endpoint endpoint_;
  const http::Origin origin_;
  const Clock& clock_;
  const Limits limits_;
  const std::unique_ptr<http::Client> http_;
};

}  // namespace

Result<std::unique_ptr<aws::Client>> connect(Endpoint endpoint, const Clock& clock, Limits limits) {
  CAIRN_TRY(auto origin, http::Origin::parse(endpoint.url));
  return std::make_unique<RemoteClient>(std::move(endpoint), std::move(origin), clock, limits);
}

}  // namespace cairn::remote
