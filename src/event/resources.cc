// A row says: in a service's calls, the text at this place (request.… or response.…; arrays on the way are
// gone through) names a resource of this type. Rows without operations hold for all of the service's. AWS
// publishes no such table; it is made from real records and the operations' models. Tested by
// resources_test.cc.
#include "event/resources.h"

#include <algorithm>
#include <map>

#include "event/names.h"
#include "event/resources_table.h"
#include "event/walk.h"

namespace cairn::event {
namespace {

constexpr std::string_view kArn = "arn:";
constexpr std::string_view kHidden = "HIDDEN_DUE_TO_SECURITY_REASONS";

struct Target {
  std::string_view type;
  std::string_view operations;  // parted by spaces; empty: all
};

struct Node {
  std::string_view name;
  std::vector<Node> children;
  std::vector<Target> targets;

  const Node* find(std::string_view key) const {
    const auto found = std::ranges::find(children, key, &Node::name);
    return found == children.end() ? nullptr : &*found;
  }
  Node& at(std::string_view key) {
    const auto found = std::ranges::find(children, key, &Node::name);
    return found == children.end() ? children.emplace_back(Node{.name = key, .children = {}, .targets = {}})
                                   : *found;
  }
};

using Trees = std::map<std::string_view, Node, std::less<>>;

Trees plant() {
  Trees trees;
  for (const auto& row : kResourceRows) {
    Node* node = &trees[row.service];
    for (auto path = row.path; !path.empty();) {
      const auto dot = std::min(path.find('.'), path.size());
      node = &node->at(path.substr(0, dot));
      path.remove_prefix(std::min(dot + 1, path.size()));
    }
    node->targets.push_back({row.type, row.operations});
  }
  return trees;
}

const Node* tree_of(std::string_view service) {
  static const Trees trees = plant();
  const auto found = trees.find(service);
  return found == trees.end() ? nullptr : &found->second;
}

bool has_word(std::string_view words, std::string_view word) {
  for (std::size_t at = words.find(word); at != std::string_view::npos; at = words.find(word, at + 1)) {
    const auto end = at + word.size();
    if ((at == 0 || words[at - 1] == ' ') && (end == words.size() || words[end] == ' ')) {
      return true;
    }
  }
  return false;
}

// The queue of "https://sqs.eu-west-1.amazonaws.com/210987654321/nest".
std::string_view queue_of(std::string_view url) {
  return url.starts_with("http") ? url.substr(url.rfind('/') + 1) : std::string_view();
}

class Collector {
 public:
  Collector(std::string_view operation, std::vector<NamedResource>& found)
      : operation_(without_date(operation)), found_(found) {}

  void value(Walk& walk, const Node& node) {
    switch (walk.peek()) {
      case '{':
        return object(walk, node);
      case '[':
        return array(walk, node);
      case '"':
        return text(walk, node);
      default:
        return walk.skip();
    }
  }

  // The record's own list: [{"ARN": …, "accountId": …, "type": …}, …].
  void listed(std::string_view list) {
    Walk walk(list);
    if (!walk.enter_array()) {
      return;
    }
    while (walk.next_element()) {
      Text arn;
      Text type;
      std::string_view key;
      for (bool more = walk.enter_object() && walk.next_member(key); more; more = walk.next_member(key)) {
        if (key == "ARN" || key == "type") {
          (key == "ARN" ? arn : type) = content_of(walk.string().value_or(""));
        } else {
          walk.skip();
        }
      }
      add_with_short_name(type, arn);
    }
  }

 private:
  void object(Walk& walk, const Node& node) {
    std::string_view key;
    for (bool more = walk.enter_object() && walk.next_member(key); more; more = walk.next_member(key)) {
      const auto* const child = node.find(key);
      child == nullptr ? walk.skip() : value(walk, *child);
    }
  }

  // Arrays within arrays are stepped over, so that the depth is the table's.
  void array(Walk& walk, const Node& node) {
    for (bool more = walk.enter_array() && walk.next_element(); more; more = walk.next_element()) {
      walk.peek() == '[' ? walk.skip() : value(walk, node);
    }
  }

  void text(Walk& walk, const Node& node) {
    const auto content = walk.string();
    const auto target = std::ranges::find_if(node.targets, [this](const auto& t) {
      return t.operations.empty() || has_word(t.operations, operation_);
    });
    if (content && target != node.targets.end() && *content != kHidden) {
      add_with_short_name(Text::borrowed(target->type), content_of(*content));
    }
  }

  // Escapes are rare: what has none is where it stands.
  static Text content_of(std::string_view content) {
    return content.find('\\') == std::string_view::npos ? Text::borrowed(content) : Text(unescaped(content));
  }

  void add_with_short_name(const Text& type, const Text& name) {
    const auto text = name.view();
    add(type, name.part(text.starts_with(kArn) ? short_name(text) : queue_of(text)));
    add(type, name);
  }

  void add(const Text& type, const Text& name) {
    if (name.empty() || name.size() > ViewLimits::resource_name_bytes_max ||
        found_.size() >= ViewLimits::resources_max) {
      return;
    }
    for (auto& known : found_) {
      if (known.name == name && (known.type == type || known.type.empty() || type.empty())) {
        known.type = known.type.empty() ? type : known.type;
        return;
      }
    }
    found_.push_back({type, name});
  }

  std::string_view operation_;
  std::vector<NamedResource>& found_;
};

// What follows the fifth colon: "role/team/Falcon".
std::string_view resource_part(std::string_view arn) {
  for (int colon = 0; colon < 5; ++colon) {
    const auto at = arn.find(':');
    if (at == std::string_view::npos) {
      return {};
    }
    arn.remove_prefix(at + 1);
  }
  return arn;
}

std::string_view service_part(std::string_view arn) {
  const auto after_partition = arn.substr(std::min(arn.find(':', kArn.size()), arn.size() - 1) + 1);
  return after_partition.substr(0, after_partition.find(':'));
}

}  // namespace

std::string_view short_name(std::string_view arn) {
  if (!arn.starts_with(kArn)) {
    return {};
  }
  const auto service = service_part(arn);
  const auto resource = resource_part(arn);
  const auto mark = resource.find_first_of(":/");
  if (service == "s3" || resource.starts_with("alias/") || mark == std::string_view::npos) {
    return resource;
  }
  const auto name = resource.substr(mark + 1);
  if (resource[mark] == ':') {
    return name.substr(0, name.find(':'));
  }
  if (service == "iam" || service == "sts") {
    return name.substr(name.rfind('/') + 1);
  }
  return service == "dynamodb" ? name.substr(0, name.find('/')) : name;
}

std::vector<NamedResource> named_resources(const ResourceSources& sources) {
  std::vector<NamedResource> found;
  Collector collector(sources.operation, found);
  if (const auto* const tree = tree_of(sources.service)) {
    for (const auto& [side, text] :
         {std::pair("request", sources.request), std::pair("response", sources.response)}) {
      const auto* const node = tree->find(side);
      if (node != nullptr && text.starts_with('{')) {
        Walk walk(text);
        collector.value(walk, *node);
      }
    }
  }
  if (sources.listed.starts_with('[')) {
    collector.listed(sources.listed);
  }
  return found;
}

}  // namespace cairn::event
