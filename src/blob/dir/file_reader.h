// A blob being read, from the pool's threads: the first 64 KiB as it is opened, then a MiB at a time, the
// next one on its way while the caller is busy with the one before. A long one's go past the page cache
// (direct.h) the first time: what is asked for again goes through it, and stays there as others' files do.
#pragma once

#include <memory>

#include "async/pool.h"
#include "blob/dir/read_lately.h"
#include "blob/dir/tree.h"

namespace cairn::blob::dir {

// Errors: the port's. The pool outlives the reader.
Task<Result<std::unique_ptr<Reader>>> open_reader(async::Pool& pool, std::shared_ptr<Tree> tree,
                                                  std::shared_ptr<ReadLately> lately, Name name, Range range);

}  // namespace cairn::blob::dir
