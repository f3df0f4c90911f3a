// The protocol cases that botocore tests itself with (Apache-2.0, made from Smithy's), in both directions:
//   input:  our encode_request against the serialized request; our decode_request of that request against the
//   parameters output: our decode_response against the result; decode_response of our encode_response against
//   the result again
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <pugixml.hpp>
#include <sstream>

#include "aws/botocore_exceptions.h"
#include "aws/cbor_wire.h"
#include "aws/protocol.h"
#include "aws/recognise.h"
#include "aws/scalars.h"
#include "codec/base64.h"
#include "json/json.h"

namespace cairn::aws {
namespace {

using boost::json::object;
using boost::json::value;

std::string cases_folder() {
  const char* given = std::getenv("CAIRN_TEST_DATA");
  return (given != nullptr ? std::string(given) : std::string(CAIRN_SOURCE_DIR) + "/../shared/data") +
         "/wire/botocore-protocol-tests/";
}

std::optional<std::string> file_text(const std::string& path) {
  std::ifstream file(path);
  if (!file) {
    return std::nullopt;
  }
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Numbers by value, objects without order.
bool same(const value& a, const value& b) {
  if (a.is_number() && b.is_number()) {
    return a.to_number<double>() == b.to_number<double>();
  }
  if (a.is_object() && b.is_object()) {
    return a.get_object().size() == b.get_object().size() &&
           std::ranges::all_of(a.get_object(), [&](const auto& pair) {
             const auto* other = b.get_object().if_contains(pair.key());
             return other != nullptr && same(pair.value(), *other);
           });
  }
  if (a.is_array() && b.is_array()) {
    return std::ranges::equal(a.get_array(), b.get_array(), same);
  }
  return a == b;
}

// The cases' parameters and results in our form: blobs in base64, keys of header maps in lower case, no nulls
// in structures.
value ours(const Member& use, const value& given) {
  const auto& shape = *use.shape;
  if (given.is_object() && shape.kind == Kind::structure && !shape.document) {
    object out;
    for (const auto& member : shape.members) {
      const auto* found = given.get_object().if_contains(member.name);
      if (found != nullptr && !found->is_null() && !member.streaming) {
        out.emplace(member.name, ours(member, *found));
      }
    }
    return out;
  }
  if (given.is_object() && shape.kind == Kind::map) {
    object out;
    for (const auto& [key, item] : given.get_object()) {
      const bool header = use.location == Location::headers;
      out.emplace(header ? codec::lower(std::string(key)) : std::string(key), ours(shape.element, item));
    }
    return out;
  }
  if (given.is_array() && shape.kind == Kind::list) {
    boost::json::array out;
    for (const auto& item : given.get_array()) {
      out.push_back(ours(shape.element, item));
    }
    return out;
  }
  if (given.is_string() && shape.kind == Kind::blob) {
    return value(boost::json::string(codec::base64_encode(std::string_view(given.get_string()))));
  }
  return given;
}

object ours(const Shape* shape, const value& given) {
  if (shape == nullptr) {
    return {};
  }
  Member use;
  use.shape = shape;
  return ours(use, given).get_object();
}

// One element as text in which order of attributes and white space between elements do not count.
std::string canonical(const pugi::xml_node& node) {
  std::map<std::string, std::string> attributes;
  for (const auto& attribute : node.attributes()) {
    attributes[attribute.name()] = attribute.value();
  }
  std::vector<std::string> children;
  for (const auto& child : node.children()) {
    if (child.type() == pugi::node_element) {
      children.push_back(canonical(child));
    }
  }
  std::ranges::sort(children);
  std::string out = fmt::format("<{}", node.name());
  for (const auto& [name, text] : attributes) {
    out += fmt::format(" {}={}", name, text);
  }
  return out + fmt::format(">{}{}</>", fmt::join(children, ""), children.empty() ? node.text().get() : "");
}

bool same_body(Protocol protocol, const std::string& a, const std::string& b) {
  if (a == b || (protocol == Protocol::json && a == "{}" && b.empty())) {
    return true;
  }
  if (protocol == Protocol::cbor) {
    const auto x = parse_cbor_body(a);
    const auto y = parse_cbor_body(b);
    return x && y && same(*x, *y);
  }
  if (protocol == Protocol::query || protocol == Protocol::ec2) {
    auto x = codec::parse_query(a, true).value_or(codec::QueryPairs());
    auto y = codec::parse_query(b, true).value_or(codec::QueryPairs());
    std::ranges::sort(x);
    std::ranges::sort(y);
    return x == y;
  }
  if (protocol == Protocol::rest_xml) {
    pugi::xml_document x;
    pugi::xml_document y;
    return x.load_string(a.c_str()) && y.load_string(b.c_str()) &&
           canonical(x.document_element()) == canonical(y.document_element());
  }
  boost::json::error_code e1;
  boost::json::error_code e2;
  const auto x = boost::json::parse(a, e1);
  const auto y = boost::json::parse(b, e2);
  return !e1 && !e2 && same(x, y);
}

bool same_target(const std::string& a, const std::string& b) {
  const auto parts = [](const std::string& target) {
    const auto mark = std::min(target.find('?'), target.size());
    auto query = codec::parse_query(std::string_view(target).substr(std::min(mark + 1, target.size())));
    auto pairs = query ? *query : codec::QueryPairs{{"broken", target}};
    std::ranges::sort(pairs);
    return std::pair(target.substr(0, mark), pairs);
  };
  return parts(a) == parts(b);
}

struct Case {
  std::string id;
  const object& source;
  const Service& service;
  const Operation& operation;
};

std::string text_of(const object& from, std::string_view key, std::string_view otherwise = "") {
  const auto* found = from.if_contains(key);
  return std::string(found != nullptr && found->is_string() ? std::string_view(found->get_string())
                                                            : otherwise);
}

codec::Headers headers_of(const object& from) {
  codec::Headers headers;
  if (const auto* found = from.if_contains("headers")) {
    for (const auto& [name, text] : found->as_object()) {
      headers.add(std::string(name), std::string(text.as_string()));
    }
  }
  return headers;
}

// CBOR stands in base64.
std::string body_of(const Case& c, const object& wire) {
  auto body = text_of(wire, "body");
  return c.service.protocol() == Protocol::cbor ? codec::base64_decode(body).value_or(std::string()) : body;
}

value params_of(const Case& c) {
  const auto* params = c.source.if_contains("params");
  return params == nullptr ? value(object()) : *params;
}

// Each check says what is wrong, or nothing.
std::string check_encode_request(const Case& c) {
  const auto& wanted = c.source.at("serialized").as_object();
  const auto protocol = c.service.protocol();
  auto encoded = encode_request(protocol, c.operation, ours(c.operation.input.shape, params_of(c)));
  if (!encoded) {
    return encoded.error().text();
  }
  if (wanted.contains("method") && encoded->method != text_of(wanted, "method")) {
    return "method " + encoded->method;
  }
  if (!same_target(encoded->target, text_of(wanted, "uri", "/"))) {
    return fmt::format("target {} and not {}", encoded->target, text_of(wanted, "uri"));
  }
  for (const auto& [name, text] : headers_of(wanted)) {
    const auto got = encoded->headers.get(name, "(absent)");
    if (got != text && !got.starts_with(text + ";")) {
      return fmt::format("header {}: {} and not {}", name, encoded->headers.get(name, "(absent)"), text);
    }
  }
  if (const auto* forbidden = wanted.if_contains("forbidHeaders")) {
    for (const auto& name : forbidden->as_array()) {
      if (encoded->headers.contains(std::string_view(name.as_string()))) {
        return fmt::format("header {} must not be there", std::string_view(name.as_string()));
      }
    }
  }
  if (c.operation.streaming_input() == nullptr && !same_body(protocol, encoded->body, body_of(c, wanted))) {
    return fmt::format("body {} and not {}", encoded->body, text_of(wanted, "body"));
  }
  return {};
}

std::string check_decode_request(const Case& c) {
  const auto& wire = c.source.at("serialized").as_object();
  const auto body = body_of(c, wire);
  codec::RequestHead head{text_of(wire, "method", c.operation.method), text_of(wire, "uri", "/"),
                          headers_of(wire)};
  if (c.service.protocol() == Protocol::json &&
      !head.headers.contains("X-Amz-Target")) {  // some cases leave it out
    head.headers.set("X-Amz-Target", c.service.target_prefixes.front() + "." + c.operation.name);
    head.headers.set("Content-Type", "application/x-amz-json-1.1");
  }
  const auto call = recognise_in(
      c.service, {.head = head, .scope_service = {}, .form = reads_form(head) ? body : "", .s3_domains = {}});
  if (!call) {
    return "not recognised: " + call.error().fault.code;
  }
  if (call->operation != &c.operation) {
    return "recognised as " + call->operation->name;
  }
  const auto decoded = decode_request(*call, head, body);
  const auto wanted = ours(c.operation.input.shape, params_of(c));
  if (!decoded) {
    return fmt::format("{}: {}", decoded.error().code, decoded.error().message);
  }
  return same(*decoded, wanted)
             ? ""
             : fmt::format("{} and not {}", boost::json::serialize(*decoded), boost::json::serialize(wanted));
}

std::string compare(const Result<object, Fault>& got, const object& wanted) {
  if (!got) {
    return fmt::format("fault {}: {}", got.error().code, got.error().message);
  }
  return same(*got, wanted)
             ? ""
             : fmt::format("{} and not {}", boost::json::serialize(*got), boost::json::serialize(wanted));
}

std::string check_fault(const Case& c, const Result<object, Fault>& got) {
  if (got) {
    return "no fault";
  }
  const auto message = text_of(c.source, "errorMessage");
  return got.error().code != text_of(c.source, "errorCode")   ? "code " + got.error().code
         : got.error().message != message && !message.empty() ? "message " + got.error().message
                                                              : "";
}

codec::ResponseHead response_head(const object& wire) {
  return {static_cast<int>(wire.at("status_code").as_int64()), headers_of(wire)};
}

std::string check_decode_response(const Case& c) {
  const auto& wire = c.source.at("response").as_object();
  const auto got = decode_response(c.service.protocol(), c.operation, response_head(wire), body_of(c, wire));
  if (c.source.contains("errorCode")) {
    return check_fault(c, got);
  }
  return compare(got, ours(c.operation.output.shape, c.source.at("result")));
}

std::string check_encode_response(const Case& c) {
  const auto protocol = c.service.protocol();
  Encoded encoded;
  if (c.source.contains("errorCode")) {
    const Fault fault{text_of(c.source, "errorCode"), 400, text_of(c.source, "errorMessage")};
    encoded = encode_fault({.protocol = protocol, .service = &c.service}, fault, {"id-1", "host-1"});
  } else {
    encoded = encode_response(protocol, c.operation, ours(c.operation.output.shape, c.source.at("result")),
                              {"id-1", "host-1"});
  }
  encoded.headers.erase("x-amzn-RequestId");  // or a map of all headers has it
  const auto got = decode_response(protocol, c.operation, {encoded.status, encoded.headers}, encoded.body);
  return c.source.contains("errorCode") ? check_fault(c, got)
                                        : compare(got, ours(c.operation.output.shape, c.source.at("result")));
}

bool is_expected(const std::string& id) {
  return std::ranges::any_of(kCaseExceptions, [&](const CaseException& e) {
    return e.id.ends_with('*') ? id.starts_with(e.id.substr(0, e.id.size() - 1)) : id == e.id;
  });
}

struct Tally {
  int passed = 0;
  int excepted = 0;
};

void check(Tally& tally, const std::string& id, const std::string& direction, const std::string& wrong) {
  const auto name = id + "/" + direction;
  if (wrong.empty()) {
    EXPECT_FALSE(is_expected(name)) << name << " is listed as an exception, but passes";
    ++tally.passed;
  } else if (is_expected(name)) {
    ++tally.excepted;
  } else {
    ADD_FAILURE() << name << ": " << wrong;
  }
}

void run_suite(Tally& tally, const std::string& file, const object& suite) {
  int number = 0;
  for (const auto& entry : suite.at("cases").as_array()) {
    const auto& source = entry.as_object();
    const auto& given = source.at("given").as_object();
    const auto name = text_of(given, "name", "Operation");
    object model;
    model["metadata"] = suite.at("metadata");
    model["shapes"] = suite.at("shapes");
    model["operations"].emplace_object()[name] = given;
    // Some old cases say at the use what is a trait of the shape.
    if (const auto* input = given.if_contains("input");
        input != nullptr && input->as_object().contains("payload")) {
      const auto shape = input->as_object().at("shape").as_string();
      model["shapes"].as_object()[shape].as_object()["payload"] = input->as_object().at("payload");
    }
    auto service = load_service("test", boost::json::serialize(model));
    ASSERT_TRUE(service.has_value()) << service.error().text();
    ++number;
    const Case c{text_of(source, "id", fmt::format("{}/{}/{}", file, text_of(suite, "description"), number)),
                 source, **service, *(*service)->operation(name)};
    if (source.contains("serialized")) {
      check(tally, c.id, "encode_request", check_encode_request(c));
      check(tally, c.id, "decode_request", check_decode_request(c));
    } else {
      check(tally, c.id, "decode_response", check_decode_response(c));
      check(tally, c.id, "encode_response", check_encode_response(c));
    }
  }
}

class BotocoreCases : public testing::TestWithParam<const char*> {};

TEST_P(BotocoreCases, pass_in_both_directions) {
  const auto text = file_text(cases_folder() + GetParam() + ".json");
  if (!text) {
    GTEST_SKIP() << "no " << cases_folder() << GetParam() << ".json: set CAIRN_TEST_DATA";
  }
  Tally tally;
  const auto suites = json::parse(*text);  // Boost's own parser reads some doubles inexactly
  ASSERT_TRUE(suites.has_value()) << suites.error().text();
  for (const auto& suite : suites->as_array()) {
    run_suite(tally, GetParam(), suite.as_object());
  }
  std::printf("%s: %d passed, %d listed exceptions\n", GetParam(), tally.passed, tally.excepted);
  EXPECT_GT(tally.passed, 0);
}

INSTANTIATE_TEST_SUITE_P(
    Aws, BotocoreCases,
    testing::Values("input__json", "input__json_1_0", "input__query", "input__rest-json", "input__rest-xml",
                    "input__ec2", "input__smithy-rpc-v2-cbor",
                    "input__smithy-rpc-v2-cbor-non-query-compatible", "output__ec2",
                    "output__smithy-rpc-v2-cbor", "input__smithy-rpc-v2-cbor-query-compatible",
                    "input__json_1_0-query-compatible", "legacy__input__ec2", "legacy__output__ec2",
                    "output__json", "output__json_1_0", "output__query", "output__rest-json",
                    "output__rest-xml", "legacy__input__json", "legacy__input__query",
                    "legacy__input__rest-json", "legacy__input__rest-xml", "legacy__output__json",
                    "legacy__output__query", "legacy__output__rest-json", "legacy__output__rest-xml"),
    [](const auto& given) {
      std::string name = given.param;
      std::ranges::replace(name, '-', '_');
      return name;
    });

}  // namespace
}  // namespace cairn::aws
