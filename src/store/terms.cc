#include "store/terms.h"

#include "postings/postings.h"

namespace cairn::store {

namespace {

// Stored in files, so not simply the enum's order.
std::uint64_t number_of(Attribute attribute) {
  switch (attribute) {
    case Attribute::event_id:
      return 1;
    case Attribute::event_name:
      return 2;
    case Attribute::read_only:
      return 3;
    case Attribute::username:
      return 4;
    case Attribute::resource_type:
      return 5;
    case Attribute::resource_name:
      return 6;
    case Attribute::event_source:
      return 7;
    case Attribute::access_key_id:
      return 8;
  }
  return 0;
}

}  // namespace

std::string scope_text(std::string_view account, std::string_view region, event::Category category) {
  std::string text;
  const auto name = event::to_string(category);
  text.reserve(account.size() + region.size() + name.size() + 2);
  text.append(account).append("/").append(region).append("/").append(name);
  return text;
}

Term scope_term(std::string_view account, std::string_view region, event::Category category) {
  return postings::xxh64(scope_text(account, region, category));
}

Term attribute_term(Term scope, Attribute attribute, std::string_view value) {
  return postings::xxh64(value, scope + number_of(attribute));
}

}  // namespace cairn::store
