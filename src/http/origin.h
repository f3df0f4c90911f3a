// Origin: where a client's request goes, from "https://host:port".
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace cairn::http {

struct Origin {
  bool tls = false;
  std::string host;       // without brackets
  std::string port;       // a number
  std::string authority;  // as the Host header has it: without the scheme's own port
  std::string key;        // "https://host:port": what connections are kept under

  // Errc::invalid: another scheme, user information, a path, a query.
  static Result<Origin> parse(std::string_view url);
};

}  // namespace cairn::http
