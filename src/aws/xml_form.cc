// Tested by xml_test.cc and by capture/.
#include "aws/xml_form.h"

#include <boost/json/array.hpp>
#include <charconv>
#include <cstdint>
#include <pugixml.hpp>

#include "aws/xml.h"

namespace cairn::aws {
namespace {

using boost::json::object;
using boost::json::value;

// A number only where it is written as one: "007" stays text.
value text_value(std::string_view text) {
  if (text == "true" || text == "false") {
    return value(text == "true");
  }
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && std::to_string(number) == text ? value(number) : value(boost::json::string(text));
}

void add_member(object& to, std::string_view name, value member) {
  auto [place, is_new] = to.emplace(name, member);
  if (is_new) {
    return;
  }
  if (!place->value().is_array()) {
    auto first = std::move(place->value());
    place->value().emplace_array().push_back(std::move(first));
  }
  place->value().get_array().push_back(std::move(member));
}

// The depth is parse_xml's.
value element_value(const pugi::xml_node& node) {
  object out;
  for (const auto& child : node.children()) {
    if (child.type() == pugi::node_element) {
      add_member(out, child.name(), element_value(child));
    }
  }
  const std::string_view text = out.empty() ? node.text().get() : "";
  for (const auto& attribute : node.attributes()) {
    out.emplace(attribute.name(), attribute.value());
  }
  if (out.empty()) {
    return text_value(text);
  }
  if (!text.empty()) {
    out.emplace("content", text_value(text));
  }
  return out;
}

}  // namespace

object xml_form(std::string_view text) {
  const auto document = parse_xml(text);
  if (!document || !(*document)->document_element()) {
    return {};
  }
  const auto root = (*document)->document_element();
  return {{root.name(), element_value(root)}};
}

}  // namespace cairn::aws
