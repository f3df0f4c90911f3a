// An invitation into an organization, and what became of it. A value; its documents in the catalog.
//
//   organization/handshake/ID/H       the handshake
//   organization/invited/ACCOUNT/H    that the account was invited: the organization's id
//
// Pure. Errc::corrupt: not what was written. Tested by handshake_test.cc.
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "catalog/catalog.h"

namespace cairn::organization {

inline constexpr Millis kInvitationHolds{std::chrono::days{15}};
inline constexpr Millis kEndedIsKept{std::chrono::days{30}};  // after it would have expired

struct Handshake {
  std::string id{};  // h-…
  std::string organization{};
  std::string management{};
  std::string account{};  // who is invited
  std::string address{};  // the e-mail address that stood for the account; empty: it was named itself
  std::string notes{};
  std::string state = "OPEN";  // ACCEPTED, DECLINED, CANCELED
  Time requested{};
  Time expires{};

  // As everybody sees it: an open one expires.
  std::string state_at(Time now) const { return state == "OPEN" && now >= expires ? "EXPIRED" : state; }
  // It is shown no more, and removed when the next one is made.
  bool is_over(Time now) const { return now >= expires + kEndedIsKept; }
  std::string arn() const;
};

std::string new_handshake_id();
std::string handshakes_of(std::string_view organization);  // the prefix of all
std::string handshake_key(std::string_view organization, std::string_view id);
std::string invitations_of(std::string_view account);  // the prefix of all
std::string invitation_key(std::string_view account, std::string_view id);

std::string encode(const Handshake& handshake);
Result<Handshake> decode_handshake(const catalog::Document& document);

}  // namespace cairn::organization
