#include "services/cloudtrail/cloudtrail.h"

#include <array>

#include "json/json.h"
#include "services/cloudtrail/operations.h"

namespace cairn::services::cloudtrail {
namespace {

struct Entry {
  std::string_view name;
  Task<Answer> (*run)(const Dependencies&, Call&);
  std::string_view trail_member;  // the input member that names the trail; empty: permission is asked for "*"
  // Members whose limits have exceptions of CloudTrail's own.
  std::array<std::string_view, 5> own_checks;
};

constexpr Entry kOperations[] = {
    {"AddTags", add_tags, "ResourceId", {"ResourceId", "TagsList"}},
    {"CreateTrail", create_trail, "Name", {"Name", "S3BucketName", "S3KeyPrefix", "TagsList"}},
    {"DeleteTrail", delete_trail, "Name", {"Name"}},
    {"DescribeTrails", describe_trails, "", {}},
    {"GetEventSelectors", get_event_selectors, "TrailName", {"TrailName"}},
    {"GetTrail", get_trail, "Name", {"Name"}},
    {"GetTrailStatus", get_trail_status, "Name", {"Name"}},
    {"ListTags", list_tags, "", {}},
    {"ListTrails", list_trails, "", {}},
    {"LookupEvents", lookup_events, "", {"LookupAttributes", "MaxResults", "EventCategory", "NextToken"}},
    {"PutEventSelectors", put_event_selectors, "TrailName", {"TrailName", "EventSelectors", "AdvancedEventSelectors"}},
    {"RemoveTags", remove_tags, "ResourceId", {"ResourceId", "TagsList"}},
    {"StartLogging", start_logging, "Name", {"Name"}},
    {"StopLogging", stop_logging, "Name", {"Name"}},
    {"UpdateTrail", update_trail, "Name", {"Name", "S3BucketName", "S3KeyPrefix"}},
};

const Entry* find(std::string_view operation) {
  const auto* it = std::ranges::find(kOperations, operation, &Entry::name);
  return it == std::end(kOperations) ? nullptr : it;
}

class CloudTrail final : public front::Service {
 public:
  explicit CloudTrail(Dependencies on) : on_(std::move(on)) {}

  std::string_view name() const override { return "cloudtrail"; }
  bool answers(std::string_view operation) const override { return find(operation) != nullptr; }

  bool checks_itself(std::string_view operation, std::string_view member) const override {
    const auto* entry = find(operation);
    return entry != nullptr && std::ranges::find(entry->own_checks, member) != entry->own_checks.end();
  }

  Task<Result<std::vector<access::Ask>, aws::Fault>> asks(Call& call) override {
    const auto* entry = find(call.operation.name);
    access::Ask ask;
    ask.action = "cloudtrail:" + call.operation.name;
    ask.resource = "*";
    ask.resource_account = call.account;
    if (!entry->trail_member.empty()) {
      ask.resource = arn_of(call, json::find_string(call.input, entry->trail_member).value_or(""));
    }
    std::vector<access::Ask> all;
    const auto* listed =
        call.operation.name == "ListTags" ? json::find_array(call.input, "ResourceIdList") : nullptr;
    for (std::size_t i = 0; listed != nullptr && i < listed->size(); ++i) {
      all.push_back(ask);
      all.back().resource = std::string(json::text_of(listed->at(i).get_string()));
    }
    if (all.empty()) {
      all.push_back(std::move(ask));
    }
    co_return all;
  }

  Task<Answer> run(Call& call) override { return find(call.operation.name)->run(on_, call); }

 private:
  const Dependencies on_;
};

}  // namespace

std::unique_ptr<front::Service> make_cloudtrail(Dependencies dependencies) {
  return std::make_unique<CloudTrail>(std::move(dependencies));
}

}  // namespace cairn::services::cloudtrail
