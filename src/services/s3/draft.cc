// Tested by draft_test.cc.
#include "services/s3/draft.h"

#include <utility>

namespace cairn::services::s3 {
namespace {

constexpr std::size_t kDraftRows = 16;

}  // namespace

Task<Result<std::optional<std::string>>> Draft::get(std::string key) {
  if (const auto it = entries_.find(key); it != entries_.end() && it->second.known) {
    co_return it->second.value;
  }
  CAIRN_CO_TRY(auto document, co_await catalog_.get(key));
  auto& entry = entries_[std::move(key)];
  entry.known = true;
  entry.version = document ? document->version : 0;
  if (document) {
    entry.value = std::move(document->value);
  }
  co_return entry.value;
}

Task<Result<std::optional<catalog::Document>>> Draft::first(std::string prefix) {
  std::optional<catalog::Document> found;
  std::string after;
  while (!found) {
    CAIRN_CO_TRY(auto page, co_await catalog_.scan(prefix, after, kDraftRows));
    if (page.empty()) {
      break;
    }
    after = page.back().key;
    for (auto& document : page) {
      auto& entry = entries_[document.key];
      if (!entry.known) {
        entry = {.version = document.version, .value = std::move(document.value), .known = true};
      }
      if (entry.value) {
        found = catalog::Document{document.key, *entry.value, document.version};
        break;
      }
    }
  }
  for (auto it = entries_.lower_bound(prefix); it != entries_.end() && it->first.starts_with(prefix); ++it) {
    const auto& [key, entry] = *it;
    if (entry.changed && entry.value && (!found || key < found->key)) {
      found = catalog::Document{key, *entry.value, 0};
    }
  }
  co_return found;
}

void Draft::put(std::string key, std::string value) {
  auto& entry = entries_[std::move(key)];
  entry.value = std::move(value);
  entry.known = entry.changed = true;
}

void Draft::remove(std::string key) {
  auto& entry = entries_[std::move(key)];
  entry.value.reset();
  entry.known = entry.changed = true;
}

void Draft::expect(std::string key, catalog::Version version) {
  entries_[std::move(key)].version = version;
}

bool Draft::changes() const {
  for (const auto& [key, entry] : entries_) {
    if (entry.changed) {
      return true;
    }
  }
  return false;
}

catalog::Transaction Draft::take() {
  catalog::Transaction transaction;
  if (!changes()) {
    return transaction;
  }
  for (auto& [key, entry] : std::exchange(entries_, {})) {
    if (entry.changed) {
      transaction.writes.push_back({key, std::move(entry.value), entry.version});
    } else if (entry.version) {
      transaction.expectations.push_back({key, *entry.version});
    }
  }
  return transaction;
}

}  // namespace cairn::services::s3
