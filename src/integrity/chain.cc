#include "integrity/chain.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace cairn::integrity {
namespace {

const PreviousDigest* previous_of(const JudgedDigest& judged) {
  return judged.digest && judged.digest->previous ? &*judged.digest->previous : nullptr;
}

// A chain in a folder has no buckets: there a key is enough.
class Index {
 public:
  explicit Index(const Chain& chain) {
    for (std::size_t i = 0; i < chain.size(); ++i) {
      places_.emplace(Place{chain[i].bucket, chain[i].key}, i);
    }
  }

  std::optional<std::size_t> find(const std::string& bucket, const std::string& key) const {
    auto at = places_.find(Place{bucket, key});
    if (at == places_.end()) {
      at = places_.find(Place{"", key});
    }
    return at == places_.end() ? std::nullopt : std::optional(at->second);
  }

 private:
  std::map<Place, std::size_t> places_;
};

class Linker {
 public:
  Linker(Chain& chain, const PublicKeys& keys) : chain_(chain), keys_(keys), index_(chain) {}

  std::vector<Finding> run() {
    for (std::size_t i = chain_.size(); i-- > 0;) {
      follow(i);
    }
    for (std::size_t i = 0; i < chain_.size(); ++i) {
      tell(i);
    }
    return std::move(findings_);
  }

 private:
  // From the newest to the oldest: what a digest is held against was itself looked at before.
  void follow(std::size_t i) {
    auto& judged = chain_[i];
    if (judged.verdict.state == State::unattested) {
      judged.verdict = {
          State::invalid,
          "signature verification failed: none is kept with it, and no digest after it is there"};
    }
    const auto* previous = previous_of(judged);
    if (previous == nullptr) {
      return;
    }
    if (const auto before = index_.find(previous->bucket, previous->key)) {
      followed_.insert(*before);
      compare(chain_[*before], *previous);
    }
  }

  void compare(JudgedDigest& before, const PreviousDigest& said) {
    if (before.verdict.state == State::unattested) {
      judge_by(before, said.signature, keys_);
    }
    if (before.verdict.state != State::valid) {
      return;
    }
    if (before.hash != said.hash) {
      before.verdict = {State::invalid, "hash value doesn't match: the digest after it has another of it"};
    } else if (before.signature != said.signature) {
      before.verdict = {State::invalid, "signature doesn't match: the digest after it has another of it"};
    }
  }

  void tell(std::size_t i) {
    const bool was_left = i + 1 < chain_.size() && !followed_.contains(i);
    if (was_left && chain_[i + 1].verdict.state == State::valid && previous_of(chain_[i + 1]) != nullptr &&
        chain_[i].verdict.state == State::valid) {
      chain_[i].verdict = {State::invalid, "no digest after it continues from it"};
    }
    tell_verdict(chain_[i]);
    if (i + 1 < chain_.size() && chain_[i + 1].verdict.state == State::valid) {
      tell_between(chain_[i], chain_[i + 1]);
    }
    tell_missing(i);
  }

  void tell_verdict(const JudgedDigest& judged) {
    if (judged.verdict.state != State::valid) {
      findings_.push_back(
          {.weight = judged.verdict.state == State::unlooked ? Weight::unlooked : Weight::invalid,
           .subject = "Digest file",
           .bucket = judged.in_bucket(),
           .key = judged.key,
           .what = judged.verdict.why});
    }
  }

  // A chain's end is no fault: the trail was stopped, or its files were not validated for a while.
  void tell_between(const JudgedDigest& older, const JudgedDigest& newer) {
    if (newer.digest->previous) {
      return;
    }
    note(newer, older.end() < newer.digest->start
                    ? fmt::format("a chain begins here: no digest covers {} to {}", rfc3339(older.end()),
                                  rfc3339(newer.digest->start))
                    : "a chain begins here");
  }

  // Several in a row: only the last of them is named by anything that is left.
  void tell_missing(std::size_t i) {
    const auto& missing = chain_[i];
    if (missing.digest || missing.verdict.state != State::invalid || i == 0 || i + 1 == chain_.size() ||
        !chain_[i - 1].digest || !chain_[i + 1].digest) {
      return;
    }
    const auto& before = *chain_[i - 1].digest;
    const auto& after = *chain_[i + 1].digest;
    const auto length = std::max(after.end - after.start, before.end - before.start);
    const auto from = before.end;
    const auto lost = after.start - from;
    if (length <= Millis{0} || lost < length + length / 2) {
      return;
    }
    findings_.push_back(
        {.weight = Weight::invalid,
         .subject = "Chain",
         .bucket = missing.in_bucket(),
         .key = missing.key,
         .what = fmt::format("nothing covers {} to {}, the time of about {} digest files", rfc3339(from),
                             rfc3339(after.start), (lost + length / 2) / length)});
  }

  void note(const JudgedDigest& judged, std::string what) {
    findings_.push_back({.weight = Weight::note,
                         .subject = "Digest file",
                         .bucket = judged.in_bucket(),
                         .key = judged.key,
                         .what = std::move(what)});
  }

  Chain& chain_;
  const PublicKeys& keys_;
  const Index index_;
  std::set<std::size_t> followed_;
  std::vector<Finding> findings_;
};

}  // namespace

// A chain in a folder has no buckets: there a key is enough.
bool Absent::is_there(const Place& place) const {
  return places_.contains(place) || places_.contains({"", place.key});
}

void Absent::add(const Chain& chain, std::size_t from) {
  for (auto i = from; i < chain.size(); ++i) {
    places_.insert({chain[i].bucket, chain[i].key});
  }
  for (auto i = from; i < chain.size(); ++i) {
    const auto& judged = chain[i];
    const auto* previous = previous_of(judged);
    const bool is_trusted = judged.verdict.state == State::valid || judged.verdict.state == State::unattested;
    if (previous != nullptr && is_trusted) {
      const Place place{previous->bucket, previous->key};
      named_.emplace(place, Named{.place = place,
                                  .end = judged.digest->start,
                                  .length = judged.digest->end - judged.digest->start});
    }
  }
}

std::vector<Named> Absent::take() {
  std::vector<Named> absent;
  for (auto& [place, named] : std::exchange(named_, {})) {
    if (!is_there(place)) {
      absent.push_back(std::move(named));
    }
  }
  return absent;
}

std::vector<Finding> link(Chain& chain, const PublicKeys& keys) {
  return Linker(chain, keys).run();
}

}  // namespace cairn::integrity
