#include "aws/route.h"

#include <algorithm>
#include <compare>
#include <tuple>

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
    part = part.substr(1, part.size() - 2);
    const bool greedy = part.ends_with('+');
    part.remove_suffix(greedy ? 1 : 0);
    const auto text = greedy ? std::exchange(path, std::string_view{}) : take_segment(path);
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

struct RouteFit {
  std::size_t literals = 0;
  bool complete = true;  // all required keys and headers are there
  std::size_t required = 0;
  bool current = true;  // not deprecated

  friend auto operator<=>(const RouteFit&, const RouteFit&) = default;
};

std::optional<RouteFit> route_fit(const Operation& operation, const RouteQuestion& question) {
  RouteFit fit{.literals = operation.query.size(), .current = !operation.deprecated};
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

std::optional<Route> route(const RouteQuestion& question) {
  const bool strict = question.service.protocol() == Protocol::rest_xml;
  std::optional<Route> best;
  RouteFit best_fit;
  // By name, so that of two that fit alike the first is always the same.
  for (const auto& [name, operation] : question.service.operations) {
    if (operation.method != question.method) {
      continue;
    }
    const auto fit = route_fit(operation, question);
    if (!fit || (strict && !fit->complete && fit->literals == 0) || (best && *fit <= best_fit)) {
      continue;
    }
    Route candidate{&operation, {}};
    if (match_path(without_slash(operation.path), without_slash(question.path), candidate.labels)) {
      best = std::move(candidate);
      best_fit = *fit;
    }
  }
  return best;
}

}  // namespace cairn::aws
