#include "services/kms/workshop.h"

#include <fmt/format.h>

#include "keys/key.h"
#include "services/kms/kms.h"

namespace cairn::services::kms {
namespace {

constexpr std::size_t kPage = 1000;
constexpr std::chrono::minutes kCountedAnewAfter{1};  // counting reads all keys

Task<Result<std::size_t>> count(catalog::Catalog& catalog, std::string prefix) {
  std::size_t keys = 0;
  std::string after;
  while (true) {
    CAIRN_CO_TRY(const auto page, co_await catalog.scan(prefix, after, kPage));
    if (page.empty()) {
      co_return keys;
    }
    keys += page.size();
    after = page.back().key;
  }
}

}  // namespace

bool Workshop::counts_one_more(const std::string& prefix) {
  const auto it = counts_.find(prefix);
  if (it == counts_.end() || it->second.keys >= limits_.keys_max) {
    return false;
  }
  it->second.keys += 1;
  return true;
}

Task<Result<void, aws::Fault>> Workshop::admit(catalog::Catalog& catalog, std::string prefix, Time now) {
  auto full = fault::limit(
      fmt::format("The account has {} keys in this Region, which is the limit.", limits_.keys_max));
  {
    const std::lock_guard lock(mutex_);
    if (counts_one_more(prefix)) {
      co_return Result<void, aws::Fault>();
    }
    const auto it = counts_.find(prefix);
    if (it != counts_.end() && now - it->second.counted < kCountedAnewAfter) {
      co_return full;
    }
  }
  const auto keys = co_await count(catalog, prefix);
  if (!keys) {
    co_return fault::failure(keys.error());
  }
  const std::lock_guard lock(mutex_);
  auto& counted = counts_[prefix];
  if (counted.counted != now) {  // else somebody else has, meanwhile
    counted = {.keys = *keys, .counted = now};
  }
  co_return counts_one_more(prefix) ? Result<void, aws::Fault>() : full;
}

std::shared_ptr<Workshop> make_workshop(async::Pool* pool) {
  return std::make_shared<Workshop>(pool);
}

Task<Result<crypto::Secret, aws::Fault>> Workshop::make(const keys::Spec& spec) {
  Result<crypto::Secret> made = Error{Errc::unavailable, "nothing was made"};
  if (spec.family == keys::Family::rsa) {
    if (making_->fetch_add(1) >= limits_.making_max) {
      making_->fetch_sub(1);
      co_return fault::throttled();
    }
    const auto work = [making = making_, &spec] {
      auto material = keys::new_material(spec);
      making->fetch_sub(1);
      return material;
    };
    made = co_await run(work);
  } else {
    made = keys::new_material(spec);
  }
  if (!made) {
    co_return fault::failure(made.error());
  }
  co_return *std::move(made);
}

}  // namespace cairn::services::kms
