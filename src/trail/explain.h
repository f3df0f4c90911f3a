// Why a trail takes an event, or does not: the same rules as selection.h's, asked one by one and told in words. For
// people; slow. Pure.
#pragma once

#include <string>
#include <string_view>

#include "trail/trail.h"

namespace cairn::trail {

struct Explanation {
  bool takes = false;
  std::string why;  // "by selector 2 (deletes in nest)"; "selector 1: it is no Management event; selector 2: …"
};

// `event` is the record's view; `organization` which one its account is in, empty: none. Errc::invalid: the record cannot
// be matched.
Result<Explanation> explain(const Trail& trail, const event::View& event, std::string_view record,
                            std::string_view organization = {});

}  // namespace cairn::trail
