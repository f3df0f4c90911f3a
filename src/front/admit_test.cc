// Who is let in, who is not, and what strangers may cost.
#include "aws/sigv2.h"
#include "codec/uri.h"
#include "front/front_testing.h"

namespace cairn::front {
namespace {

using ::testing::HasSubstr;

TEST_F(FrontTest, a_region_that_is_not_served_is_refused_in_every_protocol) {
  region_ = "eu-west-9";
  EXPECT_THAT(post(kCreate).body, ::testing::AllOf(HasSubstr("<Code>SignatureDoesNotMatch</Code>"),
                                                   HasSubstr("valid region, not")));
  EXPECT_THAT(post_json("DescribeTrails").body, HasSubstr("InvalidSignatureException"));
  const auto s3 =
      send({.method = "GET", .target = "/", .headers = {{"Host", "127.0.0.1"}}}, "", "s3", "ann", {});
  EXPECT_EQ(s3.status, 400);
  EXPECT_THAT(s3.body,
              ::testing::AllOf(HasSubstr("<Code>AuthorizationHeaderMalformed</Code>"),
                               HasSubstr("expecting 'eu-west-1'"), HasSubstr("<Region>eu-west-1</Region>")));
  EXPECT_TRUE(records().empty());
  EXPECT_EQ(post_json("LookupEvents", "ann", "{}").status, 200) << "records of any region may be handed in";
  region_ = "eu-west-1";
  EXPECT_EQ(post_json("DescribeTrails").status, 200);
}

TEST_F(FrontTest, a_signature_for_another_service_is_refused) {
  codec::RequestHead head{
      .method = "POST",
      .target = "/",
      .headers = {{"Host", "127.0.0.1"},
                  {"Content-Type", "application/x-amz-json-1.1"},
                  {"X-Amz-Target", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.DescribeTrails"}}};
  EXPECT_THAT(
      send(head, "{}", "iam", "ann", {}).body,
      ::testing::AllOf(HasSubstr("InvalidSignatureException"), HasSubstr("correct service: 'cloudtrail'")));
  EXPECT_EQ(send(head, "{}", "cloudtrail", "ann", {}).status, 200);
}

TEST_F(FrontTest, iam_is_called_in_its_one_region_whichever_are_served) {
  regions_ = aws::Regions({"my-site-1"});
  SetUp();
  EXPECT_EQ(post(kCreate).status, 200);
  EXPECT_EQ(post(kWhoAmI, "sts").status, 403);
}

TEST_F(FrontTest, an_old_signature_is_good_for_s3_alone_and_until_it_expires) {
  const auto answer = [&](std::string method, std::string target, codec::Headers headers, int seconds,
                          std::string_view secret = "ann-secret") {
    headers.add("Host", "127.0.0.1");
    const auto until = std::chrono::floor<std::chrono::seconds>(system_clock().now()).time_since_epoch();
    target += "AWSAccessKeyId=AKIAEXAMPLE000000001&Expires=" + std::to_string(until.count() + seconds);
    codec::RequestHead head{std::move(method), std::move(target), std::move(headers)};
    auto signature = head;
    signature.target += "&Signature=x";
    const auto authorization = aws::sigv2::parse_authorization(signature);
    const auto text = aws::sigv2::string_to_sign(signature, *authorization, "");
    head.target += "&Signature=" + codec::percent_encode(
                                       aws::sigv2::signature_of(crypto::Secret(ByteView(secret)), text));
    return hand(head, "");
  };
  EXPECT_EQ(answer("GET", "/?", {}, 60).status, 200);
  EXPECT_EQ(records().size(), 2U) << "the caller's, and the owner's";
  EXPECT_THAT(answer("GET", "/?", {}, -1).body, HasSubstr("Request has expired"));
  EXPECT_THAT(answer("GET", "/?", {}, 60, "wrong").body, HasSubstr("SignatureDoesNotMatch"));
  const codec::Headers form{{"Content-Type", "application/x-www-form-urlencoded"}};
  EXPECT_EQ(answer("POST", "/?Action=ListUsers&Version=2010-05-08&", form, 60).status, 405) << "S3 has no such call";
  const codec::Headers json{
      {"Content-Type", "application/x-amz-json-1.1"},
      {"X-Amz-Target", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.DescribeTrails"}};
  EXPECT_EQ(answer("POST", "/?", json, 60).status, 400);
  EXPECT_EQ(records().size(), 2U);
}

TEST_F(FrontTest, unknown_callers_are_refused_and_not_recorded) {
  EXPECT_THAT(post(kCreate, "iam", "ann", "wrong").body, HasSubstr("SignatureDoesNotMatch"));
  EXPECT_THAT(post(kCreate, "iam", "AKIANOBODY0000000000").body, HasSubstr("InvalidClientTokenId"));
  EXPECT_TRUE(records().empty());
  EXPECT_FALSE(user_exists("mallory"));
}

TEST_F(FrontTest, no_body_is_read_of_whom_nobody_knows) {
  const codec::Headers form{{"Host", "127.0.0.1"}, {"Content-Type", "application/x-www-form-urlencoded"}};
  EXPECT_THAT(post(kCreate, "iam", "AKIANOBODY0000000000").body, HasSubstr("InvalidClientTokenId"));
  EXPECT_EQ(body_reads_, 0) << "an unknown key";
  EXPECT_THAT(post_json("DescribeTrails", "AKIANOBODY0000000000").body, HasSubstr("UnrecognizedClient"));
  EXPECT_EQ(body_reads_, 0) << "an unknown key";
  EXPECT_THAT(hand({.method = "POST", .target = "/", .headers = form}, kCreate).body,
              HasSubstr("MissingAuthenticationToken"));
  EXPECT_EQ(body_reads_, 0) << "unsigned";
  auto half_signed = form;
  half_signed.add("Authorization", "AWS4-HMAC-SHA256 Credential=");
  EXPECT_THAT(hand({.method = "POST", .target = "/", .headers = half_signed}, kCreate).body,
              HasSubstr("IncompleteSignature"));
  EXPECT_EQ(body_reads_, 0) << "a header that cannot be read";
  region_ = "eu-west-9";
  EXPECT_EQ(post(kCreate).status, 403);
  EXPECT_EQ(body_reads_, 0) << "a region that is not served";
}

TEST_F(FrontTest, an_s3_body_is_checked_whatever_it_says_it_is) {
  codec::RequestHead head{
      .method = "POST",
      .target = "/bucket?delete",
      .headers = {{"Host", "127.0.0.1"}, {"Content-Type", "application/x-www-form-urlencoded"}}};
  sign(head, "<Delete/>", "s3", "ann", {});
  EXPECT_THAT(hand(head, "<delete/>").body, HasSubstr("XAmzContentSHA256Mismatch"));
}

// What it says is compared by the service: services/s3/settings_test.cc.
TEST_F(FrontTest, a_trailing_checksum_that_was_announced_must_come) {
  codec::RequestHead head{.method = "POST",
                          .target = "/bucket?delete",
                          .headers = {{"Host", "127.0.0.1"},
                                      {"X-Amz-Content-Sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"},
                                      {"X-Amz-Decoded-Content-Length", "9"},
                                      {"X-Amz-Trailer", "x-amz-checksum-crc32"}}};
  const aws::sigv4::Credentials ann{.access_key = "AKIAEXAMPLE000000001",
                                    .secret = crypto::Secret(ByteView("ann-secret")),
                                    .session_token = {}};
  aws::sigv4::sign_headers(head, {.credentials = ann,
                                  .region = region_,
                                  .service = "s3",
                                  .time = system_clock().now(),
                                  .payload_hash = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"});
  EXPECT_THAT(hand(head, "9\r\n<Delete/>\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n").body,
              ::testing::Not(HasSubstr("MalformedTrailerError")));
  EXPECT_THAT(hand(head, "9\r\n<Delete/>\r\n0\r\n\r\n").body, HasSubstr("MalformedTrailerError"));
}

constexpr std::size_t kBeyond = 5000;  // bytes of a body that are in a share

std::string large_form(std::size_t beyond = kBeyond) {
  const std::string call = std::string(kWhoAmI) + "&x=";
  return call + std::string(kShareFreeBytesMax + beyond - call.size(), 'x');
}

TEST_F(FrontTest, unverified_bodies_have_a_share_of_the_budget_and_small_ones_need_none) {
  for (const auto share : {&Limits::unverified_bytes_max, &Limits::one_address_bytes_max}) {
    limits_ = Limits();
    limits_.*share = kBeyond;
    SetUp();
    EXPECT_EQ(post(large_form(kBeyond), "sts").status, 200);
    EXPECT_EQ(post(large_form(kBeyond + 1), "sts").status, 503);
    EXPECT_EQ(post(kWhoAmI, "sts").status, 200);
    limits_.*share = 0;
    SetUp();
    EXPECT_EQ(post(kWhoAmI, "sts").status, 200);
  }
}

Task<void> ask(Front& front, const codec::RequestHead& head, int& status) {
  const auto body = http::body_of(large_form());
  http::Request request{.head = head, .peer = {"198.51.100.24", 1}, .body = *body};
  status = (co_await front.handle(request)).status;
}

TEST_F(FrontTest, a_verified_body_is_in_no_share) {
  limits_.one_address_bytes_max = kBeyond;
  SetUp();
  int status = 0;
  codec::RequestHead head{
      .method = "POST",
      .target = "/",
      .headers = {{"Host", "127.0.0.1"}, {"Content-Type", "application/x-www-form-urlencoded"}}};
  sign(head, large_form(), "sts", "ann", {});
  foreign_->during = [&] { return ask(*front_, head, status); };
  const std::string large = R"({"x":")" + std::string(kShareFreeBytesMax + 3000, 'x') + R"("})";
  EXPECT_EQ(post_json("DescribeTrails", "ann", large).status, 200);
  EXPECT_EQ(status, 200) << "while another large body is in memory";
}

}  // namespace
}  // namespace cairn::front
