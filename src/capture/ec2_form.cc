// EC2's older operations are those whose DryRun is called dryRun on the wire: so it is for all recorded
// calls. Tested by ec2_form_test.cc.
#include "capture/ec2_form.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <cmath>
#include <cstdint>

#include "aws/scalars.h"

namespace cairn::capture {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

constexpr std::string_view kRemoved = "<sensitiveDataRemoved>";

// How a list of a request is called in the older form, by its name on the wire.
struct SetName {
  std::string_view wire;
  std::string_view set;
  std::string_view item;
};
constexpr SetName kSets[] = {
    {"AllocationId", "allocationIdsSet", "allocationId"},
    {"AttributeName", "accountAttributeNameSet", "attributeName"},
    {"BundleId", "bundlesSet", "bundleId"},
    {"CustomerGatewayId", "customerGatewaySet", "customerGatewayId"},
    {"DhcpOptionsId", "dhcpOptionsSet", "dhcpOptionsId"},
    {"ExecutableBy", "executableBySet", "user"},
    {"Filter", "filterSet", ""},
    {"GroupId", "securityGroupIdSet", "groupId"},
    {"GroupName", "securityGroupSet", "groupName"},
    {"ImageId", "imagesSet", "imageId"},
    {"InstanceId", "instancesSet", "instanceId"},
    {"InternetGatewayId", "internetGatewayIdSet", "internetGatewayId"},
    {"KeyName", "keySet", "keyName"},
    {"KeyPairId", "keyPairIdSet", "keyPairId"},
    {"NetworkAclId", "networkAclIdSet", "networkAclId"},
    {"NetworkInterface", "networkInterfaceSet", ""},
    {"NetworkInterfaceId", "networkInterfaceIdSet", "networkInterfaceId"},
    {"Owner", "ownersSet", "owner"},
    {"PublicIp", "publicIpsSet", "publicIp"},
    {"RegionName", "regionSet", "regionName"},
    {"ResourceId", "resourcesSet", "resourceId"},
    {"RestorableBy", "sharedUsersSet", "user"},
    {"RouteTableId", "routeTableIdSet", "routeTableId"},
    {"SecurityGroup", "groupSet", "groupName"},
    {"SecurityGroupId", "groupSet", "groupId"},
    {"SnapshotId", "snapshotSet", "snapshotId"},
    {"SubnetId", "subnetSet", "subnetId"},
    {"Tag", "tagSet", ""},
    {"TagSpecification", "tagSpecificationSet", ""},
    {"VolumeId", "volumeSet", "volumeId"},
    {"VpcId", "vpcSet", "vpcId"},
    {"VpcPeeringConnectionId", "vpcPeeringConnectionIdSet", "vpcPeeringConnectionId"},
    {"VpnConnectionId", "vpnConnectionSet", "vpnConnectionId"},
    {"VpnGatewayId", "vpnGatewaySet", "vpnGatewayId"},
    {"ZoneId", "availabilityZoneIdSet", "zoneId"},
    {"ZoneName", "availabilityZoneSet", "zoneName"},
};
static_assert(std::ranges::is_sorted(kSets, {}, &SetName::wire));

const SetName* set_of(std::string_view wire) {
  const auto* const found = std::ranges::lower_bound(kSets, wire, {}, &SetName::wire);
  return found != std::end(kSets) && found->wire == wire ? found : nullptr;
}

// What is called otherwise in records of one operation.
struct Renamed {
  std::string_view operation;
  std::string_view wire;
  std::string_view recorded;
};
constexpr Renamed kRenamed[] = {
    {"CreateNetworkAclEntry", "Protocol", "aclProtocol"},
    {"CreateNetworkAclEntry", "Icmp", "icmpTypeCode"},
    {"CreateVolume", "AvailabilityZone", "zone"},
    {"DescribePlacementGroups", "GroupId", "placementGroupIdSet"},
    {"DescribePlacementGroups", "GroupName", "placementGroupSet"},
    {"ReplaceNetworkAclEntry", "Protocol", "aclProtocol"},
    {"ReplaceNetworkAclEntry", "Icmp", "icmpTypeCode"},
};

std::string_view renamed(std::string_view operation, std::string_view wire) {
  const auto* const found = std::ranges::find_if(
      kRenamed, [&](const auto& row) { return row.operation == operation && row.wire == wire; });
  return found == std::end(kRenamed) ? std::string_view{} : found->recorded;
}

bool is_older(const aws::Operation& operation) {
  const auto* dry_run = operation.input.shape == nullptr ? nullptr : operation.input.shape->member("DryRun");
  return dry_run != nullptr && dry_run->wire_name == "dryRun";
}

bool is_hidden(const aws::Member& member) {
  return member.sensitive || member.name == "UserData" || member.shape->kind == aws::Kind::blob;
}

// instancesSet: {"items":[{"instanceId":"i-1"},…]}
class OlderRequest {
 public:
  explicit OlderRequest(const aws::Operation& operation) : operation_(operation) {}

  object members(const aws::Shape& shape, const object& given) const {
    object out;
    for (const auto& member : shape.members) {
      if (const auto* found = given.if_contains(member.name); found != nullptr && !found->is_null()) {
        out.insert_or_assign(name_of(member), one(member, *found));
      }
    }
    return out;
  }

  // A Describe names also the lists that it was not asked by.
  void add_empty_sets(object& parameters) const {
    if (!operation_.name.starts_with("Describe")) {
      return;
    }
    for (const auto& member : operation_.input.shape->members) {
      if (member.shape->kind == aws::Kind::list && set_of(member.ec2_name) != nullptr) {
        parameters.emplace(name_of(member), object{});
      }
    }
  }

 private:
  std::string name_of(const aws::Member& member) const {
    if (const auto name = renamed(operation_.name, member.ec2_name); !name.empty()) {
      return std::string(name);
    }
    const bool is_list = member.shape->kind == aws::Kind::list;
    if (const auto* set = is_list ? set_of(member.ec2_name) : nullptr) {
      return std::string(set->set);
    }
    const bool of_scalars = is_list && !member.shape->element.shape->is_structure();
    return aws::lower_first(member.ec2_name) + (of_scalars ? "Set" : "");
  }

  value one(const aws::Member& member, const value& given) const {
    if (is_hidden(member)) {
      return value(kRemoved);
    }
    if (given.is_object() && member.shape->is_structure()) {
      return members(*member.shape, given.get_object());
    }
    return given.is_array() ? list(member, given.get_array()) : given;
  }

  value list(const aws::Member& member, const array& given) const {
    const auto* set = set_of(member.ec2_name);
    const auto item_name =
        set != nullptr && !set->item.empty() ? std::string(set->item) : aws::lower_first(member.ec2_name);
    array items;
    for (const auto& item : given) {
      items.push_back(item.is_object() ? one(member.shape->element, item) : value(object{{item_name, item}}));
    }
    return items.empty() ? object{} : object{{"items", std::move(items)}};
  }

  const aws::Operation& operation_;
};

// Image, key and counts stand with the instances that are to be.
void move_into_instances(object& parameters) {
  object item;
  for (const auto* key : {"imageId", "keyName", "minCount", "maxCount"}) {
    if (const auto* found = parameters.if_contains(key)) {
      item.emplace(key, *found);
      parameters.erase(key);
    }
  }
  parameters["instancesSet"] = object{{"items", array{std::move(item)}}};
}

// {"ResourceId":{"tag":1,"content":"vpc-1"}}: as XML with an attribute becomes JSON.
object newer_request(const aws::Shape& shape, const object& given);

value newer_value(const aws::Member& member, const value& given) {
  if (is_hidden(member)) {
    return value(kRemoved);
  }
  return given.is_object() && member.shape->is_structure()
             ? value(newer_request(*member.shape, given.get_object()))
             : given;
}

value newer_list(const aws::Member& element, const array& given) {
  array items;
  for (const auto& item : given) {
    auto shown = newer_value(element, item);
    object tagged = shown.is_object() ? std::move(shown.get_object()) : object{{"content", std::move(shown)}};
    tagged["tag"] = items.size() + 1;
    items.push_back(std::move(tagged));
  }
  return items.size() == 1 ? value(items.front()) : value(std::move(items));
}

object newer_request(const aws::Shape& shape, const object& given) {
  object out;
  for (const auto& member : shape.members) {
    const auto* found = given.if_contains(member.name);
    if (found == nullptr || found->is_null()) {
      continue;
    }
    out.emplace(member.ec2_name, found->is_array() && !is_hidden(member)
                                     ? newer_list(member.shape->element, found->get_array())
                                     : newer_value(member, *found));
  }
  return out;
}

// Answers, by their names on the wire.
class AnswerForm {
 public:
  explicit AnswerForm(bool older) : older_(older) {}

  object members(const aws::Shape& shape, const object& given) const {
    object out;
    for (const auto& member : shape.members) {
      if (const auto* found = given.if_contains(member.name); found != nullptr && !found->is_null()) {
        out.emplace(member.wire_name == "return" ? "_return" : member.wire_name, one(member, *found));
      }
    }
    return out;
  }

 private:
  value one(const aws::Member& member, const value& given) const {
    const auto kind = member.shape->kind;
    if (is_hidden(member)) {
      return value(kRemoved);
    }
    if (given.is_object() && kind == aws::Kind::structure) {
      return members(*member.shape, given.get_object());
    }
    if (given.is_array()) {
      return list(member.shape->element, given.get_array());
    }
    if (given.is_number() && kind == aws::Kind::timestamp) {
      return time(given.to_number<double>());
    }
    return given;
  }

  value list(const aws::Member& element, const array& given) const {
    array items;
    for (const auto& item : given) {
      items.push_back(one(element, item));
    }
    if (items.empty()) {
      return older_ ? value(object{}) : value("");
    }
    if (older_) {
      return object{{"items", std::move(items)}};
    }
    return object{{"item", items.size() == 1 ? value(items.front()) : value(std::move(items))}};
  }

  value time(double seconds) const {
    constexpr double kMillis = 1000;
    constexpr double kFar = 1e11;  // beyond the year 5000
    return older_ ? value(std::llround(std::clamp(seconds, -kFar, kFar) * kMillis))
                  : value(aws::timestamp_text(seconds, aws::TimestampFormat::iso8601));
  }

  bool older_;
};

}  // namespace

value ec2_parameters(const aws::Operation& operation, const object& input) {
  if (operation.input.shape == nullptr) {
    return nullptr;
  }
  if (!is_older(operation)) {
    auto members = newer_request(*operation.input.shape, input);
    return object{{operation.name + "Request", members.empty() ? value("") : value(std::move(members))}};
  }
  const OlderRequest form(operation);
  auto out = form.members(*operation.input.shape, input);
  form.add_empty_sets(out);
  if (operation.name == "RunInstances") {
    move_into_instances(out);
  }
  return out.empty() ? value(nullptr) : value(std::move(out));
}

value ec2_elements(const aws::Operation& operation, const Ec2Answer& answer) {
  const bool older = is_older(operation);
  object members;
  if (!older) {
    members["xmlns"] = operation.service->xml_namespace + "/";
  }
  if (!answer.request_id.empty()) {
    members["requestId"] = answer.request_id;
  }
  if (operation.output.shape != nullptr) {
    for (auto& [key, member] : AnswerForm(older).members(*operation.output.shape, answer.output)) {
      members.insert_or_assign(key, std::move(member));
    }
  }
  if (older && answer.succeeded) {
    members["_return"] = true;
  }
  return older ? value(std::move(members)) : value(object{{operation.name + "Response", std::move(members)}});
}

}  // namespace cairn::capture
