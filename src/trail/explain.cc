// Tested by explain_test.cc.
#include "trail/explain.h"

#include <fmt/format.h>

#include "event/record.h"
#include "match/match.h"
#include "trail/selection.h"

namespace cairn::trail {
namespace {

Result<bool> matches(const std::optional<Condition>& condition, std::string_view record) {
  const match::OwnedPattern one{.owner = 0, .id = 1, .pattern = condition->pattern};
  CAIRN_TRY(const auto matcher, match::compile({&one, 1}));
  match::Scratch scratch;
  std::vector<match::Hit> hits;
  CAIRN_TRY_VOID(matcher->match(record, scratch, hits));
  return !hits.empty();
}

Result<bool> takes(const Selectors& selectors, const event::View& event, std::string_view record) {
  for (const auto& rule : rules_of(selectors)) {
    if (!rule.may_take(event)) {
      continue;
    }
    const auto wanted = rule.wanted ? matches(rule.wanted, record) : Result<bool>(true);
    CAIRN_TRY_VOID(wanted);
    const auto unwanted = rule.unwanted ? matches(rule.unwanted, record) : Result<bool>(false);
    CAIRN_TRY_VOID(unwanted);
    if (*wanted && !*unwanted) {
      return true;
    }
  }
  return false;
}

std::string word_of(bool read_only) {
  return read_only ? "reads" : "writes";
}

Result<std::string> refusal_of(const BasicSelector& selector, const event::View& event) {
  const bool data = event.category == event::Category::data;
  if (!data && event.category != event::Category::management) {
    return fmt::format("it is a {} event", event::to_string(event.category));
  }
  if (selector.read_write != "All" && event.read_only != (selector.read_write == "ReadOnly")) {
    return fmt::format("ReadWriteType is {}, and it {}", selector.read_write, word_of(event.read_only));
  }
  if (data) {
    return std::string(selector.data.empty() ? "it is a Data event, and no DataResources are named"
                                             : "none of its resources is below a value of DataResources");
  }
  return std::string(selector.management ? "its source is one of ExcludeManagementEventSources"
                                         : "it is a Management event, and IncludeManagementEvents is false");
}

// The fields that do not hold when each is asked by itself.
Result<std::string> refusal_of(const AdvancedSelector& selector, const event::View& event, std::string_view record) {
  const auto category = selector.find("eventCategory")->of("Equals").front();
  if (event::to_string(event.category) != category) {
    return fmt::format("it is a {} event, not a {} event", event::to_string(event.category), category);
  }
  std::string fields;
  for (const auto& field : selector.fields) {
    AdvancedSelector alone{.name = "", .fields = {*selector.find("eventCategory")}};
    if (const auto* type = selector.find("resources.type"); type != nullptr && type != &field) {
      alone.fields.push_back(*type);
    }
    if (field.field != "eventCategory") {
      alone.fields.push_back(field);
    }
    CAIRN_TRY(const bool holds, takes({.basic = {}, .advanced = {std::move(alone)}}, event, record));
    if (!holds) {
      fields += (fields.empty() ? "" : ", ") + field.field;
    }
  }
  return fields.empty() ? "no one resource holds all that is asked" : fields + " does not hold";
}

std::string name_of(std::size_t index, const std::string& name) {
  return name.empty() ? fmt::format("selector {}", index + 1) : fmt::format("selector {} ({})", index + 1, name);
}

std::string out_of_reach(const Trail& trail, const event::View& event, std::string_view organization) {
  if (!trail.logging) {
    return "it does not log: StartLogging";
  }
  if (!trail.organization.empty() && organization != trail.organization) {
    return fmt::format("account {} is not in the organization", event.recipient_account.view());
  }
  if (trail.organization.empty() && event.recipient_account != trail.account) {
    return fmt::format("the event is of account {}", event.recipient_account.view());
  }
  if (!trail.multi_region && event.region != trail.home_region) {
    return fmt::format("the event is of {}, and the trail of {} alone", event.region.view(), trail.home_region);
  }
  return "it leaves out events of global services";
}

}  // namespace

Result<Explanation> explain(const Trail& trail, const event::View& event, std::string_view record,
                            std::string_view organization) {
  if (!concerns(trail, event, organization)) {
    return Explanation{.takes = false, .why = out_of_reach(trail, event, organization)};
  }
  const auto& selectors = trail.selected();
  std::string refusals;
  const auto refused = [&](const std::string& name, const std::string& why) {
    refusals += (refusals.empty() ? "" : "; ") + name + ": " + why;
  };
  for (std::size_t i = 0; i < selectors.basic.size(); ++i) {
    const auto& one = selectors.basic[i];
    CAIRN_TRY(const bool taken, takes({.basic = {one}, .advanced = {}}, event, record));
    if (taken) {
      return Explanation{.takes = true, .why = trail.selectors ? "by " + name_of(i, "") : "as every Management event"};
    }
    CAIRN_TRY(const auto why, refusal_of(one, event));
    refused(name_of(i, ""), why);
  }
  for (std::size_t i = 0; i < selectors.advanced.size(); ++i) {
    const auto& one = selectors.advanced[i];
    CAIRN_TRY(const bool taken, takes({.basic = {}, .advanced = {one}}, event, record));
    if (taken) {
      return Explanation{.takes = true, .why = "by " + name_of(i, one.name)};
    }
    CAIRN_TRY(const auto why, refusal_of(one, event, record));
    refused(name_of(i, one.name), why);
  }
  return Explanation{.takes = false, .why = std::move(refusals)};
}

}  // namespace cairn::trail
