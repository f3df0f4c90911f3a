// Which selectors are taken and which refused, and how they are shown.
#include "trail/selectors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "json/json.h"

namespace cairn::trail {
namespace {

Result<Selectors, aws::Fault> read(std::string_view basic, std::string_view advanced) {
  const auto list = [](std::string_view text) { return text.empty() ? json::array() : json::parse(text)->as_array(); };
  const auto one = list(basic);
  const auto other = list(advanced);
  return read_selectors(basic.empty() ? nullptr : &one, advanced.empty() ? nullptr : &other);
}

std::string complaint(const Result<Selectors, aws::Fault>& read) {
  if (!read) {
    EXPECT_EQ(read.error().code, "InvalidEventSelectorsException");
  }
  return read ? "" : read.error().message;
}

struct Case {
  std::string text;
  std::string complaint;  // part of it; empty: good
};

void expect(const Case& c, const Result<Selectors, aws::Fault>& read) {
  const auto said = complaint(read);
  EXPECT_EQ(said.empty(), c.complaint.empty()) << c.text << ": " << said;
  EXPECT_THAT(said, testing::HasSubstr(c.complaint)) << c.text;
}

std::string repeated(std::string_view one, int times) {
  std::string all = "[";
  for (int i = 0; i < times; ++i) {
    all += (i == 0 ? "" : ",") + std::string(one);
  }
  return all + "]";
}

TEST(BasicSelectors, what_is_taken) {
  const std::string object = R"({"Type":"AWS::S3::Object","Values":)";
  const auto with = [&](std::string_view values) { return R"([{"DataResources":[)" + object + std::string(values) + "}]}]"; };
  const auto functions = [](std::string_view value) {
    return R"([{"DataResources":[{"Type":"AWS::Lambda::Function","Values":[")" + std::string(value) + R"("]}]}])";
  };
  const Case cases[] = {
      {R"([{}])", ""},
      {R"([{"ReadWriteType":"WriteOnly","IncludeManagementEvents":false}])", ""},
      {R"([{"ReadWriteType":"read-only"}])", "ReadWriteType"},
      {R"([{"ExcludeManagementEventSources":["kms.amazonaws.com","rdsdata.amazonaws.com"]}])", ""},
      {R"([{"ExcludeManagementEventSources":["iam.amazonaws.com"]}])", "iam.amazonaws.com"},
      {repeated("{}", 5), ""},
      {repeated("{}", 6), "1 to 5"},
      {"[]", "1 to 5"},
      {with(R"(["arn:aws:s3"])"), ""},
      {with(R"(["arn:aws:s3:::"])"), ""},
      {with(R"(["arn:aws:s3:::kestrel/"])"), ""},
      {with(R"(["arn:aws:s3:::kestrel/nest"])"), ""},
      {with("[]"), ""},
      {with(R"(["arn:aws:s3:::*"])"), "Value arn:aws:s3:::* for DataResources.Values is invalid."},
      {with(R"(["arn:aws:s3:::kestrel"])"), "arn:aws:s3:::kestrel"},
      {with(R"(["arn:aws:s3:::/x"])"), "arn:aws:s3:::/x"},
      {with(R"(["arn:aws:lambda"])"), "arn:aws:lambda"},
      {with(R"([""])"), "is invalid"},
      {with(repeated(R"("arn:aws:s3:::kestrel/")", 250)), ""},
      {with(repeated(R"("arn:aws:s3:::kestrel/")", 251)), "more than 250"},
      {with(repeated(R"("arn:aws:s3")", 251)), ""},
      {R"([{"DataResources":)" + repeated(object + "[]}", 250) + "}]", ""},
      {R"([{"DataResources":)" + repeated(object + "[]}", 251) + "}]", "more than 250"},
      {R"([{"ExcludeManagementEventSources":["kms.amazonaws.com","kms.amazonaws.com","kms.amazonaws.com"]}])", "twice"},
      {functions("arn:aws:lambda"), ""},
      {functions("arn:aws:lambda:eu-west-1:210987654321:function:hover"), ""},
      {functions("arn:aws:lambda:eu-west-1:210987654321:layer:hover"), "is invalid"},
      {R"([{"DataResources":[{"Type":"AWS::DynamoDB::Table","Values":["arn:aws:dynamodb:eu-west-1:210987654321:table/t"]}]}])", ""},
      {R"([{"DataResources":[{"Type":"AWS::SQS::Queue","Values":["arn:aws:sqs"]}]}])", "Type AWS::SQS::Queue"},
      {R"([{"DataResources":["x"]}])", "Type "},
  };
  for (const auto& c : cases) {
    expect(c, read(c.text, ""));
  }
}

TEST(AdvancedSelectors, what_is_taken) {
  // The fields of one selector.
  const std::string data = R"({"Field":"eventCategory","Equals":["Data"]},)";
  const std::string objects = data + R"({"Field":"resources.type","Equals":["AWS::S3::Object"]})";
  const std::string functions = data + R"({"Field":"resources.type","Equals":["AWS::Lambda::Function"]},)";
  const std::string management = R"({"Field":"eventCategory","Equals":["Management"]})";
  const std::string network = R"({"Field":"eventCategory","Equals":["NetworkActivity"]})";
  const std::string function = "arn:aws:lambda:eu-west-1:210987654321:function:hover";
  const Case cases[] = {
      {management, ""},
      {management + R"(,{"Field":"readOnly","Equals":["true"]})", ""},
      {management + R"(,{"Field":"readOnly","Equals":["yes"]})", "Value yes"},
      {management + R"(,{"Field":"readOnly","Equals":["true","false"]})", "takes one value"},
      {management + R"(,{"Field":"readOnly","NotEquals":["true"]})", "NotEquals"},
      {management + R"(,{"Field":"eventSource","NotEquals":["kms.amazonaws.com"]})", ""},
      {management + R"(,{"Field":"eventSource","Equals":["kms.amazonaws.com"]})", "Operator Equals"},
      {management + R"(,{"Field":"eventSource","NotEquals":["iam.amazonaws.com"]})", "iam.amazonaws.com"},
      {management + R"(,{"Field":"eventName","Equals":["x"]})", "Field eventName"},
      {management + R"(,{"Field":"resources.type","Equals":["AWS::S3::Object"]})", "resources.type"},
      {management + "," + management, "twice"},
      {objects, ""},
      {data + R"({"Field":"resources.type","Equals":["AWS::New::Thing"]})", ""},
      {data + R"({"Field":"resources.type","Equals":["Thing"]})", "Value Thing"},
      {data + R"({"Field":"resources.type","Equals":["AWS::S3::Object","AWS::SQS::Queue"]})", "takes one value"},
      {data + R"({"Field":"resources.type","StartsWith":["AWS::"]})", "Operator StartsWith"},
      {data + R"({"Field":"readOnly","Equals":["true"]})", "resources.type is required"},
      {objects + R"(,{"Field":"eventName","StartsWith":["Get"],"NotEndsWith":["Acl"]})", ""},
      {objects + R"(,{"Field":"resources.ARN","NotStartsWith":["arn:aws:s3:::kestrel/"]})", ""},
      {objects + R"(,{"Field":"userIdentity.arn","EndsWith":["/wren"]})", ""},
      {objects + R"(,{"Field":"sessionCredentialFromConsole","NotEquals":["true"]})", ""},
      {objects + R"(,{"Field":"sessionCredentialFromConsole","Equals":["false"]})", "Value false"},
      {objects + R"(,{"Field":"eventName"})", "no operator"},
      {objects + R"(,{"Field":"eventName","Equals":[""]})", "is invalid"},
      {objects + R"(,{"Field":"eventName","Equals":[")" + std::string(2049, 'x') + R"("]})", "is invalid"},
      {objects + R"(,{"Field":"errorCode","Equals":["VpceAccessDenied"]})", "errorCode"},
      {functions + R"({"Field":"resources.ARN","Equals":[")" + function + R"("]})", ""},
      {functions + R"({"Field":"resources.ARN","NotEquals":[")" + function + R"(:prod"]})", "is invalid"},
      {functions + R"({"Field":"resources.ARN","StartsWith":[")" + function + R"(:prod"]})", ""},
      {network + R"(,{"Field":"eventSource","Equals":["s3.amazonaws.com"]})", ""},
      {network, "eventSource is required"},
      {network + R"(,{"Field":"eventSource","Equals":["s3"]})", "Value s3"},
      {network + R"(,{"Field":"eventSource","Equals":["s3.amazonaws.com"]},{"Field":"errorCode","Equals":["VpceAccessDenied"]})", ""},
      {network + R"(,{"Field":"eventSource","Equals":["s3.amazonaws.com"]},{"Field":"errorCode","Equals":["Other"]})", "Value Other"},
      {R"({"Field":"eventCategory","Equals":["Insight"]})", "Value Insight"},
      {R"({"Field":"eventCategory","StartsWith":["Data"]})", "eventCategory is required"},
      {R"({"Field":"eventCategory","Equals":["Data","Management"]},{"Field":"resources.type","Equals":["AWS::S3::Object"]})", "takes one value"},
      {"", "eventCategory is required"},
      {objects + R"(,{"Field":"eventName","Equals":)" + repeated(R"("x")", 498) + "}", ""},
      {objects + R"(,{"Field":"eventName","Equals":)" + repeated(R"("x")", 499) + "}", "more than 500"},
      {objects + R"(,{"Field":"eventName","Equals":)" + repeated("\"" + std::string(2'000, 'x') + "\"", 200) + "}", "too large"},
  };
  for (const auto& c : cases) {
    expect(c, read("", R"([{"FieldSelectors":[)" + c.text + "]}]"));
  }
  expect({"[]", "at least one"}, read("", "[]"));
  expect({"a long name", "1000"}, read("", R"([{"Name":")" + std::string(1001, 'n') + R"(","FieldSelectors":[)" + management + "]}]"));
}

TEST(Selectors, exactly_one_kind) {
  EXPECT_THAT(complaint(read("", "")), testing::HasSubstr("either"));
  EXPECT_THAT(complaint(read("[{}]", R"([{"FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]}]}])")),
              testing::HasSubstr("either"));
}

TEST(Selectors, are_shown_as_they_were_given_with_defaults) {
  EXPECT_EQ(json::serialize(to_json(*read("[{}]", ""))),
            R"({"EventSelectors":[{"ReadWriteType":"All","IncludeManagementEvents":true,"DataResources":[],"ExcludeManagementEventSources":[]}]})");
  EXPECT_EQ(to_json(*read("[{}]", "")), to_json(Selectors::standard()));
  const std::string given =
      R"([{"Name":"n","FieldSelectors":[{"Field":"resources.type","Equals":["AWS::S3::Object"]},{"Field":"eventCategory","Equals":["Data"]}]}])";
  const auto selectors = read("", given).value();
  EXPECT_EQ(json::serialize(to_json(selectors)), R"({"AdvancedEventSelectors":)" + given + "}");
  EXPECT_EQ(in_order_of_fields(selectors).advanced[0].fields[0].field, "eventCategory");
  EXPECT_EQ(selectors_from(to_json(selectors)), selectors);
}

}  // namespace
}  // namespace cairn::trail
