// Signing keys: deriving and keeping them.
#include <list>
#include <mutex>
#include <unordered_map>

#include "aws/sigv4.h"
#include "base/check.h"

namespace cairn::aws::sigv4 {
namespace {

// A newline is in no header, so no two callers' names are alike.
std::string name_of(std::string_view access_key, const Scope& scope) {
  return std::string(access_key) + '\n' + scope.date + '\n' + scope.region + '\n' + scope.service;
}

}  // namespace

crypto::Secret signing_key(const crypto::Secret& secret, const Scope& scope) {
  constexpr std::string_view kPrefix = "AWS4";
  crypto::Secret first(kPrefix.size() + secret.size());
  const auto out = first.writable();
  std::ranges::copy(ByteView(kPrefix).bytes(), out.begin());
  std::ranges::copy(secret.bytes(), out.begin() + kPrefix.size());
  auto key = crypto::hmac_sha256(first.bytes(), scope.date);
  for (const std::string_view part :
       {std::string_view(scope.region), std::string_view(scope.service), std::string_view("aws4_request")}) {
    key = crypto::hmac_sha256(key, part);
  }
  crypto::Secret derived(ByteView{key});
  crypto::wipe(key);
  return derived;
}

struct KeyCache::State {
  struct Entry {
    std::string name;
    crypto::Secret secret;
    Key key;
  };

  explicit State(std::size_t max) : keys_max(max) {}

  const std::size_t keys_max;
  std::mutex mutex;
  std::list<Entry> entries;                                                  // the most recently used first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_name;  // views into the entries

  Key find(std::string_view name, const crypto::Secret& secret) {
    const std::lock_guard lock(mutex);
    const auto found = by_name.find(name);
    if (found == by_name.end() || !(found->second->secret == secret)) {
      return nullptr;
    }
    entries.splice(entries.begin(), entries, found->second);
    return found->second->key;
  }

  void keep(Entry entry) {
    const std::lock_guard lock(mutex);
    if (const auto old = by_name.find(entry.name); old != by_name.end()) {
      const auto gone = old->second;
      by_name.erase(old);
      entries.erase(gone);
    }
    entries.push_front(std::move(entry));
    by_name.emplace(entries.front().name, entries.begin());
    if (entries.size() > keys_max) {
      by_name.erase(entries.back().name);
      entries.pop_back();
    }
  }
};

KeyCache::KeyCache(std::size_t keys_max) : state_(std::make_unique<State>(keys_max)) {
  CAIRN_CHECK(keys_max > 0);
}
KeyCache::~KeyCache() = default;

KeyCache::Key KeyCache::find(std::string_view access_key, const Scope& scope, const crypto::Secret& secret) {
  return state_->find(name_of(access_key, scope), secret);
}

void KeyCache::keep(std::string_view access_key, const Scope& scope, const crypto::Secret& secret, Key key) {
  state_->keep({name_of(access_key, scope), secret.clone(), std::move(key)});
}

}  // namespace cairn::aws::sigv4
