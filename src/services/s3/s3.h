// The S3 companion: buckets, their policies, and objects, as far as an audit trail's users need them. What it
// answers is the table in s3.cc.
//
// A bucket and an object are catalog documents (documents.h). An object's bytes are in its document while
// they are few, else a blob of its own that is durable before the document names it. An argument that would
// change what a call does and is not supported is refused (NotImplemented), never ignored.
#pragma once

#include <memory>
#include <string>

#include "async/pool.h"
#include "aws/client.h"
#include "base/time.h"
#include "blob/blob.h"
#include "catalog/catalog.h"
#include "front/forwarding.h"
#include "front/service.h"
#include "reserve/room.h"

namespace cairn::services::s3 {

struct Limits {
  std::uint64_t object_bytes_max = 5ULL << 30;     // of one put, or one part
  std::uint64_t multipart_bytes_max = 5ULL << 40;  // of an object in parts
  std::uint64_t part_bytes_min = 5ULL << 20;       // of a part that is not the last
  std::size_t inline_bytes_max = 8U << 10;         // an object up to this is one commit, and no blob
  std::size_t policy_bytes_max = 20U << 10;
  std::size_t buckets_per_account_max = 10'000;
  std::size_t metadata_bytes_max = 2U << 10;
  std::size_t markers_passed_max = 100'000;  // delete markers that one listing of objects steps over
};

class AtRest;
class HashingRoom;
class Leftovers;
class WaitingNotices;
std::shared_ptr<HashingRoom> make_hashing_room();

// All references outlive the service.
struct Dependencies {
  catalog::Catalog& catalog;
  blob::Blob& blob;
  std::string run;      // names the blobs of this run of the process, so that the sweeper leaves them alone
  const Clock& timers;  // the sweeper's: what garbage is dated by, and its grace counted by
  const AtRest& at_rest;
  Limits limits{};
  Leftovers* leftovers =
      nullptr;  // the sweeper's; without it, what failed puts leave behind goes at the next start
  front::Forwarding* kms = nullptr;  // makes data keys; none: AES256 alone
  async::Pool* pool = nullptr;       // hashes and opens long bodies; none: that is done where they are read
  std::shared_ptr<HashingRoom> hashing_room = make_hashing_room();  // how many at a time
  const reserve::Room* room =
      nullptr;                        // asked for the bytes of copies, which no body brings; none: never full
  WaitingNotices* notices = nullptr;  // the notifier's; none: buckets tell nothing
  aws::Client* telling = nullptr;     // asked whether they take what buckets tell; none: nobody is asked
};

std::unique_ptr<front::Service> make_s3(Dependencies dependencies);

}  // namespace cairn::services::s3
