// Values between the model's names and XML: the bodies of rest-xml, the answers of the query protocol.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>

#include "aws/fault.h"
#include "aws/model.h"
#include "aws/xml.h"

namespace cairn::aws {

// Members of a structure from an element's attributes and children; elements that the model does not have are
// ignored. Only members in the body.
Result<boost::json::object, Fault> decode_xml_members(Family family, const Shape& shape,
                                                      const pugi::xml_node& node);
// A value that is the whole element: a payload, or an unwrapped root.
Result<boost::json::value, Fault> decode_xml(Family family, const Member& use, const pugi::xml_node& node);

struct XmlStyle {
  bool always_millis = false;  // S3's timestamps
};

// Into an open element: attributes first, then children in the model's order. Members that the model does not
// have are left out.
void encode_xml_members(const XmlStyle& style, const Shape& shape, const boost::json::object& value,
                        XmlWriter& writer);
void encode_xml(const XmlStyle& style, const Member& use, std::string_view name,
                const boost::json::value& value, XmlWriter& writer);
// Right after open().
void write_namespace(const std::optional<XmlNamespace>& ns, XmlWriter& writer);

}  // namespace cairn::aws
