#include "catalog/sqlite/document_cache.h"

namespace cairn::catalog::sqlite {

namespace {

constexpr std::size_t kValueBytesMax = 64U << 10;  // larger ones are read from the database each time
constexpr std::size_t kKeepingBytes = 256;         // of a document, besides its own

}  // namespace

DocumentCache::Found DocumentCache::find(const std::string& key) {
  std::shared_ptr<const Known> known;
  {
    const std::lock_guard lock(mutex_);
    auto kept = kept_.find(key);
    if (!kept) {
      return {.reading = changing_.contains(key) ? 0 : group_};
    }
    known = *std::move(kept);
  }
  Found found{.known = true};
  if (known->version > 0) {
    found.document = Document{.key = key, .value = known->value, .version = known->version};
  }
  return found;
}

void DocumentCache::keep(const std::string& key, const std::optional<Document>& document,
                         std::uint64_t reading) {
  if (reading == 0 || (document && document->value.size() > kValueBytesMax)) {
    return;
  }
  auto known = document ? std::make_shared<const Known>(document->version, document->value)
                        : std::make_shared<const Known>();
  const auto cost = 2 * key.size() + known->value.size() + kKeepingBytes;
  const std::lock_guard lock(mutex_);
  if (reading == group_) {
    kept_.put(key, std::move(known), cost);
  }
}

void DocumentCache::begin(std::span<const Change* const> group) {
  const std::lock_guard lock(mutex_);
  group_ += 1;
  for (const auto* change : group) {
    for (const auto& write : change->transaction.writes) {
      changing_.insert(write.key);
      kept_.erase(write.key);
    }
  }
}

void DocumentCache::end() {
  const std::lock_guard lock(mutex_);
  changing_.clear();
}

}  // namespace cairn::catalog::sqlite
