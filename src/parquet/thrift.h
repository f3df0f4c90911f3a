// Thrift's compact protocol, as far as Parquet's footers and page heads need it: read forwards, every length
// checked, what is not asked for skipped. After bytes that cannot be it is not good(), gives zeros and empty
// texts, and every loop ends. Internal to parquet/. A value, used by one thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace cairn::parquet {

// LEB128. False: there is none, or it is longer than ten bytes.
bool take_varint(std::string_view& from, std::uint64_t& value);

inline std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
}

class Thrift {
 public:
  enum class Wire : std::uint8_t {
    stop = 0,
    yes = 1,
    no = 2,
    byte = 3,
    i16 = 4,
    i32 = 5,
    i64 = 6,
    real = 7,
    text = 8,
    list = 9,
    set = 10,
    map = 11,
    structure = 12
  };

  explicit Thrift(std::string_view bytes) : left_(bytes) {}

  bool good() const { return good_; }
  std::string_view left() const { return left_; }

  // The fields of a structure: take(id, wire) reads the value, or skips it.
  template <class Take>
  void fields(Take&& take) {
    std::int16_t id = 0;
    for (auto wire = field(id); wire != Wire::stop && good_; wire = field(id)) {
      take(id, wire);
    }
  }
  // The elements of a list: take(wire) reads one, or skips it.
  template <class Take>
  void elements(Wire wire, Take&& take) {
    Wire each{};
    for (auto count = list_head(wire, each); count > 0 && good_; --count) {
      take(each);
    }
  }
  // A number of any width; not good() when it is something else.
  std::int64_t number(Wire wire);
  std::string_view text(Wire wire);
  void skip(Wire wire) { skip(wire, kDepthMax); }
  bool is(Wire wire, Wire wanted) {
    good_ = good_ && wire == wanted;
    return good_;
  }

 private:
  static constexpr int kDepthMax = 16;

  Wire field(std::int16_t& id);
  std::uint64_t list_head(Wire wire, Wire& each);
  void skip(Wire wire, int depth);
  void skip_elements(Wire wire, int depth);
  std::uint8_t byte();
  std::uint64_t varint();

  std::string_view left_;
  bool good_ = true;
};

}  // namespace cairn::parquet
