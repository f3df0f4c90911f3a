// The names of resources in a record: LookupEvents' Resources (docs/reference/choices.md). Pure; any thread.
#pragma once

#include <string_view>
#include <vector>

#include "event/view.h"

namespace cairn::event {

struct ResourceSources {
  std::string_view service;    // "s3"
  std::string_view operation;  // as recorded
  std::string_view request;    // requestParameters as JSON text; empty or not an object: none
  std::string_view response;   // responseElements
  std::string_view listed;     // resources
};

// Names below known members of the parameters first, then what the record itself lists; each once, at most
// ViewLimits::resources_max. They point into the sources' texts.
std::vector<NamedResource> named_resources(const ResourceSources& sources);

// "arn:aws:iam::111122223333:role/team/Falcon" is "Falcon", "arn:aws:logs:…:log-group:/a/b:*" is "/a/b";
// empty if it is no ARN.
std::string_view short_name(std::string_view arn);

}  // namespace cairn::event
