// The operations, one file each. Inside services/iam only.
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

Task<Answer> create_access_key(const Dependencies& on, Call& call);
Task<Answer> create_user(const Dependencies& on, Call& call);
Task<Answer> delete_access_key(const Dependencies& on, Call& call);
Task<Answer> delete_user(const Dependencies& on, Call& call);
Task<Answer> delete_user_policy(const Dependencies& on, Call& call);
Task<Answer> get_context_keys_for_custom_policy(const Dependencies& on, Call& call);
Task<Answer> get_context_keys_for_principal_policy(const Dependencies& on, Call& call);
Task<Answer> get_user(const Dependencies& on, Call& call);
Task<Answer> get_user_policy(const Dependencies& on, Call& call);
Task<Answer> list_access_keys(const Dependencies& on, Call& call);
Task<Answer> list_user_policies(const Dependencies& on, Call& call);
Task<Answer> list_users(const Dependencies& on, Call& call);
Task<Answer> put_user_policy(const Dependencies& on, Call& call);
Task<Answer> simulate_custom_policy(const Dependencies& on, Call& call);
Task<Answer> simulate_principal_policy(const Dependencies& on, Call& call);
Task<Answer> update_access_key(const Dependencies& on, Call& call);

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

boost::json::object described(const access::UserDocument& user);  // the User shape
boost::json::array described_tags(const access::UserDocument& user);
std::int64_t seconds(Time time);
std::string text(const Call& call, std::string_view member);

// A required name, as IAM has them: ValidationError. `member`: "UserName".
Found<std::string> name_of(const Call& call, std::string_view member, std::size_t length_max);

// A list's page: the first `limit` entries behind what the marker names.
struct Page {
  std::string after;  // empty: from the start
  std::size_t limit = Limits::page_default;
};
Found<Page> page_of(const Call& call);
// IsTruncated, and the Marker to go on behind `last`.
void put_page_end(boost::json::object& output, bool truncated, std::string_view last);

}  // namespace cairn::services::iam
