#include "services/iam/faults.h"
#include "services/iam/operations.h"

namespace cairn::services::iam {

// The secret is in this answer and nowhere else: the model calls it sensitive, so the record shows the rest.
Task<Answer> create_access_key(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(auto name, user_name_of(call));
  CAIRN_CO_TRY(auto user, co_await find_own_user(on, call, std::move(name)));
  if (user.value.keys.size() >= Limits::keys_max) {
    co_return fault::quota("AccessKeysPerUser", Limits::keys_max);
  }
  const auto secret = access::new_secret();
  access::KeyDocument key{.id = access::new_key_id(),
                          .account = call.account,
                          .user = user.value.name,
                          .sealed = {},
                          .created = std::chrono::floor<std::chrono::seconds>(call.time)};
  key.sealed = access::seal_secret(on.sealer, key.id, secret);
  user.value.keys.push_back(key.id);

  boost::json::object answer;
  answer["UserName"] = key.user;
  answer["AccessKeyId"] = key.id;
  answer["Status"] = "Active";
  answer["CreateDate"] = seconds(key.created);
  answer["SecretAccessKey"] = ByteView(secret.bytes()).text();
  Outcome outcome;
  outcome.output["AccessKey"] = std::move(answer);
  outcome.effects.writes.push_back(access::put(user.value, user.version));
  outcome.effects.writes.push_back(access::put(key, 0));
  co_return outcome;
}

}  // namespace cairn::services::iam
