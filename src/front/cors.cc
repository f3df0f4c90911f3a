#include "front/cors.h"

namespace cairn::front {

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

}  // namespace cairn::front
