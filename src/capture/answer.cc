// Tested by capture_test.cc.
#include "capture/answer.h"

#include <algorithm>
#include <array>

#include "aws/protocol.h"

namespace cairn::capture {
namespace {

// Records say AccessDenied where JSON services answer AccessDeniedException, and SNS AuthorizationError.
// IAM's have the exception's name, EC2's the side whose fault it was.
std::string record_code(const Subject& subject, const aws::Fault& fault) {
  if (subject.call == nullptr) {
    return fault.code;
  }
  const auto& service = *subject.call->service;
  if (subject.call->protocol == aws::Protocol::ec2) {
    return (fault.status < 500 ? "Client." : "Server.") + fault.code;
  }
  if (fault.code == "AccessDeniedException" || fault.code == "AuthorizationError") {
    return "AccessDenied";
  }
  if (service.name == "iam") {
    const auto found = service.errors.find(fault.code);
    return found == service.errors.end() ? fault.code : found->second->name;
  }
  return fault.code;
}

constexpr int kLateError = 500;

// What S3 cannot say, for the answer to a HEAD has no body.
aws::Fault without_body(const aws::Recognised& call, int status) {
  const bool of_object = !call.key().empty();
  switch (status) {
    case 403:
      return {"AccessDenied", status, "Access Denied"};
    case 404:
      return of_object ? aws::Fault{"NoSuchKey", status, "The specified key does not exist."}
                       : aws::Fault{"NoSuchBucket", status, "The specified bucket does not exist"};
    case 412:
      return {"PreconditionFailed", status, "At least one of the pre-conditions you specified did not hold"};
    default:
      return {std::to_string(status), status, ""};
  }
}

std::string_view without_blanks(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
}

// Copies and completed uploads may fail after their status went out: then the body's root is Error, perhaps
// behind blanks that kept the connection. (A DeleteResult tells of errors inside: it is none.)
bool is_late_error(const aws::Recognised& call, std::string_view body) {
  if (call.service->name != "s3" || call.operation->output.shape == nullptr ||
      call.operation->streaming_output() != nullptr) {
    return false;
  }
  body = without_blanks(body);
  if (body.starts_with("<?xml")) {
    body = without_blanks(body.substr(std::min(body.find('>'), body.size() - 1) + 1));
  }
  return body.starts_with("<Error>") || body.starts_with("<Error ");
}

std::string_view between(std::string_view text, std::string_view begin, std::string_view end) {
  const auto from = text.find(begin);
  if (from == std::string_view::npos) {
    return {};
  }
  text.remove_prefix(from + begin.size());
  const auto to = text.find(end);
  return to == std::string_view::npos ? std::string_view{} : text.substr(0, to);
}

}  // namespace

AnswerFacts answer_of(const Subject& subject, const codec::ResponseHead& head, std::string_view body) {
  AnswerFacts facts;
  if (subject.call == nullptr) {
    if (head.status >= 400) {
      facts.error_code = std::to_string(head.status);
    }
    return facts;
  }
  const auto& call = *subject.call;
  const bool is_s3 = call.service->name == "s3";
  if (is_s3 && head.status == 304) {  // what a cache wants to know, and no error
    return facts;
  }
  if (is_s3 && head.status >= 400 && body.empty()) {
    auto fault = without_body(call, head.status);
    facts.error_code = std::move(fault.code);
    facts.error_message = std::move(fault.message);
    return facts;
  }
  const bool failed_late = head.status < 300 && is_late_error(call, body);
  if (is_s3 && head.status < 300 && !failed_late) {  // what is shown of it is in its head
    return facts;
  }
  codec::ResponseHead told = head;
  told.status = failed_late ? kLateError : head.status;
  auto output = aws::decode_response(call.protocol, *call.operation, told, body, aws::Reading::lenient);
  facts.says_true = call.protocol == aws::Protocol::ec2 && between(body, "<return>", "</return>") == "true";
  if (output) {
    facts.output = *std::move(output);
  } else if (told.status >= 300) {
    facts.error_code = record_code(subject, output.error());
    facts.error_message = output.error().message;
  }
  return facts;
}

std::string request_id_of(const codec::ResponseHead& head, std::string_view body, std::string otherwise) {
  constexpr std::array<std::string_view, 3> kHeaders = {"x-amzn-RequestId", "x-amz-request-id",
                                                        "x-amzn-request-id"};
  for (const auto name : kHeaders) {
    if (const auto id = head.headers.get(name); !id.empty()) {
      return std::string(id);
    }
  }
  constexpr std::pair<std::string_view, std::string_view> kElements[] = {
      {"<RequestId>", "</RequestId>"}, {"<requestId>", "</requestId>"}, {"<RequestID>", "</RequestID>"}};
  for (const auto& [begin, end] : kElements) {
    if (const auto id = between(body, begin, end); !id.empty()) {
      return std::string(id);
    }
  }
  return otherwise;
}

bool shows_elements(const Subject& subject, bool read_only) {
  return !read_only ||
         (subject.call->service->name == "sts" && subject.call->operation->name.starts_with("Assume"));
}

}  // namespace cairn::capture
