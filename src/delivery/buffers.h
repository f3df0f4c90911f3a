// Records that wait for their file: one buffer for each trail, account, folder and region. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "delivery/pieces.h"
#include "trail/trail.h"

namespace cairn::delivery {

// A file about to be made. `json` is the whole {"Records":[…]}.
struct Closed {
  std::shared_ptr<const trail::Trail> trail;  // as it was at the file's first record, without tags
  std::string account;
  std::string_view folder;  // trail::folder_of()
  std::string region;
  Pieces json{};
  std::string compressed{};  // in its place, once it is
  std::string hash{};        // of the JSON, if a digest is to say it
  std::uint64_t events = 0;
  std::optional<Time> newest{};  // of the events
  std::optional<Time> oldest{};
};

class Buffers {
 public:
  explicit Buffers(std::uint64_t file_bytes_max) : file_bytes_max_(file_bytes_max) {}

  // REQUIRES: `arn` is the trail's.
  void add(const std::string& arn, const trail::Trail& trail, const event::View& view,
           std::string_view record_json);

  // What they take in memory: the text, and what names it.
  std::uint64_t bytes() const { return bytes_; }
  // Files that close() would give.
  std::size_t parts() const { return parts_; }
  bool empty() const { return buffers_.empty(); }
  // Has a buffer more than one file's worth?
  bool full() const { return full_; }

  // Everything, in the order of trail, account, folder and region; nothing is left. What was added after the trail
  // got another bucket or prefix is in a file of its own, which goes there.
  std::vector<Closed> close();

 private:
  // Each part at most file_bytes_max_, but for a single record that is larger.
  using Parts = std::vector<Closed>;

  Parts& parts_of(std::string_view arn, const event::View& view);

  std::shared_ptr<const trail::Trail> kept(const std::string& arn, const trail::Trail& trail);
  void begin_part(Parts& parts, const std::string& arn, const trail::Trail& trail, const event::View& view);

  const std::uint64_t file_bytes_max_;
  std::map<std::tuple<std::string, std::string, std::string_view, std::string>, Parts, std::less<>> buffers_;
  std::map<std::string, std::shared_ptr<const trail::Trail>> trails_;  // by ARN, as they are now
  std::uint64_t bytes_ = 0;
  std::size_t parts_ = 0;
  bool full_ = false;
};

}  // namespace cairn::delivery
