// XML as AWS uses it: elements, attributes and text. Reading by pugixml within limits; writing by hand.
//
// A document type is refused, so there are no entities but XML's own five and characters' numbers: nothing
// can grow or reach outside.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pugi {
class xml_document;
class xml_node;
}  // namespace pugi

namespace cairn::aws {

struct XmlLimits {
  static constexpr std::size_t kBytesMax = 4U << 20;
  static constexpr std::size_t kDepthMax = 64;
};

// Errc::invalid: not well-formed, not UTF-8, or with a document type. Errc::limit: too long or too deep.
Result<std::unique_ptr<pugi::xml_document>> parse_xml(std::string_view text);

// "Key" of "s3:Key".
std::string_view local_name(const char* name);

// Writes elements; every open() needs a close(). Text is escaped; what XML 1.0 cannot hold (control
// characters) becomes U+FFFD.
class XmlWriter {
 public:
  explicit XmlWriter(bool declaration);

  void open(std::string_view name);
  // Only right after open().
  void attribute(std::string_view name, std::string_view value);
  void text(std::string_view text);
  void close(std::string_view name);
  void element(std::string_view name, std::string_view content);

  std::string take() { return std::move(out_); }

 private:
  void finish_tag();
  void escaped(std::string_view text, bool in_attribute);

  std::string out_;
  bool tag_open_ = false;
};

}  // namespace cairn::aws
