#include "match/name_tree.h"

#include <bit>

namespace cairn::match {
namespace {

constexpr int kMultipliersTried = 64;

std::uint64_t head_of(std::string_view name) {
  std::uint64_t word = 0;
  std::memcpy(&word, name.data(), std::min(name.size(), sizeof word));
  return word;
}

std::uint64_t tail_of(std::string_view name) {
  return name.size() < 8 ? 0 : load_8(name.data() + name.size() - 8);
}

std::vector<std::string_view> names_of(std::string_view path) {
  std::vector<std::string_view> names;
  for (std::size_t dot = 0; (dot = path.find('.')) != std::string_view::npos;) {
    names.push_back(path.substr(0, dot));
    path.remove_prefix(dot + 1);
  }
  names.push_back(path);
  return names;
}

}  // namespace

struct NameTree::Growing {
  std::map<std::string, Node> edges;
  std::vector<std::uint32_t> leaves;
};

NameTree::NameTree(const std::map<std::string, std::vector<std::uint32_t>>& leaves) {
  std::vector<Growing> growing(1);
  for (const auto& [path, numbers] : leaves) {
    std::vector<Node> above{kRoot};  // on the way to here
    const auto names = names_of(path);
    for (std::size_t depth = 0; depth < names.size(); ++depth) {
      const auto fresh = static_cast<Node>(growing.size());
      const auto [edge, is_new] = growing[above.back()].edges.try_emplace(std::string(names[depth]), fresh);
      const Node here = edge->second;
      if (is_new) {
        growing.emplace_back();
      }
      std::string name(names[depth]);
      for (std::size_t up = depth; up-- > 0;) {  // with dots, from further up
        name = std::string(names[up]) + '.' + name;
        growing[above[up]].edges.try_emplace(name, here);
      }
      above.push_back(here);
    }
    growing[above.back()].leaves = numbers;
  }
  nodes_.resize(growing.size());
  for (std::size_t i = 0; i < growing.size(); ++i) {
    nodes_[i].leaves = static_cast<std::uint32_t>(leaves_.size());
    nodes_[i].leaves_count = static_cast<std::uint32_t>(growing[i].leaves.size());
    leaves_.insert(leaves_.end(), growing[i].leaves.begin(), growing[i].leaves.end());
    fill(nodes_[i], growing[i].edges);
  }
}

// A table at most a quarter full, so that most strangers find an empty slot at once, with a multiplier under
// which no two names meet, if there is one.
void NameTree::fill(Inner& node, const std::map<std::string, Node>& edges) {
  const auto size = std::bit_ceil(edges.size() * 4 + 1);
  node.slots = static_cast<std::uint32_t>(slots_.size());
  node.mask = static_cast<std::uint32_t>(size - 1);
  slots_.resize(slots_.size() + size, Slot{});
  for (const auto& [name, to] : edges) {
    node.sizes |= 1ULL << (name.size() & 63);
  }
  std::uint64_t seed = 1;
  for (int i = 0; i < kMultipliersTried; ++i) {
    seed = mix(seed);
    node.multiplier = seed | 1;
    if (place(node, edges, i + 1 == kMultipliersTried)) {
      return;
    }
  }
}

bool NameTree::place(const Inner& node, const std::map<std::string, Node>& edges, bool collisions) {
  std::fill(slots_.begin() + node.slots, slots_.end(), Slot{});
  const auto names_before = names_.size();
  for (const auto& [name, to] : edges) {
    auto slot = slot_of(node, head_of(name), tail_of(name), name.size());
    while (slots_[node.slots + slot].node != kNowhere) {
      if (!collisions) {
        names_.resize(names_before);
        return false;
      }
      slot = (slot + 1) & node.mask;
    }
    slots_[node.slots + slot] = {.head = head_of(name),
                                 .tail = tail_of(name),
                                 .name = static_cast<std::uint32_t>(names_.size()),
                                 .size = static_cast<std::uint32_t>(name.size()),
                                 .node = to};
    names_ += name;
  }
  return true;
}

}  // namespace cairn::match
