// The operations, one file each. Inside services/cloudtrail only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/cloudtrail/cloudtrail.h"
#include "trail/trail.h"

namespace cairn::services::cloudtrail {

using front::Answer;
using front::Call;
using front::Outcome;

Task<Answer> create_trail(const Dependencies& on, Call& call);
Task<Answer> update_trail(const Dependencies& on, Call& call);
Task<Answer> delete_trail(const Dependencies& on, Call& call);
Task<Answer> get_trail(const Dependencies& on, Call& call);
Task<Answer> describe_trails(const Dependencies& on, Call& call);
Task<Answer> list_public_keys(const Dependencies& on, Call& call);
Task<Answer> list_trails(const Dependencies& on, Call& call);
Task<Answer> get_trail_status(const Dependencies& on, Call& call);
Task<Answer> put_event_selectors(const Dependencies& on, Call& call);
Task<Answer> get_event_selectors(const Dependencies& on, Call& call);
Task<Answer> start_logging(const Dependencies& on, Call& call);
Task<Answer> stop_logging(const Dependencies& on, Call& call);
Task<Answer> add_tags(const Dependencies& on, Call& call);
Task<Answer> remove_tags(const Dependencies& on, Call& call);
Task<Answer> list_tags(const Dependencies& on, Call& call);
Task<Answer> lookup_events(const Dependencies& on, Call& call);
Task<Answer> register_delegated_admin(const Dependencies& on, Call& call);
Task<Answer> deregister_delegated_admin(const Dependencies& on, Call& call);
Task<Answer> put_insight_selectors(const Dependencies& on, Call& call);
Task<Answer> get_insight_selectors(const Dependencies& on, Call& call);
Task<Answer> put_event_configuration(const Dependencies& on, Call& call);
Task<Answer> get_event_configuration(const Dependencies& on, Call& call);
Task<Answer> answer_resource_policy(const Dependencies& on, Call& call);

// What the call needs permission for. `member`: of the input, that names a trail or another resource; empty: none does.
// What was asked because of a trail's tags is kept with the call, and the change that follows is bound to it: if the
// trail is another by then, the commit conflicts; if it came only then, the outcome is stale. Permission is asked anew.
Task<Result<std::vector<access::Ask>, aws::Fault>> asks_of(const Dependencies& on, Call& call, std::string_view member);
void bind_to_asked(const Call& call, Outcome& outcome);

// A trail as the catalog has it, with the version a write must expect.
struct Kept {
  trail::Trail trail;
  catalog::Version version = 0;
  catalog::Version names = 0;  // of trail::names_key() when it was read
  // The organization as it was when it let the caller change another account's trail; a write must expect it.
  std::optional<catalog::Expectation> permitted_by{};
};
struct Trails {
  std::vector<Kept> all;  // by home Region and name
  catalog::Version names = 0;
};

// "name or ARN": the trail it means to this caller in this Region (its home, or a multi-Region trail's
// shadow); by ARN, a trail of his organization too. TrailNotFoundException, InvalidTrailNameException or
// CloudTrailARNInvalidException otherwise.
Task<Result<Kept, aws::Fault>> find_trail(const Dependencies& on, const Call& call, std::string name_or_arn);
// The same for a change, which only the home Region may make: InvalidHomeRegionException. And of an organization's
// trail only the management account and who administers for CloudTrail: NotOrganizationMasterAccountException.
Task<Result<Kept, aws::Fault>> find_own_trail(const Dependencies& on, const Call& call,
                                              std::string name_or_arn);
// May the caller change this trail? Gives it with what that rests on. NotOrganizationMasterAccountException.
Task<Result<Kept, aws::Fault>> check_may_change(const Dependencies& on, const Call& call, Kept kept);
// All trails of an account.
Task<Result<Trails, aws::Fault>> trails_of(const Dependencies& on, std::string account);
// Those of the caller's account, and of his organization. `names` is of the account's own.
Task<Result<Trails, aws::Fault>> trails_seen(const Dependencies& on, std::string account);
// The ARN that "name or ARN" stands for, whether the trail exists or not; for permissions and messages.
std::string arn_of(const Call& call, std::string_view name_or_arn);

// May `wanted` have its name, and is there room for one more in every Region where it will be visible? Not
// counting itself. MaximumNumberOfTrailsExceededException, TrailAlreadyExistsException.
Result<void, aws::Fault> check_room(const Dependencies& on, const Trails& trails, const trail::Trail& wanted,
                                    bool is_there);
// A kind of resource that CloudTrail has, with tags and policies, and of which none is here: of event data stores, channels
// and dashboards.
bool is_absent_kind(std::string_view resource_type);
// A moment that the input names, if it does. InvalidTimeRangeException: no year has it.
Result<std::optional<Time>, aws::Fault> time_member(const Call& call, std::string_view member);
// Refuses by name every argument whose feature is not there: it is never stored.
Result<void, aws::Fault> check_supported(const Call& call);
// May CloudTrail read the bucket's ACL and write below the trail's prefix, into these folders (trail::kLogFolder and its
// sisters), with the trail's key if it has one? S3BucketDoesNotExistException, InsufficientS3BucketPolicyException; of a key
// that is not of the bucket's Region KmsKeyNotFoundException, and of one that cannot be used KmsException.
Task<Result<void, aws::Fault>> verify_bucket(const Dependencies& on, trail::Trail trail, std::vector<std::string> folders);
// Of log files, and of digests if it has them.
std::vector<std::string> folders_of(const trail::Trail& trail);
// The ARN of the key that the trail is to have: of the input's, which CloudTrail must be allowed to use; empty for an empty
// one; without any, the one it has. KmsKeyNotFoundException, InsufficientEncryptionPolicyException, KmsException.
Task<Result<std::string, aws::Fault>> verify_key(const Dependencies& on, const Call& call, trail::Trail trail);
// The topic of the input, which the trail then has; an empty one takes it away, none leaves it. InvalidSnsTopicNameException.
Result<void, aws::Fault> take_topic(trail::Trail& trail, const Call& call);
// May CloudTrail publish to the trail's topic, if it has one? InsufficientSnsTopicPolicyException.
Task<Result<void, aws::Fault>> verify_topic(const Dependencies& on, trail::Trail trail);
// TagsList into the map: InvalidTagParameterException, TagsLimitExceededException.
Result<void, aws::Fault> merge_tags(std::map<std::string, std::optional<std::string>>& tags, const Call& call,
                                    std::string_view arn);

boost::json::object described(const trail::Trail& trail);        // the Trail shape
boost::json::object creation_answer(const trail::Trail& trail);  // CreateTrail's and UpdateTrail's
// The changed trail's document, as long as it is still the same trail; and nothing else.
catalog::Transaction write_of(const Kept& kept);
// That, and the control entry that tells followers.
catalog::Transaction effects_of(const Kept& kept);
// The set of trails, or where one is visible, changes with it.
void claim_names(catalog::Transaction& effects, const Kept& kept);
event::Resource resource_of(const trail::Trail& trail);

}  // namespace cairn::services::cloudtrail
