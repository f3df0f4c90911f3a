#include "access/principals.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "aws/ids.h"
#include "codec/base64.h"
#include "crypto/hash.h"

namespace cairn::access {

namespace {

constexpr std::string_view kRoot = "root";
constexpr std::size_t kUniqueIdBytesMin = 16;

bool is_unique_id(std::string_view text) {
  const auto upper_or_digit = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  return text.size() >= kUniqueIdBytesMin && text.starts_with('A') &&
         std::ranges::all_of(text, upper_or_digit);
}

bool is_service(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
  };
  return text.find('.') != std::string_view::npos && std::ranges::all_of(text, allowed);
}

// user/…, role/…, assumed-role/ROLE/SESSION, federated-user/NAME. No wildcards: AWS has none here.
bool is_principal_arn(const aws::Arn& arn) {
  const auto resource = arn.resource();
  const bool iam = arn.service() == "iam" && (resource.starts_with("user/") || resource.starts_with("role/"));
  const bool sts = arn.service() == "sts" &&
                   (resource.starts_with("assumed-role/") || resource.starts_with("federated-user/"));
  return (iam || sts) && aws::AccountId::parse(arn.account()) && arn.region().empty() &&
         resource.find_first_of("*?") == std::string_view::npos;
}

// "arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION" is a session of "arn:aws:iam::ACCOUNT:role/any/path/ROLE".
bool is_role_of(const std::string& role, const std::string& session) {
  const auto role_arn = aws::Arn::parse(role);
  const auto session_arn = aws::Arn::parse(session);
  if (!role_arn || !session_arn || role_arn->account() != session_arn->account() ||
      role_arn->resource_type() != "role" || session_arn->resource_type() != "assumed-role") {
    return false;
  }
  const auto path_and_name = role_arn->resource_id();
  const auto name = path_and_name.substr(path_and_name.rfind('/') + 1);
  const auto name_and_session = session_arn->resource_id();
  return name_and_session.substr(0, name_and_session.find('/')) == name;
}

// AROA… of AROA…:SESSION.
std::string_view issuer_id(const Principal& session) {
  return std::string_view(session.id).substr(0, session.id.find(':'));
}

bool contains(const std::vector<std::string>& texts, std::string_view text) {
  return std::ranges::find(texts, text) != texts.end();
}

}  // namespace

std::string canonical_user_id(std::string_view account) {
  return codec::hex_encode(crypto::sha256("cairn canonical user " + std::string(account)));
}

std::optional<Principals> Principals::parse(const boost::json::value& value) {
  Principals made;
  if (const auto* text = value.if_string(); text != nullptr && *text == "*") {
    made.everyone_ = true;
    return made;
  }
  const auto* kinds = value.if_object();
  if (kinds == nullptr || kinds->empty()) {
    return std::nullopt;
  }
  for (const auto& [kind, names] : *kinds) {
    const auto* list = names.if_array();
    const auto* begin = list != nullptr ? list->data() : &names;
    const auto* end = begin + (list != nullptr ? list->size() : 1);
    for (const auto* name = begin; name != end; ++name) {
      const auto* text = name->if_string();
      if (text == nullptr || !made.add(kind, *text)) {
        return std::nullopt;
      }
    }
  }
  return made;
}

bool Principals::add(std::string_view kind, std::string_view name) {
  if (kind == "AWS") {
    return add_aws(name);
  }
  if (kind == "Service" && is_service(name)) {
    services_.emplace_back(name);
    return true;
  }
  if (kind == "CanonicalUser" && !name.empty()) {
    canonical_users_.emplace_back(name);
    return true;
  }
  return kind == "Federated" && !name.empty();
}

bool Principals::add_aws(std::string_view name) {
  if (name == "*") {
    everyone_ = true;
  } else if (aws::AccountId::parse(name)) {
    accounts_.emplace_back(name);
  } else if (is_unique_id(name)) {
    ids_.emplace_back(name);
  } else if (const auto arn = aws::Arn::parse(name); !arn) {
    return false;
  } else if (arn->service() == "iam" && arn->resource() == kRoot && aws::AccountId::parse(arn->account())) {
    accounts_.emplace_back(arn->account());
  } else if (is_principal_arn(*arn)) {
    arns_.emplace_back(name);
  } else {
    return false;
  }
  return true;
}

Principals::Named Principals::names(const Principal& principal) const {
  if (everyone_) {
    return {.self = true, .issuer = true, .account = true};
  }
  Named named;
  named.account =
      principal.of_an_account() &&
      (contains(accounts_, principal.account) ||
       (!canonical_users_.empty() && contains(canonical_users_, canonical_user_id(principal.account))));
  switch (principal.kind) {
    case PrincipalKind::anonymous:
      break;
    case PrincipalKind::service:
      named.self = contains(services_, principal.name);
      break;
    case PrincipalKind::root:
      named.self = named.account;
      break;
    case PrincipalKind::user:
      named.self = contains(arns_, principal.arn) || contains(ids_, principal.id);
      break;
    case PrincipalKind::session:
    case PrincipalKind::federated:
      named.self = contains(arns_, principal.arn);
      named.issuer = names_issuer_of(principal);
      break;
  }
  return named;
}

bool Principals::names_issuer_of(const Principal& session) const {
  if (contains(ids_, issuer_id(session))) {
    return true;
  }
  return session.issuer.empty()
             ? std::ranges::any_of(arns_,
                                   [&](const std::string& arn) { return is_role_of(arn, session.arn); })
             : contains(arns_, session.issuer);
}

}  // namespace cairn::access
