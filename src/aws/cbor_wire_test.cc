#include "aws/cbor_wire.h"

#include <gtest/gtest.h>

#include "aws/protocol.h"
#include "aws/recognise.h"
#include "json/json.h"

namespace cairn::aws {
namespace {

std::string bytes_of(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    out.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return out;
}

std::string parsed(std::string_view hex) {
  const auto value = parse_cbor(bytes_of(hex));
  return value ? json::serialize(*value) : "! " + value.error().message;
}

struct Row {
  std::string_view hex;
  std::string_view json;
};

// Most are the examples of RFC 8949, appendix A.
TEST(Cbor, reads_what_the_rfc_has) {
  const Row rows[] = {
      {"00", "0"},
      {"17", "23"},
      {"1818", "24"},
      {"1903e8", "1000"},
      {"1a000f4240", "1000000"},
      {"1b000000e8d4a51000", "1000000000000"},
      {"1bffffffffffffffff", "18446744073709551615"},
      {"20", "-1"},
      {"3903e7", "-1000"},
      {"3bffffffffffffffff", "-1.8446744073709552e+19"},
      {"f90000", "0.0"},
      {"f93c00", "1.0"},
      {"f97bff", "65504.0"},
      {"f90001", "5.960464477539063e-08"},
      {"f9c400", "-4.0"},
      {"fa47c35000", "100000.0"},
      {"fb3ff199999999999a", "1.1"},
      {"f97c00", "\"Infinity\""},
      {"f97e00", "\"NaN\""},
      {"f9fc00", "\"-Infinity\""},
      {"faff800000", "\"-Infinity\""},
      {"f4", "false"},
      {"f5", "true"},
      {"f6", "null"},
      {"f7", "null"},
      {"c11a514b67b0", "1363896240"},
      {"c1fb41d452d9ec200000", "1363896240.5"},
      {"4401020304", "\"AQIDBA==\""},
      {"6449455446", "\"IETF\""},
      {"62c3bc", "\"ü\""},
      {"80", "[]"},
      {"8301820203820405", "[1,[2,3],[4,5]]"},
      {"a26161016162820203", R"({"a":1,"b":[2,3]})"},
      {"5f42010243030405ff", "\"AQIDBAU=\""},
      {"7f657374726561646d696e67ff", "\"streaming\""},
      {"9f018202039f0405ffff", "[1,[2,3],[4,5]]"},
      {"bf61610161629f0203ffff", R"({"a":1,"b":[2,3]})"},
      {"a2616101616102", R"({"a":2})"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(parsed(row.hex), row.json) << row.hex;
  }
}

TEST(Cbor, refuses_what_is_none) {
  const std::string_view rows[] = {
      "",                      // nothing
      "18",                    // a number without its byte
      "1b00",                  // of which there are too few
      "62c3",                  // text that is cut short
      "62c328",                // and not UTF-8
      "5bffffffffffffffff00",  // more bytes than there can be
      "9bffffffffffffffff00",  // more elements
      "bbffffffffffffffff",    // more members
      "8201",                  // too few elements
      "9f01",                  // without an end
      "ff",                    // an end of nothing
      "1c",                    // reserved
      "f8ff",                  // no simple value
      "a10102",                // a key that is a number
      "a1ff02",                // or an end
      "5f6161ff",              // a piece of another kind
      "5f5f4101ffff",          // a piece in pieces
      "0000",                  // a second item
  };
  for (const auto& row : rows) {
    EXPECT_EQ(parsed(row).substr(0, 1), "!") << row;
  }
  EXPECT_EQ(parsed(std::string(2 * 60, '8') + "00").substr(0, 1), "!");
  std::string deep;
  for (std::size_t i = 0; i <= CborLimits::kDepthMax; ++i) {
    deep += "81";
  }
  EXPECT_EQ(parsed(deep + "00"), "! Too deep");
}

TEST(Cbor, what_is_written_reads_back) {
  for (const auto* text :
       {"{}",
        R"({"a":[1,-1,24,255,256,65536,4294967296,-4294967297,18446744073709551615],"b":{"c":"ü","d":null}})",
        R"([true,false,1.5,-0.25,"",{"":[]}])"}) {
    const auto given = *json::parse(text);
    const auto back = parse_cbor(encode_cbor(given));
    ASSERT_TRUE(back.has_value()) << text;
    EXPECT_EQ(json::serialize(*back), json::serialize(given));
  }
  const std::string long_text(70'000, 'x');
  EXPECT_EQ(parse_cbor(encode_cbor(boost::json::value(boost::json::string(long_text))))->as_string(),
            long_text);
}

// CloudWatch, as its newer SDKs speak.
TEST(Cbor, carries_calls_of_cloudwatch) {
  const auto& put = *everything().by_name("cloudwatch")->operation("PutMetricData");
  const auto input = *json::parse_object(
      R"({"Namespace":"nests","MetricData":[{"MetricName":"eggs","Timestamp":1700000000.5,"Value":3.0}]})");
  const auto request = encode_request(Protocol::cbor, put, input);
  ASSERT_TRUE(request.has_value());
  const codec::RequestHead head{request->method, request->target, request->headers};
  const auto call = recognise(
      {.head = head, .scope_service = "monitoring", .form = {}, .s3_domains = {}, .among = everything()});
  ASSERT_TRUE(call.has_value());
  EXPECT_EQ(call->operation, &put);
  EXPECT_EQ(json::serialize(*decode_request(*call, head, request->body)), json::serialize(input));
}

}  // namespace
}  // namespace cairn::aws
