// What is below /_cairn/ of the live view: POST tail, POST assert, GET mark (live/live.h). Signed for service
// "cairn"; actions cairn:Tail, and cairn:Assert for the other two. A caller sees his account's records.
#pragma once

#include <string_view>

#include "front/own_calls.h"
#include "live/live.h"

namespace cairn::node {

class LivePaths {
 public:
  LivePaths(live::Dependencies on, const access::Directory& directory)
      : calls_(directory, on.clock),
        document_bytes_max_(on.limits.document_bytes_max),
        live_(std::move(on)) {}

  static bool has(std::string_view path);  // "tail"
  Task<http::Response> handle(std::string_view path, http::Request& request);
  // Who follows is told that it is over, soon.
  void stop() { live_.stop(); }

 private:
  Task<Result<http::Response, front::OwnRefusal>> answer(std::string_view path, http::Request& request);

  front::OwnCalls calls_;
  const std::size_t document_bytes_max_;
  live::Live live_;
};

}  // namespace cairn::node
