// Which operation of a REST service a method, a path and a query mean.
#pragma once

#include <compare>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aws/model.h"
#include "codec/headers.h"
#include "codec/uri.h"

namespace cairn::aws {

// A service's paths as a tree of segments: finding the operations whose path fits takes as many steps as the
// path has segments, however many operations there are. Immutable, thread-safe.
class RouteTable {
 public:
  explicit RouteTable(const Service& service);

  struct End {
    const Operation* operation = nullptr;
    std::string
        rank;  // a letter for each segment: literal 'c', label 'b', greedy label 'a'; the greater wins
  };
  // Those whose path fits, of whatever method. `path` is raw; a slash at its end does not matter.
  std::vector<const End*> ends(std::string_view path) const;

 private:
  struct Node {
    std::map<std::string, Node, std::less<>> literals;
    std::vector<Node> label;    // one at most
    std::vector<End> ends;      // paths that end here
    std::vector<End> greedies;  // paths whose greedy label begins here
  };
  static void collect(const Node& node, std::string_view path, std::vector<const End*>& into);

  Node root_;
};

// How well an operation fits; the greater wins.
struct RouteFit {
  std::string_view rank;
  std::size_t literals = 0;  // of the query
  bool complete = true;      // all required keys and headers are there
  std::size_t required = 0;
  bool same_end = true;  // both paths end with a slash, or neither: Lex's versions differ in nothing else
  bool current = true;   // not deprecated

  friend auto operator<=>(const RouteFit&, const RouteFit&) = default;
};

struct Route {
  const Operation* operation = nullptr;
  codec::QueryPairs labels;  // raw, not yet decoded
  RouteFit fit;
};

struct RouteQuestion {
  const Service& service;
  std::string_view method;
  std::string_view path;  // raw, with the bucket in front
  const codec::QueryPairs& query;
  const codec::Headers& headers;
};

// The most specific of the operations that fit. The path counts most (a literal segment before a label), then
// literal query keys (?acl), then the required keys and headers that are there: so x-amz-copy-source makes a
// PutObject a CopyObject, and uploadId and partNumber an UploadPart. S3's operations without a literal key of
// their own fit only if all that they require is there.
std::optional<Route> route(const RouteQuestion& question);

}  // namespace cairn::aws
