// The operations, and what they share. Inside services/iam only.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/documents.h"
#include "front/service.h"
#include "services/iam/iam.h"

namespace cairn::services::iam {

using front::Answer;
using front::Call;
using front::Outcome;
// An existing user's name may be longer than a new one's, as in the model.
inline constexpr std::size_t kNewNameMax = 64;
inline constexpr std::size_t kNameMax = 128;

template <class T>
using Found = Result<T, aws::Fault>;

struct Dependencies {
  catalog::Catalog& catalog;
  const crypto::Sealer& sealer;
};

Task<Answer> add_role_to_instance_profile(const Dependencies& on, Call& call);
Task<Answer> add_user_to_group(const Dependencies& on, Call& call);
Task<Answer> create_access_key(const Dependencies& on, Call& call);
Task<Answer> create_account_alias(const Dependencies& on, Call& call);
Task<Answer> create_group(const Dependencies& on, Call& call);
Task<Answer> create_instance_profile(const Dependencies& on, Call& call);
Task<Answer> create_policy(const Dependencies& on, Call& call);
Task<Answer> create_policy_version(const Dependencies& on, Call& call);
Task<Answer> create_role(const Dependencies& on, Call& call);
Task<Answer> create_user(const Dependencies& on, Call& call);
Task<Answer> delete_access_key(const Dependencies& on, Call& call);
Task<Answer> delete_account_alias(const Dependencies& on, Call& call);
Task<Answer> delete_account_password_policy(const Dependencies& on, Call& call);
Task<Answer> delete_group(const Dependencies& on, Call& call);
Task<Answer> delete_instance_profile(const Dependencies& on, Call& call);
Task<Answer> delete_policy(const Dependencies& on, Call& call);
Task<Answer> delete_policy_version(const Dependencies& on, Call& call);
Task<Answer> delete_role(const Dependencies& on, Call& call);
Task<Answer> delete_user(const Dependencies& on, Call& call);
Task<Answer> get_account_authorization_details(const Dependencies& on, Call& call);
Task<Answer> get_account_password_policy(const Dependencies& on, Call& call);
Task<Answer> get_account_summary(const Dependencies& on, Call& call);
Task<Answer> get_context_keys_for_custom_policy(const Dependencies& on, Call& call);
Task<Answer> get_context_keys_for_principal_policy(const Dependencies& on, Call& call);
Task<Answer> get_group(const Dependencies& on, Call& call);
Task<Answer> get_instance_profile(const Dependencies& on, Call& call);
Task<Answer> get_policy(const Dependencies& on, Call& call);
Task<Answer> get_policy_version(const Dependencies& on, Call& call);
Task<Answer> get_role(const Dependencies& on, Call& call);
Task<Answer> get_user(const Dependencies& on, Call& call);
Task<Answer> list_access_keys(const Dependencies& on, Call& call);
Task<Answer> list_account_aliases(const Dependencies& on, Call& call);
Task<Answer> list_entities_for_policy(const Dependencies& on, Call& call);
Task<Answer> list_groups(const Dependencies& on, Call& call);
Task<Answer> list_groups_for_user(const Dependencies& on, Call& call);
Task<Answer> list_instance_profiles(const Dependencies& on, Call& call);
Task<Answer> list_instance_profiles_for_role(const Dependencies& on, Call& call);
Task<Answer> list_mfa_devices(const Dependencies& on, Call& call);
Task<Answer> list_policies(const Dependencies& on, Call& call);
Task<Answer> list_policy_versions(const Dependencies& on, Call& call);
Task<Answer> list_roles(const Dependencies& on, Call& call);
Task<Answer> list_service_specific_credentials(const Dependencies& on, Call& call);
Task<Answer> list_signing_certificates(const Dependencies& on, Call& call);
Task<Answer> list_ssh_public_keys(const Dependencies& on, Call& call);
Task<Answer> list_users(const Dependencies& on, Call& call);
Task<Answer> list_virtual_mfa_devices(const Dependencies& on, Call& call);
Task<Answer> no_login_profile(const Dependencies& on, Call& call);
Task<Answer> remove_role_from_instance_profile(const Dependencies& on, Call& call);
Task<Answer> remove_user_from_group(const Dependencies& on, Call& call);
Task<Answer> set_default_policy_version(const Dependencies& on, Call& call);
Task<Answer> simulate_custom_policy(const Dependencies& on, Call& call);
Task<Answer> simulate_principal_policy(const Dependencies& on, Call& call);
Task<Answer> update_access_key(const Dependencies& on, Call& call);
Task<Answer> update_account_password_policy(const Dependencies& on, Call& call);
Task<Answer> update_assume_role_policy(const Dependencies& on, Call& call);
Task<Answer> update_group(const Dependencies& on, Call& call);
Task<Answer> update_role(const Dependencies& on, Call& call);
Task<Answer> update_role_description(const Dependencies& on, Call& call);
Task<Answer> update_user(const Dependencies& on, Call& call);

// Of several kinds of entities: instantiated beside their definitions.
template <class Entity>
Task<Answer> attach_policy(const Dependencies& on, Call& call);
template <class Entity>
Task<Answer> delete_boundary(const Dependencies& on, Call& call);
template <class Entity>
Task<Answer> delete_inline_policy(const Dependencies& on, Call& call);
template <class Entity>
Task<Answer> detach_policy(const Dependencies& on, Call& call);
template <class Entity>
Task<Answer> get_inline_policy(const Dependencies& on, Call& call);
template <class Entity>
Task<Answer> list_attached_policies(const Dependencies& on, Call& call);
template <class Entity>
Task<Answer> list_entity_tags(const Dependencies& on, Call& call);
template <class Entity>
Task<Answer> list_inline_policies(const Dependencies& on, Call& call);
template <class Entity>
Task<Answer> put_boundary(const Dependencies& on, Call& call);
template <class Entity>
Task<Answer> put_inline_policy(const Dependencies& on, Call& call);
template <class Entity>
Task<Answer> tag_entity(const Dependencies& on, Call& call);
template <class Entity>
Task<Answer> untag_entity(const Dependencies& on, Call& call);

using StoredUser = access::Stored<access::UserDocument>;
using StoredAccount = access::Stored<access::AccountDocument>;

// UserName, or the caller's own where the operation lets it be left out: ValidationError if he is no user, or
// if it is no name.
Found<std::string> user_name_of(const Call& call);
// NoSuchEntity.
Task<Found<StoredUser>> find_user(const Dependencies& on, const Call& call, std::string name);
// The same for a change: UnmodifiableEntity if the configuration declares him.
Task<Found<StoredUser>> find_own_user(const Dependencies& on, const Call& call, std::string name);
Task<Found<StoredAccount>> find_account(const Dependencies& on, const Call& call);

boost::json::object described(const access::UserDocument& user);   // the User shape
boost::json::object shown_user(const access::UserDocument& user);  // with tags and boundary
std::int64_t seconds(Time time);
std::string text(const Call& call, std::string_view member);

// A required name, as IAM has them: ValidationError. `member`: "UserName".
Found<std::string> name_of(const Call& call, std::string_view member, std::size_t length_max);

// MalformedPolicyDocument, LimitExceeded: no document of a managed policy.
Found<void> check_managed_document(const std::string& document);
// A boundary instead of another; either may be empty. Policies count what they bound: their writes go into
// `effects`. NoSuchEntity: there is no such policy.
Task<Found<void>> move_boundary(const Dependencies& on, const Call& call, std::string from, std::string to,
                                catalog::Transaction& effects);

// A list's page: the first `limit` entries behind what the marker names.
struct Page {
  std::string after;  // empty: from the start
  std::size_t limit = Limits::page_default;
};
Found<Page> page_of(const Call& call);
// IsTruncated, and the Marker to go on behind `last`.
void put_page_end(boost::json::object& output, bool truncated, std::string_view last);

}  // namespace cairn::services::iam
