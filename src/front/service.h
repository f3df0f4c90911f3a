// What a service is to the front: it names its operations, says what each needs permission for, and runs
// them.
//
// An operation reads what it needs, decides, and *returns* its effects: catalog writes, which the front
// commits together with the record of the call (promise 2: no unrecorded action). An operation cannot commit
// by itself. If the commit conflicts, the front asks for permission anew and runs the operation again, both
// on fresh state, so asks() and run() must be repeatable; what a first run took from the body is kept in
// Call::staged.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/access.h"
#include "async/task.h"
#include "aws/fault.h"
#include "aws/model.h"
#include "aws/recognise.h"
#include "catalog/catalog.h"
#include "codec/headers.h"
#include "event/record.h"
#include "http/http.h"

namespace cairn::front {

// What an operation keeps between two runs of the same call (a body already written to a blob).
struct Staged {
  virtual ~Staged() = default;
};

// What the record says beyond the call itself. An operation fills it in as it goes, so that a refused call
// has it too.
struct Recorded {
  std::vector<event::Resource> resources;
  boost::json::object additional;  // additionalEventData
  std::optional<boost::json::value>
      request_parameters;                               // where they are not the input in CloudTrail's casing
  std::optional<boost::json::value> response_elements;  // likewise
  std::optional<std::string>
      error_code;  // where it is not the code on the wire (NoSuchEntity: NoSuchEntityException)
};

// How the caller has proved who he is. Nowhere: he has not, or calls in process.
struct Signed {
  enum class Where { nowhere, header, query, form };
  Where where = Where::nowhere;
  bool is_v2 = false;
  std::optional<Time> time{};  // when; a query of Version 2 does not say
};

struct Call {
  const aws::Service& service;
  const aws::Operation& operation;
  const codec::RequestHead& head;
  access::Caller caller;
  std::string
      via{};  // the service of ours that asks for him, with his permissions (forwarding.h): its principal
  std::string account;  // whose call it is: the caller's account, or a service's source account
  std::string region;   // of the signature
  Time time;
  std::string request_id;
  std::string host_id;  // S3's x-amz-id-2; empty elsewhere
  std::string event_id;
  std::string source_address;
  std::optional<http::TlsFacts> tls{};  // none: plain, or in process
  Signed signature{};
  bool is_form = false;       // a form that was posted to a bucket, as the PutObject that it stands for
  boost::json::object input;  // decoded and validated; members by the model's names
  http::BodySource* body =
      nullptr;  // the streaming payload, signature-checked and unchunked; null if the operation has none
  std::function<std::optional<aws::Fault>()>
      body_fault;  // why a read of it failed, where that is the signature's affair
  const codec::Headers* trailers =
      nullptr;                    // of the body, once it was read to its end; null if it can have none
  std::string_view whole_body{};  // the body as it was sent, where it does not stream
  std::unique_ptr<Staged> staged;
  Recorded record;
};

struct Outcome {
  boost::json::object output;                // by the model's names
  std::unique_ptr<http::BodySource> stream;  // the answer's streaming payload, if the operation has one
  std::optional<int> status;                 // where it is not the model's (206)
  codec::Headers headers;                    // beyond those the model binds
  // Committed with the record. Its outbox rows are entries (event/entry.h, number 0) that go to the journal
  // in front of the record.
  catalog::Transaction effects;
  // The same behind the record, for those who must take the record as things were before ("the account
  // left"). REQUIRES: effects that are not empty.
  std::vector<std::string> outbox_behind{};
  // Told how the commit of the effects ended, before the answer goes out: for what a service keeps in memory.
  // Not called where nothing was tried.
  std::function<void(const Result<catalog::Committed>&)> after_commit{};
  // What asks() read is not what run() found: permission was asked for something else. The front asks anew
  // and runs the operation again; nothing else of this outcome counts.
  bool stale = false;
};

using Answer = Result<Outcome, aws::Fault>;

// What a browser asks, unsigned, for a page of another origin (CORS): whether it may send such a request, or
// show the page the answer to one.
struct PageRequest {
  std::string bucket;
  bool of_object = false;
  std::string origin;
  std::string method;
  std::vector<std::string> headers{};  // that a preflight announces
};

class Service {
 public:
  virtual ~Service() = default;
  virtual std::string_view name() const = 0;  // the model's: "cloudtrail", "s3"
  // False: UnsupportedOperation/NotImplemented by the front, and so docs/reference/coverage.md says.
  virtual bool answers(std::string_view operation) const = 0;
  // Members whose rules the service checks itself, with exceptions of its own (Name:
  // InvalidTrailNameException).
  virtual bool checks_itself(std::string_view operation, std::string_view member) const = 0;
  // The code of a refusal by policy, where it is not the protocol's own ("AuthorizationError").
  virtual std::string_view denial() const { return {}; }
  // The Region of a call that needs no signature, because something in its query that only its endpoint was
  // told is proof enough; its caller is anonymous. Nothing: it needs one.
  virtual std::optional<std::string> region_unsigned(const aws::Recognised&) const { return std::nullopt; }
  // What the call needs permission for; all of it must be allowed. Empty: any known caller may
  // (GetCallerIdentity).
  virtual Task<Result<std::vector<access::Ask>, aws::Fault>> asks(Call& call) = 0;
  virtual Task<Answer> run(Call& call) = 0;
  // The headers that allow it; of a service whose buckets say so. It reads nothing else and changes nothing.
  virtual Task<Result<codec::Headers, aws::Fault>> cross_origin(PageRequest) { co_return codec::Headers(); }
};

}  // namespace cairn::front
