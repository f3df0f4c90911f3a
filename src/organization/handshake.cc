#include "organization/handshake.h"

#include <fmt/format.h>

#include "crypto/random.h"
#include "json/json.h"

namespace cairn::organization {
namespace {

constexpr std::int64_t kHandshakeFormat = 1;
constexpr std::size_t kHandshakeChars = 12;

}  // namespace

std::string Handshake::arn() const {
  return fmt::format("arn:aws:organizations::{}:handshake/{}/invite/{}", management, organization, id);
}

std::string new_handshake_id() {
  return "h-" + crypto::random_text(kHandshakeChars, "abcdefghijklmnopqrstuvwxyz0123456789");
}
std::string handshakes_of(std::string_view organization) {
  return fmt::format("organization/handshake/{}/", organization);
}
std::string handshake_key(std::string_view organization, std::string_view id) {
  return handshakes_of(organization).append(id);
}
std::string invitations_of(std::string_view account) {
  return fmt::format("organization/invited/{}/", account);
}
std::string invitation_key(std::string_view account, std::string_view id) {
  return invitations_of(account).append(id);
}

std::string encode(const Handshake& handshake) {
  return json::serialize(json::object{{"v", kHandshakeFormat},
                                      {"id", handshake.id},
                                      {"organization", handshake.organization},
                                      {"management", handshake.management},
                                      {"account", handshake.account},
                                      {"address", handshake.address},
                                      {"notes", handshake.notes},
                                      {"state", handshake.state},
                                      {"requested", handshake.requested.time_since_epoch().count()},
                                      {"expires", handshake.expires.time_since_epoch().count()}});
}

Result<Handshake> decode_handshake(const catalog::Document& document) {
  const Error corrupt{Errc::corrupt, "read a handshake's document: not what was written", document.key};
  const auto object = json::parse_object(document.value);
  if (!object || json::find_int(*object, "v") != kHandshakeFormat) {
    return corrupt;
  }
  bool sound = true;
  const auto text = [&](std::string_view name) {
    const auto value = json::find_string(*object, name);
    sound = sound && value.has_value();
    return std::string(value.value_or(""));
  };
  const auto time = [&](std::string_view name) {
    const auto value = json::find_int(*object, name);
    sound = sound && value.has_value();
    return Time(Millis(value.value_or(0)));
  };
  Handshake handshake{.id = text("id"),
                      .organization = text("organization"),
                      .management = text("management"),
                      .account = text("account"),
                      .address = text("address"),
                      .notes = text("notes"),
                      .state = text("state"),
                      .requested = time("requested"),
                      .expires = time("expires")};
  return sound ? Result<Handshake>(std::move(handshake)) : corrupt;
}

}  // namespace cairn::organization
