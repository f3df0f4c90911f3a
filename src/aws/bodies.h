// The bodies of rest-json and rest-xml, for requests and answers, servers and clients.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "aws/fault.h"
#include "aws/model.h"
#include "aws/protocol.h"
#include "aws/xml_wire.h"
#include "codec/headers.h"

namespace cairn::aws {

// Adds the members that are in the body. A streaming payload is left out.
Result<void, Fault> decode_rest_json_body(const Body& what, std::string_view body, boost::json::object& into,
                                          Reading reading = Reading::strict);
Result<void, Fault> decode_rest_xml_body(const Body& what, std::string_view body, boost::json::object& into);

struct RestBody {
  Protocol protocol;
  const Operation& operation;
  const Body& what;
  XmlStyle style;
  bool root_always = false;  // an answer has its root element even where no member is set
};
// Sets `body`, and Content-Type where no member has set it.
void encode_rest_body(const RestBody& rest, const boost::json::object& given, codec::Headers& headers,
                      std::string& body);

// The namespace of what is written: its own, or else the service's.
std::optional<XmlNamespace> namespace_of(const Operation& operation, const Body& what);

}  // namespace cairn::aws
