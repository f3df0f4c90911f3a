// What every way to bring an object shares (PutObject, CopyObject, multipart uploads, POST): what the request
// says of it, and where its bytes come to lie. Inside services/s3 only.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "services/s3/at_rest.h"
#include "services/s3/checksums.h"
#include "services/s3/encryption.h"
#include "services/s3/operations.h"

namespace cairn::services::s3 {

// InvalidURI, KeyTooLongError.
Result<void, aws::Fault> check_key(std::string_view key);
// The key, and arguments that would change what is stored and are not supported.
Result<void, aws::Fault> check_upload(const Call& call);

// The object as the request describes it: key, headers, metadata, tags, lock; no bytes yet. MetadataTooLarge,
// InvalidTag, InvalidArgument.
Result<Object, aws::Fault> object_of(const Dependencies& on, const Call& call);

// Where an object's bytes come to lie, decided as they come: in its document while they are few, else in a
// blob; sealed (at_rest.h). A place that is not finished leaves nothing behind.
class Place {
 public:
  Place(const Dependencies& on, Sealing sealing) : on_(on), sealing_(std::move(sealing)) {}

  Task<Result<void>> write(std::span<const std::byte> piece);
  // The bytes are durable, or in the object to be. (Its size is what was written: the caller's affair.)
  Task<Result<void>> finish(Object& object);

 private:
  const Dependencies& on_;
  const Sealing sealing_;
  std::string small_;  // until there is a writer
  std::string name_;
  std::optional<SealedWriter> writer_;
};

// Reads the call's body to its end: into the place, and through the checksums. Counts into object.size.
// EntityTooLarge, IncompleteBody, and what the signature found wrong.
Task<Result<void, aws::Fault>> receive(const Dependencies& on, Place& place, Call& call, Checksums& checksums,
                                       Object& object, std::uint64_t bytes_max);

}  // namespace cairn::services::s3
