// Buckets and objects in the catalog (docs/formats/s3.md):
//
//   s3/bucket/<name>               a bucket; names are one namespace for all accounts
//   s3/life/<bucket id>            there from the bucket's creation to its deletion, always at version 1:
//   what an
//                                  object's put expects. (The bucket's own version starts again with a bucket
//                                  of the same name, and changes with its policy.)
//   s3/owner/<account>/<name>      so that an account's buckets can be listed; empty
//   s3/object/<bucket id>/<key>    an object; a bucket's id is its own for ever, so a bucket made again does
//   not
//                                  see old objects
//   s3/blob/<blob>                 which object's document names this blob: that document's key
//   s3/garbage/<blob>              a blob that nothing names any more, since when
#pragma once

#include <map>
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
  std::string policy;  // as it was put; empty: none

  std::string arn() const { return "arn:aws:s3:::" + name; }
};

struct Checksum {
  std::string algorithm;  // "CRC32": as in the members ChecksumCRC32, …
  std::string value;      // base64
};

struct Object {
  std::string key;
  std::uint64_t size = 0;
  std::string etag;  // without quotes
  Time modified;
  // Its bytes: small ones here, as base64, others in a blob. Neither: there are none.
  std::string inline_base64;
  std::string blob;
  std::vector<Checksum> checksums;
  // ContentType, ContentEncoding, CacheControl, … as the model names them.
  std::map<std::string, std::string> headers;
  std::map<std::string, std::string> metadata;
};

std::string bucket_key(std::string_view name);
std::string owner_prefix(std::string_view account);
std::string owner_key(std::string_view account, std::string_view name);
std::string object_prefix(const Bucket& bucket);
std::string object_key(const Bucket& bucket, std::string_view key);
std::string life_key(const Bucket& bucket);
inline constexpr catalog::Version kAlive = 1;  // of the life's document
std::string named_key(std::string_view blob);
std::string garbage_key(std::string_view blob);
std::string garbage_since(Time time);
inline constexpr std::string_view kGarbagePrefix = "s3/garbage/";
inline constexpr std::string_view kBlobPrefix = "s3/";  // of blob names

std::string to_document(const Bucket& bucket);
std::string to_document(const Object& object);
Result<Bucket> bucket_from(std::string_view document);
Result<Object> object_from(std::string_view document);

}  // namespace cairn::services::s3
