#include "match/document.h"

#include <simdjson.h>

#include "json/records.h"

namespace cairn::match {
namespace {

namespace ondemand = simdjson::ondemand;

std::string trimmed(std::string_view token) {
  return std::string(token.substr(0, token.find_last_not_of(" \t\r\n") + 1));
}

Node node_of(ondemand::value value) {
  Node node{};
  switch (value.type().value()) {
    case ondemand::json_type::object:
      node.kind = Kind::object;
      for (auto found : value.get_object()) {
        ondemand::field member;
        CAIRN_CHECK(std::move(found).get(member) == simdjson::SUCCESS);
        node.names.emplace_back(member.unescaped_key().value());
        node.items.push_back(node_of(member.value()));
      }
      break;
    case ondemand::json_type::array:
      node.kind = Kind::array;
      for (auto found : value.get_array()) {
        node.items.push_back(node_of(std::move(found).value()));
      }
      break;
    case ondemand::json_type::string:
      node.kind = Kind::string;
      node.text = value.get_string().value();
      break;
    default:
      node.kind = value.type().value() == ondemand::json_type::number ? Kind::number : Kind::literal;
      node.text = trimmed(value.raw_json_token());
  }
  return node;
}

}  // namespace

Result<Node> read_document(std::string_view text, std::size_t depth_max) {
  CAIRN_TRY_VOID(json::check_text(text, depth_max));  // so that what follows cannot fail
  // In an array, because simdjson does not take a lone scalar for a value.
  const simdjson::padded_string padded(std::string("[").append(text).append("]"));
  ondemand::parser parser;
  auto document = parser.iterate(padded).value();
  return std::move(node_of(document.get_value().value()).items.front());
}

}  // namespace cairn::match
