// What the service answers, as tables: one row an operation. Inside services/s3 only.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "services/s3/operations.h"

namespace cairn::services::s3 {

struct Entry {
  std::string_view name;
  Task<Answer> (*run)(const Dependencies&, Call&);
  std::string_view action;                // what permission it needs
  bool on_object;                         // on the object's ARN, not the bucket's
  std::vector<std::string_view> members;  // of the input, that are acted upon
};

// Of objects and their versions: object_operations.cc.
std::span<const Entry> object_operations();
// Of what is set on a bucket: setting_operations.cc.
std::span<const Entry> setting_operations();
// Of multipart uploads: multipart_operations.cc.
std::span<const Entry> multipart_operations();

}  // namespace cairn::services::s3
