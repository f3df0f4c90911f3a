// For tests: a disk that is as full as they say.
#pragma once

#include <set>

#include "reserve/room.h"

namespace cairn::front::testing {

class FakeRoom final : public reserve::Room {
 public:
  bool admits(reserve::Claim claim, std::uint64_t bytes = 0) const override {
    return !refused.contains(claim) && bytes <= bytes_free;
  }

  std::set<reserve::Claim> refused;
  std::uint64_t bytes_free = UINT64_MAX;
};

}  // namespace cairn::front::testing
