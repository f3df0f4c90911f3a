// Sessions: temporary credentials that an upstream's STS gave somebody through this gateway, and who he is
// with them. A later call by such a key to the same upstream has its signature checked with the secret that
// passed by, and its record says whose session it is.
//
// In memory alone, until they expire: no secret of another service lies on the disk. After a restart such a
// key is one that nobody knows here. Thread-safe.
#pragma once

#include <boost/json/object.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/time.h"
#include "crypto/secret.h"
#include "event/record.h"

namespace cairn::gateway {

struct Session {
  std::string access_key;
  crypto::Secret secret;
  crypto::Secret token;
  Time expires;
  event::Identity identity;  // of calls made with it
  std::string upstream;      // whose STS gave it, by URL: no other takes it
  std::string asked_by;      // in whose share it is: an account, or a key of no account
  std::string owner;         // a key of Cairn's own: without it this is nobody's. Empty: a role's
};

// What the answer of an operation of STS gives; nothing: it gives no credentials, or the answer lacks
// something, names another role than was asked for, or has longer texts than AWS would write.
struct Issue {
  std::string_view operation;        // "AssumeRole"
  std::string_view upstream;         // its URL
  const event::Identity& caller;     // who asked; but for AssumeRole and its kin one that is verified
  const boost::json::object& input;  // as aws/ decodes them
  const boost::json::object& output;
  std::string_view answer;  // the output's text
  Time now;
};
std::optional<Session> session_of(const Issue& issue);

class Sessions {
 public:
  static constexpr std::size_t kShareMax = 1'000;      // one asker's; beyond, his that expires first goes
  static constexpr std::size_t kSessionsMax = 10'000;  // everybody's; likewise

  // Not of a key that is known with another secret and has not expired.
  void learn(Session session, Time now);
  // Null: none of that key, or the token is not its own. It may have expired.
  std::shared_ptr<const Session> find(std::string_view access_key, std::string_view token) const;
  std::size_t size() const;

 private:
  using Ends = std::set<std::pair<Time, std::string>>;  // when which key expires

  void forget(std::string access_key);

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::map<std::string, std::shared_ptr<const Session>, std::less<>> by_key_;
  Ends ends_;
  std::map<std::string, Ends> shares_;  // by asker
};

}  // namespace cairn::gateway
