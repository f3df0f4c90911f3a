// Repeats: the same event handed in again after the door has forgotten its id. A repeat has the account,
// region, category, time and event id of an earlier row; the earlier one is kept. Internal to store/. Pure.
#pragma once

#include <string_view>

#include "event/view.h"

namespace cairn::store {

inline bool is_repeat(const event::View& first, const event::View& later) {
  return first.time == later.time && first.event_id == later.event_id && first.region == later.region &&
         first.recipient_account == later.recipient_account && first.category == later.category;
}

// The same of a row of which only the text is there.
inline bool is_repeat(std::string_view first_text, const event::View& later) {
  const auto first = event::borrowed_view(first_text);
  return first && is_repeat(*first, later);
}

}  // namespace cairn::store
