#include "aws/route.h"

#include <algorithm>
#include <utility>

namespace cairn::aws {
namespace {

// Takes one segment off the front: "a/b" gives "a" and leaves "b".
std::string_view take_segment(std::string_view& path) {
  const auto slash = std::min(path.find('/'), path.size());
  const auto segment = path.substr(0, slash);
  path.remove_prefix(std::min(slash + 1, path.size()));
  return segment;
}

bool is_label(std::string_view segment) {
  return segment.starts_with('{') && segment.ends_with('}');
}

bool is_greedy(std::string_view segment) {
  return segment.ends_with("+}");
}

std::size_t segments_of(std::string_view path) {
  std::size_t count = 0;
  for (; !path.empty(); take_segment(path)) {
    ++count;
  }
  return count;
}

// What a greedy label takes: all but as many segments as the format still has.
std::string_view take_greedy(std::string_view& path, std::size_t left) {
  auto end = path.size();
  for (; left > 0 && end != 0; --left) {
    end = std::min(path.rfind('/', end - 1), path.size());
    end = end == path.size() ? 0 : end;
  }
  const auto text = path.substr(0, end);
  path.remove_prefix(std::min(end + 1, path.size()));
  return text;
}

// Both without their leading slash. A slash at the path's end does not matter.
bool match_path(std::string_view format, std::string_view path, codec::QueryPairs& labels) {
  while (!format.empty()) {
    auto part = take_segment(format);
    if (!is_label(part)) {
      if (take_segment(path) != part) {
        return false;
      }
      continue;
    }
    const bool greedy = is_greedy(part);
    part = part.substr(1, part.size() - (greedy ? 3 : 2));
    const auto text = greedy ? take_greedy(path, segments_of(format)) : take_segment(path);
    if (text.empty()) {
      return false;
    }
    labels.emplace_back(part, text);
  }
  return path.empty();
}

std::string_view without_slash(std::string_view path) {
  return path.starts_with('/') ? path.substr(1) : path;
}

bool has_pair(const codec::QueryPairs& query, std::string_view key, std::string_view text) {
  return std::ranges::any_of(
      query, [&](const auto& pair) { return pair.first == key && (text.empty() || pair.second == text); });
}

std::optional<RouteFit> route_fit(const RouteTable::End& end, const RouteQuestion& question) {
  const auto& operation = *end.operation;
  RouteFit fit{.rank = end.rank,
               .literals = operation.query.size(),
               .same_end = operation.path.ends_with('/') == question.path.ends_with('/'),
               .current = !operation.deprecated};
  for (const auto& [key, text] : operation.query) {
    if (!has_pair(question.query, key, text)) {
      return std::nullopt;
    }
  }
  if (operation.input.shape == nullptr) {
    return fit;
  }
  for (const auto& member : operation.input.shape->members) {
    const bool in_query = member.location == Location::querystring;
    if (!member.required || (!in_query && member.location != Location::header)) {
      continue;
    }
    const bool there = in_query ? has_pair(question.query, member.wire_name, {})
                                : question.headers.contains(member.wire_name);
    fit.required += there ? 1 : 0;
    fit.complete = fit.complete && there;
  }
  return fit;
}

}  // namespace

RouteTable::RouteTable(const Service& service) {
  for (const auto& [name, operation] : service.operations) {
    auto format = without_slash(operation.path);
    End end{&operation, {}};
    for (auto rest = format; !rest.empty();) {
      const auto part = take_segment(rest);
      end.rank.push_back(is_greedy(part) ? 'a' : is_label(part) ? 'b' : 'c');
    }
    Node* node = &root_;
    bool greedy = false;
    while (!format.empty() && !greedy) {
      const auto part = take_segment(format);
      greedy = is_greedy(part);
      if (!greedy && is_label(part)) {
        node = node->label.empty() ? &node->label.emplace_back() : node->label.data();
      } else if (!greedy) {
        node = &node->literals[std::string(part)];
      }
    }
    (greedy ? node->greedies : node->ends).push_back(std::move(end));
  }
}

// A node is visited once at most for a path, for it stands at one depth.
void RouteTable::collect(const Node& node, std::string_view path, std::vector<const End*>& into) {
  if (path.empty()) {
    for (const auto& end : node.ends) {
      into.push_back(&end);
    }
    return;
  }
  for (const auto& end : node.greedies) {
    into.push_back(&end);
  }
  const auto part = take_segment(path);
  if (const auto found = node.literals.find(part); found != node.literals.end()) {
    collect(found->second, path, into);
  }
  if (!node.label.empty() && !part.empty()) {
    collect(node.label.front(), path, into);
  }
}

std::vector<const RouteTable::End*> RouteTable::ends(std::string_view path) const {
  constexpr std::size_t kUsualEnds = 32;  // an object of S3 has nearly as many
  std::vector<const End*> found;
  found.reserve(kUsualEnds);
  collect(root_, without_slash(path), found);
  return found;
}

std::optional<Route> route(const RouteQuestion& question) {
  if (question.service.routes == nullptr) {
    return std::nullopt;
  }
  const bool strict = question.service.protocol() == Protocol::rest_xml;
  std::optional<Route> best;
  // By name, so that of two that fit alike the first is always the same.
  for (const auto* end : question.service.routes->ends(question.path)) {
    const auto& operation = *end->operation;
    if (operation.method != question.method) {
      continue;
    }
    auto fit = route_fit(*end, question);
    if (!fit || (strict && !fit->complete && fit->literals == 0) || (best && *fit <= best->fit)) {
      continue;
    }
    Route candidate{&operation, {}, *fit};
    if (match_path(without_slash(operation.path), without_slash(question.path), candidate.labels)) {
      best = std::move(candidate);
    }
  }
  return best;
}

}  // namespace cairn::aws
