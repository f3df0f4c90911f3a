// The text is walked once, in its order, so that of a path that occurs twice the last counts. "$or"
// multiplies: each alternative continues a copy of every branch there is so far, and what comes after it is
// put into all.
//
// Tested by eventbridge_test.cc and match_data_test.cc (AWS's and event-ruler's own answers),
// eventbridge_fuzz.cc.
#include "match/eventbridge.h"

#include <algorithm>
#include <map>

#include "match/limits.h"
#include "match/match_expression.h"

namespace cairn::match {
namespace {

// Names that AWS keeps for itself within "$or".
constexpr std::string_view kReservedInOr[] = {"exactly",
                                              "equals-ignore-case",
                                              "prefix",
                                              "suffix",
                                              "anything-but",
                                              "exists",
                                              "wildcard",
                                              "numeric",
                                              "cidr",
                                              "=",
                                              "<",
                                              "<=",
                                              ">",
                                              ">=",
                                              "regex",
                                              "not-wildcard",
                                              "not-equals-ignore-case",
                                              "date-after",
                                              "date-on-or-after",
                                              "date-before",
                                              "date-on-or-before",
                                              "in-date-range",
                                              "ip-address-in-range",
                                              "ip-address-not-in-range"};

using Fields = std::map<std::string, std::shared_ptr<const Field>, std::less<>>;

class EventPatternReader {
 public:
  Result<Pattern> read(const Node& top) {
    if (top.kind != Kind::object) {
      return refused("Filter is not an object");
    }
    CAIRN_TRY_VOID(object(top, "", {.in_or = false, .names = 0}));
    Pattern pattern;
    for (const auto& fields : branches_) {
      auto& branch = pattern.branches.emplace_back();
      for (const auto& [path, field] : fields) {
        branch.push_back(field);
      }
    }
    return pattern;
  }

 private:
  struct Place {
    bool in_or;
    std::size_t names;  // of the path so far
  };

  Result<void> object(const Node& node, const std::string& path, Place place) {
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      const auto& name = node.names[i];
      if (name == "$or") {
        CAIRN_TRY_VOID(alternatives(node.items[i], path, place.names));
      } else if (place.in_or && std::ranges::find(kReservedInOr, name) != std::end(kReservedInOr)) {
        return refused(name + " is Ruler reserved fieldName which cannot be used inside $or.");
      } else {
        CAIRN_TRY_VOID(member_of(name, node.items[i], path, place));
      }
    }
    return node.items.empty() ? refused("Empty objects are not allowed") : Result<void>();
  }

  Result<void> member_of(const std::string& name, const Node& node, const std::string& path, Place place) {
    const auto names = place.names + 1 + static_cast<std::size_t>(std::ranges::count(name, '.'));
    if (names > Limits::path_names_max) {
      return beyond("a path has more than ", Limits::path_names_max, " names");
    }
    const auto longer = path.empty() && place.names == 0 ? name : path + '.' + name;
    switch (node.kind) {
      case Kind::object:
        return object(node, longer, {.in_or = place.in_or, .names = names});
      case Kind::array:
        return field(node, longer);
      default:
        return refused('"' + name + "\" must be an object or an array");
    }
  }

  Result<void> alternatives(const Node& node, const std::string& path, std::size_t names) {
    if (node.kind != Kind::array) {
      return refused("It must be an Array followed with $or.");
    }
    const auto before = std::move(branches_);
    std::vector<Fields> all;
    for (const auto& element : node.items) {
      if (element.kind != Kind::object) {
        return refused("Only JSON object is allowed in array of $or relationship.");
      }
      branches_ = before.empty() ? std::vector<Fields>(1) : before;
      CAIRN_TRY_VOID(object(element, path, {.in_or = true, .names = names}));
      if (all.size() + branches_.size() > Limits::branches_max) {
        return beyond("the pattern has more than ", Limits::branches_max, " combinations of $or");
      }
      std::ranges::move(branches_, std::back_inserter(all));
    }
    branches_ = std::move(all);
    return node.items.size() < 2 ? refused("There must have at least 2 Objects in $or relationship.")
                                 : Result<void>();
  }

  Result<void> field(const Node& node, const std::string& path) {
    auto field = std::make_shared<Field>(Field{.path = path, .any_of = {}});
    for (const auto& element : node.items) {
      CAIRN_TRY(auto test, read_test(element));
      wildcards_ += wildcards_in(test);
      field->any_of.push_back(std::move(test));
    }
    if (field->any_of.empty()) {
      return refused("Empty arrays are not allowed");
    }
    if (wildcards_ > Limits::wildcards_max) {
      return beyond("Rule is too complex: more than ", Limits::wildcards_max, " wildcards");
    }
    if (branches_.empty()) {
      branches_.emplace_back();
    }
    for (auto& fields : branches_) {
      fields.insert_or_assign(path, field);
      if (fields.size() > Limits::fields_max) {
        return beyond("the pattern asks for more than ", Limits::fields_max, " fields at once");
      }
    }
    return {};
  }

  static std::size_t wildcards_in(const Test& test) {
    auto count = static_cast<std::size_t>(test.op == Op::wildcard);
    for (const auto& excluded : test.excluded) {
      count += wildcards_in(excluded);
    }
    return count;
  }

  std::vector<Fields> branches_;
  std::size_t wildcards_ = 0;
};

}  // namespace

Result<Pattern> parse_event_pattern(std::string_view text) {
  if (text.size() > Limits::pattern_bytes_max) {
    return beyond("the pattern has more than ", Limits::pattern_bytes_max, " bytes");
  }
  CAIRN_TRY(const auto top, read_document(text, Limits::pattern_depth_max));
  return EventPatternReader().read(top);
}

}  // namespace cairn::match
