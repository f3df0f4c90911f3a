// Which service and which operation a request is for, before anybody has checked its signature.
//
// By X-Amz-Target (json), Action (query, ec2), method, path and query keys (rest-json, rest-xml), or the path
// alone (rpc-v2-cbor). The service comes from the target's prefix, else from the credential scope, else from
// the host's name, else from Action and Version; what is left is taken for S3. Of services that share a
// signing name it is the one that has the action in this version, or whose route fits best; the host's name
// decides between equals. Pure, thread-safe.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "aws/fault.h"
#include "aws/model.h"
#include "aws/protocol.h"
#include "codec/headers.h"
#include "codec/uri.h"

namespace cairn::aws {

struct Question {
  const codec::RequestHead& head;
  std::string_view scope_service;  // of the credential scope; empty: the call is not signed
  std::string_view form;           // the whole body where reads_form() says so; else empty
  // Base domains of virtual-hosted buckets beyond AWS's own: with "s3.example.org", the host
  // "logs.s3.example.org" is the bucket "logs".
  std::span<const std::string> s3_domains;
  // Which services there are: those that are answered here, or everything().
  const Catalogue& among = catalogue();
  // Take for an operation also what AWS would refuse for its form alone (another content type, version or
  // target prefix): a relayed call is what its upstream takes it for.
  bool lenient = false;
};

// May the answer depend on the body? Then it must be read first: it is a form, and small.
bool reads_form(const codec::RequestHead& head);

struct Recognised {
  const Service* service = nullptr;
  const Operation* operation = nullptr;
  Protocol protocol = Protocol::json;
  codec::QueryPairs labels;  // the URI template's labels, decoded: {"Bucket","logs"}, {"Key","a/b.json.gz"}
  codec::QueryPairs query;   // the query string, decoded
  codec::QueryPairs form;    // query protocol: the parameters, of query string and form
  bool virtual_hosted = false;

  std::string_view label(std::string_view name) const;
  std::string_view bucket() const { return label("Bucket"); }
  std::string_view key() const { return label("Key"); }
};

// No operation. The fault is in the family of what was recognised so far; `service` may be known all the
// same.
struct Refusal {
  Fault fault;
  Protocol protocol = Protocol::json;
  const Service* service = nullptr;
  // Where AWS answers something else than the protocol's error: the body, as it is.
  std::string body{};
  std::string content_type{};
};

Result<Recognised, Refusal> recognise(const Question& question);
// The same where the service is known: its operation alone.
Result<Recognised, Refusal> recognise_in(const Service& service, const Question& question);

Encoded encode_refusal(const Refusal& refusal, const codec::RequestHead& head, const RequestIds& ids);

// The bucket in the host's name, or nothing. "logs.s3.eu-west-1.amazonaws.com" and hosts under the given
// domains.
std::string_view bucket_in_host(std::string_view host, std::span<const std::string> s3_domains);

}  // namespace cairn::aws
