#include "services/iam/iam.h"

#include <algorithm>
#include <array>

#include "json/json.h"
#include "services/iam/faults.h"
#include "services/iam/operations.h"

namespace cairn::services::iam {

namespace {

// What permission is asked for.
enum class Resource {
  user,      // the one that is named; the caller, if none is
  new_user,  // one that is not there yet: by its name and path
  users,     // all below a path
  source,    // the entity that PolicySourceArn names
  nothing,   // "*"
};

struct Entry {
  std::string_view name;
  Task<Answer> (*run)(const Dependencies&, Call&);
  Resource resource = Resource::user;
};

constexpr std::array kOperations = {
    Entry{"CreateAccessKey", create_access_key},
    Entry{"CreateUser", create_user, Resource::new_user},
    Entry{"DeleteAccessKey", delete_access_key},
    Entry{"DeleteUser", delete_user},
    Entry{"DeleteUserPolicy", delete_user_policy},
    Entry{"GetUser", get_user},
    Entry{"GetUserPolicy", get_user_policy},
    Entry{"ListAccessKeys", list_access_keys},
    Entry{"ListUserPolicies", list_user_policies},
    Entry{"ListUsers", list_users, Resource::users},
    Entry{"PutUserPolicy", put_user_policy},
    Entry{"UpdateAccessKey", update_access_key},
    Entry{"GetContextKeysForCustomPolicy", get_context_keys_for_custom_policy, Resource::nothing},
    Entry{"GetContextKeysForPrincipalPolicy", get_context_keys_for_principal_policy, Resource::source},
    Entry{"SimulateCustomPolicy", simulate_custom_policy, Resource::nothing},
    Entry{"SimulatePrincipalPolicy", simulate_principal_policy, Resource::source},
};

const Entry* find(std::string_view operation) {
  const auto* const found = std::ranges::find(kOperations, operation, &Entry::name);
  return found == kOperations.end() ? nullptr : found;
}

std::string prefix(const Call& call) {
  return "arn:aws:iam::" + call.account + ":";
}

// With the path he has; without, if he is not there: then the answer to whoever may ask is that there is no
// such user.
Task<Found<std::string>> arn_of_user(const Dependencies& on, const Call& call) {
  const auto name = user_name_of(call);
  if (!name && json::find(call.input, "UserName") == nullptr) {
    co_return call.caller.principal.arn;
  }
  if (!name) {  // no user has it
    co_return prefix(call) + "user/" + text(call, "UserName");
  }
  const auto user = co_await access::load_user(on.catalog, call.account, *name);
  if (!user) {
    co_return fault::failure(user.error());
  }
  co_return *user ? (*user)->value.arn() : prefix(call) + "user/" + *name;
}

Task<Found<std::string>> resource_arn(const Dependencies& on, const Call& call, Resource resource) {
  const auto path = [&](std::string_view member) {
    return std::string(json::find_string(call.input, member).value_or("/"));
  };
  switch (resource) {
    case Resource::new_user:
      co_return prefix(call) + "user" + path("Path") + text(call, "UserName");
    case Resource::users:
      co_return prefix(call) + "user" + path("PathPrefix");
    case Resource::source:
      co_return text(call, "PolicySourceArn");
    case Resource::nothing:
      co_return std::string("*");
    case Resource::user:
      break;
  }
  co_return co_await arn_of_user(on, call);
}

class Iam final : public front::Service {
 public:
  explicit Iam(Dependencies on) : on_(on) {}

  std::string_view name() const override { return "iam"; }
  bool answers(std::string_view operation) const override { return find(operation) != nullptr; }

  bool checks_itself(std::string_view /*operation*/, std::string_view member) const override {
    return member == "UserName" || member == "PolicyName";
  }

  Task<Result<std::vector<access::Ask>, aws::Fault>> asks(Call& call) override {
    CAIRN_CO_TRY(auto resource, co_await resource_arn(on_, call, find(call.operation.name)->resource));
    access::Ask ask;
    ask.action = "iam:" + call.operation.name;
    ask.resource = std::move(resource);
    ask.resource_account = call.account;
    std::vector<access::Ask> all;
    all.push_back(std::move(ask));
    co_return all;
  }

  // Records of refused calls carry the exception's name in the model: NoSuchEntityException for NoSuchEntity.
  Task<Answer> run(Call& call) override {
    auto answer = co_await find(call.operation.name)->run(on_, call);
    if (!answer) {
      const auto modelled = call.service.errors.find(answer.error().code);
      if (modelled != call.service.errors.end()) {
        call.record.error_code = modelled->second->name;
      }
    }
    co_return answer;
  }

 private:
  const Dependencies on_;
};

}  // namespace

std::unique_ptr<front::Service> make_iam(catalog::Catalog& catalog, const crypto::Sealer& sealer) {
  return std::make_unique<Iam>(Dependencies{.catalog = catalog, .sealer = sealer});
}

}  // namespace cairn::services::iam
