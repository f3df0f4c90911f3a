#include "event/outbox_row.h"

#include "base/check.h"

namespace cairn::event {

std::string encode_outbox_row(Kind kind, std::string_view account, std::string_view body) {
  CAIRN_CHECK(account.size() <= 255);
  std::string row;
  row.reserve(2 + account.size() + body.size());
  row += static_cast<char>(kind);
  row += static_cast<char>(static_cast<unsigned char>(account.size()));
  row += account;
  row += body;
  return row;
}

Result<OutboxEntry> decode_outbox_row(std::string_view row) {
  if (row.size() < 2) {
    return Error{Errc::corrupt, "outbox row is too short"};
  }
  const auto kind = static_cast<Kind>(row[0]);
  const auto account_size = static_cast<unsigned char>(row[1]);
  if ((kind != Kind::record && kind != Kind::control) || row.size() < 2U + account_size) {
    return Error{Errc::corrupt, "outbox row is malformed"};
  }
  return OutboxEntry{kind, row.substr(2, account_size), row.substr(2U + account_size)};
}

}  // namespace cairn::event
