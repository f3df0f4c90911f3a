// The resources that a record lists, of the services whose records do. Inside capture/ only. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <string_view>
#include <vector>

#include "aws/model.h"
#include "event/record.h"

namespace cairn::capture {

struct Touched {
  const aws::Operation& operation;
  const boost::json::object& input;
  const boost::json::object& output;
  std::string_view region;
  std::string_view account;
};

// ARNs as input and output have them; where they have a name, the ARN that it has in this account and Region.
std::vector<event::Resource> resources_of(const Touched& touched);

}  // namespace cairn::capture
