#include "store/criteria.h"

#include <algorithm>

namespace cairn::store {

namespace {

bool has_value(const event::View& view, Attribute attribute, const std::string& value) {
  const auto any = [&](event::Text event::NamedResource::*member) {
    return std::ranges::any_of(view.resources, [&](const auto& r) { return r.*member == value; });
  };
  switch (attribute) {
    case Attribute::event_id:
      return view.event_id == value;
    case Attribute::event_name:
      return view.name == value;
    case Attribute::read_only:
      return value == (view.read_only ? "true" : "false");
    case Attribute::username:
      return view.username == value;
    case Attribute::resource_type:
      return any(&event::NamedResource::type);
    case Attribute::resource_name:
      return any(&event::NamedResource::name);
    case Attribute::event_source:
      return view.source == value;
    case Attribute::access_key_id:
      return view.access_key_id == value;
  }
  return false;
}

}  // namespace

Term Criteria::term() const {
  const auto scope = scope_term(account, region, category);
  return attribute ? attribute_term(scope, attribute->first, attribute->second) : scope;
}

bool Criteria::fits(const event::View& view) const {
  return view.recipient_account == account && view.region == region && view.category == category &&
         (!attribute || (!attribute->second.empty() && has_value(view, attribute->first, attribute->second)));
}

}  // namespace cairn::store
