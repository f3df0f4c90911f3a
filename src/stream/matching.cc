#include "stream/matching.h"

#include <algorithm>

#include "base/log.h"
#include "stream/source.h"

namespace cairn::stream {
namespace {

bool asks(const Patterns& patterns) {
  return !patterns.all.empty();
}

std::size_t index_of(const std::vector<const Follower*>& followers, const Follower& follower) {
  return static_cast<std::size_t>(std::ranges::find(followers, &follower) - followers.begin());
}

Result<std::shared_ptr<const PatternSet>> compile(const std::vector<const Follower*>& followers,
                                                  const std::vector<Patterns>& asked) {
  auto set = std::make_shared<PatternSet>();
  set->followers = followers;
  std::vector<match::OwnedPattern> patterns;
  for (std::uint32_t owner = 0; owner < asked.size(); ++owner) {
    set->versions.push_back(asked[owner].version);
    for (const auto& one : asked[owner].all) {
      patterns.push_back({.owner = owner, .id = one.id, .pattern = one.pattern, .envelope = one.envelope});
    }
  }
  if (!patterns.empty()) {
    CAIRN_TRY(set->matcher, match::compile(patterns));
  }
  return std::shared_ptr<const PatternSet>(std::move(set));
}

}  // namespace

Matching::Matching(const std::vector<Follower*>& followers)
    : followers_(followers.begin(), followers.end()),
      asked_(followers.size()),
      current_(compile(followers_, asked_).value()) {}

void Matching::ask_all() {
  for (std::size_t i = 0; i < followers_.size(); ++i) {
    if (const auto asked = ask(i); !asked) {
      log::error("a follower's patterns are left out, nothing is matched with them",
                 {{"follower", followers_[i]->name()}, {"error", asked.error().text()}});
    }
  }
}

Result<void> Matching::ask(const Follower& follower) {
  const auto index = index_of(followers_, follower);
  CAIRN_CHECK(index < followers_.size());
  return ask(index);
}

Result<void> Matching::ask(std::size_t index) {
  const std::lock_guard asking(asking_);
  auto patterns = followers_[index]->patterns();
  if (!asks(patterns) && !asks(asked_[index]) && patterns.version == asked_[index].version) {
    return {};
  }
  std::swap(asked_[index], patterns);
  auto set = compile(followers_, asked_);
  if (!set) {
    asked_[index] = std::move(patterns);
    return std::move(set).error();
  }
  const std::lock_guard lock(mutex_);
  current_ = *std::move(set);
  return {};
}

std::shared_ptr<const PatternSet> Matching::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

std::size_t BatchMatcher::items_max() const {
  const auto patterns = matching_.current();
  const auto count = patterns->matcher ? patterns->matcher->patterns() : 0;
  return std::max<std::size_t>(Limits::batch_hits_max / std::max<std::size_t>(count, 1), 1);
}

void BatchMatcher::match(Batch& batch) {
  match(batch, matching_.current());
}

void BatchMatcher::match(Batch& batch, std::shared_ptr<const PatternSet> patterns) {
  batch.patterns = std::move(patterns);
  batch.hits.clear();
  if (batch.patterns->matcher && !scratch_) {
    scratch_ = std::make_unique<match::Scratch>();
  }
  for (auto& item : batch.items) {
    item.first_hit = static_cast<std::uint32_t>(batch.hits.size());
    if (batch.patterns->matcher && has_view(item.kind)) {
      match(batch, item);
    }
    item.hit_count = static_cast<std::uint32_t>(batch.hits.size()) - item.first_hit;
  }
}

void BatchMatcher::match(Batch& batch, Item& item) {
  if (const auto matched = batch.patterns->matcher->match(item.body, *scratch_, batch.hits); !matched) {
    measures_.unmatched.add();
    log::error("record cannot be matched with patterns, none is taken to match",
               {{"partition", batch.partition.raw()},
                {"position", item.position.raw()},
                {"why", matched.error().text()}});
  }
}

BatchPtr BatchMatcher::renewed(BatchPtr batch, const Follower& follower) {
  auto current = matching_.current();
  if (batch->patterns == current) {
    return batch;
  }
  const auto index = index_of(current->followers, follower);
  if (batch->patterns_version(follower) == current->versions[index]) {
    return batch;  // it is others' that have changed
  }
  auto copy = copy_from(batch, batch->first);
  match(*copy, std::move(current));
  return copy;
}

std::span<const match::Hit> Batch::matched(const Item& item, const Follower& follower) const {
  if (item.hit_count == 0) {
    return {};
  }
  const auto owner = index_of(patterns->followers, follower);
  const auto of_item = std::span(hits).subspan(item.first_hit, item.hit_count);
  const auto mine = std::ranges::equal_range(of_item, owner, {}, &match::Hit::owner);
  return {mine.begin(), mine.end()};
}

std::uint64_t Batch::patterns_version(const Follower& follower) const {
  if (!patterns) {
    return 0;
  }
  const auto index = index_of(patterns->followers, follower);
  return index < patterns->versions.size() ? patterns->versions[index] : 0;
}

}  // namespace cairn::stream
