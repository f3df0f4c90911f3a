// How one object is to be encrypted: as all are (AES256, at_rest.h), with a data key that KMS makes for it
// (aws:kms), or with a key that the caller brings (customer_key.h). KMS's data key is kept as KMS encrypted
// it, in the object's document; who reads the object must be one for whom KMS decrypts it. KMS is asked with
// the caller's permissions, for the encryption context {"aws:s3:arn": the object's ARN} and what the caller
// adds. Inside services/s3 only. Tested by encryption_test.cc.
#pragma once

#include <optional>
#include <string>

#include "crypto/secret.h"
#include "services/s3/operations.h"

namespace cairn::services::s3 {

// Encryption is asked for in headers alone, as SDKs send it with a presigned URL, too: what the query says of
// it is not taken for nothing. InvalidArgument, without the value: it may be a key.
Result<void, aws::Fault> check_query(const Call& call);
// What is wrong with what the call asks for, before anything else is looked at. InvalidArgument,
// NotImplemented.
Result<void, aws::Fault> check_encryption_asked(const Call& call);

// How the bytes of one object, or part, are sealed: a key that has sealed nothing.
struct Sealing {
  Seal seal;
  crypto::Secret key;
};

// For a new object. KMS's refusals, as S3 words them: AccessDenied, KMS.DisabledException, …
Task<Result<Sealing, aws::Fault>> new_sealing(const Dependencies& on, const Call& call, Bucket bucket,
                                              std::string key);
// For a part of an upload that was begun with `seal`.
Task<Result<Sealing, aws::Fault>> new_part_sealing(const Dependencies& on, const Call& call, Bucket bucket,
                                                   std::string key, Seal seal);

// What opens an object beside the master key: a data key that KMS decrypts, or the key that the call brings.
// KMS's refusals, check_customer_key()'s. `prefix`: of the members that bring a key: "CopySource".
Task<Result<std::optional<crypto::Secret>, aws::Fault>> data_key_of(const Dependencies& on, const Call& call,
                                                                    Bucket bucket, std::string key, Seal seal,
                                                                    std::string prefix = {});

// As x-amz-server-side-encryption shows it. Empty: it does not.
std::string_view algorithm_of(const Seal& seal);
// ServerSideEncryption and SSEKMSKeyId, unless it is of a time before there was any.
void show_encryption(const Object& object, boost::json::object& output);

}  // namespace cairn::services::s3
