// What an access key's id says of whose it is. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cairn::gateway {

// The account of one of AWS's keys: AKIA… and ASIA… carry it since 2019 in their letters. Nothing: it is none
// of these, or an older one.
std::optional<std::string> account_of(std::string_view access_key);

}  // namespace cairn::gateway
