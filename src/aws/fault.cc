#include "aws/fault.h"

#include <fmt/format.h>

#include "aws/spelling.h"

namespace cairn::aws {
namespace {

// One common fault as each family spells it.
struct Spelling {
  std::string_view code;
  int status;
};
struct Spellings {
  Spelling json;
  Spelling rest_json;
  Spelling query;
  Spelling s3;
};

Fault make_fault(Family family, const Spellings& names, std::string message, bool sender = true) {
  const Spelling* name = &names.json;
  switch (family) {
    case Family::json:
      name = &names.json;
      break;
    case Family::rest_json:
      name = &names.rest_json;
      break;
    case Family::query:
      name = &names.query;
      break;
    case Family::s3:
      name = &names.s3;
      break;
  }
  return Fault{std::string(name->code), name->status, std::move(message), sender};
}

constexpr Spellings kAccessDenied{{"AccessDeniedException", 400},
                                  {"AccessDeniedException", 403},
                                  {"AccessDenied", 403},
                                  {"AccessDenied", 403}};
constexpr Spellings kUnrecognizedClient{{"UnrecognizedClientException", 400},
                                        {"UnrecognizedClientException", 403},
                                        {"InvalidClientTokenId", 403},
                                        {"InvalidAccessKeyId", 403}};
constexpr Spellings kInvalidSignature{{"InvalidSignatureException", 400},
                                      {"InvalidSignatureException", 403},
                                      {"SignatureDoesNotMatch", 403},
                                      {"SignatureDoesNotMatch", 403}};
constexpr Spellings kSignatureExpired{{"InvalidSignatureException", 400},
                                      {"InvalidSignatureException", 403},
                                      {"SignatureDoesNotMatch", 403},
                                      {"RequestTimeTooSkewed", 403}};
constexpr Spellings kExpiredToken{{"ExpiredTokenException", 400},
                                  {"ExpiredTokenException", 403},
                                  {"ExpiredToken", 403},
                                  {"ExpiredToken", 400}};
constexpr Spellings kMissingToken{{"MissingAuthenticationTokenException", 400},
                                  {"MissingAuthenticationTokenException", 403},
                                  {"MissingAuthenticationToken", 403},
                                  {"AccessDenied", 403}};
constexpr Spellings kIncompleteSignature{{"IncompleteSignatureException", 400},
                                         {"IncompleteSignatureException", 403},
                                         {"IncompleteSignature", 403},
                                         {"AuthorizationHeaderMalformed", 400}};
constexpr Spellings kSerialization{{"SerializationException", 400},
                                   {"SerializationException", 400},
                                   {"MalformedInput", 400},
                                   {"MalformedXML", 400}};
constexpr Spellings kValidation{{"ValidationException", 400},
                                {"ValidationException", 400},
                                {"ValidationError", 400},
                                {"InvalidRequest", 400}};
constexpr Spellings kUnknownOperation{{"UnknownOperationException", 400},
                                      {"UnknownOperationException", 404},
                                      {"InvalidAction", 400},
                                      {"MethodNotAllowed", 405}};
constexpr Spellings kTooLarge{{"RequestEntityTooLargeException", 413},
                              {"RequestEntityTooLargeException", 413},
                              {"RequestEntityTooLarge", 413},
                              {"EntityTooLarge", 400}};
constexpr Spellings kThrottling{
    {"ThrottlingException", 400}, {"ThrottlingException", 429}, {"Throttling", 400}, {"SlowDown", 503}};
constexpr Spellings kInternal{
    {"InternalFailure", 500}, {"InternalFailure", 500}, {"InternalFailure", 500}, {"InternalError", 500}};
constexpr Spellings kUnavailable{{"ServiceUnavailable", 503},
                                 {"ServiceUnavailable", 503},
                                 {"ServiceUnavailable", 503},
                                 {"ServiceUnavailable", 503}};
constexpr Spellings kNotImplemented{{"UnsupportedOperationException", 400},
                                    {"UnsupportedOperationException", 400},
                                    {"UnsupportedOperation", 400},
                                    {"NotImplemented", 501}};

}  // namespace

Fault to_fault(Family family, const Error& error) {
  switch (error.code) {
    case Errc::unavailable:
    case Errc::limit:
    case Errc::conflict:
    case Errc::cancelled:
      return fault::service_unavailable(family);
    case Errc::invalid:
    case Errc::not_found:
    case Errc::denied:
    case Errc::unknown:
    case Errc::corrupt:
      return fault::internal_failure(family);
  }
  return fault::internal_failure(family);
}

std::string query_spelling(std::string_view code) {
  for (const auto* names :
       {&kAccessDenied, &kUnrecognizedClient, &kInvalidSignature, &kExpiredToken, &kMissingToken,
        &kIncompleteSignature, &kSerialization, &kValidation, &kUnknownOperation, &kTooLarge, &kThrottling,
        &kInternal, &kUnavailable, &kNotImplemented}) {
    if (names->json.code == code) {
      return std::string(names->query.code);
    }
  }
  return std::string(code);
}

namespace fault {

Fault access_denied(Family family, const Denial& denial) {
  auto message = fmt::format("User: {} is not authorized to perform: {}", denial.user, denial.action);
  if (!denial.resource.empty()) {
    message += fmt::format(" on resource: {}{}{}", family == Family::s3 ? "\"" : "", denial.resource,
                           family == Family::s3 ? "\"" : "");
  }
  if (!denial.reason.empty()) {
    message += fmt::format(" {}", denial.reason);
  }
  return make_fault(family, kAccessDenied, std::move(message));
}

Fault access_denied(Family family) {
  return make_fault(family, kAccessDenied, "Access Denied");
}

Fault unrecognized_client(Family family) {
  return make_fault(family, kUnrecognizedClient,
                    family == Family::s3 ? "The AWS Access Key Id you provided does not exist in our records."
                                         : "The security token included in the request is invalid.");
}

Fault invalid_token(Family family) {
  if (family != Family::s3) {
    return unrecognized_client(family);
  }
  return {.code = "InvalidToken",
          .status = 400,
          .message = "The provided token is malformed or otherwise invalid."};
}

Fault invalid_signature(Family family) {
  if (family == Family::s3) {
    return make_fault(
        family, kInvalidSignature,
        "The request signature we calculated does not match the signature you provided. Check your key and "
        "signing method.");
  }
  return make_fault(
      family, kInvalidSignature,
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
      "Access Key and signing method. Consult the service documentation for details.");
}

Fault signature_expired(Family family, std::string message) {
  if (family == Family::s3) {
    message = "The difference between the request time and the current time is too large.";
  }
  return make_fault(family, kSignatureExpired, std::move(message));
}

Fault expired_token(Family family) {
  return make_fault(family, kExpiredToken,
                    family == Family::s3 ? "The provided token has expired."
                                         : "The security token included in the request is expired");
}

Fault missing_authentication_token(Family family) {
  return make_fault(family, kMissingToken,
                    family == Family::s3 ? "Access Denied" : "Missing Authentication Token");
}

Fault incomplete_signature(Family family, std::string message) {
  return make_fault(family, kIncompleteSignature, std::move(message));
}

Fault serialization(Family family, std::string message) {
  if (family == Family::s3) {
    message = "The XML you provided was not well-formed or did not validate against our published schema";
  }
  return make_fault(family, kSerialization, std::move(message));
}

Fault validation(Family family, std::string message) {
  return make_fault(family, kValidation, std::move(message));
}

Fault unknown_operation(Family family, std::string message) {
  if (family == Family::s3) {
    message = "The specified method is not allowed against this resource.";
  }
  return make_fault(family, kUnknownOperation, std::move(message));
}

Fault missing_action() {
  return Fault{"MissingAction", 400, "The request is missing an action or a required parameter."};
}

Fault request_too_large(Family family) {
  return make_fault(family, kTooLarge,
                    family == Family::s3 ? "Your proposed upload exceeds the maximum allowed size"
                                         : "Request size exceeded the limit.");
}

Fault throttling(Family family) {
  return make_fault(family, kThrottling,
                    family == Family::s3 ? "Please reduce your request rate." : "Rate exceeded");
}

Fault internal_failure(Family family) {
  return make_fault(
      family, kInternal,
      family == Family::s3
          ? "We encountered an internal error. Please try again."
          : "The request processing has failed because of an unknown error, exception or failure.",
      false);
}

Fault service_unavailable(Family family) {
  return make_fault(family, kUnavailable,
                    family == Family::s3 ? "Please reduce your request rate."
                                         : "The request has failed due to a temporary failure of the server.",
                    false);
}

Fault not_implemented(Family family, std::string_view operation) {
  return make_fault(family, kNotImplemented,
                    family == Family::s3
                        ? "A header you provided implies functionality that is not implemented"
                        : fmt::format("The operation {} is not supported.", operation));
}

}  // namespace fault
}  // namespace cairn::aws
