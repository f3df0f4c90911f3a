// Side by side with what AWS recorded of such calls.
#include "capture/ec2_form.h"

#include <gtest/gtest.h>

#include "json/json.h"

namespace cairn::capture {
namespace {

const aws::Operation& operation(std::string_view name) {
  return *aws::everything().by_name("ec2")->operation(name);
}

struct Row {
  std::string_view operation;
  std::string_view input;
  std::string_view recorded;
};

TEST(Ec2Form, requests_are_as_they_were_recorded) {
  const Row rows[] = {
      {"DescribeInstances", R"({"InstanceIds":["i-1","i-2"]})",
       R"({"instancesSet":{"items":[{"instanceId":"i-1"},{"instanceId":"i-2"}]},"filterSet":{}})"},
      {"DescribeTags", R"({"Filters":[{"Name":"resource-type","Values":["instance"]}],"MaxResults":200})",
       R"({"filterSet":{"items":[{"name":"resource-type","valueSet":{"items":[{"value":"instance"}]}}]},"maxResults":200})"},
      {"DeleteSubnet", R"({"SubnetId":"subnet-1"})", R"({"subnetId":"subnet-1"})"},
      {"DescribeRegions", "{}", R"({"regionSet":{},"filterSet":{}})"},
      {"DescribePlacementGroups", "{}",
       R"({"placementGroupIdSet":{},"placementGroupSet":{},"filterSet":{}})"},
      {"CreateVolume", R"({"AvailabilityZone":"us-east-1b","SnapshotId":"snap-1"})",
       R"({"zone":"us-east-1b","snapshotId":"snap-1"})"},
      {"ModifySnapshotAttribute",
       R"({"Attribute":"createVolumePermission","CreateVolumePermission":{"Add":[{"Group":"all"}]},"SnapshotId":"snap-1"})",
       R"({"attribute":"createVolumePermission","createVolumePermission":{"add":{"items":[{"group":"all"}]}},"snapshotId":"snap-1"})"},
      {"AuthorizeSecurityGroupIngress",
       R"({"GroupId":"sg-1","IpPermissions":[{"IpProtocol":"-1","IpRanges":[{"CidrIp":"0.0.0.0/0"}]}]})",
       R"({"groupId":"sg-1","ipPermissions":{"items":[{"ipProtocol":"-1","ipRanges":{"items":[{"cidrIp":"0.0.0.0/0"}]}}]}})"},
      {"ModifyInstanceAttribute", R"({"InstanceId":"i-1","UserData":{"Value":"c2VjcmV0"}})",
       R"({"instanceId":"i-1","userData":"<sensitiveDataRemoved>"})"},
      {"DescribeNatGateways", R"({"MaxResults":1000})",
       R"({"DescribeNatGatewaysRequest":{"MaxResults":1000}})"},
      {"EnableSerialConsoleAccess", "{}", R"({"EnableSerialConsoleAccessRequest":""})"},
      {"DescribeInstanceCreditSpecifications", R"({"InstanceIds":["i-1"]})",
       R"({"DescribeInstanceCreditSpecificationsRequest":{"InstanceId":{"content":"i-1","tag":1}}})"},
      {"CreateFlowLogs", R"({"ResourceIds":["vpc-1","vpc-2"],"ResourceType":"VPC"})",
       R"({"CreateFlowLogsRequest":{"ResourceId":[{"content":"vpc-1","tag":1},{"content":"vpc-2","tag":2}],"ResourceType":"VPC"}})"},
  };
  for (const auto& row : rows) {
    const auto input = *json::parse_object(row.input);
    EXPECT_EQ(*json::parse(json::serialize(ec2_parameters(operation(row.operation), input))),
              *json::parse(row.recorded))
        << row.operation << " " << json::serialize(ec2_parameters(operation(row.operation), input));
  }
}

TEST(Ec2Form, instances_to_be_have_their_image) {
  const auto input = *json::parse_object(
      R"({"ImageId":"ami-1","MinCount":1,"MaxCount":2,"InstanceType":"t3.micro","SecurityGroupIds":["sg-1"],"UserData":"c2VjcmV0"})");
  EXPECT_EQ(
      ec2_parameters(operation("RunInstances"), input),
      *json::parse(
          R"({"instanceType":"t3.micro","groupSet":{"items":[{"groupId":"sg-1"}]},"userData":"<sensitiveDataRemoved>",)"
          R"("instancesSet":{"items":[{"imageId":"ami-1","minCount":1,"maxCount":2}]}})"));
}

TEST(Ec2Form, answers) {
  const auto shown = [](std::string_view name, std::string_view output, bool succeeded) {
    return json::serialize(
        ec2_elements(operation(name),
                     {.output = *json::parse_object(output), .request_id = "r-1", .succeeded = succeeded}));
  };
  EXPECT_EQ(shown("DeleteSubnet", "{}", true), R"({"requestId":"r-1","_return":true})");
  EXPECT_EQ(
      shown("StopInstances", R"({"StoppingInstances":[{"InstanceId":"i-1","CurrentState":{"Code":64}}]})",
            false),
      R"({"requestId":"r-1","instancesSet":{"items":[{"instanceId":"i-1","currentState":{"code":64}}]}})");
  EXPECT_EQ(shown("CreateVolume", R"({"CreateTime":1455204717.646,"VolumeId":"vol-1"})", false),
            R"({"requestId":"r-1","volumeId":"vol-1","createTime":1455204717646})");
  EXPECT_EQ(shown("CreateKeyPair", R"({"KeyName":"k","KeyMaterial":"secret"})", false),
            R"({"requestId":"r-1","keyName":"k","keyMaterial":"<sensitiveDataRemoved>"})");
  EXPECT_EQ(
      shown("EnableSerialConsoleAccess", R"({"SerialConsoleAccessEnabled":true})", false),
      R"({"EnableSerialConsoleAccessResponse":{"xmlns":"http://ec2.amazonaws.com/doc/2016-11-15/","requestId":"r-1","serialConsoleAccessEnabled":true}})");
}

}  // namespace
}  // namespace cairn::capture
