// Digests: makes the digest files of trails that want validation. docs/formats/delivery.md has the order of
// writes.
//
// At the end of a chain's interval, what was delivered in it and is in no digest yet becomes one: written,
// signed, compressed, spooled as a blob; then one commit has its plan, the chain's next interval, and lets go
// of the files that it lists. From there on it is a file like any other: the uploader puts it behind all that
// was planned for its bucket before. So what a digest lists is in its bucket, each file that was delivered is
// in one digest, and a crash puts the same bytes under the same key again.
//
// A chain ends (its trail stops, is deleted, or makes no more digests) with a digest as soon as none of its
// files wait for their bucket; at once, if the trail begins another chain: what is delivered after that is in
// the new one.
//
// No chain waits for a clock that steps for more than an interval: a clock that was ahead and is put back has
// the open interval end by what it says now; one that is behind the open interval has it last a second, once
// an interval, until it has caught up; and what is open for two intervals ends, whatever the clock says. A
// file with a stamp that is yet to come was delivered by now.
//
// Of an organization's trail, a chain of an account that is no member any more ends.
//
// A digest is not made while its bucket's spool is full: the interval goes on. One that cannot be made is
// tried again; it holds up neither other chains nor log files.
//
// One thread, but for arrived(). Trails without validation cost nothing here.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "async/loops.h"
#include "blob/blob.h"
#include "delivery/chain.h"
#include "delivery/delivery.h"
#include "delivery/ledger.h"
#include "delivery/plan.h"
#include "delivery/signer.h"
#include "delivery/trails.h"
#include "delivery/uploader.h"

namespace cairn::delivery {

class Digests {
 public:
  // All references outlive it.
  Digests(const Options& options, catalog::Catalog& catalog, blob::Blob& blob, async::Executor executor,
          const crypto::Sealer& sealer, const Clock& clock, Uploader& uploader);

  // The chains, and what waits for a digest. REQUIRES: `trails` are what the catalog holds.
  Task<Result<void>> load(const Trails& trails);
  // What the trails are by now, and who is in their organizations. REQUIRES: that is committed, and so are
  // the plans of all that they took before.
  void heed(const Trails& trails);
  // A log file of the lane is in its bucket, and its document for a digest committed. Any thread.
  void arrived(const Lane& lane);

  // Makes what is due, what has been so for longest first: Options::digests_max of them, or as many as list
  // Options::digest_files_max; the next call goes on. What goes wrong is logged and tried again.
  void make_due(Ledger& ledger);
  // Ends what is being committed. After an error it is still here, and the ledger must not commit anything
  // else.
  Result<void> finish(Ledger& ledger);

 private:
  // What a trail wants.
  struct Known {
    Time created{};
    std::optional<Origin> origin{};
    Destination destination{};
    // Of whose records it has files: of one account, or of all; of one Region, or of all.
    std::string account{};
    std::string organization{};  // of whose members, and the trail's account
    std::string region{};
  };
  struct Place {
    std::optional<Chain> chain{};         // the last one
    std::optional<Origin> wanted{};       // a chain is to begin in the home Region
    std::optional<Undigested> arrival{};  // delivered, while no chain is open
    bool ending = false;                  // the chain's trail wants it no more,
    bool forced = false;                  // but wants another one
    std::optional<Time>
        opened{};  // since when, by the clock of ages, the chain's interval is known to be open
    std::chrono::steady_clock::time_point not_before{};
  };
  enum class Due { no, interval, last };
  struct DueLane {
    Time since;
    Due due = Due::no;
    const Lane* lane = nullptr;
    Place* place = nullptr;
  };
  // A digest that is made: what it changes.
  struct Made {
    Lane lane{};
    Plan plan{};
    Chain chain{};
    std::vector<catalog::Write> writes{};
    std::optional<Undigested> left{};  // the first that it does not list
  };
  struct Batch {
    State next{};
    std::vector<Made> made{};
    std::size_t writes = 0;
  };
  // Of what waits for a digest: what this one lists.
  struct Content {
    std::vector<Undigested> files{};
    std::optional<Undigested> left{};
    bool more = false;  // it could not hold all
  };

  Task<Result<void>> load_chains(const Trails& trails);
  Task<Result<void>> load_arrivals();
  Task<Result<std::vector<Undigested>>> waiting(Lane lane, std::size_t limit);
  Time age() const;
  bool covers(const Known& trail, const Lane& lane) const;
  void judge(const Lane& lane, Place& place);
  Result<void> take_arrivals();
  void begin(const Lane& lane, Place& place, Time now);
  Due due(const Lane& lane, Place& place, Time now);
  Due due_in(const Lane& lane, Place& place, Time now);
  std::vector<DueLane> due_lanes(Time now);
  Result<void> make_batches(Time now, Ledger& ledger);
  Batch make_batch(Time now, State next, std::size_t most);
  Result<std::optional<Made>> make(const Lane& lane, const Place& place, Due due, Time now,
                                   std::uint64_t number);
  Result<Content> content_of(const Lane& lane, Time end);
  Result<Made> close(Chain chain, Content content, bool is_last, Time now, std::uint64_t number);
  bool has_room(const Chain& chain) const;
  void apply(Batch batch);

  const Options options_;
  const Millis step_;
  catalog::Catalog& catalog_;
  blob::Blob& blob_;
  async::Executor executor_;
  const Clock& clock_;
  Uploader& uploader_;
  Signer signer_;
  std::map<std::string, Known> known_;  // by trail ARN: those that make digests
  Trails::Members members_;
  std::map<Lane, Place> places_;
  std::optional<Batch> batch_;  // being committed
  std::chrono::steady_clock::time_point not_before_{};
  std::mutex mutex_;
  std::set<Lane> arrivals_;  // guarded by mutex_
};

}  // namespace cairn::delivery
