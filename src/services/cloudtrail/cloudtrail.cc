#include "services/cloudtrail/cloudtrail.h"

#include <array>

#include "json/json.h"
#include "services/cloudtrail/operations.h"

namespace cairn::services::cloudtrail {
namespace {

struct Entry {
  std::string_view name;
  Task<Answer> (*run)(const Dependencies&, Call&);
  std::string_view resource_member;  // that names the trail, or another resource; empty: permission is asked for "*"
  // Members whose limits have exceptions of CloudTrail's own.
  std::array<std::string_view, 5> own_checks;
};

constexpr Entry kOperations[] = {
    {"AddTags", add_tags, "ResourceId", {"ResourceId", "TagsList"}},
    {"CreateTrail", create_trail, "Name", {"Name", "S3BucketName", "S3KeyPrefix", "TagsList"}},
    {"DeleteResourcePolicy", answer_resource_policy, "ResourceArn", {"ResourceArn"}},
    {"DeleteTrail", delete_trail, "Name", {"Name"}},
    {"DeregisterOrganizationDelegatedAdmin", deregister_delegated_admin, "", {}},
    {"DescribeTrails", describe_trails, "", {}},
    {"GetEventConfiguration", get_event_configuration, "TrailName", {"TrailName", "EventDataStore"}},
    {"GetEventSelectors", get_event_selectors, "TrailName", {"TrailName"}},
    {"GetInsightSelectors", get_insight_selectors, "TrailName", {"TrailName", "EventDataStore"}},
    {"GetResourcePolicy", answer_resource_policy, "ResourceArn", {"ResourceArn"}},
    {"GetTrail", get_trail, "Name", {"Name"}},
    {"GetTrailStatus", get_trail_status, "Name", {"Name"}},
    {"ListPublicKeys", list_public_keys, "", {"NextToken"}},
    {"ListTags", list_tags, "", {}},
    {"ListTrails", list_trails, "", {}},
    {"LookupEvents", lookup_events, "", {"LookupAttributes", "MaxResults", "EventCategory", "NextToken"}},
    {"PutEventConfiguration", put_event_configuration, "TrailName", {"TrailName", "EventDataStore"}},
    {"PutEventSelectors", put_event_selectors, "TrailName", {"TrailName", "EventSelectors", "AdvancedEventSelectors"}},
    {"PutInsightSelectors",
     put_insight_selectors,
     "TrailName",
     {"TrailName", "InsightSelectors", "EventDataStore", "InsightsDestination"}},
    {"PutResourcePolicy", answer_resource_policy, "ResourceArn", {"ResourceArn"}},
    {"RegisterOrganizationDelegatedAdmin", register_delegated_admin, "", {}},
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
    return asks_of(on_, call, find(call.operation.name)->resource_member);
  }

  Task<Answer> run(Call& call) override {
    auto answer = co_await find(call.operation.name)->run(on_, call);
    if (answer) {
      bind_to_asked(call, *answer);
    }
    co_return answer;
  }

 private:
  const Dependencies on_;
};

}  // namespace

std::unique_ptr<front::Service> make_cloudtrail(Dependencies dependencies) {
  return std::make_unique<CloudTrail>(std::move(dependencies));
}

}  // namespace cairn::services::cloudtrail
