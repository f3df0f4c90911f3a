// What a caller is told whose signature was refused.
#include "aws/sigv4.h"

namespace cairn::aws::sigv4 {
namespace {

Fault s3_fault(const Refusal& refusal, std::string_view code, int status, std::string_view message = {}) {
  const std::string& detail = refusal.s3_detail.empty() ? refusal.detail : refusal.s3_detail;
  return Fault{std::string(code), status, message.empty() ? detail : std::string(message), true,
               refusal.extra};
}

Fault s3_malformed(const Refusal& refusal) {
  return s3_fault(
      refusal, refusal.presigned ? "AuthorizationQueryParametersError" : "AuthorizationHeaderMalformed", 400);
}

Fault to_s3_fault(const Refusal& refusal) {
  switch (refusal.reason) {
    case Reason::missing:
      return fault::access_denied(Family::s3);
    case Reason::unsupported:
      return refusal.presigned ? s3_malformed(refusal)
                               : s3_fault(refusal, "InvalidArgument", 400, "Unsupported Authorization Type");
    case Reason::ambiguous:
      return s3_fault(refusal, "InvalidArgument", 400,
                      "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature "
                      "query string parameter "
                      "or the Authorization header should be specified");
    case Reason::incomplete:
    case Reason::malformed:
    case Reason::wrong_scope:
      return s3_malformed(refusal);
    case Reason::header_not_signed:
      return s3_fault(refusal, "AccessDenied", 403);
    case Reason::no_payload_hash:
      return s3_fault(refusal, "InvalidRequest", 400);
    case Reason::expired:
    case Reason::not_yet:
      if (refusal.presigned) {
        const bool expired = refusal.reason == Reason::expired;
        return s3_fault(refusal, "AccessDenied", 403,
                        expired ? "Request has expired" : "Request is not valid yet");
      }
      return s3_fault(refusal, "RequestTimeTooSkewed", 403,
                      "The difference between the request time and the current time is too large.");
    case Reason::mismatch:
      break;
  }
  auto out = fault::invalid_signature(Family::s3);
  out.extra = refusal.extra;
  return out;
}

// The code of a wrong signature, with words of its own.
Fault wrong_signature(Family family, const Refusal& refusal) {
  auto out = fault::invalid_signature(family);
  out.message = refusal.detail.empty() ? out.message : refusal.detail;
  return out;
}

}  // namespace

Fault to_fault(Family family, const Refusal& refusal) {
  if (family == Family::s3) {
    return to_s3_fault(refusal);
  }
  switch (refusal.reason) {
    case Reason::missing:
    case Reason::unsupported:
      return fault::missing_authentication_token(family);
    case Reason::incomplete:
    case Reason::malformed:
    case Reason::no_payload_hash:
      return fault::incomplete_signature(family, refusal.detail);
    case Reason::expired:
    case Reason::not_yet:
      return fault::signature_expired(family, refusal.detail);
    case Reason::ambiguous:
    case Reason::wrong_scope:
    case Reason::header_not_signed:
    case Reason::mismatch:
      return wrong_signature(family, refusal);
  }
  return wrong_signature(family, refusal);
}

}  // namespace cairn::aws::sigv4
