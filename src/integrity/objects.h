// Where files are verified: a bucket, or a folder that is a copy of one. A port.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "async/task.h"
#include "base/time.h"

namespace cairn::integrity {

struct Object {
  std::string bytes;
  // By names without x-amz-meta-. None: the place does not keep any for this object.
  std::optional<std::map<std::string, std::string>> metadata;
};

struct Listed {
  std::string key;
  std::optional<Time> put{};             // when it was put there, where that is known
  std::optional<std::uint64_t> bytes{};  // likewise
};

// Of one object that is read, as it is stored; larger ones are Errc::limit. CloudTrail's have 50 MB at most.
inline constexpr std::size_t kObjectBytesMax = 64U << 20;

// Thread-safe.
class Objects {
 public:
  virtual ~Objects() = default;

  // The one that is listed; empty: a folder knows only keys.
  virtual std::string bucket() const = 0;
  // Calls `take` with every object there, in any order; its error ends the listing.
  virtual Task<Result<void>> list(std::function<Result<void>(Listed)> take) = 0;
  // Any bucket's: a chain may begin in another. Errc::not_found; Errc::limit: larger than kObjectBytesMax;
  // others: could not look.
  virtual Task<Result<Object>> get(std::string bucket, std::string key) = 0;
};

}  // namespace cairn::integrity
