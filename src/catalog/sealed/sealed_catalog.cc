// Tested by sealed_catalog_test.cc.
#include "catalog/sealed/sealed_catalog.h"

#include <algorithm>

namespace cairn::catalog::sealed {
namespace {

constexpr char kMark = 2;  // neither JSON nor an outbox row begins so
constexpr std::string_view kOutboxPlace = "outbox";
static_assert(kOverheadBytes == crypto::Messages::kOverheadBytes + 1);

// What is not sealed says itself.
Result<std::string> opened(crypto::MessageOpener& opener, std::string_view place, std::string_view value) {
  if (!is_sealed(value)) {
    return std::string(value);
  }
  value.remove_prefix(1);
  std::string plain(crypto::MessageOpener::plain_bytes(value.size()), '\0');
  CAIRN_TRY_VOID(opener.open({place}, value, std::as_writable_bytes(std::span(plain))));
  return plain;
}

class SealedCatalog final : public Catalog {
 public:
  SealedCatalog(std::unique_ptr<Catalog> inner, crypto::Secret key, std::vector<std::string> prefixes)
      : inner_(std::move(inner)),
        key_(key.clone()),
        sealer_(std::move(key)),
        prefixes_(std::move(prefixes)) {}

  Task<Result<std::optional<Document>>> get(std::string key) override {
    auto found = co_await inner_->get(std::move(key));
    if (found && *found && lies_sealed(**found)) {
      CAIRN_CO_TRY_VOID(open_one(**found));
    }
    co_return found;
  }

  Task<Result<std::vector<Document>>> scan(std::string prefix, std::string after,
                                           std::size_t limit) override {
    auto page = co_await inner_->scan(std::move(prefix), std::move(after), limit);
    if (page) {
      for (auto& document : *page) {
        if (lies_sealed(document)) {
          CAIRN_CO_TRY_VOID(open_one(document));
        }
      }
    }
    co_return page;
  }

  Task<Result<Committed>> commit(Transaction transaction) override {
    seal_writes(transaction.writes);
    for (auto& row : transaction.outbox) {
      row = sealed(kOutboxPlace, row);
    }
    return inner_->commit(std::move(transaction));
  }

  Task<Result<std::vector<OutboxRow>>> outbox(std::uint64_t after, std::size_t limit) override {
    auto page = co_await inner_->outbox(after, limit);
    if (page) {
      crypto::MessageOpener opener(key_);
      for (auto& row : *page) {
        auto plain = opened(opener, kOutboxPlace, row.payload);
        if (plain) {
          row.payload = *std::move(plain);
        } else if (plain.error().code == Errc::denied) {  // a good row: not to be taken for a damaged one
          co_return Error{Errc::denied, "read outbox row: " + plain.error().what, std::to_string(row.number)};
        }
      }
    }
    co_return page;
  }

  Task<Result<void>> outbox_delete(std::uint64_t number, std::vector<Write> writes) override {
    seal_writes(writes);
    return inner_->outbox_delete(number, std::move(writes));
  }
  Task<void> outbox_wait(std::uint64_t after, Millis patience) override {
    return inner_->outbox_wait(after, patience);
  }
  Task<Result<Lease>> acquire(std::string name, std::string holder, Millis duration) override {
    return inner_->acquire(std::move(name), std::move(holder), duration);
  }
  Task<Result<void>> release(Lease lease) override { return inner_->release(std::move(lease)); }

 private:
  bool is_in_scope(std::string_view key) const {
    return std::ranges::any_of(prefixes_, [&](const auto& prefix) { return key.starts_with(prefix); });
  }

  bool lies_sealed(const Document& document) const {
    return is_in_scope(document.key) && is_sealed(document.value);
  }

  std::string sealed(std::string_view place, std::string_view plain) const {
    std::string out(plain.size() + kOverheadBytes, kMark);
    sealer_.seal({place}, {plain}, std::as_writable_bytes(std::span(out)).subspan(1));
    return out;
  }

  void seal_writes(std::vector<Write>& writes) const {
    for (auto& write : writes) {
      if (write.value && is_in_scope(write.key) && !is_sealed(*write.value)) {
        write.value = sealed(write.key, *write.value);
      }
    }
  }

  Result<void> open_one(Document& document) const {
    crypto::MessageOpener opener(key_);
    CAIRN_TRY(document.value, sealed::open_document(opener, document));
    return {};
  }

  const std::unique_ptr<Catalog> inner_;
  const crypto::Secret key_;
  const crypto::MessageSealer sealer_;
  const std::vector<std::string> prefixes_;
};

}  // namespace

bool is_sealed(std::string_view value) {
  return value.starts_with(kMark);
}

Result<std::string> open_document(crypto::MessageOpener& opener, const Document& document) {
  auto plain = opened(opener, document.key, document.value);
  if (!plain) {
    return Error{plain.error().code, "read document: " + plain.error().what, document.key};
  }
  return plain;
}

std::unique_ptr<Catalog> make_sealed(std::unique_ptr<Catalog> inner, crypto::Secret key,
                                     std::vector<std::string> prefixes) {
  return std::make_unique<SealedCatalog>(std::move(inner), std::move(key), std::move(prefixes));
}

}  // namespace cairn::catalog::sealed
