// A small body is kept in the object's document: one commit, and that is all. A larger one goes to a blob
// while it is checked; only when all of it is right is the blob committed, and only then does a document name
// it. A blob that no document came to name (a crash, a lost race) is swept (sweeper.h).
#include "services/s3/checksums.h"
#include "services/s3/customer_key.h"
#include "services/s3/encryption.h"
#include "services/s3/expiration.h"
#include "services/s3/faults.h"
#include "services/s3/keeping.h"
#include "services/s3/operations.h"
#include "services/s3/staged.h"
#include "services/s3/upload.h"

namespace cairn::services::s3 {
namespace {

Task<Result<Object, aws::Fault>> stage(const Dependencies& on, Call& call, Bucket bucket) {
  CAIRN_CO_TRY_VOID(check_upload(call));
  const auto bytes_max = on.limits.object_bytes_max;
  if (call.body->size() && *call.body->size() > bytes_max) {
    co_return fault::entity_too_large(bytes_max);
  }
  CAIRN_CO_TRY(auto object, object_of(on, call));
  CAIRN_CO_TRY(auto checksums, Checksums::wanted(call.head.headers));
  CAIRN_CO_TRY(auto sealing, co_await new_sealing(on, call, std::move(bucket), object.key));
  Place place(on, std::move(sealing));
  CAIRN_CO_TRY_VOID(co_await receive(on, place, call, checksums, object, bytes_max));
  CAIRN_CO_TRY_VOID(checksums.finish(call.trailers));
  if (const auto finished = co_await place.finish(object); !finished) {
    co_return internal(finished.error());
  }
  object.etag = checksums.etag();
  object.checksums = checksums.computed();
  object.modified = call.time;
  co_return object;
}

}  // namespace

Task<Answer> put_object(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  auto& staged = staged_of(call);
  if (!staged.object) {
    CAIRN_CO_TRY(staged.object, co_await stage(on, call, bucket.value));
    staged.leftovers = on.leftovers;
  }
  note_bytes(call, staged.object->size, 0);
  Draft draft(on.catalog);
  CAIRN_CO_TRY(const auto kept, co_await keep(on, draft, call, bucket.value, *staged.object));
  Outcome outcome;
  show_kept(bucket.value, kept, outcome.output);
  show_customer_key(call, outcome.output);
  CAIRN_CO_TRY_VOID(co_await show_expiration(on, bucket.value, kept, outcome.output));
  outcome.effects = draft.take();
  co_return outcome;
}

}  // namespace cairn::services::s3
