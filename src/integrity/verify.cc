#include "integrity/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "integrity/coverage.h"
#include "integrity/crew.h"
#include "integrity/fetch_ahead.h"
#include "integrity/inventory.h"

namespace cairn::integrity {
namespace {

constexpr std::chrono::days kDay{1};
constexpr Time kFirstDay = std::chrono::sys_days{std::chrono::year{2013} / 1 / 1};  // before any key
constexpr Millis kNameStep{300'000};  // a log file's name says when it was made, floored to this

// Which trail's: all that a digest's name says but its time.
DigestName chain_of(DigestName name) {
  name.end = Time{};
  return name;
}

// When a log file was delivered: a digest that covers all of this lists it.
Interval delivery_of(const Listed& listed, const Question& question) {
  if (listed.put) {
    return {*listed.put, *listed.put + question.settle};
  }
  const auto named = parse_log_file_key(listed.key)->delivered;
  return {named, named + kNameStep + question.settle};
}

// All that one trail has digests of: an account's Regions, an organization's accounts.
GroupName place_of(GroupName group) {
  group.region.clear();
  if (!group.organization.empty()) {
    group.account.clear();
  }
  return group;
}

// What the keys of all its files begin with.
std::string folder_of(const GroupName& group) {
  return fmt::format("{}{}AWSLogs/{}{}{}/", group.prefix, group.prefix.empty() ? "" : "/", group.organization,
                     group.organization.empty() ? "" : "/", group.account);
}

class Verification {
 public:
  Verification(Objects& objects, const FindKeys& find_keys, const Question& question, async::Loops& loops,
               Progress& progress)
      : objects_(objects),
        find_keys_(find_keys),
        question_(question),
        crew_(loops, question.at_once),
        progress_(progress) {}

  Result<Report> run(Checkpoint* checkpoint) {
    Inventory inventory(question_);
    CAIRN_TRY_VOID(
        crew_.run(objects_.list([&](Listed listed) { return inventory.take(std::move(listed)); })));
    CAIRN_TRY_VOID(find_keys(inventory));
    if (checkpoint != nullptr) {
      ends_.emplace(*checkpoint);
    }
    for (auto& [name, group] : inventory.groups()) {
      progress_.known += group.digests.size();
    }
    for (auto& [name, group] : inventory.groups()) {
      verify_group(name, group);
    }
    coverages_.finish();
    for (const auto& [name, group] : inventory.groups()) {
      tell_unlisted(name, group);
    }
    if (checkpoint != nullptr) {
      hold_against(*checkpoint, inventory);
      if (report_.is_good()) {
        advance(*checkpoint, *ends_);
      }
    }
    return std::move(report_);
  }

 private:
  Result<void> find_keys(Inventory& inventory) {
    std::optional<Interval> time;
    const auto add = [&](const DigestName& name) {
      regions_.insert(name.region);
      time = Interval{time ? std::min(time->from, name.end) : name.end,
                      time ? std::max(time->until, name.end) : name.end};
    };
    for (const auto& [name, group] : inventory.groups()) {
      std::ranges::for_each(group.digests, add);
    }
    if (time) {
      CAIRN_TRY(keys_, find_keys_(regions_, {time->from - kDay, time->until + kDay}));
    }
    return {};
  }

  Result<void> find_keys_of_all_time() {
    CAIRN_TRY(auto found, find_keys_(regions_, {kFirstDay, system_clock().now() + kDay}));
    keys_.merge(found);
    return {};
  }

  // Keys of other times than the listing's: digests in a former bucket are older, and one that was backfilled
  // may be signed long after its end.
  void find_keys_of(std::vector<JudgedDigest>& digests) {
    std::vector<JudgedDigest*> without;
    for (auto& judged : digests) {
      const bool is_open = judged.verdict.state == State::unattested || !judged.signature.empty();
      if (judged.digest && is_open && !keys_.contains(judged.digest->fingerprint)) {
        without.push_back(&judged);
      }
    }
    if (!without.empty() && !more_keys_) {
      more_keys_ = find_keys_of_all_time();
    }
    for (auto* judged : without) {
      if (!*more_keys_) {
        judged->verdict = {State::unlooked, "its public key: " + more_keys_->error().text()};
      } else if (!judged->signature.empty()) {
        judge_by(*judged, std::string(judged->signature), keys_);
      }
    }
  }

  void verify_group(const GroupName& whose, Group& group) {
    std::map<DigestName, std::vector<DigestName>> chains;
    for (auto& name : group.digests) {
      if (is_of_trail(question_, name)) {
        chains[chain_of(name)].push_back(std::move(name));
      } else {
        others_.insert({whose, place_of(whose)});
      }
    }
    listed_.clear();
    for (const auto& [name, digests] : chains) {
      verify_chain(whose, name, digests);
    }
    const auto is_listed = [&](const Listed& file) { return listed_.contains(file.key); };
    std::erase_if(group.log_files, is_listed);
    std::erase_if(group.strays, is_listed);
  }

  void tell_unlisted(const GroupName& whose, const Group& group) {
    if (!others_.contains(group.digests.empty() ? place_of(whose) : whose)) {
      const auto owners = coverages_.owners(whose);
      std::ranges::for_each(group.log_files, [&](const Listed& file) { tell_unlisted(file, owners); });
    }
    std::ranges::for_each(group.strays, [&](const Listed& file) { tell_stray(file); });
    for (const auto& file : group.stray_digests) {
      tell_file("Digest file", file, Weight::note, "not named as a digest file is");
    }
  }

  // CloudTrail names no file so, at any time and of any trail.
  void tell_stray(const Listed& listed) {
    const bool is_of_time = !listed.put || ((!question_.from || *listed.put >= *question_.from) &&
                                            (!question_.until || *listed.put <= *question_.until));
    if (is_of_time) {
      ++report_.unlisted;
      tell_file("Log file", listed, question_.unlisted_is_invalid ? Weight::invalid : Weight::note,
                "no digest lists it, and it is not named as a log file is");
    }
  }

  void verify_chain(const GroupName& whose, const DigestName& name, const std::vector<DigestName>& digests) {
    Chain chain(digests.size());
    const auto judge = [&](std::size_t i) {
      return judge_into(chain[i], objects_.bucket(), digests[i].key(), digests[i]);
    };
    crew_.each(chain.size(), judge);
    find_keys_of(chain);
    look_for_absent(name, chain);
    std::ranges::sort(chain, {},
                      [](const JudgedDigest& judged) { return std::pair(judged.end(), judged.key); });
    auto findings = link(chain, keys_);
    std::ranges::move(findings, std::back_inserter(report_.findings));
    ChainReport told{.name = name, .bucket = chain.back().in_bucket(), .digests = chain.size()};
    verify_log_files(chain, told);
    coverages_.add(whose, name, chain);
    tell_found(chain, told);
    report_.chains.push_back(std::move(told));
    if (ends_) {
      ends_->add(chain);
    }
    remember(whose, chain);
  }

  Task<void> judge_into(JudgedDigest& judged, std::string bucket, std::string key, DigestName name) {
    judged = co_await judge_digest(objects_, keys_, std::move(bucket), std::move(key), std::move(name));
    ++progress_.done;
  }

  // What a chain names and the listing had not: it is missing, or in another bucket.
  void look_for_absent(const DigestName& name, Chain& chain) {
    Absent absent;
    absent.add(chain, 0);
    FetchAhead ahead(question_.at_once);
    while (true) {
      auto named = absent.take();
      std::erase_if(named, [&](const Named& one) { return question_.from && one.end < *question_.from; });
      if (named.empty()) {
        return;
      }
      if (auto wanted = ahead.wanted(named, question_.from); !wanted.empty()) {
        progress_.known += wanted.size();
        std::vector<JudgedDigest> fetched(wanted.size());
        crew_.each(wanted.size(), [&](std::size_t i) {
          auto whose = name;
          whose.end = wanted[i].end;
          const auto bucket = objects_.bucket().empty() ? std::string() : wanted[i].place.bucket;
          return judge_into(fetched[i], bucket, wanted[i].place.key, std::move(whose));
        });
        find_keys_of(fetched);
        ahead.keep(wanted, std::move(fetched));
      }
      const auto before = chain.size();
      for (const auto& one : named) {
        chain.push_back(ahead.taken(one));
      }
      absent.add(chain, before);
    }
  }

  // Those that valid digests list: what another one says is nobody's word.
  void verify_log_files(const Chain& chain, ChainReport& told) {
    std::vector<const LogFile*> files;
    for (const auto& judged : chain) {
      for (std::size_t i = 0; judged.verdict.state == State::valid && i < judged.digest->log_files.size();
           ++i) {
        files.push_back(&judged.digest->log_files[i]);
      }
    }
    progress_.known += files.size();
    std::vector<Verdict> verdicts(files.size());
    crew_.each(files.size(), [&](std::size_t i) { return judge_into(verdicts[i], *files[i]); });
    told.log_files = files.size();
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (verdicts[i].state == State::valid) {
        ++told.log_files_valid;
        continue;
      }
      report_.findings.push_back(
          {.weight = verdicts[i].state == State::unlooked ? Weight::unlooked : Weight::invalid,
           .subject = "Log file",
           .bucket = files[i]->bucket,
           .key = files[i]->key,
           .what = std::move(verdicts[i].why)});
    }
  }

  Task<void> judge_into(Verdict& verdict, LogFile file) {
    verdict = co_await judge_log_file(objects_, std::move(file));
    ++progress_.done;
  }

  static void tell_found(const Chain& chain, ChainReport& told) {
    for (const auto& judged : chain) {
      if (judged.verdict.state == State::valid) {
        ++told.digests_valid;
        told.found = Interval{told.found ? told.found->from : judged.digest->start, judged.digest->end};
      }
    }
  }

  // Also what digests list that are not valid: those are told themselves. A trail that was given another
  // prefix has some of the former one's files in the first digest below the new one.
  void remember(const GroupName& whose, const Chain& chain) {
    const auto folder = folder_of(whose);
    for (const auto& judged : chain) {
      for (std::size_t i = 0; judged.digest && i < judged.digest->log_files.size(); ++i) {
        const auto& file = judged.digest->log_files[i];
        if (objects_.bucket().empty() || file.bucket == objects_.bucket()) {
          (file.key.starts_with(folder) ? listed_ : listed_elsewhere_).insert(file.key);
        }
      }
    }
  }

  void tell_unlisted(const Listed& listed, const Owners& owners) {
    if (listed_elsewhere_.contains(listed.key)) {
      return;
    }
    const auto time = delivery_of(listed, question_);
    if ((question_.from && time.from < *question_.from) ||
        (question_.until && time.from > *question_.until)) {
      return;
    }
    const bool is_to_come = !listed.put && time.from > system_clock().now() + kDay;
    switch (is_to_come ? Says::not_mine : owners.of(time)) {
      case Says::not_mine:
        ++report_.unlisted;
        tell_file("Log file", listed, question_.unlisted_is_invalid ? Weight::invalid : Weight::note,
                  "no digest lists it");
        break;
      case Says::not_yet:
        ++report_.not_yet;
        tell_file("Log file", listed, Weight::note, "not yet covered by a digest");
        break;
      case Says::unknown:
      case Says::nothing:
        ++report_.not_covered;
        tell_file("Log file", listed, Weight::note, "of a time that no digest covers");
        break;
    }
  }

  void tell_file(std::string subject, const Listed& listed, Weight weight, std::string what) {
    report_.findings.push_back({.weight = weight,
                                .subject = std::move(subject),
                                .bucket = objects_.bucket(),
                                .key = listed.key,
                                .what = std::move(what)});
  }

  void hold_against(const Checkpoint& checkpoint, const Inventory& inventory) {
    const auto wanted = kept_since(checkpoint, question_.from);
    std::vector<std::pair<const Kept*, DigestName>> asked;
    for (const auto& kept : wanted) {
      auto name = *parse_digest_key(kept.key);
      if (is_of_trail(question_, name) && inventory.is_of_place(name)) {
        asked.emplace_back(&kept, std::move(name));
      }
    }
    std::vector<JudgedDigest> now(asked.size());
    progress_.known += asked.size();
    crew_.each(asked.size(), [&](std::size_t i) {
      const auto& [kept, name] = asked[i];
      const auto bucket = objects_.bucket().empty() ? std::string() : kept->bucket;
      return judge_into(now[i], bucket, kept->key, name);
    });
    for (std::size_t i = 0; i < asked.size(); ++i) {
      if (auto finding = compare(*asked[i].first, now[i])) {
        report_.findings.push_back(*std::move(finding));
      }
    }
  }

  Objects& objects_;
  const FindKeys& find_keys_;
  const Question& question_;
  Crew crew_;
  Progress& progress_;
  std::set<std::string> regions_;  // that have digests
  PublicKeys keys_;
  std::optional<Result<void>> more_keys_;  // were found
  Coverages coverages_;
  std::set<GroupName> others_;                        // where digests are of trails that were not asked for
  std::unordered_set<std::string> listed_;            // by the digests of a group
  std::unordered_set<std::string> listed_elsewhere_;  // of others than the file's
  std::optional<Ends> ends_;                          // for a checkpoint
  Report report_;
};

}  // namespace

Result<Report> verify(Objects& objects, const FindKeys& find_keys, const Question& question,
                      Checkpoint* checkpoint, async::Loops& loops, Progress& progress) {
  return Verification(objects, find_keys, question, loops, progress).run(checkpoint);
}

}  // namespace cairn::integrity
