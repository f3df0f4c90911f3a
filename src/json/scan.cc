// The paths form a tree of names. The scanner walks record and tree together: a member whose name is no child
// of the current node is skipped by simdjson, which has indexed the text's structure beforehand, many bytes
// at a time.
//
// Tested by scan_test.cc (against a tree made by Boost.JSON) and scan_fuzz.cc.
#include "json/scan.h"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>

#include "json/cursor.h"

namespace cairn::json {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::size_t kNoField = static_cast<std::size_t>(-1);

struct Node {
  std::string name;
  std::size_t field = kNoField;  // where the value goes, if a path ends here
  std::vector<Node> children;
  std::vector<std::uint16_t> table;  // open addressing: a child's index + 1, or 0
  std::size_t seen_in = 0;           // the last scan that came by
};

// Three characters tell CloudTrail's member names apart well enough; the comparison afterwards decides.
std::size_t hash(std::string_view name) {
  const auto at = [&](std::size_t i) {
    return static_cast<std::size_t>(static_cast<unsigned char>(name[i]));
  };
  return name.empty() ? 0 : name.size() * 37 + at(0) * 5 + at(name.size() / 2) * 17 + at(name.size() - 1);
}

Node* child_of(Node& node, std::string_view name) {
  if (node.table.empty()) {
    return nullptr;
  }
  const std::size_t mask = node.table.size() - 1;
  for (std::size_t slot = hash(name) & mask; node.table[slot] != 0; slot = (slot + 1) & mask) {
    Node& child = node.children[node.table[slot] - 1U];
    if (child.name == name) {
      return &child;
    }
  }
  return nullptr;
}

// At most a quarter full, so that most strangers find an empty slot at once.
void make_tables(Node& node) {
  CAIRN_CHECK(node.children.size() < std::numeric_limits<std::uint16_t>::max());
  node.table.assign(node.children.empty() ? 0 : std::bit_ceil(node.children.size() * 4), 0);
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    std::size_t slot = hash(node.children[i].name) & (node.table.size() - 1);
    while (node.table[slot] != 0) {
      slot = (slot + 1) & (node.table.size() - 1);
    }
    node.table[slot] = static_cast<std::uint16_t>(i + 1);
    make_tables(node.children[i]);
  }
}

void add_path(Node& root, std::string_view path, std::size_t field) {
  Node* node = &root;
  for (bool last = false; !last;) {
    const auto dot = path.find('.');
    const auto name = path.substr(0, dot);
    const auto known = std::ranges::find(node->children, name, &Node::name);
    const auto index = static_cast<std::size_t>(known - node->children.begin());
    if (known == node->children.end()) {
      node->children.push_back({.name = std::string(name)});
    }
    node = &node->children[index];
    last = dot == std::string_view::npos;
    path.remove_prefix(last ? path.size() : dot + 1);
  }
  CAIRN_CHECK(node->field == kNoField);  // no path twice
  node->field = field;
}

std::string_view without_space_after(std::string_view text) {
  const auto last = text.find_last_not_of(" \t\r\n");
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

Error broken(simdjson::error_code code) {
  return Error{Errc::invalid, std::string("scan record: ") + simdjson::error_message(code)};
}

}  // namespace

class Scanner::Implementation {
 public:
  Implementation(std::span<const std::string_view> paths, std::size_t bytes_max)
      : bytes_max_(bytes_max), fields_(paths.size()), parser_(bytes_max + simdjson::SIMDJSON_PADDING) {
    for (std::size_t i = 0; i < paths.size(); ++i) {
      add_path(root_, paths[i], i);
    }
    make_tables(root_);
  }

  Result<std::span<const std::optional<Field>>> scan(std::string_view record) {
    if (record.size() > bytes_max_) {
      return Error{Errc::limit, "record is larger than " + std::to_string(bytes_max_) + " bytes"};
    }
    std::ranges::fill(fields_, std::nullopt);
    repeated_ = false;
    ++scan_;
    record_ = record;
    pad();
    ondemand::document document;
    ondemand::object object;
    if (auto error = parser_.iterate(padded_.data(), record.size(), padded_.size()).get(document)) {
      return broken(error);
    }
    if (auto error = document.get_object().get(object)) {
      return broken(error);
    }
    if (auto error = walk(object, root_)) {
      return broken(error);
    }
    if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
      return broken(simdjson::TRAILING_CONTENT);
    }
    return std::span<const std::optional<Field>>(fields_);
  }

  bool repeated() const { return repeated_; }

 private:
  // simdjson reads up to 64 bytes beyond the text.
  void pad() {
    const std::size_t needed = record_.size() + simdjson::SIMDJSON_PADDING;
    if (padded_.size() < needed) {
      padded_.resize(std::max(needed, padded_.size() * 2));
    }
    std::memcpy(padded_.data(), record_.data(), record_.size());
    std::memset(padded_.data() + record_.size(), ' ', simdjson::SIMDJSON_PADDING);
  }

  simdjson::error_code walk(ondemand::object& object, Node& node) {
    for (auto member : object) {
      ondemand::field field;
      if (auto error = std::move(member).get(field)) {
        return error;
      }
      Node* child = nullptr;
      if (auto error = find_child(field, node, child)) {
        return error;
      }
      if (child != nullptr) {
        if (auto error = take(field.value(), *child)) {
          return error;
        }
      }
    }
    return simdjson::SUCCESS;
  }

  simdjson::error_code find_child(ondemand::field& field, Node& node, Node*& child) {
    const char* const begin = field.key().raw();
    const char* const end = plain_end(begin, padded_.data() + record_.size());
    std::string_view name(begin, static_cast<std::size_t>(end - begin));
    if (end == padded_.data() + record_.size() || *end != '"') {
      if (auto error = field.unescaped_key().get(name)) {
        return error;
      }
    }
    child = child_of(node, name);
    return simdjson::SUCCESS;
  }

  simdjson::error_code take(ondemand::value value, Node& node) {
    if (node.seen_in == scan_) {
      repeated_ = true;
      forget(node);
    }
    node.seen_in = scan_;
    ondemand::json_type type;
    if (auto error = value.type().get(type)) {
      return error;
    }
    switch (type) {
      case ondemand::json_type::object:
        return take_object(value, node);
      case ondemand::json_type::array:
        return take_array(value, node);
      case ondemand::json_type::string:
        return take_string(value, node);
      default:
        return take_plain(value, node, type);
    }
  }

  simdjson::error_code take_object(ondemand::value& value, Node& node) {
    ondemand::object object;
    if (auto error = value.get_object().get(object)) {
      return error;
    }
    if (node.field != kNoField) {
      std::string_view raw;
      if (auto error = object.raw_json().get(raw)) {
        return error;
      }
      keep(node, Kind::object, raw);
      if (node.children.empty()) {
        return simdjson::SUCCESS;
      }
      if (auto error = object.reset().error()) {
        return error;
      }
    }
    return walk(object, node);
  }

  simdjson::error_code take_array(ondemand::value& value, Node& node) {
    if (node.field == kNoField) {
      return simdjson::SUCCESS;
    }
    ondemand::array array;
    std::string_view raw;
    if (auto error = value.get_array().get(array)) {
      return error;
    }
    if (auto error = array.raw_json().get(raw)) {
      return error;
    }
    keep(node, Kind::array, raw);
    return simdjson::SUCCESS;
  }

  simdjson::error_code take_string(ondemand::value& value, Node& node) {
    if (node.field == kNoField) {
      return simdjson::SUCCESS;
    }
    Field& field = keep(node, Kind::string, value.raw_json_token());
    if (field.raw.size() < 2 || field.raw.back() != '"') {
      return simdjson::STRING_ERROR;
    }
    field.text = field.raw.substr(1, field.raw.size() - 2);
    if (field.text.find('\\') == std::string_view::npos) {
      return simdjson::SUCCESS;
    }
    return value.get_string().get(field.text);
  }

  simdjson::error_code take_plain(ondemand::value& value, Node& node, ondemand::json_type type) {
    if (node.field != kNoField) {
      const Kind kind = type == ondemand::json_type::number    ? Kind::number
                        : type == ondemand::json_type::boolean ? Kind::boolean
                                                               : Kind::null;
      keep(node, kind, value.raw_json_token());
    }
    return simdjson::SUCCESS;
  }

  // `token` is in the padded copy and may end with space; what is handed out is a view into the caller's
  // text.
  Field& keep(Node& node, Kind kind, std::string_view token) {
    const auto size = without_space_after(token).size();
    const auto raw = record_.substr(static_cast<std::size_t>(token.data() - padded_.data()), size);
    return fields_[node.field].emplace(Field{kind, raw, raw});
  }

  // The last of two members with one name counts; what the first one had inside is gone with it.
  void forget(Node& node) {
    if (node.field != kNoField) {
      fields_[node.field].reset();
    }
    for (auto& child : node.children) {
      forget(child);
      child.seen_in = 0;
    }
  }

  std::size_t bytes_max_;
  Node root_;
  std::vector<std::optional<Field>> fields_;
  ondemand::parser parser_;
  std::string padded_;
  std::string_view record_;
  std::size_t scan_ = 0;
  bool repeated_ = false;
};

Scanner::Scanner(std::span<const std::string_view> paths, std::size_t bytes_max)
    : implementation_(std::make_unique<Implementation>(paths, bytes_max)) {}
Scanner::~Scanner() = default;
Scanner::Scanner(Scanner&&) noexcept = default;
Scanner& Scanner::operator=(Scanner&&) noexcept = default;

Result<std::span<const std::optional<Field>>> Scanner::scan(std::string_view record) {
  return implementation_->scan(record);
}

bool Scanner::repeated() const {
  return implementation_->repeated();
}

}  // namespace cairn::json
