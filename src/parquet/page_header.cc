#include "parquet/page_header.h"

#include <fmt/format.h>

#include "parquet/parquet.h"
#include "parquet/thrift.h"

namespace cairn::parquet {

namespace {

constexpr std::int16_t kDataHead = 5;  // fields of PageHeader
constexpr std::int16_t kDictionaryHead = 7;

struct RawPage {
  std::int64_t type = -1;
  std::int64_t uncompressed = -1;
  std::int64_t compressed = -1;
  std::int64_t values = -1;
  std::int64_t encoding = -1;
  std::int64_t definition_encoding = static_cast<std::int64_t>(Encoding::rle);
};

// DataPageHeader and DictionaryPageHeader begin alike.
void read_values_head(Thrift& thrift, RawPage& page) {
  thrift.fields([&](std::int16_t id, Thrift::Wire wire) {
    switch (id) {
      case 1:
        page.values = thrift.number(wire);
        return;
      case 2:
        page.encoding = thrift.number(wire);
        return;
      case 3:
        wire == Thrift::Wire::i32 ? static_cast<void>(page.definition_encoding = thrift.number(wire))
                                  : thrift.skip(wire);
        return;
      default:
        thrift.skip(wire);
    }
  });
}

RawPage read_page(Thrift& thrift) {
  RawPage page;
  thrift.fields([&](std::int16_t id, Thrift::Wire wire) {
    switch (id) {
      case 1:
        page.type = thrift.number(wire);
        return;
      case 2:
        page.uncompressed = thrift.number(wire);
        return;
      case 3:
        page.compressed = thrift.number(wire);
        return;
      case kDataHead:
      case kDictionaryHead:
        if (thrift.is(wire, Thrift::Wire::structure)) {
          read_values_head(thrift, page);
        }
        return;
      default:
        thrift.skip(wire);
    }
  });
  return page;
}

Error unknown_page(std::string what) {
  return {Errc::invalid, "read Parquet page: " + what};
}

bool known(std::int64_t encoding) {
  return encoding == 0 || encoding == 2 || encoding == 8;
}

}  // namespace

Result<PageHeader> parse_page_header(std::string_view bytes) {
  Thrift thrift(bytes);
  const auto page = read_page(thrift);
  if (!thrift.good() || page.type < 0 || page.uncompressed < 0 || page.compressed < 0 ||
      page.uncompressed > static_cast<std::int64_t>(kPageBytesMax) ||
      page.compressed > static_cast<std::int64_t>(kPageBytesMax)) {
    return Error{Errc::corrupt, "read Parquet page: its head is damaged"};
  }
  if (page.type != 0 && page.type != 2) {
    return unknown_page(fmt::format("a page of type {}", page.type));
  }
  if (page.values < 0 || page.values > UINT32_MAX) {
    return Error{Errc::corrupt, "read Parquet page: its head has no number of values"};
  }
  if (!known(page.encoding) || page.definition_encoding != static_cast<std::int64_t>(Encoding::rle)) {
    return unknown_page(fmt::format("values in encoding {}", page.encoding));
  }
  return PageHeader{.type = static_cast<PageType>(page.type),
                    .encoding = static_cast<Encoding>(page.encoding),
                    .values = static_cast<std::uint32_t>(page.values),
                    .uncompressed_bytes = static_cast<std::uint32_t>(page.uncompressed),
                    .compressed_bytes = static_cast<std::uint32_t>(page.compressed),
                    .header_bytes = bytes.size() - thrift.left().size()};
}

}  // namespace cairn::parquet
