// An organization: its management account, its members and where they are in its tree, the services it
// trusts, and who administers for them. A value; its rules; its documents in the catalog.
//
//   organization/of/ID              the organization, all of it: whatever counts or forbids is decided under
//   the version of
//                                   this one document
//   organization/request/ID/CAR     an account that was asked for, and what became of it
//   organization/email/ADDRESS      whose address it is: no two accounts have one
//
// Which organization an account is in, its own document says (access/documents.h), written in the same
// commit. Pure but for load(). Errc::corrupt: not what was written.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "async/task.h"
#include "base/time.h"
#include "catalog/catalog.h"

namespace cairn::organization {

// AWS's quotas; accounts are ten there until somebody asks for more.
struct Limits {
  static constexpr std::size_t accounts_max = 5000;    // of an organization; its document stays below 1 MiB
  static constexpr std::size_t units_max = 2000;       // organizational units
  static constexpr std::size_t depth_max = 5;          // of units below the root
  static constexpr std::size_t services_max = 100;     // with trusted access
  static constexpr std::size_t delegations_max = 500;  // of all accounts and services
  static constexpr std::size_t cloudtrail_delegates_max = 3;  // of CloudTrail
  static constexpr std::size_t handshakes_max = 1000;         // kept, whatever became of them
  static constexpr std::size_t requests_max = 6000;           // for accounts, kept
};

inline constexpr std::string_view kCloudTrail = "cloudtrail.amazonaws.com";

struct Member {
  std::string parent{};  // the root's id or a unit's
  Time joined{};
  bool invited = false;  // else made by CreateAccount

  friend bool operator==(const Member&, const Member&) = default;
};

struct Unit {
  std::string name{};
  std::string parent{};

  friend bool operator==(const Unit&, const Unit&) = default;
};

// An account that administers for a service.
struct Delegation {
  std::string account{};
  std::string service{};

  friend auto operator<=>(const Delegation&, const Delegation&) = default;
};

struct Organization {
  std::string id{};          // o-…
  std::string root{};        // r-…
  std::string management{};  // the account that made it
  bool all_features = true;  // else consolidated billing alone
  Time created{};
  std::map<std::string, Member, std::less<>> members{};  // by account, the management account too
  std::map<std::string, Unit, std::less<>> units{};      // by id
  std::map<std::string, Time, std::less<>> services{};   // trusted, since when
  std::map<Delegation, Time> delegations{};              // since when

  // The root, or a unit that is there.
  bool is_parent(std::string_view parent) const { return parent == root || units.contains(parent); }
  bool trusts(std::string_view service) const { return services.contains(service); }
  bool is_delegate(std::string_view account) const;  // for any service
  bool is_delegate(std::string_view account, std::string_view service) const;
  std::size_t delegates_of(std::string_view service) const;
  std::vector<std::string> accounts_below(std::string_view parent) const;  // directly
  std::vector<std::string> units_below(std::string_view parent) const;     // directly
  // "o-…/r-…/ou-…/", down to the parent itself. REQUIRES: is_parent(parent).
  std::string path_of(std::string_view parent) const;
  std::size_t depth_of(std::string_view parent) const;  // the root: 0

  std::string arn() const;
  std::string root_arn() const;
  std::string unit_arn(std::string_view unit) const;
  std::string account_arn(std::string_view account) const;

  friend bool operator==(const Organization&, const Organization&) = default;
};

// A new one with its management account in it.
Organization make(std::string management, bool all_features, Time now);
std::string new_unit_id(const Organization& organization);

// What CreateAccount was asked for.
struct Request {
  std::string id{};  // car-…
  std::string organization{};
  std::string name{};
  std::string account{};  // empty: none was made
  std::string failure{};  // FailureReason; empty: it was made
  Time asked{};
  Time completed{};
};
std::string new_request_id();
inline constexpr Millis kRequestIsKept{std::chrono::days{90}};  // after it was completed

std::string key_of(std::string_view organization);
std::string request_prefix(std::string_view organization);
std::string request_key(std::string_view organization, std::string_view request);
std::string email_key(std::string_view address);

std::string encode(const Organization& organization);
Result<Organization> decode(const catalog::Document& document);
std::string encode(const Request& request);
Result<Request> decode_request(const catalog::Document& document);

struct Stored {
  Organization value;
  catalog::Version version = 0;
};
// Errc::corrupt: there is none of this id, which an account's document named.
Task<Result<Stored>> load(catalog::Catalog& catalog, std::string id);
catalog::Write put(const Organization& organization, catalog::Version expected);

// Control entries (event/entry.h): {"type":"member","account":…,"organization":"o-…"}, and null for who left.
// From there on an organization's trails take the account's records, or do not.
struct Membership {
  std::string account;
  std::optional<std::string> organization;
};
std::string control_of(const Membership& membership);
// None: a control of another type. Errc::corrupt.
Result<std::optional<Membership>> parse_control(std::string_view body);

}  // namespace cairn::organization
