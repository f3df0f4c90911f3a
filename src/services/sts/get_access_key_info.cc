#include "access/documents.h"
#include "base/log.h"
#include "json/json.h"
#include "services/sts/operations.h"

namespace cairn::services::sts {

// Tells the account of any key, active or not, as AWS does: what the account may do is its own matter.
Task<Answer> get_access_key_info(const Dependencies& on, Call& call) {
  const std::string id(json::find_string(call.input, "AccessKeyId").value_or(""));
  const auto key = co_await access::load_key(on.catalog, id);
  if (!key) {
    log::error("sts could not read an access key", {{"error", key.error().text()}});
    co_return aws::to_fault(aws::Family::query, key.error());
  }
  if (!*key) {
    co_return aws::fault::validation(aws::Family::query,
                                     "The access key with id " + id + " is not known here.");
  }
  Outcome outcome;
  outcome.output["Account"] = (*key)->value.account;
  co_return outcome;
}

}  // namespace cairn::services::sts
