#include "services/sts/sts.h"

#include <algorithm>
#include <array>

#include "services/sts/operations.h"

namespace cairn::services::sts {

namespace {

struct Entry {
  std::string_view name;
  Task<Answer> (*run)(catalog::Catalog&, Call&);
  bool needs_permission = true;
};

constexpr std::array kOperations = {
    Entry{"GetAccessKeyInfo", get_access_key_info},
    Entry{"GetCallerIdentity", get_caller_identity, false},
};

const Entry* find(std::string_view operation) {
  const auto* const found = std::ranges::find(kOperations, operation, &Entry::name);
  return found == kOperations.end() ? nullptr : found;
}

class Sts final : public front::Service {
 public:
  explicit Sts(catalog::Catalog& catalog) : catalog_(catalog) {}

  std::string_view name() const override { return "sts"; }
  bool answers(std::string_view operation) const override { return find(operation) != nullptr; }
  bool checks_itself(std::string_view /*operation*/, std::string_view /*member*/) const override {
    return false;
  }

  Task<Result<std::vector<access::Ask>, aws::Fault>> asks(Call& call) override {
    std::vector<access::Ask> all;
    if (find(call.operation.name)->needs_permission) {
      access::Ask ask;
      ask.action = "sts:" + call.operation.name;
      ask.resource = "*";
      ask.resource_account = call.account;
      all.push_back(std::move(ask));
    }
    co_return all;
  }

  Task<Answer> run(Call& call) override { return find(call.operation.name)->run(catalog_, call); }

 private:
  catalog::Catalog& catalog_;
};

}  // namespace

std::unique_ptr<front::Service> make_sts(catalog::Catalog& catalog) {
  return std::make_unique<Sts>(catalog);
}

}  // namespace cairn::services::sts
