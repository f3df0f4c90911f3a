#include "aws/model.h"

#include <algorithm>

namespace cairn::aws {

std::string_view to_string(Protocol protocol) {
  switch (protocol) {
    case Protocol::json:
      return "json";
    case Protocol::query:
      return "query";
    case Protocol::rest_json:
      return "rest-json";
    case Protocol::rest_xml:
      return "rest-xml";
    case Protocol::ec2:
      return "ec2";
    case Protocol::cbor:
      return "smithy-rpc-v2-cbor";
  }
  return "?";
}

const Member* Shape::member(std::string_view wanted) const {
  const auto found = std::ranges::find(members, wanted, &Member::name);
  return found == members.end() ? nullptr : &*found;
}

namespace {

const Member* stream_of(const Body& body) {
  const Member* payload = body.shape == nullptr ? nullptr : body.shape->payload_member();
  return payload != nullptr && payload->streaming ? payload : nullptr;
}

}  // namespace

const Member* Operation::streaming_input() const {
  return stream_of(input);
}
const Member* Operation::streaming_output() const {
  return stream_of(output);
}

bool Service::speaks(Protocol wanted) const {
  return std::ranges::find(protocols, wanted) != protocols.end();
}

const Operation* Service::operation(std::string_view wanted) const {
  const auto found = operations.find(wanted);
  return found == operations.end() ? nullptr : &found->second;
}

std::string lower_first(std::string_view name) {
  std::string out(name);
  if (!out.empty() && out[0] >= 'A' && out[0] <= 'Z') {
    out[0] = static_cast<char>(out[0] - 'A' + 'a');
  }
  return out;
}

Family family_of(Protocol protocol) {
  switch (protocol) {
    case Protocol::json:
    case Protocol::cbor:
      return Family::json;
    case Protocol::rest_json:
      return Family::rest_json;
    case Protocol::query:
    case Protocol::ec2:
      return Family::query;
    case Protocol::rest_xml:
      return Family::s3;
  }
  return Family::json;
}

}  // namespace cairn::aws
