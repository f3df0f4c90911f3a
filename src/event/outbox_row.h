// A row of the catalog's outbox: an entry on its way to the journal, with the account whose partition it goes
// to.
#pragma once

#include <string>
#include <string_view>

#include "event/entry.h"

namespace cairn::event {

struct OutboxEntry {
  Kind kind = Kind::record;
  std::string_view account;
  std::string_view body;
};

//   row = kind u8, account length u8, account, body
std::string encode_outbox_row(Kind kind, std::string_view account, std::string_view body);
Result<OutboxEntry> decode_outbox_row(std::string_view row);

}  // namespace cairn::event
