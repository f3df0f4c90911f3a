// What a call is called in a record. Inside capture/ only. Pure.
#pragma once

#include <string>

#include "capture/capture.h"

namespace cairn::capture {

inline constexpr std::size_t kNameBytesMax = 128;
inline constexpr std::size_t kPathBytesMax = 1024;

struct CallName {
  std::string source;  // "s3.amazonaws.com"
  std::string name;    // "CreateBucket"; of an unknown call what it says itself, or its method
  event::Category category = event::Category::management;
  bool read_only = false;
};
// `form`: the body, if aws::reads_form() says that it is one.
CallName call_name(const Subject& subject, const codec::RequestHead& request, std::string_view form);

}  // namespace cairn::capture
