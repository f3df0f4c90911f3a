// Accounts of an organization: making them, and showing them. Tested by organizations_test.cc.
#include <algorithm>

#include "access/entities.h"
#include "crypto/random.h"
#include "json/json.h"
#include "services/organizations/operations.h"

namespace cairn::services::organizations {
namespace {

using organization::Request;

constexpr std::size_t kIdDigits = 12;
constexpr std::string_view kAccessRole = "OrganizationAccountAccessRole";
constexpr std::string_view kAdministratorPolicy = "arn:aws:iam::aws:policy/AdministratorAccess";
constexpr std::string_view kServiceRoles = "AWSServiceRoleFor";

json::object shown(const Request& request) {
  json::object all{{"Id", request.id},
                   {"AccountName", request.name},
                   {"State", request.failure.empty() ? "SUCCEEDED" : "FAILED"},
                   {"RequestedTimestamp", seconds(request.asked)},
                   {"CompletedTimestamp", seconds(request.completed)}};
  if (!request.account.empty()) {
    all["AccountId"] = request.account;
  }
  if (!request.failure.empty()) {
    all["FailureReason"] = request.failure;
  }
  return all;
}

// AWS's answer comes before the account does.
json::object begun(const Request& request) {
  return {{"Id", request.id},
          {"AccountName", request.name},
          {"State", "IN_PROGRESS"},
          {"RequestedTimestamp", seconds(request.asked)}};
}

// The management account's principals may assume it, as far as their own policies let them.
access::RoleDocument access_role(const std::string& account, const Organization& organization,
                                 std::string name, Time now) {
  return {
      .id = access::new_id("AROA"),
      .account = account,
      .name = std::move(name),
      .created = std::chrono::floor<std::chrono::seconds>(now),
      .attached = {std::string(kAdministratorPolicy)},
      .trust = R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::)" +
               organization.management + R"(:root"},"Action":"sts:AssumeRole"}]})"};
}

Task<Found<std::string>> new_account_id(const Dependencies& on) {
  while (true) {
    auto id = crypto::random_text(kIdDigits, "0123456789");
    const auto taken = co_await access::load_account(on.catalog, id);
    if (!taken) {
      co_return fault::failure(taken.error());
    }
    if (!*taken && id.front() != '0') {
      co_return id;
    }
  }
}

bool is_over(const Request& request, Time now) {
  return now >= request.completed + organization::kRequestIsKept;
}

Task<Found<std::vector<Request>>> requests_of(const Dependencies& on, std::string organization) {
  std::vector<Request> all;
  CAIRN_CO_TRY(const auto documents, co_await all_below(on, organization::request_prefix(organization)));
  for (const auto& document : documents) {
    auto request = organization::decode_request(document);
    if (!request) {
      co_return fault::failure(request.error());
    }
    all.push_back(*std::move(request));
  }
  co_return all;
}

catalog::Write removal(const Request& request) {
  return {.key = organization::request_key(request.organization, request.id),
          .value = std::nullopt,
          .expected = std::nullopt};
}

// Whether one more request may be kept; those that are over are removed.
Task<Found<void>> make_room(const Dependencies& on, const Organization& organization, Time now,
                            Outcome& outcome) {
  CAIRN_CO_TRY(const auto requests, co_await requests_of(on, organization.id));
  std::size_t kept = 0;
  for (const auto& request : requests) {
    if (is_over(request, now)) {
      outcome.effects.writes.push_back(removal(request));
    } else {
      ++kept;
    }
  }
  if (kept >= organization::Limits::requests_max) {
    co_return fault::constraint(
        "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED",
        "You have exceeded the number of accounts that you can create in this period.");
  }
  co_return Found<void>{};
}

catalog::Write put(const Request& request) {
  return {.key = organization::request_key(request.organization, request.id),
          .value = organization::encode(request),
          .expected = 0};
}

// The account, its role, its address: all that is there once it is made.
Found<void> make_account(const Call& call, Standing& at, const Request& request, Outcome& outcome) {
  auto& organization = at.organization.value;
  organization.members[request.account] = {.parent = organization.root, .joined = call.time};
  CAIRN_TRY(const auto tags, tags_in(call));
  const auto role_name = text(call, "RoleName");
  const auto role = access_role(request.account, organization,
                                role_name.empty() ? std::string(kAccessRole) : role_name, call.time);
  const auto email = text(call, "Email");
  auto& writes = outcome.effects.writes;
  change(at, outcome);
  move_membership({.value = {.id = request.account,
                             .name = request.name,
                             .created = call.time,
                             .roles = 1,
                             .made = true,
                             .email = email},
                   .version = 0},
                  &organization, outcome);
  writes.push_back(access::put_entity(role, 0));
  writes.push_back({.key = organization::email_key(email), .value = request.account, .expected = 0});
  if (!tags.empty()) {
    writes.push_back(put_new_tags(organization, request.account, tags));
  }
  return {};
}

}  // namespace

Task<Answer> create_account(const Dependencies& on, Call& call, Standing at) {
  if (text(call, "RoleName").starts_with(kServiceRoles)) {
    co_return fault::invalid_input("INVALID_ROLE_NAME",
                                   "A role name can't begin with the reserved prefix AWSServiceRoleFor.");
  }
  if (at.organization.value.members.size() >= organization::Limits::accounts_max) {
    co_return fault::constraint("ACCOUNT_NUMBER_LIMIT_EXCEEDED",
                                "You have exceeded the allowed number of AWS accounts.");
  }
  const auto address = co_await on.catalog.get(organization::email_key(text(call, "Email")));
  if (!address) {
    co_return fault::failure(address.error());
  }
  Request request{.id = organization::new_request_id(),
                  .organization = at.organization.value.id,
                  .name = text(call, "AccountName"),
                  .asked = call.time,
                  .completed = call.time};
  Outcome outcome;
  CAIRN_CO_TRY_VOID(co_await make_room(on, at.organization.value, call.time, outcome));
  if (*address) {
    request.failure = "EMAIL_ALREADY_EXISTS";
    change(at, outcome);  // so that no more are kept than may be, and none outlives the organization
  } else {
    CAIRN_CO_TRY(request.account, co_await new_account_id(on));
    if (on.account_comes) {
      on.account_comes(request.account);
    }
    CAIRN_CO_TRY_VOID(make_account(call, at, request, outcome));
  }
  outcome.effects.writes.push_back(put(request));
  outcome.output["CreateAccountStatus"] = begun(request);
  co_return outcome;
}

Task<Answer> describe_create_account_status(const Dependencies& on, Call& call, Standing at) {
  const auto key = organization::request_key(at.organization.value.id, text(call, "CreateAccountRequestId"));
  const auto document = co_await on.catalog.get(key);
  if (!document) {
    co_return fault::failure(document.error());
  }
  if (!*document) {
    co_return fault::no_such_request();
  }
  const auto request = organization::decode_request(**document);
  if (!request) {
    co_return fault::failure(request.error());
  }
  Outcome outcome;
  outcome.output["CreateAccountStatus"] = shown(*request);
  co_return outcome;
}

Task<Answer> list_create_account_status(const Dependencies& on, Call& call, Standing at) {
  CAIRN_CO_TRY(auto requests, co_await requests_of(on, at.organization.value.id));
  const auto* states = json::find_array(call.input, "States");
  const auto unwanted = [&](const Request& request) {
    if (is_over(request, call.time)) {
      return true;
    }
    const std::string_view state = request.failure.empty() ? "SUCCEEDED" : "FAILED";
    return states != nullptr && !states->empty() && std::ranges::none_of(*states, [&](const auto& one) {
             return json::text_of(one.get_string()) == state;
           });
  };
  std::erase_if(requests, unwanted);
  std::vector<std::string> ids;
  std::ranges::transform(requests, std::back_inserter(ids), &Request::id);
  Outcome outcome;
  CAIRN_CO_TRY(const auto page, page_of(call, ids, outcome.output));
  json::array list;
  for (auto i = page.begin; i < page.end; ++i) {
    list.push_back(shown(requests[i]));
  }
  outcome.output["CreateAccountStatuses"] = std::move(list);
  co_return outcome;
}

Task<Found<void>> remove_requests(const Dependencies& on, const Organization& organization,
                                  Outcome& outcome) {
  CAIRN_CO_TRY(const auto requests, co_await requests_of(on, organization.id));
  std::ranges::transform(requests, std::back_inserter(outcome.effects.writes), removal);
  co_return Found<void>{};
}

Task<Answer> describe_account(const Dependencies& on, Call& call, Standing at) {
  CAIRN_CO_TRY(const auto account, co_await find_member(on, at.organization.value, text(call, "AccountId")));
  Outcome outcome;
  outcome.output["Account"] = described(at.organization.value, account.value);
  co_return outcome;
}

namespace {

Task<Answer> show_accounts(const Dependencies& on, Call& call, const Organization& organization,
                           std::vector<std::string> ids) {
  Outcome outcome;
  CAIRN_CO_TRY(const auto page, page_of(call, ids, outcome.output));
  json::array list;
  for (auto i = page.begin; i < page.end; ++i) {
    CAIRN_CO_TRY(const auto account, co_await find_member(on, organization, ids[i]));
    list.push_back(described(organization, account.value));
  }
  outcome.output["Accounts"] = std::move(list);
  co_return outcome;
}

}  // namespace

Task<Answer> list_accounts(const Dependencies& on, Call& call, Standing at) {
  std::vector<std::string> ids;
  for (const auto& [account, member] : at.organization.value.members) {
    ids.push_back(account);
  }
  co_return co_await show_accounts(on, call, at.organization.value, std::move(ids));
}

Task<Answer> list_accounts_for_parent(const Dependencies& on, Call& call, Standing at) {
  const auto parent = text(call, "ParentId");
  if (!at.organization.value.is_parent(parent)) {
    co_return fault::no_such_parent();
  }
  co_return co_await show_accounts(on, call, at.organization.value,
                                   at.organization.value.accounts_below(parent));
}

}  // namespace cairn::services::organizations
