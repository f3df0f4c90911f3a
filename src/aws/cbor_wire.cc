// Tested by cbor_wire_test.cc and by botocore's protocol cases.
#include "aws/cbor_wire.h"

#include <bit>
#include <boost/json/array.hpp>
#include <cmath>
#include <cstdint>
#include <limits>

#include "aws/json_wire.h"
#include "aws/scalars.h"
#include "codec/base64.h"
#include "codec/utf8.h"

namespace cairn::aws {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

enum class Major : std::uint8_t { number, negative, bytes, text, list, map, tag, simple };
constexpr std::uint8_t kIndefinite = 31;
constexpr std::uint8_t kFalse = 20;
constexpr std::uint8_t kTrue = 21;
constexpr std::uint8_t kNull = 22;
constexpr std::uint8_t kUndefined = 23;
constexpr std::uint8_t kHalf = 25;
constexpr std::uint8_t kFloat = 26;
constexpr std::uint8_t kDouble = 27;
constexpr std::uint8_t kEpochTag = 0xc1;

Fault bad_cbor(std::string message) {
  return fault::serialization(Family::json, std::move(message));
}

double half_value(std::uint64_t bits) {
  const auto exponent = static_cast<int>((bits >> 10) & 0x1fU);
  const auto fraction = static_cast<double>(bits & 0x3ffU);
  constexpr int kSpecial = 31;
  double number = exponent == 0          ? std::ldexp(fraction, -24)
                  : exponent != kSpecial ? std::ldexp(fraction + 1024, exponent - 25)
                  : fraction == 0        ? std::numeric_limits<double>::infinity()
                                         : std::numeric_limits<double>::quiet_NaN();
  return (bits & 0x8000U) != 0 ? -number : number;
}

value floating_value(double number) {
  return std::isfinite(number) ? value(number) : value(boost::json::string(floating_text(number)));
}

class CborReader {
 public:
  explicit CborReader(std::string_view bytes) : rest_(bytes) {}

  DecodedValue document() {
    CAIRN_TRY(auto read, item(0));
    return rest_.empty() ? DecodedValue(std::move(read)) : DecodedValue(bad_cbor("Bytes behind the item"));
  }

 private:
  struct Head {
    Major major = Major::simple;
    std::uint8_t info = 0;
    std::uint64_t argument = 0;
    bool indefinite() const { return info == kIndefinite; }
  };

  Result<Head, Fault> head() {
    if (rest_.empty()) {
      return bad_cbor("The item is cut short");
    }
    const auto first = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    constexpr std::uint8_t kInfoBits = 5;
    constexpr std::uint8_t kOneByte = 24;
    Head head{static_cast<Major>(first >> kInfoBits), static_cast<std::uint8_t>(first & 0x1fU), 0};
    if (head.info < kOneByte) {
      head.argument = head.info;
      return head;
    }
    if (head.info > kDouble) {
      return head.indefinite() ? Result<Head, Fault>(head)
                               : Result<Head, Fault>(bad_cbor("A reserved length"));
    }
    const auto size = std::size_t{1} << (head.info - kOneByte);
    if (rest_.size() < size) {
      return bad_cbor("The item is cut short");
    }
    for (const char byte : rest_.substr(0, size)) {
      head.argument = head.argument << 8U | static_cast<std::uint8_t>(byte);
    }
    rest_.remove_prefix(size);
    return head;
  }

  bool take_break() {
    constexpr char kBreak = '\xff';
    if (rest_.empty() || rest_.front() != kBreak) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }

  DecodedValue item(std::size_t depth) {
    if (depth > CborLimits::kDepthMax) {
      return bad_cbor("Too deep");
    }
    CAIRN_TRY(const auto read, head());
    switch (read.major) {
      case Major::number:
        return number(read.argument);
      case Major::negative:
        return negative(read.argument);
      case Major::bytes:
      case Major::text:
        return string(read);
      case Major::list:
        return list(read, depth);
      case Major::map:
        return map(read, depth);
      case Major::tag:
        return item(depth + 1);
      case Major::simple:
        break;
    }
    return simple(read);
  }

  static DecodedValue number(std::uint64_t given) {
    constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    return given <= kMost ? value(static_cast<std::int64_t>(given)) : value(given);
  }

  static DecodedValue negative(std::uint64_t given) {
    constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    return given <= kMost ? value(-1 - static_cast<std::int64_t>(given))
                          : value(-1.0 - static_cast<double>(given));
  }

  DecodedValue simple(const Head& read) {
    switch (read.info) {
      case kFalse:
        return value(false);
      case kTrue:
        return value(true);
      case kNull:
      case kUndefined:
        return value(nullptr);
      case kHalf:
        return floating_value(half_value(read.argument));
      case kFloat:
        return floating_value(std::bit_cast<float>(static_cast<std::uint32_t>(read.argument)));
      case kDouble:
        return floating_value(std::bit_cast<double>(read.argument));
      default:
        return bad_cbor("A simple value that is none");
    }
  }

  Result<std::string, Fault> piece(std::uint64_t size) {
    if (rest_.size() < size) {
      return bad_cbor("The item is cut short");
    }
    std::string text(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return text;
  }

  Result<std::string, Fault> pieces(const Head& read) {
    if (!read.indefinite()) {
      return piece(read.argument);
    }
    std::string all;
    while (!take_break()) {
      CAIRN_TRY(const auto part, head());
      if (part.major != read.major || part.indefinite()) {
        return bad_cbor("A piece of a string is none");
      }
      CAIRN_TRY(const auto text, piece(part.argument));
      all += text;
    }
    return all;
  }

  DecodedValue string(const Head& read) {
    CAIRN_TRY(const auto text, pieces(read));
    if (read.major == Major::bytes) {
      return value(boost::json::string(codec::base64_encode(text)));
    }
    return codec::valid_utf8(text) ? DecodedValue(value(boost::json::string(text)))
                                   : DecodedValue(bad_cbor("Text that is not UTF-8"));
  }

  DecodedValue list(const Head& read, std::size_t depth) {
    array out;
    for (std::uint64_t count = 0; read.indefinite() ? !take_break() : count < read.argument; ++count) {
      CAIRN_TRY(auto element, item(depth + 1));
      out.push_back(std::move(element));
    }
    return value(std::move(out));
  }

  DecodedValue map(const Head& read, std::size_t depth) {
    object out;
    for (std::uint64_t count = 0; read.indefinite() ? !take_break() : count < read.argument; ++count) {
      CAIRN_TRY(const auto key, head());
      if (key.major != Major::text) {
        return bad_cbor("A key that is no text");
      }
      CAIRN_TRY(const auto name, string(key));
      CAIRN_TRY(auto element, item(depth + 1));
      out.insert_or_assign(name.get_string(), std::move(element));
    }
    return value(std::move(out));
  }

  std::string_view rest_;
};

class CborWriter {
 public:
  void members(const Shape& shape, const object& given) {
    std::vector<std::pair<const Member*, const value*>> set;
    for (const auto& member : shape.members) {
      if (const auto* found = given.if_contains(member.name); found != nullptr && !found->is_null()) {
        set.emplace_back(&member, found);
      }
    }
    head(Major::map, set.size());
    for (const auto& [member, found] : set) {
      text(member->json_name);
      write(*member, *found);
    }
  }

  void any(const value& given) {
    if (given.is_object()) {
      head(Major::map, given.get_object().size());
      for (const auto& [key, item] : given.get_object()) {
        text(key);
        any(item);
      }
    } else if (given.is_array()) {
      head(Major::list, given.get_array().size());
      for (const auto& item : given.get_array()) {
        any(item);
      }
    } else {
      scalar(given);
    }
  }

  std::string take() { return std::move(out_); }

 private:
  void write(const Member& use, const value& given) {
    const auto& shape = *use.shape;
    if (given.is_object() && shape.kind == Kind::structure && !shape.document) {
      members(shape, given.get_object());
    } else if (given.is_object() && shape.kind == Kind::map) {
      head(Major::map, given.get_object().size());
      for (const auto& [key, item] : given.get_object()) {
        text(key);
        write(shape.element, item);
      }
    } else if (given.is_array() && shape.kind == Kind::list) {
      head(Major::list, given.get_array().size());
      for (const auto& item : given.get_array()) {
        write(shape.element, item);
      }
    } else if (given.is_number() && shape.kind == Kind::timestamp) {
      out_.push_back(static_cast<char>(kEpochTag));
      floating(given.to_number<double>());
    } else if (given.is_number() && shape.kind == Kind::floating) {
      floating(given.to_number<double>());
    } else if (given.is_string() && shape.kind == Kind::floating) {
      floating(named_floating(given.get_string()));
    } else if (given.is_string() && shape.kind == Kind::blob) {
      const auto bytes = codec::base64_decode(std::string_view(given.get_string()));
      string(Major::bytes, bytes ? *bytes : std::string());
    } else {
      any(given);
    }
  }

  static double named_floating(std::string_view name) {
    constexpr auto kInfinity = std::numeric_limits<double>::infinity();
    return name == "Infinity" ? kInfinity : name == "-Infinity" ? -kInfinity : std::nan("");
  }

  void scalar(const value& given) {
    if (given.is_string()) {
      text(given.get_string());
    } else if (given.is_bool()) {
      head(Major::simple, given.get_bool() ? kTrue : kFalse);
    } else if (given.is_uint64()) {
      head(Major::number, given.get_uint64());
    } else if (given.is_int64()) {
      const auto number = given.get_int64();
      number >= 0 ? head(Major::number, static_cast<std::uint64_t>(number))
                  : head(Major::negative, static_cast<std::uint64_t>(-1 - number));
    } else if (given.is_double()) {
      floating(given.get_double());
    } else {
      head(Major::simple, kNull);
    }
  }

  void head(Major major, std::uint64_t argument) {
    constexpr std::uint64_t kInline = 24;
    const auto top = static_cast<std::uint8_t>(static_cast<std::uint8_t>(major) << 5U);
    if (argument < kInline) {
      out_.push_back(static_cast<char>(top | argument));
      return;
    }
    const unsigned power = argument <= 0xff ? 0 : argument <= 0xffff ? 1 : argument <= 0xffff'ffff ? 2 : 3;
    out_.push_back(static_cast<char>(top | (kInline + power)));
    big_endian(argument, 1U << power);
  }

  void big_endian(std::uint64_t number, unsigned size) {
    while (size-- > 0) {
      out_.push_back(static_cast<char>(number >> (8 * size) & 0xffU));
    }
  }

  void floating(double number) {
    out_.push_back(static_cast<char>(static_cast<std::uint8_t>(Major::simple) << 5U | kDouble));
    big_endian(std::bit_cast<std::uint64_t>(number), sizeof number);
  }

  void text(std::string_view given) { string(Major::text, given); }
  void string(Major major, std::string_view given) {
    head(major, given.size());
    out_ += given;
  }

  std::string out_;
};

}  // namespace

DecodedValue parse_cbor(std::string_view bytes) {
  return CborReader(bytes).document();
}

Result<object, Fault> parse_cbor_body(std::string_view bytes) {
  if (bytes.empty()) {
    return object{};
  }
  CAIRN_TRY(auto document, parse_cbor(bytes));
  if (!document.is_object()) {
    return bad_cbor("The body is no map");
  }
  return std::move(document.get_object());
}

Result<object, Fault> decode_cbor_members(const Shape& shape, const object& wire) {
  return decode_json_members(Family::json, shape, wire);
}

std::string encode_cbor_members(const Shape& shape, const object& given) {
  CborWriter writer;
  writer.members(shape, given);
  return writer.take();
}

std::string encode_cbor(const value& given) {
  CborWriter writer;
  writer.any(given);
  return writer.take();
}

}  // namespace cairn::aws
