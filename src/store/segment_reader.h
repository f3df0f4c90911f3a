// SegmentReader: how sealed segments are searched. ParquetReader asks DuckDB; an index beside the segment is
// another way to find the same keys. Internal to store/. Thread-safe: it has no state; the connection is the
// caller's.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "store/criteria.h"

namespace cairn::store {

class SegmentReader {
 public:
  virtual ~SegmentReader() = default;

  // `files`: local paths of segments. The keys of their newest criteria.limit rows that match, newest first.
  virtual Result<std::vector<Key>> find(duck::Connection& connection, const std::vector<std::string>& files,
                                        const Criteria& criteria) const = 0;
  // The whole rows of these keys, in any order. REQUIRES: keys is not empty, and each is in one of the files.
  virtual Result<std::vector<Found>> fetch(duck::Connection& connection,
                                           const std::vector<std::string>& files, const Criteria& criteria,
                                           std::span<const Key> keys) const = 0;
};

class ParquetReader final : public SegmentReader {
 public:
  Result<std::vector<Key>> find(duck::Connection& connection, const std::vector<std::string>& files,
                                const Criteria& criteria) const override;
  Result<std::vector<Found>> fetch(duck::Connection& connection, const std::vector<std::string>& files,
                                   const Criteria& criteria, std::span<const Key> keys) const override;
};

}  // namespace cairn::store
