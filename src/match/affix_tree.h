// AffixTree: all texts of a set that another text begins with, or ends with, found in one walk from that end.
// Immutable once made; thread-safe.
#pragma once

#include <algorithm>
#include <string_view>

#include "match/marks.h"

namespace cairn::match {

enum class End : std::uint8_t { front, back };

template <End kEnd>
class AffixTree {
 public:
  AffixTree() = default;
  explicit AffixTree(const MarkedTexts& texts);

  bool empty() const { return nodes_.empty(); }

  // Calls each(Marks) for every text of the set that `text` begins (ends) with.
  template <class Each>
  void walk(std::string_view text, Each each) const {
    if (nodes_.empty()) {
      return;
    }
    std::uint32_t at = 0;
    for (std::size_t i = 0;; ++i) {
      const Node& node = nodes_[at];
      if (node.marks_count != 0) {
        each(Marks(marks_).subspan(node.marks, node.marks_count));
      }
      if (i == text.size() || node.edges_count == 0) {
        return;
      }
      const auto c = static_cast<unsigned char>(kEnd == End::front ? text[i] : text[text.size() - 1 - i]);
      const Edge* const first = edges_.data() + node.edges;
      const Edge* const last = first + node.edges_count;
      const Edge* const edge =
          std::lower_bound(first, last, c, [](const Edge& e, unsigned char b) { return e.byte < b; });
      if (edge == last || edge->byte != c) {
        return;
      }
      at = edge->node;
    }
  }

 private:
  struct Node {
    std::uint32_t edges = 0;  // in edges_, by their bytes
    std::uint32_t marks = 0;  // in marks_
    std::uint32_t marks_count = 0;
    std::uint16_t edges_count = 0;
  };
  struct Edge {
    std::uint32_t node;
    unsigned char byte;
  };

  std::vector<Node> nodes_;
  std::vector<Edge> edges_;
  std::vector<Mark> marks_;
};

using PrefixTree = AffixTree<End::front>;
using SuffixTree = AffixTree<End::back>;

}  // namespace cairn::match
