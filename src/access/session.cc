#include "access/session.h"

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "catalog/document_reader.h"
#include "codec/base64.h"
#include "codec/gzip.h"
#include "crypto/random.h"
#include "json/json.h"

namespace cairn::access {

namespace {

constexpr std::int64_t kTokenFormat = 1;
constexpr std::size_t kSecretCharacters = 40;
constexpr std::array<std::string_view, 3> kKinds = {"user", "role", "federated"};

std::string place(std::string_view key_id) {
  return std::string("access/session/").append(key_id);
}

boost::json::array array_of(const std::vector<std::string>& texts) {
  return boost::json::array(texts.begin(), texts.end());
}

// What callers pass and AWS packs.
void put_packed(boost::json::object& o, const Session& session) {
  o["policies"] = array_of(session.policies);
  o["arns"] = array_of(session.policy_arns);
  boost::json::array tags;
  for (const auto& tag : session.tags) {
    tags.emplace_back(boost::json::array{tag.key, tag.value});
  }
  o["tags"] = std::move(tags);
  o["transitive"] = array_of(session.transitive);
}

std::string content_of(const Session& session) {
  boost::json::object o;
  o["v"] = kTokenFormat;
  o["kind"] = kKinds[static_cast<std::size_t>(session.kind)];
  o["account"] = session.account;
  o["owner"] = session.owner;
  o["ownerId"] = session.owner_id;
  o["name"] = session.name;
  o["issued"] = catalog::millis(session.issued);
  o["expires"] = catalog::millis(session.expires);
  o["limited"] = session.limited;
  o["source"] = session.source_identity;
  put_packed(o, session);
  return json::serialize(o);
}

std::size_t packed_size(const Session& session) {
  if (session.policies.empty() && session.policy_arns.empty() && session.tags.empty()) {
    return 0;
  }
  boost::json::object o;
  put_packed(o, session);
  return codec::gzip_compress(json::serialize(o)).size();
}

Result<Session> session_in(const std::string& content) {
  const catalog::Document document{.key = "session token", .value = content, .version = 0};
  catalog::DocumentReader in(document, kTokenFormat);
  Session session;
  const auto kind = in.text("kind");
  const auto* const found = std::ranges::find(kKinds, kind);
  if (found == kKinds.end()) {
    in.expect(false);
  } else {
    session.kind = static_cast<SessionKind>(found - kKinds.begin());
  }
  session.account = in.text("account");
  session.owner = in.text("owner");
  session.owner_id = in.text("ownerId");
  session.name = in.text("name");
  session.issued = in.time("issued");
  session.expires = in.time("expires");
  session.limited = in.truth("limited");
  session.source_identity = in.text("source");
  session.policies = in.texts("policies");
  session.policy_arns = in.texts("arns");
  for (auto& [key, text] : in.pairs("tags")) {
    session.tags.push_back({std::move(key), std::move(text)});
  }
  session.transitive = in.texts("transitive");
  return in.finish(std::move(session));
}

}  // namespace

std::string new_session_key_id() {
  return "ASIA" + crypto::random_text(16, crypto::kBase32);
}

SealedSession seal_session(const crypto::Sealer& sealer, std::string_view key_id,
                           const crypto::Secret& secret, const Session& session) {
  CAIRN_CHECK(secret.size() == kSecretCharacters);
  const auto packed = codec::gzip_compress(content_of(session));
  crypto::Secret plain(kSecretCharacters + packed.size());
  const auto bytes = plain.writable();
  std::ranges::copy(secret.bytes(), bytes.begin());
  std::ranges::copy(std::as_bytes(std::span(packed)), bytes.begin() + kSecretCharacters);
  return {.token = codec::base64_encode(sealer.seal(plain.bytes(), place(key_id))),
          .packed_bytes = packed_size(session)};
}

std::optional<OpenedSession> open_session(const crypto::Sealer& sealer, std::string_view key_id,
                                          std::string_view token) {
  if (token.size() > SessionLimits::token_bytes_max) {
    return std::nullopt;
  }
  const auto sealed = codec::base64_decode(token);
  if (!sealed) {
    return std::nullopt;
  }
  const auto plain = sealer.open(*sealed, place(key_id));
  if (!plain || plain->size() < kSecretCharacters) {
    return std::nullopt;
  }
  const auto bytes = plain->bytes();
  const auto content =
      codec::gzip_decompress(ByteView(bytes.subspan(kSecretCharacters)), SessionLimits::content_bytes_max);
  if (!content) {
    return std::nullopt;
  }
  auto session = session_in(*content);
  if (!session) {
    return std::nullopt;
  }
  return OpenedSession{.secret = crypto::Secret(ByteView(bytes.first(kSecretCharacters))),
                       .session = *std::move(session)};
}

}  // namespace cairn::access
