#include "services/sts/sts.h"

#include <algorithm>
#include <array>

#include "services/sts/operations.h"

namespace cairn::services::sts {

namespace {

// What permission a call takes.
enum class Permission {
  none,
  general,  // for the action, on everything
};

struct Entry {
  std::string_view name;
  Task<Answer> (*run)(const Dependencies&, Call&);
  Permission permission = Permission::general;
  Task<Asks> (*asks)(const Dependencies&, Call&) = nullptr;  // instead
};

constexpr std::array kOperations = {
    Entry{"AssumeRole", assume_role, Permission::general, assume_role_asks},
    Entry{"GetAccessKeyInfo", get_access_key_info},
    Entry{"GetCallerIdentity", get_caller_identity, Permission::none},
    Entry{"GetFederationToken", get_federation_token, Permission::general, get_federation_token_asks},
    Entry{"GetSessionToken", get_session_token, Permission::none, get_session_token_asks},
};

const Entry* find(std::string_view operation) {
  const auto* const found = std::ranges::find(kOperations, operation, &Entry::name);
  return found == kOperations.end() ? nullptr : found;
}

// Without a device that confirms who holds them, credentials of GetSessionToken reach AssumeRole and
// GetCallerIdentity here, those of GetFederationToken the latter alone.
bool reaches(const access::Principal& caller, std::string_view operation) {
  if (caller.session == nullptr || caller.kind == access::PrincipalKind::session) {
    return true;
  }
  return operation == "GetCallerIdentity" ||
         (operation == "AssumeRole" && caller.kind != access::PrincipalKind::federated);
}

class Sts final : public front::Service {
 public:
  explicit Sts(Dependencies on) : on_(on) {}

  std::string_view name() const override { return "sts"; }
  bool answers(std::string_view operation) const override { return find(operation) != nullptr; }
  bool checks_itself(std::string_view /*operation*/, std::string_view /*member*/) const override {
    return false;
  }

  Task<Result<std::vector<access::Ask>, aws::Fault>> asks(Call& call) override {
    const auto& entry = *find(call.operation.name);
    if (!reaches(call.caller.principal, entry.name)) {
      co_return fault::denied("Cannot call " + call.operation.name + " with session credentials");
    }
    if (entry.asks != nullptr) {
      co_return co_await entry.asks(on_, call);
    }
    std::vector<access::Ask> all;
    if (entry.permission == Permission::general) {
      access::Ask ask;
      ask.action = "sts:" + call.operation.name;
      ask.resource = "*";
      ask.resource_account = call.account;
      all.push_back(std::move(ask));
    }
    co_return all;
  }

  Task<Answer> run(Call& call) override { return find(call.operation.name)->run(on_, call); }

 private:
  const Dependencies on_;
};

}  // namespace

std::unique_ptr<front::Service> make_sts(catalog::Catalog& catalog, const crypto::Sealer& sealer) {
  return std::make_unique<Sts>(Dependencies{.catalog = catalog, .sealer = sealer});
}

}  // namespace cairn::services::sts
