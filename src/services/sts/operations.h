// The operations, and what they share. Inside services/sts only.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "access/session.h"
#include "front/service.h"
#include "services/sts/sts.h"

namespace cairn::services::sts {

using front::Answer;
using front::Call;
using front::Outcome;

template <class T>
using Found = Result<T, aws::Fault>;

struct Dependencies {
  catalog::Catalog& catalog;
  const crypto::Sealer& sealer;
};

Task<Answer> assume_role(const Dependencies& on, Call& call);
Task<Answer> get_access_key_info(const Dependencies& on, Call& call);
Task<Answer> get_caller_identity(const Dependencies& on, Call& call);
Task<Answer> get_federation_token(const Dependencies& on, Call& call);
Task<Answer> get_session_token(const Dependencies& on, Call& call);

using Asks = Found<std::vector<access::Ask>>;
Task<Asks> assume_role_asks(const Dependencies& on, Call& call);
Task<Asks> get_federation_token_asks(const Dependencies& on, Call& call);
Task<Asks> get_session_token_asks(const Dependencies& on, Call& call);

// Arguments that stand for what is not there (devices, contexts of identity providers): refused by name.
Found<void> refuse_unknown_arguments(const Call& call);
// Policy and PolicyArns, into the session: documents are parsed, managed policies must be there.
// MalformedPolicyDocument, PackedPolicyTooLarge, ValidationError. `account`: whose managed policies.
Task<Found<void>> take_policies(const Dependencies& on, const Call& call, std::string account,
                                access::Session& session);
// Tags and TransitiveTagKeys, and what the caller's own session hands on. InvalidParameterValue.
Found<void> take_tags(const Call& call, access::Session& session);
// The tags of the call as condition keys, and TagSession's question if there are any.
void add_tag_keys(const Call& call, access::Context& context);
bool has_tags(const Call& call);

// Credentials of the session, into the answer. PackedPolicyTooLarge.
Found<void> issue(const Dependencies& on, const access::Session& session, boost::json::object& output);
std::string text(const Call& call, std::string_view member);
std::chrono::seconds duration_of(const Call& call, std::chrono::seconds otherwise);
// What is issued is in whole seconds.
Time whole_seconds(Time time);

namespace fault {
aws::Fault validation(std::string message);
aws::Fault invalid_parameter(std::string message);
aws::Fault denied(std::string message);
aws::Fault failure(const Error& error);
}  // namespace fault

}  // namespace cairn::services::sts
