#include "match/affix_tree.h"

namespace cairn::match {
namespace {

struct GrowingNode {
  std::map<unsigned char, std::uint32_t> edges;
  std::vector<Mark> marks;
};

}  // namespace

template <End kEnd>
AffixTree<kEnd>::AffixTree(const MarkedTexts& texts) {
  std::vector<GrowingNode> growing(texts.empty() ? 0 : 1);
  for (const auto& [text, marks] : texts) {
    std::uint32_t at = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const auto c = static_cast<unsigned char>(kEnd == End::front ? text[i] : text[text.size() - 1 - i]);
      const auto [edge, is_new] =
          growing[at].edges.try_emplace(c, static_cast<std::uint32_t>(growing.size()));
      at = edge->second;
      if (is_new) {
        growing.emplace_back();
      }
    }
    growing[at].marks = marks;
  }
  for (const auto& node : growing) {
    nodes_.push_back({.edges = static_cast<std::uint32_t>(edges_.size()),
                      .marks = static_cast<std::uint32_t>(marks_.size()),
                      .marks_count = static_cast<std::uint32_t>(node.marks.size()),
                      .edges_count = static_cast<std::uint16_t>(node.edges.size())});
    for (const auto& [byte, to] : node.edges) {
      edges_.push_back({.node = to, .byte = byte});
    }
    marks_.insert(marks_.end(), node.marks.begin(), node.marks.end());
  }
}

template class AffixTree<End::front>;
template class AffixTree<End::back>;

}  // namespace cairn::match
