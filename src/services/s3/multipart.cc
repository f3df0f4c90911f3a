// The beginning of an upload, its parts, and giving it up. Tested by multipart_test.cc.
#include "json/json.h"
#include "services/s3/copy_object.h"
#include "services/s3/customer_key.h"
#include "services/s3/encryption.h"
#include "services/s3/faults.h"
#include "services/s3/keeping.h"
#include "services/s3/locks.h"
#include "services/s3/part_checksums.h"
#include "services/s3/staged.h"
#include "services/s3/upload.h"
#include "services/s3/uploads.h"

namespace cairn::services::s3 {
namespace {

Result<std::int64_t, aws::Fault> wanted_number(const Call& call) {
  const auto number = json::find_int(call.input, "PartNumber").value_or(0);
  if (number < 1 || number > kPartsMax) {
    return fault::invalid_argument("Part number must be an integer between 1 and 10000, inclusive")
        .with("ArgumentName", "partNumber")
        .with("ArgumentValue", std::to_string(number));
  }
  return number;
}

// A part's bytes are a blob, however few: an object is made of parts without looking at them.
Task<Result<Object, aws::Fault>> stage_part(const Dependencies& on, Call& call, Bucket bucket,
                                            Upload upload) {
  const auto bytes_max = on.limits.object_bytes_max;
  if (call.body->size() && *call.body->size() > bytes_max) {
    co_return fault::entity_too_large(bytes_max);
  }
  Object part;
  part.key = text_member(call, "Key");
  CAIRN_CO_TRY(auto checksums, Checksums::wanted(call.head.headers, upload.algorithm));
  CAIRN_CO_TRY(auto sealing, co_await new_part_sealing(on, call, std::move(bucket), part.key,
                                                       std::move(upload.object.seal)));
  auto to_blob = on;
  to_blob.limits.inline_bytes_max = 0;
  Place place(to_blob, std::move(sealing));
  CAIRN_CO_TRY_VOID(co_await receive(on, place, call, checksums, part, bytes_max));
  CAIRN_CO_TRY_VOID(checksums.finish(call.trailers));
  if (const auto finished = co_await place.finish(part); !finished) {
    co_return internal(finished.error());
  }
  part.etag = checksums.etag();
  part.checksums = checksums.computed();
  part.modified = call.time;
  co_return part;
}

// NoSuchUpload.
Task<Result<Upload, aws::Fault>> upload_of(Draft& draft, const Bucket& bucket, Call& call) {
  CAIRN_CO_TRY(auto upload, co_await find_upload(draft, bucket, call));
  if (!upload) {
    co_return fault::no_such_upload(text_member(call, "UploadId"));
  }
  co_return *std::move(upload);
}

// The same of an object's bytes, or a range of them.
Task<Result<Object, aws::Fault>> stage_copied_part(const Dependencies& on, Call& call, Bucket bucket,
                                                   Upload upload) {
  CAIRN_CO_TRY(auto source, co_await open_source(on, call, text_member(call, "CopySourceRange")));
  Object part;
  part.key = text_member(call, "Key");
  CAIRN_CO_TRY(auto checksums, Checksums::wanted(codec::Headers(), upload.algorithm));
  CAIRN_CO_TRY(auto sealing, co_await new_part_sealing(on, call, std::move(bucket), part.key,
                                                       std::move(upload.object.seal)));
  auto to_blob = on;
  to_blob.limits.inline_bytes_max = 0;
  Place place(to_blob, std::move(sealing));
  CAIRN_CO_TRY_VOID(co_await copy_bytes(on, *source, place, part, checksums));
  part.modified = call.time;
  co_return part;
}

// Puts a part, whose bytes are durable, in the place of one of that number.
Task<Result<catalog::Transaction, aws::Fault>> keep_part(const Dependencies& on, Draft& draft,
                                                         const Bucket& bucket, std::string upload_id,
                                                         std::int64_t number, const Object& part) {
  const auto at = part_key(upload_name(bucket, upload_id), number);
  const auto before = co_await draft.get(at);
  if (!before) {
    co_return internal(before.error());
  }
  if (*before) {
    const auto replaced = object_from(**before);
    if (!replaced) {
      co_return internal(replaced.error());
    }
    discard(on, draft, *replaced);
  }
  place(draft, at, part);
  draft.expect(life_key(bucket), kAlive);
  co_return draft.take();
}

json::object shown_part(const Object& part) {
  json::object output{{"ETag", "\"" + part.etag + "\""}};
  for (const auto& checksum : part.checksums) {
    output["Checksum" + checksum.algorithm] = checksum.value;
  }
  return output;
}

}  // namespace

Task<Answer> create_multipart_upload(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  CAIRN_CO_TRY_VOID(check_upload(call));
  CAIRN_CO_TRY(auto object, object_of(on, call));
  auto locked = object;  // by default, at its completion
  CAIRN_CO_TRY_VOID(lock_by_default(bucket.value, call.time, locked));
  CAIRN_CO_TRY(const auto kind,
               checksum_kind(text_member(call, "ChecksumAlgorithm"), text_member(call, "ChecksumType")));
  Upload upload{.id = new_upload_id(call.time),
                .object = std::move(object),
                .algorithm = kind.algorithm,
                .checksum_type = kind.type,
                .initiator = call.caller.principal.arn};
  upload.object.modified = call.time;
  upload.object.etag = upload.id;  // until it has one
  CAIRN_CO_TRY(auto sealing, co_await new_sealing(on, call, bucket.value, upload.object.key));
  upload.object.encryption = algorithm_of(sealing.seal);
  upload.object.seal = std::move(sealing.seal);
  upload.object.seal.salt.clear();  // each part has its own
  upload.object.seal.master.clear();
  Outcome outcome;
  outcome.output["Bucket"] = bucket.value.name;
  outcome.output["Key"] = upload.object.key;
  outcome.output["UploadId"] = upload.id;
  show_encryption(upload.object, outcome.output);
  show_customer_key(call, outcome.output);
  if (!kind.algorithm.empty()) {
    outcome.output["ChecksumAlgorithm"] = kind.algorithm;
    outcome.output["ChecksumType"] = kind.type;
  }
  auto at = upload_key(bucket.value, upload.object.key, upload.id);
  if (at.size() > catalog::Limits{}.key_bytes_max) {
    co_return fault::key_too_long(upload.object.key.size());  // of zero bytes, most of it
  }
  outcome.effects.writes.push_back({std::move(at), to_document(upload), 0});
  outcome.effects.expectations.push_back({life_key(bucket.value), kAlive});
  co_return outcome;
}

Task<Answer> upload_part(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  CAIRN_CO_TRY(const auto number, wanted_number(call));
  Draft draft(on.catalog);
  CAIRN_CO_TRY(const auto upload, co_await upload_of(draft, bucket.value, call));
  auto& staged = staged_of(call);
  if (!staged.object) {
    CAIRN_CO_TRY(staged.object, co_await stage_part(on, call, bucket.value, upload));
    staged.leftovers = on.leftovers;
  }
  const auto& part = *staged.object;
  note_bytes(call, part.size, 0);
  Outcome outcome;
  CAIRN_CO_TRY(outcome.effects, co_await keep_part(on, draft, bucket.value, upload.id, number, part));
  outcome.output = shown_part(part);
  show_encryption(part, outcome.output);
  show_customer_key(call, outcome.output);
  co_return outcome;
}

Task<Answer> upload_part_copy(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  CAIRN_CO_TRY(const auto number, wanted_number(call));
  Draft draft(on.catalog);
  CAIRN_CO_TRY(const auto upload, co_await upload_of(draft, bucket.value, call));
  auto& staged = staged_of(call);
  if (!staged.object) {
    CAIRN_CO_TRY(staged.object, co_await stage_copied_part(on, call, bucket.value, upload));
    staged.leftovers = on.leftovers;
  }
  const auto& part = *staged.object;
  Outcome outcome;
  CAIRN_CO_TRY(outcome.effects, co_await keep_part(on, draft, bucket.value, upload.id, number, part));
  auto result = shown_part(part);
  result["LastModified"] = seconds_since_epoch(part.modified);
  outcome.output["CopyPartResult"] = std::move(result);
  show_encryption(part, outcome.output);
  show_customer_key(call, outcome.output);
  if (staged.source_version) {
    outcome.output["CopySourceVersionId"] = *staged.source_version;
  }
  co_return outcome;
}

Task<Answer> abort_multipart_upload(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  Draft draft(on.catalog);
  CAIRN_CO_TRY(const auto upload, co_await find_upload(draft, bucket.value, call));
  if (!upload) {
    co_return fault::no_such_upload(text_member(call, "UploadId"));
  }
  drop_upload(draft, upload_key(bucket.value, upload->object.key, upload->id),
              upload_name(bucket.value, upload->id), on.timers.now());
  Outcome outcome;
  outcome.effects = draft.take();
  co_return outcome;
}

}  // namespace cairn::services::s3
