// Invitations: how an account that is there already comes into an organization. Tested by handshakes_test.cc.
#include <algorithm>

#include "json/json.h"
#include "organization/handshake.h"
#include "services/organizations/operations.h"

namespace cairn::services::organizations {
namespace {

using organization::Handshake;

struct StoredHandshake {
  Handshake value;
  catalog::Version version = 0;
};

json::object resource(std::string_view type, std::string_view value) {
  return {{"Value", value}, {"Type", type}};
}

json::object shown(const Handshake& handshake, Time now) {
  json::array parties{json::object{{"Id", handshake.organization}, {"Type", "ORGANIZATION"}}};
  parties.push_back(handshake.address.empty() ? json::object{{"Id", handshake.account}, {"Type", "ACCOUNT"}}
                                              : json::object{{"Id", handshake.address}, {"Type", "EMAIL"}});
  json::array resources{resource("ORGANIZATION", handshake.organization),
                        resource("ACCOUNT", handshake.account)};
  if (!handshake.notes.empty()) {
    resources.push_back(resource("NOTES", handshake.notes));
  }
  return {{"Id", handshake.id},
          {"Arn", handshake.arn()},
          {"Parties", std::move(parties)},
          {"State", handshake.state_at(now)},
          {"RequestedTimestamp", seconds(handshake.requested)},
          {"ExpirationTimestamp", seconds(handshake.expires)},
          {"Action", "INVITE"},
          {"Resources", std::move(resources)}};
}

// HandshakeNotFoundException: there is none, or it is not the caller's affair.
Task<Found<StoredHandshake>> read_handshake(const Dependencies& on, std::string organization,
                                            std::string id) {
  const auto document = co_await on.catalog.get(organization::handshake_key(organization, id));
  if (!document) {
    co_return fault::failure(document.error());
  }
  if (!*document) {
    co_return fault::no_such_handshake();
  }
  auto handshake = organization::decode_handshake(**document);
  if (!handshake) {
    co_return fault::failure(handshake.error());
  }
  co_return StoredHandshake{*std::move(handshake), (*document)->version};
}

// The one that the account was invited by.
Task<Found<StoredHandshake>> find_invitation(const Dependencies& on, const Standing& at, std::string id) {
  const auto document = co_await on.catalog.get(organization::invitation_key(at.account.value.id, id));
  if (!document) {
    co_return fault::failure(document.error());
  }
  if (!*document) {
    co_return fault::no_such_handshake();
  }
  co_return co_await read_handshake(on, (*document)->value, std::move(id));
}

Found<void> check_open(const Handshake& handshake, std::string_view wanted, Time now) {
  const auto state = handshake.state_at(now);
  if (state == wanted) {
    return fault::handshake_already_in_state();
  }
  return state == "OPEN" ? Found<void>() : fault::invalid_handshake_transition();
}

void move_to(StoredHandshake handshake, std::string_view state, Time now, Outcome& outcome) {
  handshake.value.state = state;
  outcome.output["Handshake"] = shown(handshake.value, now);
  outcome.effects.writes.push_back(
      {.key = organization::handshake_key(handshake.value.organization, handshake.value.id),
       .value = organization::encode(handshake.value),
       .expected = handshake.version});
}

// Whom the invitation is for. Empty: nobody of this name.
Task<Found<std::string>> target_of(const Dependencies& on, const json::object& target) {
  const std::string id(json::find_string(target, "Id").value_or(""));
  const auto type = json::find_string(target, "Type").value_or("");
  if (type == "ORGANIZATION") {
    co_return fault::invalid_input("INVALID_PARTY_TYPE_TARGET", "An organization cannot be invited.");
  }
  if (type == "ACCOUNT") {
    co_return id;
  }
  const auto owner = co_await on.catalog.get(organization::email_key(id));
  if (!owner) {
    co_return fault::failure(owner.error());
  }
  co_return *owner ? (*owner)->value : "";
}

// Both of its documents.
void remove(const Handshake& handshake, catalog::Version version, Outcome& outcome) {
  auto& writes = outcome.effects.writes;
  writes.push_back({.key = organization::handshake_key(handshake.organization, handshake.id),
                    .value = std::nullopt,
                    .expected = version});
  writes.push_back({.key = organization::invitation_key(handshake.account, handshake.id),
                    .value = std::nullopt,
                    .expected = std::nullopt});
}

// Whether one more may be open, for this account; those that are over are removed.
Task<Found<void>> make_room(const Dependencies& on, const Organization& organization, std::string account,
                            Time now, Outcome& outcome) {
  CAIRN_CO_TRY(const auto documents, co_await all_below(on, organization::handshakes_of(organization.id)));
  std::size_t open = 0;
  std::size_t kept = 0;
  for (const auto& document : documents) {
    const auto handshake = organization::decode_handshake(document);
    if (!handshake) {
      co_return fault::failure(handshake.error());
    }
    if (handshake->is_over(now)) {
      remove(*handshake, document.version, outcome);
      continue;
    }
    ++kept;
    const bool is_open = handshake->state_at(now) == "OPEN";
    open += is_open ? 1 : 0;
    if (is_open && handshake->account == account) {
      co_return fault::duplicate_handshake();
    }
  }
  if (organization.members.size() + open >= organization::Limits::accounts_max) {
    co_return fault::handshake_constraint("ACCOUNT_NUMBER_LIMIT_EXCEEDED",
                                          "You have exceeded the allowed number of AWS accounts.");
  }
  if (kept >= organization::Limits::handshakes_max) {
    co_return fault::handshake_constraint("HANDSHAKE_RATE_LIMIT_EXCEEDED",
                                          "You have exceeded the number of handshakes you can send.");
  }
  co_return Found<void>{};
}

Task<Found<void>> check_target(const Dependencies& on, std::string account) {
  const auto document = co_await access::load_account(on.catalog, account);
  if (!document) {
    co_return fault::failure(document.error());
  }
  if (!*document) {
    co_return fault::invalid_input("INVALID_PARTY_TYPE_TARGET",
                                   "You specified an account that doesn't exist.");
  }
  if (!(*document)->value.organization.empty()) {
    co_return fault::handshake_constraint("ALREADY_IN_AN_ORGANIZATION",
                                          "The account is already a member of an organization.");
  }
  co_return Found<void>{};
}

// All are invitations: a filter by another kind, or by a parent, leaves none.
bool wants_invitations(const Call& call) {
  const auto* filter = json::find_object(call.input, "Filter");
  return filter == nullptr || (json::find_string(*filter, "ActionType").value_or("INVITE") == "INVITE" &&
                               json::find(*filter, "ParentHandshakeId") == nullptr);
}

}  // namespace

Task<Answer> invite_account(const Dependencies& on, Call& call, Standing at) {
  const auto& target = call.input.at("Target").get_object();
  const auto& organization = at.organization.value;
  CAIRN_CO_TRY(const auto tags, tags_in(call));
  if (!tags.empty()) {
    co_return fault::invalid_input("INVALID_LIST_MEMBER",
                                   "This Cairn does not support Tags of an invitation.");
  }
  CAIRN_CO_TRY(const auto account, co_await target_of(on, target));
  CAIRN_CO_TRY_VOID(co_await check_target(on, account));
  Outcome outcome;
  CAIRN_CO_TRY_VOID(co_await make_room(on, organization, account, call.time, outcome));
  const Handshake handshake{.id = organization::new_handshake_id(),
                            .organization = organization.id,
                            .management = organization.management,
                            .account = account,
                            .address = json::find_string(target, "Type") == "EMAIL"
                                           ? std::string(json::find_string(target, "Id").value_or(""))
                                           : "",
                            .notes = text(call, "Notes"),
                            .requested = call.time,
                            .expires = call.time + organization::kInvitationHolds};
  move_to({.value = handshake, .version = 0}, "OPEN", call.time, outcome);
  outcome.effects.writes.push_back(
      {.key = organization::invitation_key(account, handshake.id), .value = organization.id, .expected = 0});
  change(at, outcome);  // so that no two are open for one account
  co_return outcome;
}

Task<Answer> accept_handshake(const Dependencies& on, Call& call, Standing at) {
  CAIRN_CO_TRY(auto handshake, co_await find_invitation(on, at, text(call, "HandshakeId")));
  CAIRN_CO_TRY_VOID(check_open(handshake.value, "ACCEPTED", call.time));
  if (at.in_organization()) {
    co_return fault::handshake_constraint("ALREADY_IN_AN_ORGANIZATION",
                                          "The account is already a member of an organization.");
  }
  const auto document = co_await on.catalog.get(organization::key_of(handshake.value.organization));
  if (!document) {
    co_return fault::failure(document.error());
  }
  if (!*document) {  // it is no more
    co_return fault::no_such_handshake();
  }
  auto organization = organization::decode(**document);
  if (!organization) {
    co_return fault::failure(organization.error());
  }
  if (organization->members.size() >= organization::Limits::accounts_max) {
    co_return fault::handshake_constraint("ACCOUNT_NUMBER_LIMIT_EXCEEDED",
                                          "The organization has as many accounts as it may have.");
  }
  organization->members[at.account.value.id] = {
      .parent = organization->root, .joined = call.time, .invited = true};
  Outcome outcome;
  outcome.effects.writes.push_back(organization::put(*organization, (*document)->version));
  move_to(std::move(handshake), "ACCEPTED", call.time, outcome);
  move_membership(std::move(at.account), &*organization, outcome);
  co_return outcome;
}

Task<Answer> decline_handshake(const Dependencies& on, Call& call, Standing at) {
  CAIRN_CO_TRY(auto handshake, co_await find_invitation(on, at, text(call, "HandshakeId")));
  CAIRN_CO_TRY_VOID(check_open(handshake.value, "DECLINED", call.time));
  Outcome outcome;
  move_to(std::move(handshake), "DECLINED", call.time, outcome);
  co_return outcome;
}

Task<Answer> cancel_handshake(const Dependencies& on, Call& call, Standing at) {
  CAIRN_CO_TRY(auto handshake,
               co_await read_handshake(on, at.organization.value.id, text(call, "HandshakeId")));
  CAIRN_CO_TRY_VOID(check_open(handshake.value, "CANCELED", call.time));
  Outcome outcome;
  move_to(std::move(handshake), "CANCELED", call.time, outcome);
  co_return outcome;
}

// Both sides see it.
Task<Answer> describe_handshake(const Dependencies& on, Call& call, Standing at) {
  const auto id = text(call, "HandshakeId");
  auto handshake = co_await find_invitation(on, at, id);
  if (!handshake && at.manages()) {
    handshake = co_await read_handshake(on, at.organization.value.id, id);
  }
  if (!handshake) {
    co_return handshake.error();
  }
  Outcome outcome;
  outcome.output["Handshake"] = shown(handshake->value, call.time);
  co_return outcome;
}

Task<Answer> list_handshakes_for_organization(const Dependencies& on, Call& call, Standing at) {
  std::vector<std::string> ids;
  std::vector<Handshake> all;
  const auto prefix = organization::handshakes_of(at.organization.value.id);
  CAIRN_CO_TRY(const auto documents, co_await all_below(on, prefix));
  for (const auto& document : documents) {
    auto handshake = organization::decode_handshake(document);
    if (!handshake) {
      co_return fault::failure(handshake.error());
    }
    if (wants_invitations(call) && !handshake->is_over(call.time)) {
      ids.push_back(handshake->id);
      all.push_back(*std::move(handshake));
    }
  }
  Outcome outcome;
  CAIRN_CO_TRY(const auto page, page_of(call, ids, outcome.output));
  json::array list;
  for (auto i = page.begin; i < page.end; ++i) {
    list.push_back(shown(all[i], call.time));
  }
  outcome.output["Handshakes"] = std::move(list);
  co_return outcome;
}

// Of any organization. A page has fewer than it may where some are over.
Task<Answer> list_handshakes_for_account(const Dependencies& on, Call& call, Standing at) {
  std::vector<std::string> ids;
  const auto prefix = organization::invitations_of(at.account.value.id);
  CAIRN_CO_TRY(auto invitations, co_await all_below(on, prefix));
  if (!wants_invitations(call)) {
    invitations.clear();
  }
  for (const auto& one : invitations) {
    ids.push_back(one.key.substr(prefix.size()));
  }
  Outcome outcome;
  CAIRN_CO_TRY(const auto page, page_of(call, ids, outcome.output));
  json::array list;
  for (auto i = page.begin; i < page.end; ++i) {
    const auto document = co_await on.catalog.get(organization::handshake_key(invitations[i].value, ids[i]));
    if (!document) {
      co_return fault::failure(document.error());
    }
    if (!*document) {
      continue;  // removed between the two reads
    }
    const auto handshake = organization::decode_handshake(**document);
    if (!handshake) {
      co_return fault::failure(handshake.error());
    }
    if (!handshake->is_over(call.time)) {
      list.push_back(shown(*handshake, call.time));
    }
  }
  outcome.output["Handshakes"] = std::move(list);
  co_return outcome;
}

Task<Found<void>> remove_handshakes(const Dependencies& on, const Organization& organization,
                                    Outcome& outcome) {
  CAIRN_CO_TRY(const auto documents, co_await all_below(on, organization::handshakes_of(organization.id)));
  for (const auto& document : documents) {
    const auto handshake = organization::decode_handshake(document);
    if (!handshake) {
      co_return fault::failure(handshake.error());
    }
    remove(*handshake, document.version, outcome);
  }
  co_return Found<void>{};
}

}  // namespace cairn::services::organizations
