#include "parquet/thrift.h"

namespace cairn::parquet {

bool take_varint(std::string_view& from, std::uint64_t& value) {
  value = 0;
  for (std::size_t i = 0; i < from.size() && i < 10; ++i) {
    const auto byte = static_cast<std::uint8_t>(from[i]);
    value |= std::uint64_t{byte & 0x7FU} << (7 * i);
    if (byte < 0x80) {
      from.remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

std::uint8_t Thrift::byte() {
  if (left_.empty()) {
    good_ = false;
    return 0;
  }
  const auto byte = static_cast<std::uint8_t>(left_.front());
  left_.remove_prefix(1);
  return byte;
}

std::uint64_t Thrift::varint() {
  std::uint64_t value = 0;
  good_ = good_ && take_varint(left_, value);
  return good_ ? value : 0;
}

Thrift::Wire Thrift::field(std::int16_t& id) {
  const auto head = byte();
  const auto wire = static_cast<Wire>(head & 0x0F);
  if (wire == Wire::stop || !good_) {
    return Wire::stop;
  }
  const auto step = head >> 4;
  id = static_cast<std::int16_t>(step != 0 ? id + step : unzigzag(varint()));
  return wire;
}

std::uint64_t Thrift::list_head(Wire wire, Wire& each) {
  good_ = good_ && (wire == Wire::list || wire == Wire::set);
  const auto head = good_ ? byte() : std::uint8_t{0};
  each = static_cast<Wire>(head & 0x0F);
  const std::uint64_t count = head >> 4 == 15 ? varint() : head >> 4;
  good_ = good_ && count <= left_.size();  // an element has a byte at least
  return good_ ? count : 0;
}

std::int64_t Thrift::number(Wire wire) {
  if (wire == Wire::byte) {
    return static_cast<std::int8_t>(byte());
  }
  good_ = good_ && (wire == Wire::i16 || wire == Wire::i32 || wire == Wire::i64);
  return good_ ? unzigzag(varint()) : 0;
}

std::string_view Thrift::text(Wire wire) {
  good_ = good_ && wire == Wire::text;
  const auto size = good_ ? varint() : 0;
  good_ = good_ && size <= left_.size();
  const auto text = left_.substr(0, good_ ? size : 0);
  left_.remove_prefix(text.size());
  return text;
}

void Thrift::skip(Wire wire, int depth) {
  good_ = good_ && depth > 0;
  if (!good_) {
    return;
  }
  switch (wire) {
    case Wire::yes:
    case Wire::no:
      return;
    case Wire::byte:
      byte();
      return;
    case Wire::i16:
    case Wire::i32:
    case Wire::i64:
      varint();
      return;
    case Wire::real:
      good_ = left_.size() >= 8;
      left_.remove_prefix(good_ ? 8 : 0);
      return;
    case Wire::text:
      text(wire);
      return;
    case Wire::list:
    case Wire::set:
    case Wire::map:
      return skip_elements(wire, depth - 1);
    case Wire::structure:
      return fields([&](std::int16_t, Wire inner) { skip(inner, depth - 1); });
    default:
      good_ = false;
  }
}

// A truth in a list is a byte; as a field it is in the field's head.
void Thrift::skip_elements(Wire wire, int depth) {
  const auto one = [&](Wire each) {
    each == Wire::yes || each == Wire::no ? static_cast<void>(byte()) : skip(each, depth);
  };
  if (wire != Wire::map) {
    return elements(wire, one);
  }
  const auto count = varint();
  const auto types = count > 0 ? byte() : std::uint8_t{0};
  good_ = good_ && count <= left_.size();
  for (std::uint64_t i = 0; i < count && good_; ++i) {
    one(static_cast<Wire>(types >> 4));
    one(static_cast<Wire>(types & 0x0F));
  }
}

}  // namespace cairn::parquet
