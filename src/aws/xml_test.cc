#include "aws/xml.h"

#include <gtest/gtest.h>

#include <pugixml.hpp>

#include "aws/xml_form.h"
#include "json/json.h"

namespace cairn::aws {
namespace {

std::string nested(std::size_t depth) {
  std::string out;
  for (std::size_t i = 0; i < depth; ++i) {
    out += "<a>";
  }
  for (std::size_t i = 0; i < depth; ++i) {
    out += "</a>";
  }
  return out;
}

TEST(Xml, is_read) {
  const auto document =
      parse_xml("<?xml version=\"1.0\"?>\n<a b='1'><!-- c --><k> </k><t><![CDATA[<&]]>&#x41;&amp;</t></a>\n");
  ASSERT_TRUE(document.has_value());
  const auto root = (*document)->document_element();
  EXPECT_STREQ(root.child("k").text().get(), " ");
  EXPECT_STREQ(root.attribute("b").value(), "1");
}

TEST(Xml, refuses_what_could_grow_or_break) {
  const std::string laughs =
      "<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;\">]><l>&c;</l>";
  for (const auto& text :
       {std::string(""), std::string("  "), std::string("text"), std::string("<a>"), std::string("<a></b>"),
        laughs, std::string("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>"), std::string("<a>\xFF</a>"),
        std::string("<a>\0</a>", 8)}) {
    EXPECT_EQ(parse_xml(text).has_value(), false) << text;
    EXPECT_EQ(parse_xml(text).error().code, Errc::invalid) << text;
  }
}

TEST(Xml, is_bounded) {
  EXPECT_TRUE(parse_xml(nested(XmlLimits::kDepthMax)).has_value());
  EXPECT_EQ(parse_xml(nested(XmlLimits::kDepthMax + 1)).error().code, Errc::limit);
  EXPECT_EQ(parse_xml(nested(100'000)).error().code, Errc::limit);
  EXPECT_EQ(parse_xml("<a>" + std::string(XmlLimits::kBytesMax, 'x') + "</a>").error().code, Errc::limit);
}

TEST(Xml, depth_is_that_of_the_tree_and_not_of_the_siblings) {
  std::string wide = "<a>";
  for (int i = 0; i < 1000; ++i) {
    wide += "<b><c/></b>";
  }
  EXPECT_TRUE(parse_xml(wide + "</a>").has_value());
}

TEST(XmlForm, is_json_of_the_same_shape) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"<a/>", R"({"a":""})"},
      {"<a>7</a>", R"({"a":7})"},
      {"<a>007</a>", R"({"a":"007"})"},
      {"<a>true</a>", R"({"a":true})"},
      {"<a><b>1</b><b>x</b><b/></a>", R"({"a":{"b":[1,"x",""]}})"},
      {R"(<a xmlns="u"><b/></a>)", R"({"a":{"b":"","xmlns":"u"}})"},
      {R"(<a t="u">x</a>)", R"({"a":{"t":"u","content":"x"}})"},
      {"<a>", "{}"},
      {"", "{}"},
  };
  for (const auto& [text, wanted] : rows) {
    EXPECT_EQ(json::serialize(xml_form(text)), wanted) << text;
  }
}

TEST(XmlWriter, escapes) {
  XmlWriter writer(false);
  writer.open("a");
  writer.attribute("b", "\"<&>\n\t");
  writer.element("c", "<&>\"'\r\n\x01");
  writer.element("d", "");
  writer.close("a");
  EXPECT_EQ(writer.take(),
            "<a b=\"&quot;&lt;&amp;&gt;&#10;&#9;\"><c>&lt;&amp;&gt;\"'&#13;\n\xEF\xBF\xBD</c><d/></a>");
}

}  // namespace
}  // namespace cairn::aws
