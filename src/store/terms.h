// Terms: what a row can be found by, as 64-bit fingerprints. A term is of one attribute's value within one
// scope (an account's events of one category in one region), because every lookup names its scope. Two values
// may have the same term, so who finds a row by a term looks at the row itself (criteria.h).
//
// Terms and scopes are stored in postings files: how they are made never changes (docs/formats/segment.md).
// Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "event/view.h"
#include "store/store.h"

namespace cairn::store {

using Term = std::uint64_t;

// "111122223333/us-east-1/Management".
std::string scope_text(std::string_view account, std::string_view region, event::Category category);

// Of all rows of a scope: XXH64 of its text.
Term scope_term(std::string_view account, std::string_view region, event::Category category);
inline Term scope_term(const event::View& view) {
  return scope_term(view.recipient_account, view.region, view.category);
}

// XXH64 of the value, seeded with the scope's term plus the attribute's number.
Term attribute_term(Term scope, Attribute attribute, std::string_view value);

// Calls visit(Term) for each attribute term of a row; a term may come more than once. What is empty is not
// there.
template <class Visit>
void for_each_term(Term scope, const event::View& view, Visit&& visit) {
  const auto one = [&](Attribute attribute, std::string_view value) {
    if (!value.empty()) {
      visit(attribute_term(scope, attribute, value));
    }
  };
  one(Attribute::event_id, view.event_id);
  one(Attribute::event_name, view.name);
  one(Attribute::read_only, view.read_only ? "true" : "false");
  one(Attribute::username, view.username);
  one(Attribute::event_source, view.source);
  one(Attribute::access_key_id, view.access_key_id);
  for (const auto& resource : view.resources) {
    one(Attribute::resource_type, resource.type);
    one(Attribute::resource_name, resource.name);
  }
}

}  // namespace cairn::store
