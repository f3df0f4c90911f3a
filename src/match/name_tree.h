// NameTree: the paths that patterns ask for, as a tree of names. A member's name leads from one node to the
// next; most names lead nowhere, and finding that out is what it is quickest at.
//
// A name may hold dots: {"a.b": 1} has a leaf at the path "a.b", as {"a": {"b": 1}} has. So each node has an
// edge for every way to write what is below it. Immutable once made; thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "match/text_table.h"

namespace cairn::match {

class NameTree {
 public:
  using Node = std::uint32_t;
  static constexpr Node kRoot = 0;
  static constexpr Node kNowhere = 0;  // no edge leads back to the root

  NameTree() = default;
  // What is at the end of each path: numbers, at least one each.
  explicit NameTree(const std::map<std::string, std::vector<std::uint32_t>>& leaves);

  // The node that a member's name leads to, or kNowhere. 8 bytes may be read from the name's first on.
  [[gnu::always_inline]] Node find(Node from, std::string_view name) const {
    const Inner& node = nodes_[from];
    if ((node.sizes >> (name.size() & 63) & 1) == 0) {
      return kNowhere;
    }
    const auto head =
        name.size() < 8 ? load_8(name.data()) & ((1ULL << 8 * name.size()) - 1) : load_8(name.data());
    const auto tail = name.size() < 8 ? 0 : load_8(name.data() + name.size() - 8);
    for (auto slot = slot_of(node, head, tail, name.size());; slot = (slot + 1) & node.mask) {
      const Slot& here = slots_[node.slots + slot];
      if (here.node == kNowhere) {
        return kNowhere;
      }
      if (here.head == head && here.tail == tail && here.size == name.size() &&
          (name.size() <= 16 || std::memcmp(names_.data() + here.name, name.data(), name.size()) == 0)) {
        return here.node;
      }
    }
  }

  std::span<const std::uint32_t> leaves(Node node) const {
    return std::span(leaves_).subspan(nodes_[node].leaves, nodes_[node].leaves_count);
  }
  bool has_children(Node node) const { return nodes_[node].sizes != 0; }

 private:
  struct Inner {
    std::uint64_t sizes = 0;  // bit n: there is a name of n bytes (modulo 64)
    std::uint64_t multiplier = 1;
    std::uint32_t slots = 0;  // in slots_
    std::uint32_t mask = 0;   // their number - 1
    std::uint32_t leaves = 0;
    std::uint32_t leaves_count = 0;
  };
  struct Slot {
    std::uint64_t head;  // the name's first 8 bytes
    std::uint64_t tail;  // and its last 8, if it has so many
    std::uint32_t name;  // in names_
    std::uint32_t size;
    Node node;  // kNowhere: empty
  };
  struct Growing;

  static std::uint64_t slot_of(const Inner& node, std::uint64_t head, std::uint64_t tail, std::size_t size) {
    return ((head ^ (tail << 7 | tail >> 57) ^ size) * node.multiplier >> 40) & node.mask;
  }
  void fill(Inner& node, const std::map<std::string, Node>& edges);
  bool place(const Inner& node, const std::map<std::string, Node>& edges, bool collisions);

  std::vector<Inner> nodes_;
  std::vector<Slot> slots_;
  std::string names_;
  std::vector<std::uint32_t> leaves_;
};

}  // namespace cairn::match
