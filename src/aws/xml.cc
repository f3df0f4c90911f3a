#include "aws/xml.h"

#include <fmt/format.h>

#include <cstring>
#include <pugixml.hpp>

#include "codec/utf8.h"

namespace cairn::aws {
namespace {

// White space alone between tags is dropped, but kept where it is an element's whole text: a key may be a
// blank.
constexpr unsigned int kXmlOptions = pugi::parse_cdata | pugi::parse_escapes | pugi::parse_eol |
                                     pugi::parse_wconv_attribute | pugi::parse_ws_pcdata_single |
                                     pugi::parse_doctype;

Error xml_error(Errc code, std::string_view why) {
  return Error{code, fmt::format("read XML: {}", why)};
}

// Walks without recursion: the depth is not known to be small yet.
Result<void> check_xml_depth(const pugi::xml_document& document) {
  std::size_t depth = 1;  // of the node at hand
  pugi::xml_node node = document.first_child();
  while (node) {
    if (node.type() == pugi::node_doctype) {
      return xml_error(Errc::invalid, "a document type is not allowed");
    }
    if (pugi::xml_node down = node.first_child()) {
      if (++depth > XmlLimits::kDepthMax) {
        return xml_error(Errc::limit, fmt::format("deeper than {}", XmlLimits::kDepthMax));
      }
      node = down;
      continue;
    }
    while (node && !node.next_sibling()) {
      node = node.parent();
      depth -= depth > 1 ? 1U : 0U;
    }
    node = node ? node.next_sibling() : node;
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<pugi::xml_document>> parse_xml(std::string_view text) {
  if (text.size() > XmlLimits::kBytesMax) {
    return xml_error(Errc::limit, fmt::format("more than {} bytes", XmlLimits::kBytesMax));
  }
  if (!codec::valid_utf8(text) || text.find('\0') != std::string_view::npos) {
    return xml_error(Errc::invalid, "not UTF-8");
  }
  auto document = std::make_unique<pugi::xml_document>();
  const auto parsed = document->load_buffer(text.data(), text.size(), kXmlOptions, pugi::encoding_utf8);
  if (!parsed) {
    return xml_error(Errc::invalid, parsed.description());
  }
  CAIRN_TRY_VOID(check_xml_depth(*document));
  if (!document->document_element()) {
    return xml_error(Errc::invalid, "no element");
  }
  return document;
}

std::string_view local_name(const char* name) {
  const char* colon = std::strchr(name, ':');
  return colon == nullptr ? name : colon + 1;
}

XmlWriter::XmlWriter(bool declaration) {
  if (declaration) {
    out_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  }
}

void XmlWriter::finish_tag() {
  if (tag_open_) {
    out_ += '>';
    tag_open_ = false;
  }
}

void XmlWriter::open(std::string_view name) {
  finish_tag();
  out_ += '<';
  out_ += name;
  tag_open_ = true;
}

void XmlWriter::attribute(std::string_view name, std::string_view value) {
  out_ += ' ';
  out_ += name;
  out_ += "=\"";
  escaped(value, true);
  out_ += '"';
}

void XmlWriter::text(std::string_view text) {
  finish_tag();
  escaped(text, false);
}

void XmlWriter::close(std::string_view name) {
  if (tag_open_) {
    out_ += "/>";
    tag_open_ = false;
    return;
  }
  out_ += "</";
  out_ += name;
  out_ += '>';
}

void XmlWriter::element(std::string_view name, std::string_view content) {
  open(name);
  if (!content.empty()) {
    text(content);
  }
  close(name);
}

void XmlWriter::escaped(std::string_view text, bool in_attribute) {
  for (const char c : text) {
    switch (c) {
      case '&':
        out_ += "&amp;";
        break;
      case '<':
        out_ += "&lt;";
        break;
      case '>':
        out_ += "&gt;";
        break;
      case '"':
        out_ += in_attribute ? "&quot;" : "\"";
        break;
      case '\r':
        out_ += "&#13;";
        break;
      case '\n':
        out_ += in_attribute ? "&#10;" : "\n";
        break;
      case '\t':
        out_ += in_attribute ? "&#9;" : "\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out_ += "\xEF\xBF\xBD";
        } else {
          out_ += c;
        }
    }
  }
}

}  // namespace cairn::aws
