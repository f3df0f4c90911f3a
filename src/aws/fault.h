// Fault: an error that the caller of an AWS API sees. The rules of AWS return faults; infrastructure returns
// Error, and to_fault() is the only way from one to the other.
//
// The factories here are the faults that every service has in common, spelt as the caller's protocol family
// spells them. Those of one service live with the service.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace cairn::aws {

struct Fault {
  std::string code;     // the short name on the wire: "TrailNotFoundException", "NoSuchKey"
  int status = 400;     // HTTP
  std::string message;  // for people; never a secret
  bool sender = true;   // the caller's fault, not ours
  // Further members of the answer, in order: S3's <Key>, <BucketName>, <Region>; a modelled exception's own
  // members.
  std::vector<std::pair<std::string, std::string>> extra{};
  // Further headers of the answer: S3's x-amz-delete-marker.
  std::vector<std::pair<std::string, std::string>> headers{};

  Fault with(std::string name, std::string value) && {
    extra.emplace_back(std::move(name), std::move(value));
    return std::move(*this);
  }
  Fault with_header(std::string name, std::string value) && {
    headers.emplace_back(std::move(name), std::move(value));
    return std::move(*this);
  }
};

// How a service spells the common faults: JSON's names end in "Exception" and come with 400, the query
// protocol's do not, S3 has its own.
enum class Family { json, rest_json, query, s3 };

// What an infrastructure's error becomes: InternalFailure, or ServiceUnavailable where trying again may help.
// The details are for the log, not for the caller: log the error before it is turned.
Fault to_fault(Family family, const Error& error);

namespace fault {

struct Denial {
  std::string_view user;      // the caller's ARN
  std::string_view action;    // "cloudtrail:LookupEvents"
  std::string_view resource;  // an ARN; empty: none is named
  std::string_view reason;    // "because no identity-based policy allows the … action"; may be empty
};
Fault access_denied(Family family, const Denial& denial);
// S3's bare "Access Denied", and where there is no known caller to name.
Fault access_denied(Family family);

// The access key is unknown or inactive, or the session token is not its own.
Fault unrecognized_client(Family family);
// The session token is not this key's.
Fault invalid_token(Family family);
// The signature does not match.
Fault invalid_signature(Family family);
// A signature too old or not yet valid; the text says which ("Signature expired: … is now earlier than …").
Fault signature_expired(Family family, std::string message);
Fault expired_token(Family family);
Fault missing_authentication_token(Family family);
// A part of the Authorization header or of a presigned query is missing or malformed.
Fault incomplete_signature(Family family, std::string message);

// The body cannot be read: syntax, or a member of the wrong JSON type.
Fault serialization(Family family, std::string message = {});
// A member breaks the model's constraints, or several do: the text is AWS's.
Fault validation(Family family, std::string message);
Fault unknown_operation(Family family, std::string message = {});
Fault missing_action();
Fault request_too_large(Family family);

Fault throttling(Family family);
Fault internal_failure(Family family);
Fault service_unavailable(Family family);
// Of AWS's API, but not answered here.
Fault not_implemented(Family family, std::string_view operation);

}  // namespace fault
}  // namespace cairn::aws
