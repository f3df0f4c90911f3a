// What an answer says: an error, or an output; and the request id in it. Inside capture/ only. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "capture/capture.h"

namespace cairn::capture {

struct AnswerFacts {
  std::string error_code;  // as records spell it; empty: the call succeeded
  std::string error_message;
  boost::json::object output;  // by the model's names; empty if it cannot be read
  bool says_true = false;      // <return>true</return>, EC2's answer where there is no other
  std::string request_id;
};
AnswerFacts answer_of(const Subject& subject, const codec::ResponseHead& head, std::string_view body);

// From the headers, else from the body, else `otherwise`.
std::string request_id_of(const codec::ResponseHead& head, std::string_view body, std::string otherwise);

// Are the answer's elements in the record? Those of calls that change something, and of the calls of STS that
// hand out credentials.
bool shows_elements(const Subject& subject, bool read_only);

}  // namespace cairn::capture
