// Sealer: writes a head's rows as segments. It puts blobs and changes nothing else: what it made counts once
// the catalog names it. Internal to store/. Runs on the follower's thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "async/loops.h"
#include "blob/blob.h"
#include "store/head.h"
#include "store/lookup.h"
#include "store/segment.h"

namespace cairn::store {

// What one commit brings: segments that are new, and those whose rows went into them.
struct Sealed {
  Segments made;
  Segments absorbed;
};

class Sealer {
 public:
  // `scratch`: an existing folder of its own.
  Sealer(const Options& options, std::string scratch, blob::Blob& blob, async::Executor executor)
      : options_(options), scratch_(std::move(scratch)), blob_(blob), executor_(std::move(executor)) {}

  // `id` is new for each call: it becomes part of the blobs' names, because a blob that an attempt left
  // behind cannot be put again. After an error the blobs it put are removed, as far as the blob store
  // answers.
  Result<Sealed> write(Head& head, const Segments& segments, const std::string& id, Time now);
  // Removes the blob of a segment that the catalog does not name. False: it is still there.
  bool remove(const Segment& segment);

 private:
  Result<std::vector<Group>> groups(Head& head, Time now) const;
  Result<Segment> write_group(Head& head, const Group& group, const Segments& absorbed, const std::string& id,
                              Time now);
  Result<std::string> source(const Head& head, const Group& group, const Segments& absorbed);
  Result<void> measure(duck::Connection& connection, const std::string& file, Segment& segment) const;
  Result<void> put(const std::string& file, const std::string& name);

  const Options& options_;
  const std::string scratch_;
  blob::Blob& blob_;
  const async::Executor executor_;
};

std::string segment_prefix(const std::string& store);  // of the documents' keys
std::string blob_prefix(const std::string& store);
std::string cursor_key(const std::string& store);

}  // namespace cairn::store
