// Tested by filter_test.cc.
#include "topics/filter.h"

#include <memory>
#include <set>

#include "json/json.h"
#include "match/eventbridge.h"
#include "match/match.h"

namespace cairn::topics {
namespace {

constexpr std::size_t kDepthMax = 64;

// How large a policy is.
struct Measure {
  std::size_t keys = 0;
  std::size_t combinations = 1;
  bool nested = false;
};

// Alternatives lie no deeper than what they stand for; they end with the text's own depth.
void measure(const json::object& policy, std::size_t depth, Measure& sum) {
  for (const auto& [name, value] : policy) {
    if (const auto* object = value.if_object(); object != nullptr && depth < kDepthMax) {
      sum.nested = true;
      measure(*object, depth + 1, sum);
    } else if (const auto* list = value.if_array(); list != nullptr && std::string_view(name) == "$or") {
      for (const auto& alternative : *list) {
        if (const auto* one = alternative.if_object(); one != nullptr && depth < kDepthMax) {
          measure(*one, depth, sum);
        }
      }
    } else if (list != nullptr) {
      ++sum.keys;
      sum.combinations = std::min(sum.combinations * std::max<std::size_t>(list->size(), 1) * depth,
                                  FilterLimits::combinations_max + 1);
    }
  }
}

Error invalid(std::string_view what) {
  return {Errc::invalid, std::string(what), ""};
}

// An attribute as a pattern sees it: arrays are their elements, numbers are numbers.
void append_value(std::string& out, const Attribute& attribute) {
  const auto parsed = attribute.type == "String.Array" || attribute.is_number()
                          ? json::parse(attribute.value)
                          : Result<json::value>(json::value(nullptr));
  if (parsed && ((attribute.is_number() && parsed->is_number()) || parsed->is_array())) {
    out += attribute.value;
  } else {
    json::append_string(out, attribute.value);
  }
}

std::string record_of(const Attributes& attributes) {
  std::string out = "{";
  for (const auto& [name, attribute] : attributes) {
    if (!attribute.is_binary()) {
      out += out.size() > 1 ? "," : "";
      json::append_string(out, name);
      out += ':';
      append_value(out, attribute);
    }
  }
  return out + "}";
}

using MatcherPtr = std::shared_ptr<const match::Matcher>;

MatcherPtr compiled(const std::vector<match::OwnedPattern>& patterns) {
  const auto matcher = patterns.empty() ? Result<MatcherPtr>(nullptr) : match::compile(patterns);
  return matcher ? *matcher : nullptr;
}

// Of the patterns, by their numbers, those that the record matches.
std::set<std::uint64_t> matches(const MatcherPtr& matcher, std::string_view record) {
  std::set<std::uint64_t> found;
  if (matcher == nullptr) {
    return found;
  }
  match::Scratch scratch;
  std::vector<match::Hit> hits;
  if (matcher->match(record, scratch, hits)) {
    for (const auto& hit : hits) {
      found.insert(hit.id);
    }
  }
  return found;
}

bool has_filter(const Subscription& one) {
  return !one.filter.empty() && one.filter != "{}";
}

}  // namespace

Result<void> check_filter(std::string_view policy, FilterScope scope) {
  const auto object = json::parse_object(policy);
  if (!object) {
    return invalid("failed to parse JSON. " + object.error().what);
  }
  if (object->empty()) {
    return {};
  }
  Measure sum;
  measure(*object, 1, sum);
  if (scope == FilterScope::attributes && sum.nested) {
    return invalid("Filter policy scope MessageAttributes does not support nested filter policy");
  }
  if (sum.keys > FilterLimits::keys_max) {
    return invalid("Filter policy can not have more than 5 keys");
  }
  if (sum.combinations > FilterLimits::combinations_max) {
    return invalid("Filter policy is too complex");
  }
  const auto pattern = match::parse_event_pattern(policy);
  return pattern ? Result<void>() : Result<void>(invalid(pattern.error().what));
}

struct FilterCache::Compiled {
  explicit Compiled(const std::vector<Stored<Subscription>>& subscriptions) {
    std::vector<match::OwnedPattern> attributes;
    std::vector<match::OwnedPattern> body;
    for (std::size_t i = 0; i < subscriptions.size(); ++i) {
      const auto& one = subscriptions[i].value;
      auto pattern = has_filter(one) && !one.pending ? match::parse_event_pattern(one.filter)
                                                     : Result<match::Pattern>(Error{Errc::not_found, "", ""});
      if (pattern) {
        auto& list = one.scope == FilterScope::body ? body : attributes;
        list.push_back(
            {.owner = 0, .id = i, .pattern = std::make_shared<match::Pattern>(*std::move(pattern))});
      }
    }
    by_attributes = compiled(attributes);
    by_body = compiled(body);
  }

  // REQUIRES: these subscriptions.
  std::vector<const Subscription*> takers(const std::vector<Stored<Subscription>>& subscriptions,
                                          const Message& message) const {
    auto wanted = matches(by_attributes, record_of(message.attributes));
    wanted.merge(matches(by_body, message.text));
    std::vector<const Subscription*> taking;
    for (std::size_t i = 0; i < subscriptions.size(); ++i) {
      const auto& one = subscriptions[i].value;
      if (!one.pending && (!has_filter(one) || wanted.contains(i))) {
        taking.push_back(&one);
      }
    }
    return taking;
  }

  MatcherPtr by_attributes;
  MatcherPtr by_body;
};

std::vector<const Subscription*> takers(const std::vector<Stored<Subscription>>& subscriptions,
                                        const Message& message) {
  return FilterCache().takers(subscriptions, message);
}

std::vector<const Subscription*> FilterCache::takers(const std::vector<Stored<Subscription>>& subscriptions,
                                                     const Message& message) {
  const auto topic = message.topic.arn();
  Versions versions;
  versions.reserve(subscriptions.size());
  for (const auto& one : subscriptions) {
    versions.emplace_back(one.value.id, one.version);
  }
  std::shared_ptr<const Compiled> compiled;
  {
    const std::lock_guard lock(mutex_);
    const auto at = topics_.find(topic);
    if (at != topics_.end() && at->second.first == versions) {
      compiled = at->second.second;
    }
  }
  if (!compiled) {
    compiled = std::make_shared<const Compiled>(subscriptions);
    const std::lock_guard lock(mutex_);
    if (topics_.size() >= kTopicsMax && !topics_.contains(topic)) {
      topics_.erase(topics_.begin());
    }
    topics_.insert_or_assign(topic, std::pair(std::move(versions), compiled));
  }
  return compiled->takers(subscriptions, message);
}

}  // namespace cairn::topics
