// CAIRN_CHECK(condition): a programmer's error ends the process, in release too. For what can happen in
// operation, use Result.
#pragma once

namespace cairn {

[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace cairn

#define CAIRN_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::cairn::check_failed(#condition, __FILE__, __LINE__))
