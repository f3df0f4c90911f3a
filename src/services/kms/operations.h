// The operations, and what they share. Inside services/kms only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/access.h"
#include "keys/ciphertext.h"
#include "keys/grant.h"
#include "keys/key.h"
#include "services/kms/faults.h"
#include "services/kms/kms.h"

namespace cairn::services::kms {

using front::Answer;
using front::Call;
using front::Outcome;
using StoredKey = keys::Stored<keys::Key>;
using StoredAlias = keys::Stored<keys::Alias>;
using StoredGrant = keys::Stored<keys::Grant>;

template <class T>
using Found = Result<T, aws::Fault>;

// What permission was asked for, as it was read then: the operation works on just that, so nothing can change
// between the question and the act. What it writes expects these versions.
struct Asked final : front::Staged {
  std::vector<StoredKey> keys{};  // in the order of the input's members
  std::optional<StoredAlias> alias{};
  std::optional<StoredGrant> grant{};        // RetireGrant's
  std::vector<event::Resource> resources{};  // that the record names
};

// REQUIRES: permission was asked for this call.
Task<Answer> cancel_key_deletion(const Dependencies& on, Call& call, Asked asked);
Task<Answer> create_alias(const Dependencies& on, Call& call, Asked asked);
Task<Answer> create_grant(const Dependencies& on, Call& call, Asked asked);
Task<Answer> create_key(const Dependencies& on, Call& call, Asked asked);
Task<Answer> decrypt(const Dependencies& on, Call& call, Asked asked);
Task<Answer> delete_alias(const Dependencies& on, Call& call, Asked asked);
Task<Answer> describe_key(const Dependencies& on, Call& call, Asked asked);
Task<Answer> disable_key(const Dependencies& on, Call& call, Asked asked);
Task<Answer> disable_key_rotation(const Dependencies& on, Call& call, Asked asked);
Task<Answer> enable_key(const Dependencies& on, Call& call, Asked asked);
Task<Answer> enable_key_rotation(const Dependencies& on, Call& call, Asked asked);
Task<Answer> encrypt(const Dependencies& on, Call& call, Asked asked);
Task<Answer> generate_data_key(const Dependencies& on, Call& call, Asked asked);
Task<Answer> generate_data_key_without_plaintext(const Dependencies& on, Call& call, Asked asked);
Task<Answer> generate_data_key_pair(const Dependencies& on, Call& call, Asked asked);
Task<Answer> generate_data_key_pair_without_plaintext(const Dependencies& on, Call& call, Asked asked);
Task<Answer> generate_mac(const Dependencies& on, Call& call, Asked asked);
Task<Answer> generate_random(const Dependencies& on, Call& call, Asked asked);
Task<Answer> get_key_policy(const Dependencies& on, Call& call, Asked asked);
Task<Answer> get_key_rotation_status(const Dependencies& on, Call& call, Asked asked);
Task<Answer> get_public_key(const Dependencies& on, Call& call, Asked asked);
Task<Answer> list_aliases(const Dependencies& on, Call& call, Asked asked);
Task<Answer> list_grants(const Dependencies& on, Call& call, Asked asked);
Task<Answer> list_key_policies(const Dependencies& on, Call& call, Asked asked);
Task<Answer> list_key_rotations(const Dependencies& on, Call& call, Asked asked);
Task<Answer> list_keys(const Dependencies& on, Call& call, Asked asked);
Task<Answer> list_resource_tags(const Dependencies& on, Call& call, Asked asked);
Task<Answer> list_retirable_grants(const Dependencies& on, Call& call, Asked asked);
Task<Answer> put_key_policy(const Dependencies& on, Call& call, Asked asked);
Task<Answer> re_encrypt(const Dependencies& on, Call& call, Asked asked);
Task<Answer> retire_grant(const Dependencies& on, Call& call, Asked asked);
Task<Answer> revoke_grant(const Dependencies& on, Call& call, Asked asked);
Task<Answer> rotate_key_on_demand(const Dependencies& on, Call& call, Asked asked);
Task<Answer> schedule_key_deletion(const Dependencies& on, Call& call, Asked asked);
Task<Answer> sign(const Dependencies& on, Call& call, Asked asked);
Task<Answer> tag_resource(const Dependencies& on, Call& call, Asked asked);
Task<Answer> untag_resource(const Dependencies& on, Call& call, Asked asked);
Task<Answer> update_alias(const Dependencies& on, Call& call, Asked asked);
Task<Answer> update_key_description(const Dependencies& on, Call& call, Asked asked);
Task<Answer> verify(const Dependencies& on, Call& call, Asked asked);
Task<Answer> verify_mac(const Dependencies& on, Call& call, Asked asked);

std::string text(const Call& call, std::string_view member);
bool truth(const Call& call, std::string_view member);
// As answers have it: seconds with their fraction.
double seconds(Time time);
// An argument whose feature is not there is refused by name.
Found<void> refuse_members(const Call& call, std::initializer_list<std::string_view> members);

// DryRunOperationException, where it is asked for: all else was right.
Found<void> check_dry_run(const Call& call);
// DisabledException, KMSInvalidStateException.
Found<void> check_usable(const keys::Key& key);
Found<void> check_not_pending(const keys::Key& key);
// The key's new state, if it is still as it was read; and the record says which key it was.
Outcome changed(Call& call, const StoredKey& key);
// MalformedPolicyDocumentException, LimitExceededException. `key`: whose policy it is to be.
Found<void> check_policy(const Call& call, const keys::Key& key, std::string_view policy);
// Tags of the input. TagException, LimitExceededException.
Found<keys::Tags> tags_in(const Call& call);
Found<keys::EncryptionContext> context_in(const Call& call, std::string_view member);

// A page of a list that is sorted by what it is marked by.
struct Page {
  std::size_t begin = 0;
  std::size_t end = 0;
};
Found<Page> page_of(const Call& call, const std::vector<std::string>& marks, std::size_t usual,
                    boost::json::object& output);
Found<std::string> marker_in(const Call& call);
void mark(boost::json::object& output, bool truncated, std::string_view last);

}  // namespace cairn::services::kms
