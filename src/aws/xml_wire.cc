#include "aws/xml_wire.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <pugixml.hpp>

#include "aws/scalars.h"

namespace cairn::aws {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;
using XmlNodes = std::vector<pugi::xml_node>;

std::string_view element_name(const Member& use, std::string_view otherwise) {
  return use.renamed ? std::string_view(use.wire_name) : otherwise;
}

bool is_element_named(const pugi::xml_node& node, std::string_view name) {
  return node.type() == pugi::node_element && (local_name(node.name()) == name || node.name() == name);
}

XmlNodes children_named(const pugi::xml_node& node, std::string_view name) {
  XmlNodes out;
  for (const auto& child : node.children()) {
    if (is_element_named(child, name)) {
      out.push_back(child);
    }
  }
  return out;
}

// An element's text, all its pieces: CDATA and comments cut it up.
std::string element_text(const pugi::xml_node& node) {
  std::string out;
  for (const auto& child : node.children()) {
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) {
      out += child.value();
    }
  }
  return out;
}

Fault bad_element(Family family, const Member& use) {
  return fault::serialization(family, fmt::format("Malformed value of {}", use.name));
}

DecodedValue decode_element_text(Family family, const Member& use, const std::string& text) {
  auto scalar = scalar_value(use, text);
  return scalar ? DecodedValue(*std::move(scalar)) : DecodedValue(bad_element(family, use));
}

DecodedValue decode_elements(Family family, const Member& element, const XmlNodes& nodes) {
  array out;
  for (const auto& node : nodes) {
    CAIRN_TRY(auto decoded, decode_xml(family, element, node));
    out.push_back(std::move(decoded));
  }
  return value(std::move(out));
}

DecodedValue decode_entries(Family family, const Shape& shape, const XmlNodes& entries) {
  object out;
  for (const auto& entry : entries) {
    const auto keys = children_named(entry, element_name(shape.key, "key"));
    const auto values = children_named(entry, element_name(shape.element, "value"));
    if (keys.empty() || values.empty()) {
      return fault::serialization(family, "A map's entry lacks its key or its value");
    }
    CAIRN_TRY(auto decoded, decode_xml(family, shape.element, values.front()));
    out.insert_or_assign(element_text(keys.front()), std::move(decoded));
  }
  return value(std::move(out));
}

// A flattened list or map: the member's own elements, repeated.
XmlNodes flattened_nodes(const Member& member, const pugi::xml_node& node) {
  auto found = children_named(node, member.wire_name);
  if (found.empty() && member.shape->kind == Kind::list && member.shape->element.renamed) {
    found = children_named(node, member.shape->element.wire_name);
  }
  return found;
}

Result<std::optional<value>, Fault> decode_xml_member(Family family, const Member& member,
                                                      const pugi::xml_node& node) {
  const auto& shape = *member.shape;
  if (member.xml_attribute) {
    for (const auto& attribute : node.attributes()) {
      if (member.wire_name == attribute.name() ||
          local_name(attribute.name()) == local_name(member.wire_name.c_str())) {
        CAIRN_TRY(auto scalar, decode_element_text(family, member, attribute.value()));
        return std::optional(std::move(scalar));
      }
    }
    return std::optional<value>();
  }
  const bool repeated = member.flattened && (shape.kind == Kind::list || shape.kind == Kind::map);
  const auto found = repeated ? flattened_nodes(member, node) : children_named(node, member.wire_name);
  if (found.empty()) {
    return std::optional<value>();
  }
  if (repeated) {
    CAIRN_TRY(auto decoded, shape.kind == Kind::list ? decode_elements(family, shape.element, found)
                                                     : decode_entries(family, shape, found));
    return std::optional(std::move(decoded));
  }
  CAIRN_TRY(auto decoded, decode_xml(family, member, found.front()));
  return std::optional(std::move(decoded));
}

void encode_xml_list(const XmlStyle& style, const Member& use, std::string_view name, const array& items,
                     XmlWriter& writer) {
  const auto& element = use.shape->element;
  if (use.flattened) {
    for (const auto& item : items) {
      encode_xml(style, element, name, item, writer);
    }
    return;
  }
  writer.open(name);
  write_namespace(use.xml_namespace, writer);
  for (const auto& item : items) {
    encode_xml(style, element, element_name(element, "member"), item, writer);
  }
  writer.close(name);
}

void encode_xml_map(const XmlStyle& style, const Member& use, std::string_view name, const object& entries,
                    XmlWriter& writer) {
  const auto& shape = *use.shape;
  if (!use.flattened) {
    writer.open(name);
    write_namespace(use.xml_namespace, writer);
  }
  const auto entry = use.flattened ? name : std::string_view("entry");
  for (const auto& [key, item] : entries) {
    writer.open(entry);
    if (use.flattened) {
      write_namespace(use.xml_namespace, writer);
    }
    encode_xml(style, shape.key, element_name(shape.key, "key"), value(boost::json::string(key)), writer);
    encode_xml(style, shape.element, element_name(shape.element, "value"), item, writer);
    writer.close(entry);
  }
  if (!use.flattened) {
    writer.close(name);
  }
}

}  // namespace

Result<object, Fault> decode_xml_members(Family family, const Shape& shape, const pugi::xml_node& node) {
  object out;
  for (const auto& member : shape.members) {
    if (member.location != Location::body) {
      continue;
    }
    CAIRN_TRY(auto decoded, decode_xml_member(family, member, node));
    if (decoded) {
      out.emplace(member.name, *std::move(decoded));
    }
  }
  return out;
}

DecodedValue decode_xml(Family family, const Member& use, const pugi::xml_node& node) {
  const auto& shape = *use.shape;
  switch (shape.kind) {
    case Kind::structure: {
      CAIRN_TRY(auto members, decode_xml_members(family, shape, node));
      return value(std::move(members));
    }
    case Kind::list:
      return decode_elements(family, shape.element,
                             children_named(node, element_name(shape.element, "member")));
    case Kind::map:
      return decode_entries(family, shape, children_named(node, "entry"));
    default:
      return decode_element_text(family, use, element_text(node));
  }
}

void write_namespace(const std::optional<XmlNamespace>& ns, XmlWriter& writer) {
  if (ns && !ns->uri.empty()) {
    writer.attribute(ns->prefix.empty() ? "xmlns" : "xmlns:" + ns->prefix, ns->uri);
  }
}

void encode_xml_members(const XmlStyle& style, const Shape& shape, const object& given, XmlWriter& writer) {
  for (const auto& member : shape.members) {
    const auto* found = member.xml_attribute ? given.if_contains(member.name) : nullptr;
    if (found == nullptr) {
      continue;
    }
    if (auto text = scalar_text(member, *found, TimestampFormat::iso8601, style.always_millis)) {
      writer.attribute(member.wire_name, *text);
    }
  }
  for (const auto& member : shape.members) {
    const auto* found =
        member.xml_attribute || member.location != Location::body ? nullptr : given.if_contains(member.name);
    if (found != nullptr && !found->is_null()) {
      encode_xml(style, member, member.wire_name, *found, writer);
    }
  }
}

void encode_xml(const XmlStyle& style, const Member& use, std::string_view name, const value& given,
                XmlWriter& writer) {
  const auto kind = use.shape->kind;
  if (given.is_object() && kind == Kind::structure) {
    writer.open(name);
    write_namespace(use.xml_namespace, writer);
    encode_xml_members(style, *use.shape, given.get_object(), writer);
    writer.close(name);
  } else if (given.is_array() && kind == Kind::list) {
    encode_xml_list(style, use, name, given.get_array(), writer);
  } else if (given.is_object() && kind == Kind::map) {
    encode_xml_map(style, use, name, given.get_object(), writer);
  } else if (auto text = scalar_text(use, given, TimestampFormat::iso8601, style.always_millis)) {
    writer.open(name);
    write_namespace(use.xml_namespace, writer);
    if (!text->empty()) {
      writer.text(*text);
    }
    writer.close(name);
  }
}

}  // namespace cairn::aws
