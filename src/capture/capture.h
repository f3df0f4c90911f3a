// The record of a call that another service answered, from what was on the wire.
//
// Any bytes give a record: what cannot be recognised is recorded as far as it is known, a body that cannot be
// read leaves its parameters out. The record is true to the wire: parameters come from the request, errors
// and elements from the answer, and nothing is made up. Secrets of the models are hidden. Pure, no I/O; any
// thread. Sizes are cut where the record becomes text (event::to_json).
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "aws/recognise.h"
#include "base/time.h"
#include "codec/headers.h"
#include "event/record.h"

namespace cairn::capture {

// A body's first bytes, as they were sent (chunked transfer coding undone, nothing else).
struct Part {
  std::string_view bytes{};
  bool whole = true;  // nothing came after them
};

// How much of a body is worth keeping: of more no parameters are made.
inline constexpr std::size_t kPartBytesMax = aws::kDecodedBodyBytesMax;

struct Wire {
  const codec::RequestHead& request;
  Part request_body{};
  const codec::ResponseHead* response = nullptr;  // null: none came (yet)
  Part response_body{};
  std::uint64_t bytes_in = 0;   // the request's body, all of it
  std::uint64_t bytes_out = 0;  // the answer's
};

// What the request was taken for; one of `call` and `refusal` is given.
struct Subject {
  const aws::Recognised* call = nullptr;
  const aws::Refusal* refusal = nullptr;
  std::string_view scope_service{};  // of the signature; empty: there is none
};

// What stands in place of an answer: the gateway's own refusal, or that nothing is known of the outcome.
struct Failure {
  std::string code;
  std::string message;
};

struct Circumstances {
  event::Identity identity;
  std::string account;  // recipientAccountId; of a resource where nothing else says
  std::string region;
  Time time;
  std::string event_id;
  std::string source_address;
  std::string_view tls_version{};  // "TLSv1.3"; empty: the call came in the clear
  std::string_view tls_cipher{};
  std::string request_id{};          // where the answer has none
  boost::json::object additional{};  // members of additionalEventData beyond those made here
  std::optional<Failure> failure{};  // wins over the answer
};

// Does the call change nothing, by the model's operation, or else by its name, or else by its method? `form`:
// the body, if aws::reads_form() says that it is one.
bool is_read_only(const Subject& subject, const codec::RequestHead& request, std::string_view form = {});

event::Record record_of(const Subject& subject, const Wire& wire, const Circumstances& circumstances);

}  // namespace cairn::capture
