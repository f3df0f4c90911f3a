#include "aws/query_wire.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <charconv>
#include <map>

#include "aws/scalars.h"

namespace cairn::aws {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

// The flat names as a tree: "Tags.member.1.Key" is four nodes deep.
struct FormNode {
  const std::string* text = nullptr;
  std::map<std::string, FormNode, std::less<>> children;

  const FormNode* child(std::string_view name) const {
    const auto found = children.find(name);
    return found == children.end() ? nullptr : &found->second;
  }
};

Fault bad_form(std::string message) {
  return fault::serialization(Family::query, std::move(message));
}

Result<FormNode, Fault> form_tree(const codec::QueryPairs& pairs) {
  if (pairs.size() > FormLimits::kPairsMax) {
    return bad_form(fmt::format("More than {} parameters", FormLimits::kPairsMax));
  }
  FormNode root;
  for (const auto& [name, text] : pairs) {
    FormNode* node = &root;
    std::size_t depth = 0;
    for (std::size_t from = 0; from <= name.size();) {
      const auto end = std::min(name.find('.', from), name.size());
      if (++depth > FormLimits::kDepthMax) {
        return bad_form("A parameter's name has too many parts");
      }
      node = &node->children[name.substr(from, end - from)];
      from = end + 1;
    }
    node->text = &text;
  }
  return root;
}

// "1", "2", … in the order of their numbers.
std::vector<const FormNode*> numbered_children(const FormNode& node) {
  std::map<std::uint32_t, const FormNode*> sorted;
  for (const auto& [name, child] : node.children) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error == std::errc{} && end == name.data() + name.size()) {
      sorted.emplace(number, &child);
    }
  }
  std::vector<const FormNode*> out;
  for (const auto& [number, child] : sorted) {
    out.push_back(child);
  }
  return out;
}

class FormReader {
 public:
  explicit FormReader(FormNames names) : names_(names) {}

  Result<object, Fault> members(const Shape& shape, const FormNode& node) const {
    object out;
    for (const auto& member : shape.members) {
      const auto* found = node_of(member, node);
      if (found == nullptr) {
        continue;
      }
      CAIRN_TRY(auto decoded, read(member, *found));
      out.emplace(member.name, std::move(decoded));
    }
    return out;
  }

 private:
  // A flattened list has its numbers directly under its name; any other one part further down. Both are read
  // for either: clients differ.
  static const FormNode& numbers_under(const FormNode& node, std::string_view part) {
    const auto* inner = node.child(part);
    return inner == nullptr ? node : *inner;
  }

  // A flattened list whose elements have a name of their own stands under that name instead.
  const FormNode* node_of(const Member& member, const FormNode& node) const {
    if (names_ == FormNames::ec2) {
      return node.child(member.ec2_name);
    }
    const auto& shape = *member.shape;
    const auto* found = node.child(member.wire_name);
    if (found == nullptr && member.flattened && shape.kind == Kind::list && shape.element.renamed) {
      found = node.child(shape.element.wire_name);
    }
    return found;
  }

  DecodedValue read(const Member& use, const FormNode& node) const {
    switch (use.shape->kind) {
      case Kind::structure: {
        CAIRN_TRY(auto read_members, members(*use.shape, node));
        return value(std::move(read_members));
      }
      case Kind::list:
        return list(use, node);
      case Kind::map:
        return map(use, node);
      default:
        break;
    }
    if (node.text == nullptr) {
      return bad_form("Start of structure or map found where not expected.");
    }
    auto scalar = scalar_value(use, *node.text);
    return scalar ? DecodedValue(*std::move(scalar))
                  : DecodedValue(bad_form(fmt::format("Malformed value of {}", use.name)));
  }

  DecodedValue list(const Member& use, const FormNode& node) const {
    const auto& element = use.shape->element;
    const auto& numbers =
        names_ == FormNames::ec2 ? node : numbers_under(node, element.renamed ? element.wire_name : "member");
    array out;
    for (const auto* item : numbered_children(numbers)) {
      CAIRN_TRY(auto decoded, read(element, *item));
      out.push_back(std::move(decoded));
    }
    return value(std::move(out));
  }

  DecodedValue map(const Member& use, const FormNode& node) const {
    const auto& shape = *use.shape;
    object out;
    for (const auto* item : numbered_children(numbers_under(node, "entry"))) {
      const auto* key = item->child(shape.key.renamed ? shape.key.wire_name : "key");
      const auto* given = item->child(shape.element.renamed ? shape.element.wire_name : "value");
      if (key == nullptr || key->text == nullptr || given == nullptr) {
        return bad_form("A map's entry lacks its key or its value");
      }
      CAIRN_TRY(auto name, read(shape.key, *key));
      CAIRN_TRY(auto decoded, read(shape.element, *given));
      out.insert_or_assign(
          name.is_string() ? std::string_view(name.get_string()) : std::string_view(*key->text),
          std::move(decoded));
    }
    return value(std::move(out));
  }

  FormNames names_;
};

class FormWriter {
 public:
  explicit FormWriter(FormNames names) : names_(names) {}

  void members(const Shape& shape, const object& given, const std::string& prefix) {
    for (const auto& member : shape.members) {
      if (const auto* found = given.if_contains(member.name); found != nullptr && !found->is_null()) {
        const auto& name = names_ == FormNames::ec2 ? member.ec2_name : member.wire_name;
        write(member, *found, prefix.empty() ? name : prefix + "." + name);
      }
    }
  }

  codec::QueryPairs take() { return std::move(pairs_); }

 private:
  void write(const Member& use, const value& given, const std::string& name) {
    const auto& shape = *use.shape;
    if (given.is_object() && shape.kind == Kind::structure) {
      members(shape, given.get_object(), name);
    } else if (given.is_object() && shape.kind == Kind::map) {
      map(use, given.get_object(), name);
    } else if (given.is_array() && shape.kind == Kind::list) {
      list(use, given.get_array(), name);
    } else if (auto text = scalar_text(use, given, TimestampFormat::iso8601)) {
      pairs_.emplace_back(name, *std::move(text));
    }
  }

  void list(const Member& use, const array& items, const std::string& name) {
    if (items.empty() && names_ == FormNames::query) {
      pairs_.emplace_back(name, "");
      return;
    }
    const auto& element = use.shape->element;
    const auto prefix = use.flattened || names_ == FormNames::ec2
                            ? name
                            : name + "." + (element.renamed ? element.wire_name : "member");
    std::size_t number = 0;
    for (const auto& item : items) {
      write(element, item, fmt::format("{}.{}", prefix, ++number));
    }
  }

  void map(const Member& use, const object& entries, const std::string& name) {
    const auto& shape = *use.shape;
    std::size_t number = 0;
    for (const auto& [key, given] : entries) {
      const auto entry = fmt::format("{}{}.{}.", name, use.flattened ? "" : ".entry", ++number);
      pairs_.emplace_back(entry + (shape.key.renamed ? shape.key.wire_name : "key"), std::string(key));
      write(shape.element, given, entry + (shape.element.renamed ? shape.element.wire_name : "value"));
    }
  }

  FormNames names_;
  codec::QueryPairs pairs_;
};

}  // namespace

Result<object, Fault> decode_form(const Shape& shape, const codec::QueryPairs& pairs, FormNames names) {
  CAIRN_TRY(auto root, form_tree(pairs));
  return FormReader(names).members(shape, root);
}

codec::QueryPairs encode_form(const Shape& shape, const object& given, FormNames names) {
  FormWriter writer(names);
  writer.members(shape, given, "");
  return writer.take();
}

}  // namespace cairn::aws
