#include "catalog/lease.h"

#include <fmt/format.h>

#include <charconv>

namespace cairn::catalog {

namespace {

constexpr std::string_view kFormat = "1 ";
constexpr int kTriesMax =
    4;  // a try is lost only to somebody who wrote the lease between our read and our commit

std::string expiry_key(std::string_view name) {
  return fmt::format("lease/expiry/{}", name);
}

// What the two documents say.
struct Held {
  std::uint64_t epoch = 0;
  std::string holder;
  Version holder_version = 0;
  Time expires;
  Version expiry_version = 0;
};

Error not_a_lease(const Document& document) {
  return Error{Errc::corrupt, "catalog document is no lease", document.key};
}

// "1 NUMBER" or "1 NUMBER REST"; the rest goes to `rest`.
Result<std::int64_t> parse(const Document& document, std::string_view& rest) {
  const std::string_view text = document.value;
  if (!text.starts_with(kFormat)) {
    return not_a_lease(document);
  }
  std::int64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + kFormat.size(), end, number);
  if (error != std::errc{} || number < 0 || (stop != end && *stop != ' ')) {
    return not_a_lease(document);
  }
  rest = stop == end ? std::string_view() : std::string_view(stop + 1, end);
  return number;
}

Task<Result<Held>> read(Catalog& catalog, std::string name) {
  Held held;
  std::string_view rest;
  CAIRN_CO_TRY(const auto holder, co_await catalog.get(lease_key(name)));
  if (holder) {
    CAIRN_CO_TRY(const auto epoch, parse(*holder, rest));
    held.epoch = static_cast<std::uint64_t>(epoch);
    held.holder = std::string(rest);
    held.holder_version = holder->version;
  }
  CAIRN_CO_TRY(const auto expiry, co_await catalog.get(expiry_key(name)));
  if (expiry) {
    CAIRN_CO_TRY(const auto milliseconds, parse(*expiry, rest));
    held.expires = Time(Millis(milliseconds));
    held.expiry_version = expiry->version;
  }
  co_return held;
}

std::string expiry_value(Time expires) {
  return fmt::format("{}{}", kFormat, expires.time_since_epoch().count());
}

// Its own expiry only: the holder's document, and with it the fence, stays as it is.
Transaction renewal(const Held& held, const Lease& lease) {
  Transaction transaction;
  transaction.writes.push_back({expiry_key(lease.name), expiry_value(lease.expires), held.expiry_version});
  transaction.expectations.push_back({lease_key(lease.name), held.holder_version});
  return transaction;
}

// Expects the expiry it read as well, or it would take a lease that was renewed meanwhile.
Transaction taking(const Held& held, const Lease& lease) {
  Transaction transaction;
  transaction.writes.push_back({lease_key(lease.name),
                                fmt::format("{}{} {}", kFormat, lease.epoch, lease.holder),
                                held.holder_version});
  transaction.writes.push_back({expiry_key(lease.name), expiry_value(lease.expires), held.expiry_version});
  return transaction;
}

}  // namespace

std::string lease_key(std::string_view name) {
  return fmt::format("lease/holder/{}", name);
}

Task<Result<Lease>> acquire_lease(Catalog& catalog, const Clock& clock, LeaseRequest request) {
  for (int tries = 0; tries < kTriesMax; ++tries) {
    CAIRN_CO_TRY(const auto held, co_await read(catalog, request.name));
    const auto now = clock.now();
    const bool live = held.holder_version != 0 && held.expires > now;
    if (live && held.holder != request.holder) {
      co_return Error{Errc::conflict, "lease is held by " + held.holder, request.name};
    }
    Lease lease{.name = request.name, .holder = request.holder, .expires = now + request.duration};
    lease.epoch = live ? held.epoch : held.epoch + 1;
    lease.version = live ? held.holder_version : held.holder_version + 1;
    const auto committed = co_await catalog.commit(live ? renewal(held, lease) : taking(held, lease));
    if (committed.has_value()) {
      co_return lease;
    }
    if (committed.error().code != Errc::conflict) {
      co_return committed.error();
    }
  }
  co_return Error{Errc::conflict, "lease was written by others each time it was tried", request.name};
}

Task<Result<void>> release_lease(Catalog& catalog, Lease lease) {
  Transaction transaction;
  transaction.writes.push_back({expiry_key(lease.name), expiry_value(Time{}), std::nullopt});
  transaction.expectations.push_back({lease_key(lease.name), lease.version});
  CAIRN_CO_TRY_VOID(co_await catalog.commit(std::move(transaction)));
  co_return Result<void>{};
}

}  // namespace cairn::catalog
