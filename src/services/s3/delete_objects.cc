// DeleteObjects: each object asked for and answered by itself, all of them in one commit. The record names no
// keys; each object has one of its own beside it, as CloudTrail writes them.
#include "crypto/random.h"
#include "event/outbox_row.h"
#include "front/recorder.h"
#include "json/json.h"
#include "services/s3/faults.h"
#include "services/s3/keeping.h"
#include "services/s3/staged.h"

namespace cairn::services::s3 {
namespace {

constexpr std::size_t kShownCharsMax = 1024;  // a key is no longer

constexpr int kOurFault = 500;

struct One {
  std::string key;
  std::optional<std::string> version;
};

Result<std::vector<One>, aws::Fault> objects_of(const Call& call) {
  const auto* wanted = json::find_object(call.input, "Delete");
  const auto* objects = wanted == nullptr ? nullptr : json::find_array(*wanted, "Objects");
  if (objects == nullptr || objects->empty() || objects->size() > kDeletedAtOnceMax) {
    return fault::malformed_xml();
  }
  std::vector<One> all;
  for (const auto& item : *objects) {
    const auto& object = item.get_object();
    for (const auto* condition : {"ETag", "LastModifiedTime", "Size"}) {
      if (json::find(object, condition) != nullptr) {
        return fault::not_implemented(condition);
      }
    }
    One one{.key = std::string(json::find_string(object, "Key").value_or("")), .version = std::nullopt};
    if (const auto version = json::find_string(object, "VersionId"); version && !version->empty()) {
      one.version = *version;
    }
    all.push_back(std::move(one));
  }
  return all;
}

std::vector<std::string> keys_of(const std::vector<One>& objects) {
  std::vector<std::string> keys;
  for (const auto& one : objects) {
    keys.push_back(one.key);
  }
  return keys;
}

json::object shown(const One& one, const Deleted& deleted) {
  json::object row{{"Key", one.key}};
  if (one.version) {
    row["VersionId"] = *one.version;
  }
  if (deleted.marker) {
    row["DeleteMarker"] = true;
    row["DeleteMarkerVersionId"] = deleted.version;
  }
  return row;
}

json::object shown(const One& one, const aws::Fault& fault) {
  json::object row{{"Key", one.key}, {"Code", fault.code}, {"Message", fault.message}};
  if (one.version) {
    row["VersionId"] = *one.version;
  }
  return row;
}

// What is the whole call's stands in its own record; in each of a thousand it would be a thousand times as
// much.
void keep_short(json::object& parameters) {
  json::object kept;
  for (const std::string_view name : {"bucketName", "Host", "key"}) {
    const auto value = json::find_string(parameters, name);
    if (value && value->size() <= kShownCharsMax) {
      kept[name] = *value;
    }
  }
  parameters = std::move(kept);
}

// The DeleteObject of one of them, as if it had been called for itself.
void record_one(const Call& call, const Bucket& bucket, const One& one, const aws::Fault* fault,
                catalog::Transaction& effects) {
  Call alone{.service = call.service,
             .operation = *call.service.operation("DeleteObject"),
             .head = call.head,
             .caller = call.caller,
             .via = call.via,
             .account = call.account,
             .region = call.region,
             .time = call.time,
             .request_id = call.request_id,
             .host_id = call.host_id,
             .event_id = crypto::uuid4(),
             .source_address = call.source_address,
             .tls = call.tls};
  alone.input = {{"Bucket", bucket.name}, {"Key", one.key}};
  if (one.version) {
    alone.input["VersionId"] = *one.version;
  }
  describe(alone, &bucket);
  auto& parameters = alone.record.request_parameters->as_object();
  keep_short(parameters);
  if (one.version) {
    parameters["versionId"] = *one.version;
  }
  const bool two = call.account != bucket.account;
  const auto shared = two ? crypto::uuid4() : std::string();
  const front::Origin origin{.user_agent = call.head.headers.get("User-Agent"), .shared_event_id = shared};
  const Outcome nothing;
  const auto* outcome = fault == nullptr ? &nothing : nullptr;
  effects.outbox.push_back(event::encode_outbox_row(event::Kind::record, call.account,
                                                    front::record_of(alone, origin, fault, outcome)));
  if (two) {
    const auto id = crypto::uuid4();
    const front::OwnersCopy copy{.event_id = id, .account = bucket.account};
    effects.outbox.push_back(event::encode_outbox_row(
        event::Kind::record, bucket.account, front::record_of(alone, origin, fault, outcome, &copy)));
  }
}

Task<Result<Deleted, aws::Fault>> delete_if_allowed(const Dependencies& on, Draft& draft,
                                                    const Bucket& bucket, const One& one, Allowed allowed,
                                                    Removal removal, const Bucket& rules) {
  if (!allowed.removal) {
    co_return aws::Fault{"AccessDenied", 403, "Access Denied"};
  }
  if (one.key.empty()) {
    co_return aws::Fault{"UserKeyMustBeSpecified", 400, "A key must be specified."};
  }
  removal.bypasses_governance = allowed.bypass;
  co_return co_await delete_one(on, draft, bucket, one.key, one.version, removal, &rules);
}

}  // namespace

Task<Answer> delete_objects(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  CAIRN_CO_TRY(const auto objects, objects_of(call));
  const bool quiet = json::find_bool(*json::find_object(call.input, "Delete"), "Quiet").value_or(false);
  const auto& allowed = staged_of(call).allowed;
  const auto removal = removal_of(call);
  Draft draft(on.catalog);
  json::array deleted;
  json::array errors;
  catalog::Transaction records;
  CAIRN_CO_TRY(const auto rules, co_await rules_now(on, draft, bucket.value, keys_of(objects)));
  for (std::size_t i = 0; i < objects.size(); ++i) {
    const auto may = i < allowed.size() ? allowed[i] : Allowed();
    const auto done = co_await delete_if_allowed(on, draft, bucket.value, objects[i], may, removal, rules);
    if (done) {
      record_one(call, bucket.value, objects[i], nullptr, records);
      if (!quiet) {
        deleted.push_back(shown(objects[i], *done));
      }
      continue;
    }
    if (done.error().status >= kOurFault) {
      co_return done.error();
    }
    record_one(call, bucket.value, objects[i], &done.error(), records);
    errors.push_back(shown(objects[i], done.error()));
  }
  Outcome outcome;
  outcome.output["Deleted"] = std::move(deleted);
  outcome.output["Errors"] = std::move(errors);
  outcome.effects = draft.take();
  outcome.effects.outbox = std::move(records.outbox);
  co_return outcome;
}

}  // namespace cairn::services::s3
