// How records show calls of EC2: lists as sets of items, under names of EC2's first API; operations that came
// later stand under the name of their request and their answer. Inside capture/ only. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string_view>

#include "aws/model.h"

namespace cairn::capture {

boost::json::value ec2_parameters(const aws::Operation& operation, const boost::json::object& input);

struct Ec2Answer {
  const boost::json::object& output;
  std::string_view request_id;
  bool succeeded = false;  // the answer says <return>true</return>
};
boost::json::value ec2_elements(const aws::Operation& operation, const Ec2Answer& answer);

}  // namespace cairn::capture
