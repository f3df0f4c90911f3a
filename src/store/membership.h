// Which entries of the journal are rows of the history. The head and a seal ask the same question, so they
// have the same rows. Pure.
#pragma once

#include "event/entry.h"
#include "event/view.h"

namespace cairn::store {

// A record, or an intent's outcome, which is the record of its call; of the categories that LookupEvents
// knows.
inline bool is_record(event::Kind kind) {
  return kind == event::Kind::record || kind == event::Kind::outcome;
}
inline bool belongs(event::Kind kind, const event::View& view) {
  return is_record(kind) &&
         (view.category == event::Category::management || view.category == event::Category::insight);
}

}  // namespace cairn::store
