#include "access/administrator.h"

#include "access/documents.h"

namespace cairn::access {

Task<Result<std::string>> renew_key(catalog::Catalog& catalog, const crypto::Sealer& sealer,
                                    std::string account, std::string user, Time now) {
  CAIRN_CO_TRY(auto found, co_await load_user(catalog, account, user));
  if (!found) {
    co_return Error{Errc::not_found, "renew a key: there is no such user", account + "/" + user};
  }
  auto& document = found->value;
  if (!document.declared) {
    co_return Error{Errc::denied, "renew a key: the user was made through the IAM API, which makes him keys",
                    document.arn()};
  }
  catalog::Transaction transaction;
  for (const auto& id : document.keys) {
    CAIRN_CO_TRY(const auto key, co_await load_key(catalog, id));
    if (key && key->value.declared) {
      co_return Error{Errc::denied, "renew a key: it stands in the configuration; change it there", id};
    }
    if (key) {
      transaction.writes.push_back(remove_key(key->value, key->version));
    }
  }
  const auto id = new_key_id();
  const KeyDocument made{.id = id,
                         .account = document.account,
                         .user = document.name,
                         .sealed = seal_secret(sealer, id, new_secret()),
                         .created = now};
  document.keys = {id};
  document.id = new_user_id();  // sessions are bound to it: what was made with the old keys ends
  transaction.writes.push_back(put(made, 0));
  transaction.writes.push_back(put(document, found->version));
  CAIRN_CO_TRY_VOID(co_await catalog.commit(std::move(transaction)));
  co_return id;
}

}  // namespace cairn::access
