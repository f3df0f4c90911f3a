// AWS's own SigV4 test suite, in both directions.
#include "aws/sigv4.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "codec/base64.h"

namespace cairn::aws::sigv4 {
namespace {

std::filesystem::path data_folder() {
  const char* const set = std::getenv("CAIRN_TEST_DATA");
  return set != nullptr ? std::filesystem::path(set)
                        : std::filesystem::path(CAIRN_SOURCE_DIR) / "../shared/data";
}

std::string sha256_hex(std::string_view text) {
  return codec::hex_encode(crypto::sha256(text));
}

Time at(std::string_view basic_text) {
  return parse_basic(basic_text).value();
}

std::string contents(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {(std::istreambuf_iterator<char>(in)), {}};
}

struct Parsed {
  codec::RequestHead head;
  std::string body;
};

// The suite's .req and .sreq: a request as text, the path unencoded, folded headers, lines ending in LF.
Parsed parse_request(std::string_view text) {
  Parsed out;
  const auto line = [&] {
    const auto end = std::min(text.find('\n'), text.size());
    const auto taken = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return taken;
  };
  const auto first = line();
  out.head.method = first.substr(0, first.find(' '));
  out.head.target = first.substr(first.find(' ') + 1, first.rfind(' ') - first.find(' ') - 1);
  std::vector<codec::Headers::Field> fields;
  while (!text.empty()) {
    const auto header = line();
    if (header.empty()) {
      break;
    }
    if (header.starts_with(' ')) {
      fields.back().second += "\n" + std::string(header);
      continue;
    }
    const auto colon = header.find(':');
    fields.emplace_back(std::string(header.substr(0, colon)), std::string(header.substr(colon + 1)));
  }
  for (auto& [name, value] : fields) {
    out.head.headers.add(std::move(name), std::move(value));
  }
  out.body = text;
  return out;
}

const crypto::Secret& suite_secret() {
  static const crypto::Secret secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
  return secret;
}

class Suite : public testing::Test {
 protected:
  void SetUp() override {
    const auto folder = data_folder() / "wire/sigv4-testsuite";
    if (!std::filesystem::exists(folder)) {
      GTEST_SKIP() << "no SigV4 suite: set CAIRN_TEST_DATA";
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (entry.path().extension() == ".req") {
        cases_.push_back(entry.path());
      }
    }
    EXPECT_GE(cases_.size(), 34U);
  }
  static std::string part(std::filesystem::path path, const char* extension) {
    return contents(path.replace_extension(extension));
  }

  std::vector<std::filesystem::path> cases_;
};

// Each case's canonical request, string to sign and signature, computed from the bare request and the names
// that were signed.
TEST_F(Suite, is_canonicalised_as_aws_does) {
  for (const auto& path : cases_) {
    auto [head, body] = parse_request(part(path, ".sreq"));
    head.headers.set("Authorization", part(path, ".authz"));
    const auto authorization = parse_authorization(head);
    ASSERT_TRUE(authorization.has_value()) << path << authorization.error().detail;
    const auto hash = sha256_hex(body);
    const auto canonical = canonical_request({head, authorization->signed_headers, hash, Style::standard});
    EXPECT_EQ(canonical, part(path, ".creq")) << path;
    EXPECT_EQ(string_to_sign(authorization->timestamp, authorization->scope, canonical), part(path, ".sts"))
        << path;
  }
}

TEST_F(Suite, verifies) {
  KeyCache cache;
  for (const auto& path : cases_) {
    auto [head, body] = parse_request(part(path, ".sreq"));
    head.headers.set("Authorization", part(path, ".authz"));
    const auto authorization = parse_authorization(head).value();
    EXPECT_EQ(authorization.access_key, "AKIDEXAMPLE");
    const auto hash = sha256_hex(body);
    const Request request{head, authorization, suite_secret(), hash, at("20150830T123600Z")};
    const auto verified = verify(request, cache);
    EXPECT_TRUE(verified.has_value()) << path;
    const auto other = sha256_hex(body + "x");
    const auto refused = verify({head, authorization, suite_secret(), other, at("20150830T123600Z")}, cache);
    ASSERT_FALSE(refused.has_value()) << path;
    EXPECT_EQ(refused.error().reason, Reason::mismatch);
  }
}

TEST_F(Suite, signs) {
  for (const auto& path : cases_) {
    // post-sts-header-after adds its token after signing; all others sign what is in the request.
    const bool after = path.stem() == "post-sts-header-after";
    auto [head, body] = parse_request(part(path, after ? ".req" : ".sreq"));
    head.headers.erase("authorization");
    const Credentials credentials{"AKIDEXAMPLE", suite_secret().clone(), {}};
    const auto hash = sha256_hex(body);
    const auto before = head.headers.size();
    sign_headers(head, {credentials, "us-east-1", "service", at("20150830T123600Z"), hash});
    EXPECT_EQ(head.headers.size(), before + 1);
    EXPECT_EQ(head.headers.get("authorization"), part(path, ".authz")) << path;
  }
}

}  // namespace
}  // namespace cairn::aws::sigv4
