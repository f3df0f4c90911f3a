// What a call of ours keeps from its authorisation to its last run.
#pragma once

#include <optional>
#include <vector>

#include "access/access.h"
#include "services/s3/documents.h"
#include "services/s3/leftovers.h"
#include "services/s3/s3.h"
#include "services/s3/tags.h"

namespace cairn::services::s3 {

inline constexpr std::size_t kDeletedAtOnceMax = 1000;  // objects of one DeleteObjects

// What the caller may do with one of DeleteObjects' objects.
struct Allowed {
  bool removal = false;
  bool bypass = false;  // of governance retention; he may, and says so
};

struct Staged final : front::Staged {
  Staged() = default;
  ~Staged() override { drop_object(); }

  // Its bytes are nobody's then.
  void drop_object() {
    if (leftovers != nullptr && object && !object->blob.empty()) {
      leftovers->add(object->blob);
    }
    object.reset();
  }

  std::string bucket_id;         // whose policy was asked; empty: none was
  std::optional<Object> object;  // a put's, its bytes durable: a second run after a conflict uses it again
  std::string source_bucket_id;  // a copy's, whose policy was asked
  std::optional<std::string> source_version;  // a copy's, as its answer names it
  bool bypasses_governance = false;           // the caller may, and says so
  // s3:ListBucket on the bucket that is read from: who may not list hears of no key that it is not there.
  std::optional<access::Ask> listing;
  // Of the object that is read: the tags that policies were asked about (none: it was not there), and those
  // it had when it was read. If they differ, what was allowed was another object.
  std::optional<Tags> asked_tags;
  std::optional<Tags> read_tags;
  std::optional<Version> asked;  // that version, for the first read of it
  std::vector<Allowed> allowed;  // of DeleteObjects' objects, each
  Leftovers* leftovers = nullptr;
};

// The call's, made if there is none.
Staged& staged_of(front::Call& call);

}  // namespace cairn::services::s3
