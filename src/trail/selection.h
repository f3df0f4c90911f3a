// What event selectors mean, as rules: an event is taken if one rule takes it. A rule looks at the event's view, and
// asks at most two patterns of the record's text, so that one matcher (match/) answers for all trails at once.
// Pure.
//
// Of a field in an advanced selector, an event must hold a value that a selecting operator names, if there are any,
// and none that a deselecting one names; an event without the field holds none. Resources: what a selector says of
// type and ARN must hold of one resource; a resource of that type that a deselecting operator names keeps the event
// out. Where a call names everything below a prefix (ListObjects), the prefix is in the ARN's place.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "event/view.h"
#include "match/pattern.h"
#include "trail/selectors.h"

namespace cairn::trail {

// A pattern, and a text that is the same for patterns that are the same.
struct Condition {
  std::string text;
  std::shared_ptr<const match::Pattern> pattern;
};

struct Rule {
  event::Category category = event::Category::management;
  std::optional<bool> read_only;      // none: both
  std::optional<Condition> wanted;    // must match, if there
  std::optional<Condition> unwanted;  // must not

  // What can be told without the patterns.
  bool may_take(const event::View& event) const {
    return event.category == category && (!read_only || *read_only == event.read_only);
  }
};

// In the selectors' order. REQUIRES: read_selectors() took them.
std::vector<Rule> rules_of(const Selectors& selectors);

}  // namespace cairn::trail
