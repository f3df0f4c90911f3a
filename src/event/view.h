// What followers read of a record, taken from its JSON text in one pass. Works for any CloudTrail record,
// ours or handed in.
#pragma once

#include <string_view>
#include <vector>

#include "aws/regions.h"
#include "base/result.h"
#include "base/time.h"
#include "event/record.h"
#include "event/text.h"

namespace cairn::event {

// LookupEvents' Resources: names found in the record.
struct NamedResource {
  Text type;  // may be empty: undeterminable
  Text name;
};

// What is longer is refused, but for resources: those beyond are left out (the record's text has them).
struct ViewLimits {
  static constexpr std::size_t event_id_bytes_max = 128;
  static constexpr std::size_t name_bytes_max = 256;  // eventSource, eventName, eventType
  static constexpr std::size_t region_bytes_max = aws::kRegionMax;
  static constexpr std::size_t account_bytes_max = 64;
  static constexpr std::size_t resources_max = 256;
  static constexpr std::size_t resource_name_bytes_max = 2048;  // a longer one is left out
};

// Values.
struct View {
  Text event_id;
  Time time;
  Text source;
  Text name;
  Text region;
  Text recipient_account;  // recipientAccountId, else userIdentity.accountId
  Text access_key_id;
  Text username;  // LookupEvents' derivation from userIdentity
  Text invoked_by;
  Text error_code;
  Text type;
  Category category = Category::management;  // eventCategory, else by managementEvent, else management
  bool read_only = false;
  std::vector<NamedResource> resources;

  // What it takes in memory, about.
  std::size_t bytes() const;
  // From here on it is independent of the text it was read from.
  void own();
};

// Errc::invalid with the reason (missing eventID, bad eventTime, not an object, …), as the door tells it to
// the sender. One parser a thread is kept inside; thread-safe.
Result<View> view(std::string_view record_json);

// The same, but it points into the record's text, which must outlive it. Where there are many: it copies
// nothing but what the text has with escapes.
Result<View> borrowed_view(std::string_view record_json);

}  // namespace cairn::event
