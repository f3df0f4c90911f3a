// Buckets and objects in the catalog (docs/formats/s3.md):
//
//   s3/bucket/<name>               a bucket; names are one namespace for all accounts
//   s3/life/<bucket id>            there from the bucket's creation to its deletion, always at version 1:
//   what an
//                                  object's put expects. (The bucket's own version starts again with a bucket
//                                  of the same name, and changes with its policy.)
//   s3/owner/<account>/<name>      so that an account's buckets can be listed; empty
//   s3/object/<bucket id>/<key>    an object's current version; a bucket's id is its own for ever, so a
//   bucket
//                                  made again does not see old objects
//   s3/version/<bucket id>/<key>…  a version that is no longer current (version_key()); there are none
//   without
//                                  a current one
//   s3/gone/<bucket id>/<digits>   written by whoever removes the last version of a key: see gone_key()
//   s3/blob/<blob>                 which object's document names this blob: that document's key
//   s3/garbage/<blob>              a blob that nothing names any more, since when
//   s3/upload/…, s3/part/…, s3/dropped/…  multipart uploads: see uploads.h
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "catalog/catalog.h"

namespace cairn::services::s3 {

struct Bucket {
  std::string name;
  std::string id;
  std::string account;
  std::string region;
  Time created;
  std::string policy;      // as it was put; empty: none
  std::string versioning;  // "Enabled", "Suspended"; empty: it never was
  bool object_lock = false;
  // How long new versions are locked, where object lock is on: a mode, and days or years. Empty: they are
  // not.
  std::string default_mode;
  std::int64_t default_days = 0;
  std::int64_t default_years = 0;

  std::string arn() const { return "arn:aws:s3:::" + name; }
};

struct Checksum {
  std::string algorithm;  // "CRC32": as in the members ChecksumCRC32, …
  std::string value;      // base64
};

// What the key is made of that an object's bytes, or a part's, are sealed with (at_rest.h). No salt: they lie
// as they came, from before they were sealed, or in parts that have salts of their own.
struct Seal {
  std::string salt{};
  std::string
      master{};  // id of the master key, hexadecimal; empty: KMS has made the key, or a caller brought it
  // Of a key that KMS made (encryption.h): the ARN of KMS's, the data key as that encrypted it, base64, and
  // the caller's encryption context, a JSON object. A part has the ARN alone: the rest is its upload's.
  std::string kms_key{};
  std::string wrapped{};
  std::string context{};
  std::string customer{};  // of a key that a caller brought (customer_key.h): what tells it from others
};

// As x-amz-server-side-encryption names them.
inline constexpr std::string_view kSealedByUs = "AES256";
inline constexpr std::string_view kByKms = "aws:kms";

// A version of an object, or a delete marker.
struct Object {
  std::string key;
  std::string version;         // its id; empty: the null version
  std::uint64_t sequence = 0;  // rises with each version of the key
  bool marker = false;         // a delete marker: it has neither bytes nor ETag
  // Of a current version: the sequence of the null version, if that is not current.
  std::optional<std::uint64_t> null_at;
  // Of a version that is no longer current: since when. Nothing: an earlier Cairn did not write it.
  std::optional<Time> noncurrent_since{};
  std::uint64_t size = 0;
  std::string etag;  // without quotes
  Time modified;
  // Its bytes: small ones here, as base64, others in a blob. Neither: there are none.
  std::string inline_base64;
  std::string blob;
  Seal seal;
  std::string encryption;  // as it is shown: kSealedByUs, kByKms; empty: of such a time
  std::string upload;      // or in the parts of this upload, one behind the other (uploads.h)
  std::size_t parts = 0;   // of the upload
  std::vector<Checksum> checksums;
  std::string checksum_type;  // empty: FULL_OBJECT
  // ContentType, ContentEncoding, CacheControl, … as the model names them.
  std::map<std::string, std::string> headers;
  std::map<std::string, std::string> metadata;
  std::map<std::string, std::string> tags;
  std::string lock_mode;  // "GOVERNANCE", "COMPLIANCE"; empty: no retention
  Time retain_until{};
  bool legal_hold = false;
};

// As it was read.
struct Version {
  std::string at;  // the document's key
  Object object;
};

std::string bucket_key(std::string_view name);
std::string owner_prefix(std::string_view account);
std::string owner_key(std::string_view account, std::string_view name);
std::string object_prefix(const Bucket& bucket);
std::string object_key(const Bucket& bucket, std::string_view key);
// All versions of a key that are not current, newest first.
std::string version_prefix(const Bucket& bucket, std::string_view key);
// Keys inside keys: escaped() keeps their order and beginnings; behind ended() comes what tells several of
// one key apart, in front of every longer key.
std::string escaped(std::string_view key);
std::string ended(std::string_view key);
std::string version_key(const Bucket& bucket, std::string_view key, std::uint64_t sequence);
// A document's version starts again with a key that was removed and put anew, so it proves "nobody wrote"
// only while nobody removes. Who removes a key's last version therefore writes this document, and who changes
// a key that was there expects it as it was before he read the key.
std::string gone_key(const Bucket& bucket, std::string_view key);
std::vector<std::string> gone_keys(const Bucket& bucket);
// What an earlier Cairn wrote in their place. A call of now reads none of them, and no call lasts longer than
// its process: they are left to be removed with the bucket.
std::vector<std::string> former_gone_keys(const Bucket& bucket);
std::string life_key(const Bucket& bucket);
inline constexpr catalog::Version kAlive = 1;  // of the life's document
std::string named_key(std::string_view blob);
std::string garbage_key(std::string_view blob);
std::string garbage_since(Time time);
inline constexpr std::string_view kGarbagePrefix = "s3/garbage/";
inline constexpr std::string_view kBlobPrefix = "s3/";  // of blob names

// The blobs that hold the object's bytes, but for those that an upload's parts name.
std::vector<std::string> blobs_of(const Object& object);

std::string_view checksum_type_of(const Object& object);

std::string to_document(const Bucket& bucket);
std::string to_document(const Object& object);
Result<Bucket> bucket_from(std::string_view document);
Result<Object> object_from(std::string_view document);

}  // namespace cairn::services::s3
