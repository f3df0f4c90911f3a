// Records that wait for their file: one buffer for each trail, account, folder and region. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "delivery/echoes.h"
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
  // Since when it has had echoes, by the clock of ages, and nothing else; none: it has another record.
  std::optional<Time> echoes_since{};
  enum class Stored { no, partly, all } stored = Stored::no;  // of its echoes, in the catalog
};

// Do their files go to the same place, and tell the same of it?
bool same_destination(const trail::Trail& a, const trail::Trail& b);

class Buffers {
 public:
  explicit Buffers(std::uint64_t file_bytes_max) : file_bytes_max_(file_bytes_max) {}

  // `echo`: that is what the record is, taken at this moment. REQUIRES: `arn` is the trail's.
  void add(const std::string& arn, const trail::Trail& trail, const event::View& view,
           std::string_view record_json, std::optional<Time> echo = {});
  // Echoes as the catalog has them. REQUIRES: nothing was added for their file.
  Result<void> load(const trail::Trail& trail, const Echoes& echoes);

  // What they take in memory: the text, and what names it.
  std::uint64_t bytes() const { return bytes_; }
  // Files that close() would give.
  std::size_t parts() const { return parts_; }
  bool empty() const { return buffers_.empty(); }
  // Has a buffer more than one file's worth?
  bool full() const { return full_; }

  // Of what has echoes alone, by the trail's ARN: may it wait for another record?
  using MayWait = std::function<bool(const std::string&, const Closed&)>;
  // Everything but what may wait, in the order of trail, account, folder and region. What was added after the
  // trail got another bucket or prefix is in a file of its own, which goes there.
  std::vector<Closed> close(const MayWait& may_wait);
  // What a commit has to write so that load() finds again what waits. REQUIRES: close() left it.
  std::vector<catalog::Write> store_echoes();
  // Since when the one that has waited longest does.
  std::optional<Time> echoes_since() const;

 private:
  // Each part at most file_bytes_max_, but for a single record that is larger.
  using Parts = std::vector<Closed>;

  Parts& parts_of(std::string_view arn, const event::View& view);

  void count(const std::string& arn, const Closed& part);
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
