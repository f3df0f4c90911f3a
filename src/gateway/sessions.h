// Sessions: temporary credentials that an upstream's STS gave somebody through this gateway, and who he is
// with them. A later call by such a key has its signature checked with the secret that passed by, and its
// record says whose session it is.
//
// In memory alone, until they expire: no secret of another service lies on the disk. After a restart such a
// key is one that nobody knows here. Thread-safe.
#pragma once

#include <boost/json/object.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
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
};

// What the answer of an operation of STS gives; nothing: it gives no credentials, or the answer lacks
// something. `caller`: who asked; `input` and `output` as aws/ decodes them.
struct Issue {
  std::string_view operation;  // "AssumeRole"
  const event::Identity& caller;
  const boost::json::object& input;
  const boost::json::object& output;
  Time now;
};
std::optional<Session> session_of(const Issue& issue);

class Sessions {
 public:
  static constexpr std::size_t kSessionsMax = 10'000;  // beyond, the one that expires first is forgotten

  void learn(Session session, Time now);
  // Null: none of that key, or the token is not its own. It may have expired.
  std::shared_ptr<const Session> find(std::string_view access_key, std::string_view token) const;
  std::size_t size() const;

 private:
  void forget(const std::string& access_key);

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::map<std::string, std::shared_ptr<const Session>, std::less<>> by_key_;
  std::multimap<Time, std::string> by_end_;
};

}  // namespace cairn::gateway
