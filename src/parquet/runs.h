// Parquet's hybrid of runs and packed numbers: definition levels and places in a dictionary. Internal to
// parquet/. Pure; a value.
#pragma once

#include <cstdint>
#include <string_view>

namespace cairn::parquet {

class Runs {
 public:
  Runs() = default;
  // REQUIRES: width is 32 at most. The bytes outlive it.
  Runs(std::string_view bytes, unsigned width) : bytes_(bytes), width_(width) {}

  // False: there are no more, or the bytes are no such numbers.
  bool next(std::uint32_t& value);

 private:
  bool next_run();

  std::string_view bytes_;
  unsigned width_ = 0;
  std::uint64_t left_ = 0;  // numbers of the present run
  bool packed_ = false;
  std::uint32_t repeated_ = 0;
  std::string_view run_;  // packed: its bytes
  std::uint64_t bit_ = 0;
};

}  // namespace cairn::parquet
